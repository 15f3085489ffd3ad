"""From what the platforms said to what the agency would register; pure, and never more than is certain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from core.platforms import platforms
from ingest.agency.files import Line
from ingest.agency.registrations import Registration
from ingest.onboarding import rows
from ingest.onboarding.began import Began
from ingest.onboarding.choice import Candidate
from ingest.onboarding.mapping import Judged, default_lines, judge
from ingest.onboarding.rows import Row
from ingest.onboarding.survey import Counted, Survey
from ingest.onboarding.undecided import Candidates, candidates


@dataclass(frozen=True)
class Known:
    """What the agency's files say of the client.

    ``name`` is "" if clients.csv lacks its name, and ``listed`` says whether its id stands there. ``lines``
    are all of conversion_actions.csv, ``since`` is the first day that a person asked for.
    """

    client_id: str
    name: str
    lines: Sequence[Line]
    listed: bool = False
    started_on: date | None = None
    since: date | None = None


@dataclass
class Proposal:
    """Rows per file, what each account's actions count as, and the remarks that belong to the rows."""

    client: list[Row] = field(default_factory=list)
    accounts: list[Row] = field(default_factory=list)
    actions: list[Row] = field(default_factory=list)
    undecided: list[Candidates] = field(default_factory=list)
    judged: dict[tuple[str, str], list[Judged]] = field(default_factory=dict)
    registrations: list[Registration] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def propose(known: Known, taken: Sequence[Candidate], found: Survey, today: date) -> Proposal:
    """Return what would register the ``taken`` accounts for the client."""
    proposal = Proposal()
    _actions(proposal, known, taken, found.counted, today)
    currencies: dict[str, str] = {}
    for one in taken:
        for registration in one.registered:
            if registration.client_id == known.client_id:
                currencies[one.account.platform] = registration.currency
    for one in taken:
        if one.free_from(known.client_id) is not None:
            _account(proposal, known, one, found, currencies, today)
    _client(proposal, known, taken)
    return proposal


def _client(proposal: Proposal, known: Known, taken: Sequence[Candidate]) -> None:
    """Propose the client's line, from the first day of its accounts on; also for lines that lack a client."""
    own = [r for one in taken for r in one.registered if r.client_id == known.client_id]
    starts = [r.started_on for r in (*own, *proposal.registrations)]
    if known.listed or not starts:
        return
    named = {(r.platform, r.account_id) for r in (*own, *proposal.registrations)}
    name = next(one.account.name for one in taken if (one.account.platform, one.account.account_id) in named)
    proposal.client.append(rows.client_row(known.client_id, name or known.client_id, min(starts)))
    proposal.remarks.append("clients.csv: check the name, and write who in the agency owns the client")


def _actions(
    proposal: Proposal,
    known: Known,
    taken: Sequence[Candidate],
    counted: dict[tuple[str, str], Counted],
    today: date,
) -> None:
    platforms = dict.fromkeys(one.account.platform for one in taken)
    defaults = [line for line in default_lines(known.lines) if line["platform"] in platforms]
    proposal.actions += [rows.default_row(line) for line in defaults]
    lines = [*known.lines, *defaults]
    by_default = {(line["platform"], line["action_type"]) for line in defaults}
    keys = [(one.account.platform, one.account.account_id) for one in taken]
    seen = {
        platform: [
            action for key in keys if key in counted and key[0] == platform for action in counted[key].actions
        ]
        for platform in platforms
    }
    for platform, account_id in keys:
        if (platform, account_id) in counted:
            actions = counted[platform, account_id].actions
            judged = judge(platform, known.client_id, actions, lines, today, seen[platform])
            proposal.judged[platform, account_id] = [
                replace(one, because="a default line, which is among the rows")
                if one.line and (platform, one.action.name) in by_default
                else one
                for one in judged
            ]
    for (platform, _), judged in proposal.judged.items():
        said = {(row["platform"], row["action_type"]) for row in proposal.actions}
        proposal.actions += [
            row
            for row in rows.action_rows(platform, known.client_id, judged)
            if (platform, row["action_type"]) not in said
        ]
    _undecided(proposal, known, lines, today)


