"""What every platform answers, in one neutral shape, and what such an answer must hold to be taken."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, ClassVar, Protocol

import msgspec

from core.measures import Measure, kinds
from ingest import spelling
from ingest.client.errors import AnswerError, ErrorClass, Failure

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

    @classmethod
    def of(
        cls, account_id: str, name: Any, currency: Any, timezone: Any, status: Any, manager: Any
    ) -> "AccountFacts":
        """Return the facts as the platform sent them; what is no text is unknown."""
        # Another spelling is no other fact, and no other version of a day.
        money, zone = spelling.currency(_text(currency)), spelling.zone(_text(timezone))
        return cls(account_id, _text(name), money, zone, _text(status), bool(manager))


@dataclass(frozen=True)
class CampaignFacts:
    """What the platform says of a campaign; ``status`` and ``channel`` in the platform's own words."""

    campaign_id: str
    name: str | None
    status: str | None
    channel: str | None

    @classmethod
    def of(cls, campaign_id: Any, name: Any, status: Any, channel: Any) -> "CampaignFacts":
        """Return the facts as the platform sent them; what is no text is unknown."""
        return cls(str(campaign_id), _text(name), _text(status), _text(channel))


@dataclass(frozen=True)
class ActionFacts:
    """What the platform says of a conversion action; ``action_id`` is what the figures call it.

    ``primary_for_goal`` and the windows, in days, are None where the platform does not tell them.
    """

    action_id: str
    name: str | None
    status: str | None = None
    primary_for_goal: bool | None = None
    click_window_days: int | None = None
    view_window_days: int | None = None

    @classmethod
    def of(
        cls,
        action_id: Any,
        name: Any,
        status: Any = None,
        primary_for_goal: Any = None,
        click_window_days: Any = None,
        view_window_days: Any = None,
    ) -> "ActionFacts":
        """Return the facts as the platform sent them; what has another type is unknown."""
        return cls(
            str(action_id),
            _text(name),
            _text(status),
            primary_for_goal if isinstance(primary_for_goal, bool) else None,
            _days(click_window_days),
            _days(view_window_days),
        )


def _days(value: Any) -> int | None:
    text = _text(value) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _text(value: Any) -> str | None:
    """Return text, or a whole number as text; None for anything else: a name must not cost a figure."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


# What rows add up to, by measure and conversion action ("" for measures that are not by action).
Sums = defaultdict[str, defaultdict[str, float]]


def no_sums() -> Sums:
    """Return sums of nothing."""
    return defaultdict(lambda: defaultdict(float))


@dataclass(frozen=True)
class Chunk:
    """Rows of one page about one day: their keys, in order, and the rows as canonical JSON in the same order.

    They are written while their page is in the processor's cache, and never kept as the many objects that the
    page was parsed to.
    """

    keys: list[Any]
    text: bytes

    @classmethod
    def of(cls, keys: list[Any], array: bytes) -> "Chunk":
        """Return the chunk of the rows in the JSON ``array``."""
        return cls(keys, array[1:-1])

    def rows(self) -> Iterator[tuple[Any, bytes]]:
        """Yield (key, row) for every row."""
        return zip(self.keys, map(bytes, _RAW_ROWS.decode(_array([self.text]))), strict=True)


_RAW_ROWS = msgspec.json.Decoder(list[msgspec.Raw])


def _array(parts: Iterable[bytes]) -> bytes:
    return b"[" + b",".join(parts) + b"]"


def joined(answer: str, chunks: list[Chunk]) -> bytes:
    """Return the rows of all ``chunks`` as one JSON array, in an order that is not the platform's.

    Raises ``AnswerError`` for a row that came twice: a repeated page must not double a day.
    """
    chunks = sorted(chunks, key=lambda chunk: chunk.keys[0])
    keys = [key for chunk in chunks for key in chunk.keys]
    if len(set(keys)) != len(keys):
        raise refused(answer, "the same row came twice")
    if all(one.keys[-1] < other.keys[0] for one, other in pairwise(chunks)):
        return _array(chunk.text for chunk in chunks)
    return _array(row for _, row in sorted(row for chunk in chunks for row in chunk.rows()))


@dataclass
class DayAnswers:
    """The answers about one account-day; without rows they are true zeros.

    ``control_totals`` holds rows as canonical JSON. ``campaigns`` and ``account`` are what the campaigns'
    rows, and the account's own, add up to; a day with a value that is no number is not ``comparable``.
    ``converted`` are the campaigns with conversions, where these come in an answer of their own.
    ``currencies`` and ``timezones`` are what the rows say; ``currency`` and ``timezone`` are what is believed
    of it, None: what the account says. ``fields`` are what it tells, None: all that the source asks for.
    """

    delivery: list[Chunk] = field(default_factory=list)
    conversions: list[Chunk] = field(default_factory=list)
    control_totals: list[bytes] = field(default_factory=list)
    attribution: set[str] = field(default_factory=set)
    converted: set[str] = field(default_factory=set)
    campaigns: Sums = field(default_factory=no_sums)
    account: Sums = field(default_factory=no_sums)
    comparable: bool = True
    currencies: set[Any] = field(default_factory=set)
    timezones: set[Any] = field(default_factory=set)
    currency: str | None = None
    timezone: str | None = None
    fields: str | None = None

    @property
    def rows(self) -> int:
        """The campaigns' rows: those of the answer that has more of them."""
        return max(sum(len(chunk.keys) for chunk in chunks) for chunks in (self.delivery, self.conversions))

    def columns(self) -> tuple[bytes, bytes, bytes]:
        """Return delivery, conversions and control totals as JSON; doubled rows raise ``AnswerError``."""
        if len(self.control_totals) > 1:
            raise refused("control_totals", "the account has several totals for one day")
        return (
            joined("delivery", self.delivery),
            joined("conversions", self.conversions),
            _array(self.control_totals),
        )


