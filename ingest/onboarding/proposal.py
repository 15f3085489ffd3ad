"""From what the platforms said to what the agency would register; pure, and never more than is certain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from ingest.agency import Registration
from ingest.agency_files import Line
from ingest.onboarding import rows
from ingest.onboarding.choice import Candidate
from ingest.onboarding.mapping import Judged, judge
from ingest.onboarding.rows import Row
from ingest.onboarding.survey import Counted


@dataclass(frozen=True)
class Known:
    """What the agency's files say of the client: its name ("" for a new one) and its mapped actions."""

    client_id: str
    name: str
    lines: Sequence[Line]


@dataclass
class Proposal:
    """Rows per file, what each account's actions count as, and the remarks that belong to the rows."""

    client: list[Row] = field(default_factory=list)
    accounts: list[Row] = field(default_factory=list)
    actions: list[Row] = field(default_factory=list)
    judged: dict[tuple[str, str], list[Judged]] = field(default_factory=dict)
    registrations: list[Registration] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def propose(
    known: Known,
    taken: Sequence[Candidate],
    counted: dict[tuple[str, str], Counted],
    since: date,
    today: date,
) -> Proposal:
    """Return what would register the ``taken`` accounts for the client from ``since`` on."""
    proposal = Proposal()
    currencies: dict[str, str] = {}
    for one in taken:
        for registration in one.registered:
            if registration.client_id == known.client_id:
                currencies[one.account.platform] = registration.currency
    for one in taken:
        key = one.account.platform, one.account.account_id
        if key in counted:
            proposal.judged[key] = judge(
                one.account.platform, known.client_id, counted[key].actions, known.lines, today
            )
        if not any(r.client_id == known.client_id for r in one.registered):
            _account(proposal, known, one, counted.get(key), currencies, since)
    if not known.name and proposal.accounts:
        name = next(one.account.name for one in taken if _is_proposed(one, proposal)) or known.client_id
        proposal.client.append(rows.client_row(known.client_id, name, since))
        proposal.remarks.append("clients.csv: check the name, and write who in the agency owns the client")
    for (platform, _), judged in proposal.judged.items():
        said = {(row["platform"], row["action_type"]) for row in proposal.actions}
        proposal.actions += [
            row
            for row in rows.action_rows(platform, known.client_id, judged)
            if (platform, row["action_type"]) not in said
        ]
    return proposal


def _account(
    proposal: Proposal,
    known: Known,
    one: Candidate,
    counted: Counted | None,
    currencies: dict[str, str],
    since: date,
) -> None:
    account = one.account
    currency = currencies.setdefault(account.platform, account.currency)
    if currency != account.currency:
        proposal.remarks.append(
            f"{account.platform} account {account.account_id} bills in {account.currency}, the client's"
            f" others in {currency}: no sum crosses currencies, so register it as a client of its own"
        )
        return
    before = max((r.ended_on for r in one.registered if r.ended_on), default=None)
    started_on = max(since, before + timedelta(days=1)) if before else since
    tracking = _tracking(counted, proposal.judged.get((account.platform, account.account_id), []))
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


def _tracking(counted: Counted | None, judged: Iterable[Judged]) -> bool:
    """Return what the platform says; where it says nothing, whether anything but engagement was counted.

    An account that could not be asked is taken to track: missing conversions are then seen and told.
    """
    if counted is None:
        return True
    if counted.tracking is not None:
        return counted.tracking
    return any(not one.is_engagement for one in judged)


def _is_proposed(one: Candidate, proposal: Proposal) -> bool:
    ids = {(row["platform"], row["account_id"]) for row in proposal.accounts}
    return (one.account.platform, one.account.account_id) in ids
