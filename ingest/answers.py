"""What every platform answers, in one neutral shape, and what such an answer must hold to be taken."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Protocol

import msgspec

from ingest.errors import AnswerError, ErrorClass, Failure

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
        return cls(account_id, _text(name), _text(currency), _text(timezone), _text(status), bool(manager))


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
    """

    delivery: list[Chunk] = field(default_factory=list)
    conversions: list[Chunk] = field(default_factory=list)
    control_totals: list[bytes] = field(default_factory=list)
    attribution: set[str] = field(default_factory=set)
    converted: set[str] = field(default_factory=set)
    campaigns: Sums = field(default_factory=no_sums)
    account: Sums = field(default_factory=no_sums)
    comparable: bool = True

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
    """All answers about an account's window, by ISO date, one entry for each of its days.

    ``campaigns`` are those the rows name: the platforms leave deleted ones out of their lists. ``currencies``
    and ``timezones`` are what the rows say of the account.
    """

    days: dict[str, DayAnswers]
    campaigns: dict[str, CampaignFacts] = field(default_factory=dict)
    currencies: set[Any] = field(default_factory=set)
    timezones: set[Any] = field(default_factory=set)
    rows: int = 0

    @classmethod
    def over(cls, since: date, until: date) -> "WindowAnswers":
        """Return empty answers for the days from ``since`` to ``until``, both included."""
        days = (since + timedelta(days=n) for n in range((until - since).days + 1))
        return cls({day.isoformat(): DayAnswers() for day in days})

    def outside(self, answer: str, text: Any) -> AnswerError:
        """Return the failure of an answer that has a row about a day that was not asked for."""
        return refused(answer, f"a row is about {text!r}, outside the window that was asked for")

    def agree_with(self, account: AccountFacts) -> None:
        """Refuse rows in another currency, or of other days, than those of ``account``."""
        for what, said, registered in (
            ("currency", self.currencies, account.currency),
            ("time zone", self.timezones, account.timezone),
        ):
            for other in said - {None, registered}:
                raise refused("delivery", f"its rows have the {what} {other!r}, the account {registered!r}")


@dataclass(frozen=True)
class Measure:
    """How far two sums may differ: ``tolerance``, and ``units`` half minor units per row and one more.

    ``units`` is in the unit of the values: 1 for the currency itself, a million for its micros.
    """

    tolerance: float = 0.0
    units: float = 0.0


COUNT = Measure()
MONEY = Measure(units=1)
MONEY_MICROS = Measure(units=1_000_000)
CONVERSIONS = Measure(tolerance=0.01)


class Source(Protocol):
    """One platform, ready to be asked; every method raises ``AnswerError`` when an answer cannot be had."""

    fields: str
    left_out: frozenset[str]
    """The statuses whose campaigns the platform leaves out of delivery unless everything is asked for."""
    closed: Mapping[str, str]
    """The statuses of an account that delivers nothing any more, in words."""
    measures: Mapping[str, Measure]
    """What is summed of campaigns and of the account, by name."""

    async def account(self, account_id: str) -> AccountFacts:
        """Return what the platform says of the account."""

    async def campaigns(self, account_id: str) -> list[CampaignFacts]:
        """Return all campaigns that the platform lists for the account."""

    async def window(self, account_id: str, since: date, until: date, *, everything: bool) -> WindowAnswers:
        """Return all answers from ``since`` to ``until``, both included, in the account's own days.

        ``everything`` also asks for what the platform leaves out by default (deleted campaigns).
        """


def refused(answer: str, reason: str) -> AnswerError:
    """Return the failure of an answer that came, and cannot be what was asked for."""
    message = f"the answer was refused: {reason}"
    return AnswerError(answer, Failure.of(ErrorClass.REFUSED, message))