@dataclass
class WindowAnswers:
    """All answers about an account's window, by ISO date, one entry for each of its days that is told.

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

    def action_types(self) -> set[str]:
        """Return the action types that the rows of the account and its campaigns count."""
        return {
            action
            for day in self.days.values()
            for sums in (day.campaigns, day.account)
            for by_action in sums.values()
            for action in by_action
            if action
        }

    def outside(self, answer: str, text: Any) -> AnswerError:
        """Return the failure of an answer that has a row about a day that was not asked for."""
        return refused(answer, f"a row is about {text!r}, outside the window that was asked for")

    def agree_with(
        self, account: AccountFacts, registered: "Registered | None" = None, *, as_told: bool = False
    ) -> None:
        """Settle each day's currency and time zone; refuse rows in any that nothing explains.

        A platform whose account changed may tell old days as they were: rows say what ``account`` says, or
        what the agency registered for their days. With ``as_told`` a day may be in any one currency: the
        answer stayed so, and must not cost the window its other days.
        """
        for day in self.days.values():
            day.currency = _believed(
                "currency",
                {spelling.currency(said) if isinstance(said, str) else said for said in day.currencies},
                account.currency,
                registered.currency if registered else None,
                as_told,
            )
            day.timezone = _believed(
                "time zone",
                {spelling.zone(said) if isinstance(said, str) else said for said in day.timezones},
                account.timezone,
                registered.timezone if registered else None,
                as_told,
            )


def _believed(
    what: str, said: set[Any], told: str | None, registered: str | None, as_told: bool
) -> str | None:
    said = said - {None}
    if not said:
        return told
    other = next(iter(said - {told}), told)
    if len(said) == 1 and (other in (told, registered) or (as_told and isinstance(other, str))):
        return other
    raise refused("delivery", f"its rows have the {what} {other!r}, the account {told!r}")


class Registered(Protocol):
    """What the agency's files say of an account's days."""

    @property
    def currency(self) -> str:
        """Its currency."""

    @property
    def timezone(self) -> str:
        """Its time zone, by its IANA name."""


@dataclass(frozen=True)
class Allowance:
    """How far two sums may differ: ``tolerance``, and ``units`` half minor units per row and one more.

    ``units`` is in the unit of the values: 1 for the currency itself, a million for its micros.
    """

    tolerance: float = 0.0
    units: float = 0.0

    @classmethod
    def of(cls, measure: Measure, platform: str) -> "Allowance":
        """Return what the table allows ``measure``, in the unit in which ``platform`` tells it."""
        kind = kinds()[measure.kind]
        return cls(kind.tolerance, kind.half_units * (MICROS if measure.wire[platform].micros else 1))


# A currency's own unit in millionths of it.
MICROS = 1_000_000


class Source(Protocol):
    """One platform, ready to be asked; every method raises ``AnswerError`` when an answer cannot be had."""

    fields: ClassVar[str]
    left_out: ClassVar[frozenset[str]]
    """The statuses whose campaigns the platform leaves out of delivery unless everything is asked for."""
    closed: ClassVar[Mapping[str, str]]
    """The statuses of an account that delivers nothing any more, in words."""
    measures: ClassVar[Mapping[str, Allowance]]
    """What is summed of campaigns and of the account, by name."""
    listed_actions: ClassVar[str]
    """How the ids begin of the actions whose names a list tells; "" for all actions of all accounts."""

    async def account(self, account_id: str) -> AccountFacts:
        """Return what the platform says of the account."""

    async def campaigns(self, account_id: str) -> list[CampaignFacts]:
        """Return all campaigns that the platform lists for the account."""

    async def named_actions(self, account_id: str) -> list[ActionFacts]:
        """Return the conversion actions that the platform lists for the account."""

    async def window(self, account_id: str, since: date, until: date, *, everything: bool) -> WindowAnswers:
        """Return all answers from ``since`` to ``until``, both included, in the account's own days.

        ``everything`` also asks for what the platform leaves out by default (deleted campaigns).
        """


# The answer that no day needs: it is asked for once, and its failure says nothing of platform or account.
CONVERSION_ACTIONS = "conversion_actions"


def refused(answer: str, reason: str) -> AnswerError:
    """Return the failure of an answer that came, and cannot be what was asked for."""
    message = f"the answer was refused: {reason}"
    return AnswerError(answer, Failure.of(ErrorClass.REFUSED, message))
