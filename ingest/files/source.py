"""Files as a source: the days that files tell, in the neutral shape of every platform's answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import orjson

from core.measures import on_wire
from ingest.access import ReachedAccount, SeenAction, TokenFacts
from ingest.client.caller import EFFORT, Caller, Effort
from ingest.client.errors import AnswerError, ErrorClass, Failure
from ingest.files.account import PLATFORM, Account, Told
from ingest.files.reading import VALUE, Figures, FileDays
from ingest.platform_api import (
    AccountFacts,
    ActionFacts,
    Allowance,
    CampaignFacts,
    Chunk,
    DayAnswers,
    WindowAnswers,
)

DELIVERED, CONVERTED = on_wire(PLATFORM, "delivery"), on_wire(PLATFORM, "conversions")


@dataclass(frozen=True)
class AccountDays:
    """What the files of an account tell: ``told`` by day, and why others are ``missing`` that should be."""

    account: Account
    told: Mapping[date, Told] = field(default_factory=dict)
    missing: Mapping[date, str] = field(default_factory=dict)


@dataclass
class Source:
    """The files that a run has found, by account."""

    caller: Caller
    files: Mapping[str, AccountDays] = field(default_factory=dict)
    fields: ClassVar[str] = ",".join((*DELIVERED, *CONVERTED))
    left_out: ClassVar[frozenset[str]] = frozenset()
    closed: ClassVar[Mapping[str, str]] = {}
    measures: ClassVar[Mapping[str, Allowance]] = {
        name: Allowance.of(measure, PLATFORM) for name, measure in (DELIVERED | CONVERTED).items()
    }
    listed_actions: ClassVar[str] = ""

    async def account(self, account_id: str) -> AccountFacts:
        """Return what the agency says of the account: its files say nothing of it."""
        last = self._of(account_id).account.registrations[-1]
        return AccountFacts.of(account_id, f"inbox/{account_id}", last.currency, last.timezone, None, False)

    async def campaigns(self, account_id: str) -> list[CampaignFacts]:
        """Return no campaign: those that rows name are told with their window."""
        del account_id
        return []

    async def named_actions(self, account_id: str) -> list[ActionFacts]:
        """Return the actions that the account's files have columns of."""
        names = {name for told in self._of(account_id).told.values() for name in told.by.days.actions}
        return [ActionFacts.of(name, None) for name in sorted(names)]

    async def window(self, account_id: str, since: date, until: date, *, everything: bool) -> WindowAnswers:
        """Return the days that files tell of a window; raises ``AnswerError`` for one of missing days."""
        del everything
        effort = EFFORT.get(Effort())
        effort.requests += 1
        effort.pages += 1
        found = self._of(account_id)
        if since in found.missing:
            raise AnswerError("delivery", Failure.of(ErrorClass.UNTOLD, found.missing[since]))
        answers = WindowAnswers.over(since, until)
        for text, day in list(answers.days.items()):
            told = found.told.get(date.fromisoformat(text))
            if told is None:
                del answers.days[text]
                continue
            answers.rows += _take(told.by.days, date.fromisoformat(text), day, answers)
            day.currency = found.account.currency(date.fromisoformat(text))
            day.currencies = {day.currency}
        return answers

    def _of(self, account_id: str) -> AccountDays:
        return self.files[account_id]


def _take(told: FileDays, on: date, day: DayAnswers, answers: WindowAnswers) -> int:
    """Put what ``told`` says of ``on`` into ``day``; return the number of its rows."""
    figures = told.days.get(on, {})
    day.fields = asked(told)
    rows, actions = [], []
    for campaign, one in sorted(figures.items()):
        name = told.names.get(campaign)
        answers.campaigns[campaign] = CampaignFacts.of(campaign, name or campaign, "NOT_TOLD", None)
        rows.append(({"campaign": campaign} | _row(told, [one]), campaign))
        actions += [
            ({"campaign": campaign, "action": action} | _converted(told, action, one), (campaign, action))
            for action in told.actions
        ]
    for chunks, listed in ((day.delivery, rows), (day.conversions, actions)):
        if listed:
            content = orjson.dumps([row for row, _ in listed], option=orjson.OPT_SORT_KEYS)
            chunks.append(Chunk.of([key for _, key in listed], content))
    total = _row(told, list(figures.values()))
    if on in told.control:
        own = {name: Decimal(text) for name, text in total.items()}
        total |= {name: _text(amount) for name, amount in _control(told, on, own).items()}
        for name, amount in own.items():
            day.campaigns[name][""] += float(amount)
            day.account[name][""] += float(total[name])
    day.control_totals.append(orjson.dumps(total, option=orjson.OPT_SORT_KEYS))
    return len(rows)


def asked(told: FileDays) -> str:
    """Return the fields that a file tells: measures, and each action by its name."""
    fields = [*told.delivery, *(f"action:{name}" for name in told.actions)]
    fields += ["conversions"] if told.actions else []
    fields += ["conversion_value"] if told.values else []
    return ",".join(fields)


def _row(told: FileDays, figures: list[Figures]) -> dict[str, str]:
    row = {name: _text(sum((one.delivery[name] for one in figures), Decimal())) for name in told.delivery}
    if told.actions:
        row["conversions"] = _text(sum((sum(one.actions.values(), Decimal()) for one in figures), Decimal()))
    if told.values:
        row["conversion_value"] = _text(
            sum((sum(one.values.values(), Decimal()) for one in figures), Decimal())
        )
    return row


def _converted(told: FileDays, action: str, one: Figures) -> dict[str, str]:
    row = {"conversions": _text(one.actions[action])}
    if action in told.values:
        row["conversion_value"] = _text(one.values[action])
    return row


def _control(told: FileDays, on: date, own: dict[str, Decimal]) -> dict[str, Decimal]:
    """Return a day's totals as the sidecar has them; what it does not name is the sum of the rows."""
    found = dict(own)
    figures = told.days.get(on, {}).values()
    for name, amount in told.control[on].items():
        if name in told.delivery:
            found[name] = amount
            continue
        action, is_value = name.removesuffix(VALUE), name not in told.actions
        summed = sum((one.values[action] if is_value else one.actions[action] for one in figures), Decimal())
        found["conversion_value" if is_value else "conversions"] += amount - summed
    return found


def _text(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass
class Access(Source):
    """Files, asked about what is within reach: there are no credentials."""

    notes: list[str] = field(default_factory=list)

    async def accounts(self) -> list[ReachedAccount]:
        """Return no account: a folder says nothing of an account's currency."""
        return []

    async def one(self, account_id: str) -> ReachedAccount:
        """Return the account ``account_id``, of which nothing more is known."""
        return ReachedAccount(PLATFORM, account_id, "", "", "")

    async def actions(self, account_id: str, since: date, until: date) -> list[SeenAction]:
        """Return no action."""
        del account_id, since, until
        return []

    async def delivering(
        self, account_id: str, since: date, until: date, *, monthly: bool
    ) -> list[tuple[date, date]]:
        """Return no day."""
        del account_id, since, until, monthly
        return []

    async def tracking(self, account_id: str) -> bool | None:
        """Return that it is not known."""
        del account_id
        return None

    async def token(self) -> TokenFacts:
        """Return that there is nothing to expire."""
        return TokenFacts(valid=True)


def failure_in(body: Any, status: int, headers: Any, asked: str) -> Failure | None:
    """Return None: nothing is asked."""
    del body, status, headers, asked
    return None
