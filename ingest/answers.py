"""What every platform answers, in one neutral shape, and what such an answer must hold to be taken."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

from ingest.errors import AnswerFailed, ErrorClass, Failure, Scope
from ingest.measures import Measured

Row = dict[str, Any]


@dataclass(frozen=True)
class AccountFacts:
    """What the platform says of an account; ``timezone`` is an IANA name, ``account_id`` has digits only."""

    account_id: str
    name: str | None
    currency: str | None
    timezone: str | None
    status: str | None
    manager: bool


@dataclass(frozen=True)
class CampaignFacts:
    """What the platform says of a campaign; ``status`` and ``channel`` in the platform's own words."""

    campaign_id: str
    name: str | None
    status: str | None
    channel: str | None


@dataclass
class DayAnswers:
    """The answers about one account-day, rows with the keys of the wire; empty lists are true zeros.

    Rows are in an order that does not depend on the platform's: by campaign, then by action.
    """

    delivery: list[Row] = field(default_factory=list)
    conversions: list[Row] = field(default_factory=list)
    control_totals: list[Row] = field(default_factory=list)
    attribution: set[str] = field(default_factory=set)


@dataclass
class WindowAnswers:
    """All answers about an account's window, by ISO date, one entry for each of its days.

    ``campaigns`` are those the rows name: the platforms leave deleted ones out of their lists.
    """

    days: dict[str, DayAnswers]
    campaigns: dict[str, CampaignFacts] = field(default_factory=dict)
    rows: int = 0

    @classmethod
    def over(cls, since: date, until: date) -> "WindowAnswers":
        """Return empty answers for the days from ``since`` to ``until``, both included."""
        days = (since + timedelta(days=n) for n in range((until - since).days + 1))
        return cls({day.isoformat(): DayAnswers() for day in days})

    def day(self, answer: str, text: Any) -> DayAnswers:
        """Return the day that a row of ``answer`` belongs to; refuses the answer if it is none of the window's."""
        found = self.days.get(text)
        if found is None:
            raise refused(answer, f"a row is about {text!r}, outside the window that was asked for")
        self.rows += 1
        return found

    def name(self, campaign_id: str, name: str | None) -> None:
        """Note a campaign whose name is all that a row tells."""
        if name is not None and campaign_id not in self.campaigns:
            self.campaigns[campaign_id] = CampaignFacts(campaign_id, name, None, None)


class Source(Protocol):
    """One platform, ready to be asked; every method raises ``AnswerFailed`` when an answer cannot be had."""

    fields: str
    left_out: frozenset[str]
    """The statuses whose campaigns the platform leaves out of delivery unless everything is asked for."""

    async def account(self, account_id: str) -> AccountFacts:
        """Return what the platform says of the account."""

    async def campaigns(self, account_id: str) -> list[CampaignFacts]:
        """Return all campaigns that the platform lists for the account."""

    async def window(self, account_id: str, since: date, until: date, *, everything: bool) -> WindowAnswers:
        """Return all answers from ``since`` to ``until``, both included, in the account's own days.

        ``everything`` also asks for what the platform leaves out by default (deleted campaigns).
        """

    def measure(self, measured: Measured, day: date, answers: DayAnswers) -> None:
        """Add to ``measured`` what the campaigns and what the account have for ``day``."""


def refused(answer: str, reason: str) -> AnswerFailed:
    """Return the failure of an answer that came, and cannot be what was asked for."""
    message = f"the answer was refused: {reason}"
    return AnswerFailed(answer, Failure.of(ErrorClass.PERMANENT, message, lost=Scope.WINDOW))


def refuse_twice(answer: str, rows: list[Row], key: Callable[[Row], Hashable]) -> None:
    """Refuse an answer in which two rows of a day have the same key: a repeated page must not double a day."""
    if len(rows) > 1 and len({key(row) for row in rows}) < len(rows):
        raise refused(answer, "the same row came twice")