def _undecided(proposal: Proposal, known: Known, lines: Sequence[Line], today: date) -> None:
    """Propose a candidate row for each action to decide; a row applies to all accounts of the client."""
    proposed = {(row["platform"], row["action_type"]): row["kpi"] for row in proposal.actions}
    for (platform, account_id), judged in proposal.judged.items():
        proposal.judged[platform, account_id] = [
            replace(one, line=kpi, because="a row that is certain for another account")
            if one.undecided and not one.instead and (kpi := proposed.get((platform, one.action.name)))
            else one
            for one in judged
        ]
    for platform in dict.fromkeys(platform for platform, _ in proposal.judged):
        accounts = [judged for (of, _), judged in proposal.judged.items() if of == platform]
        if platforms()[platform].types_overlap:
            accounts = [[one for judged in accounts for one in judged]]
        found: dict[str, Candidates] = {}
        for judged in accounts:
            for one in candidates(platform, known.client_id, judged, lines, today):
                found.setdefault(one.action, one)
        proposal.undecided += found.values()


def _account(
    proposal: Proposal,
    known: Known,
    one: Candidate,
    found: Survey,
    currencies: dict[str, str],
    today: date,
) -> None:
    account = one.account
    key = account.platform, account.account_id
    currency = currencies.setdefault(account.platform, account.currency)
    if currency != account.currency:
        proposal.remarks.append(
            f"{account.platform} account {account.account_id} bills in {account.currency}, the client's"
            f" others in {currency}: no sum crosses currencies, so register it as a client of its own"
        )
        return
    free_from = one.free_from(known.client_id) or date.min
    began = found.began.get(key)
    started_on = max(free_from, _started_on(known, began, today))
    if remark := _remark(began, started_on, today):
        proposal.remarks.append(f"accounts.csv: {account.platform} account {account.account_id} {remark}")
    tracking = _tracking(found.counted.get(key), proposal.judged.get(key, []))
    if not tracking:
        proposal.remarks.append(
            f"accounts.csv: {account.platform} account {account.account_id} seems to track no conversions;"
            " write conversion_tracking true if it has a pixel or tag, or its conversions are not shown"
        )
    proposal.accounts.append(rows.account_row(account, known.client_id, started_on, tracking=tracking))
    proposal.registrations.append(
        Registration(
            platform=account.platform,
            account_id=account.account_id,
            client_id=known.client_id,
            currency=account.currency,
            timezone=account.timezone,
            started_on=started_on,
            ended_on=None,
        )
    )


def _started_on(known: Known, began: Began | None, today: date) -> date:
    """Return the first day with delivery, or a later one that a person asked for or the client starts on.

    Where the platform did not say: the first of this month a year ago, unless a person or the client does.
    """
    if began is None:
        return known.since or known.started_on or date(today.year - 1, today.month, 1)
    return max(began.day or today, known.since or date.min, known.started_on or date.min)


def _remark(began: Began | None, started_on: date, today: date) -> str:
    """Say what is not certain about the day from which an account is proposed ("" for nothing)."""
    if began is None:
        return (
            f"did not say when it first delivered, so started_on {started_on} is a guess: correct it, or"
            " months before the first delivery are shown as complete months of zeros"
        )
    if began.day is None:
        return (
            f"has delivered nothing since {began.asked_from}, so started_on is {started_on}:"
            " correct it, if figures of days before are wanted"
        )
    if not began.exact:
        return f"delivered in the month of {began.day}, but the day is not known: check started_on"
    if began.cut and began.day.replace(day=1) <= began.asked_from and started_on == began.day:
        return (
            f"may have delivered before {started_on}: the platform refused questions about days before"
            f" {began.asked_from}"
        )
    return ""


def _tracking(counted: Counted | None, judged: Iterable[Judged]) -> bool:
    """Return what the platform says; where it says nothing, whether anything but engagement was counted.

    An account that could not be asked is taken to track: missing conversions are then seen and told.
    """
    if counted is None:
        return True
    if counted.tracking is not None:
        return counted.tracking
    return any(not one.is_engagement for one in judged)
