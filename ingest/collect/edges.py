"""Which days a platform answers for: windows shrink from a refused edge, and the edge is remembered.

A platform refuses a window as a whole when its first day is too old or its last day has not begun. ``Search``
finds the days between both edges in few requests; a date that the refusal names is tried first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from ingest.client.errors import ErrorClass, Failure, Scope

# An edge is tried again after so many days: a limit that has become looser is found again.
TRIED_AGAIN_DAYS = 30
# So many accounts that are refused alike for all days: the others are not tried in parts.
NO_EDGE_ACCOUNTS = 3

RETENTION_EDGES = pa.schema(
    [
        ("platform", pa.string()),
        ("account_id", pa.string()),
        ("kept_days", pa.int64()),
        ("kept_from", pa.date32()),
        ("message", pa.string()),
        ("run_id", pa.string()),
        ("seen_on", pa.date32()),
        ("seen_at", pa.timestamp("us", tz="UTC")),
    ]
)

Days = tuple[date, date]
_ONE = timedelta(days=1)
_SPAN = re.compile(r"\b(\d{1,4})[ -](day|month|year)s?\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_DATE = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b")
# Meta's 3018 and Google's dateError are known; other wordings are read as a person would read them.
_STARTS = re.compile(
    r"\[3018/|EARLIER_THAN_MINIMUM_DATE"
    r"|(start|since|time[ _]?range|date|history|data|period)\b.{0,80}\b(beyond|older|oldest|earl(y|ier|iest)"
    r"|before|prior|too far|far back|minimum|within the (last|past)|(last|past|than) \d+ (day|month|year))"
    r"|\bretention|\bretained\b|no longer (available|kept|stored)"
    r"|\b(beyond|older than|earlier than|prior to)\b.{0,60}\b(days?|months?|years?)\b",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"LATER_THAN_MAXIMUM_DATE|\bfuture\b|not (yet )?begun"
    r"|\b(later than|after|past|beyond) (the )?(today|yesterday|current da(te|y)|maximum)\b",
    re.IGNORECASE,
)
# Google names what is wrong with a query: if that is no date, no other days will help.
_OF_THE_QUERY = re.compile(r"\[(query|field|header|manager\w*)Error\.(?!\w*(DATE|UNKNOWN|UNSPECIFIED))")
_TOO_WIDE = re.compile(r"DATE_RANGE_TOO_WIDE|\b(range|period|window)\b.{0,20}\btoo (wide|long|large)\b", re.I)


@dataclass(frozen=True)
class Hint:
    """What a refusal says: whether it is about the start or the end, and days that may be the first ones."""

    start: bool
    end: bool
    days: tuple[date, ...] = ()


def is_refusal(failure: Failure) -> bool:
    """Say whether the platform refused what it was asked for, which may be for the days in it."""
    return failure.error_class is ErrorClass.BAD_REQUEST and failure.lost is Scope.WINDOW


def is_too_wide(failure: Failure) -> bool:
    """Say whether a refusal is about the number of days, not about their age."""
    return is_refusal(failure) and _TOO_WIDE.search(failure.message) is not None


def hint_of(message: str, today: date) -> Hint:
    """Return what ``message`` says; a date or an age in it may be the first day that is kept."""
    days = []
    for text in _DATE.findall(message):
        try:
            days.append(date.fromisoformat(text))
        except ValueError:
            continue
    for number, unit in _SPAN.findall(message):
        days.append(_back(today, int(number), unit.lower()))
    starts, ends = _STARTS.search(message) is not None, _ENDS.search(message) is not None
    return Hint(starts, ends, tuple(days))


def _back(today: date, number: int, unit: str) -> date:
    if unit == "day":
        return today - timedelta(days=number)
    months = today.year * 12 + today.month - 1 - number * (12 if unit == "year" else 1)
    if months < 12:
        return date.min
    first = date(months // 12, months % 12 + 1, 1)
    return first + timedelta(days=today.day - 1)


@dataclass
class Edges:
    """What is known of one platform's edges, before and during a run.

    ``kept_days`` is how many days before its running day an account's first day lies, by account;
    ``landed`` are the oldest and the newest day of each account that have landed before.
    """

    kept_days: dict[str, int] = field(default_factory=dict)
    landed: dict[str, Days] = field(default_factory=dict)
    _no_edge: dict[str, set[str]] = field(default_factory=dict)

    def guesses(self, account_id: str, today: date) -> tuple[date, ...]:
        """Return days that may be the first ones, that of the account itself before those of others."""
        own = self.kept_days.get(account_id)
        others = sorted(set(self.kept_days.values()), key=list(self.kept_days.values()).count, reverse=True)
        known = dict.fromkeys([*([own] if own is not None else []), *others[:1]])
        return tuple(today - timedelta(days=days) for days in known)

    def is_hopeless(self, message: str, account_id: str) -> bool:
        """Say whether the account, or a few others, were refused alike for all days."""
        refused = self._no_edge.get(_NUMBER.sub("0", message), set())
        return account_id in refused or len(refused) >= NO_EDGE_ACCOUNTS

    def no_edge(self, message: str, account_id: str) -> None:
        """Note that an account was refused with ``message`` for all days."""
        self._no_edge.setdefault(_NUMBER.sub("0", message), set()).add(account_id)


def edge_row(
    platform: str, account_id: str, kept_from: date | None, today: date, message: str | None
) -> dict[str, Any]:
    """Return what is remembered of an edge, without the run: it moves with time, so its age in days counts.

    ``kept_from`` None: an edge that was known is no longer there.
    """
    return {
        "platform": platform,
        "account_id": account_id,
        "kept_days": (today - kept_from).days if kept_from else None,
        "kept_from": kept_from,
        "message": message,
        "seen_on": today,
    }


@dataclass
class Search:
    """The days of a refused window that the platform answers for, found by asking for parts of it.

    A request is answered if it begins at or after an unknown first day and ends at or before an unknown last
    one. ``part`` proposes the next request; ``answered`` and ``refused`` tell what became of it. ``kept`` are
    the first days that this account, or another one, was found to have.
    """

    first: date
    last: date
    hint: Hint
    today: date
    kept: tuple[date, ...] = ()
    good: Days | None = None
    """Days without a gap that were answered."""
    _answered: list[Days] = field(default_factory=list)
    _refused: list[Days] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._refused.append((self.first, self.last))
        near = [day for one in (*self.kept, *self.hint.days) for day in (one, one + _ONE)]
        self._guesses = [day for day in dict.fromkeys(near) if self.first < day <= self.last]

    def part(self) -> Days | None:
        """Return the days to ask for next; None when every day was answered or is known to be refused."""
        if self.good is None:
            within = (part for part in self._ends() if self.first <= part[0] <= part[1] <= self.last)
            return next((part for part in within if part not in self._refused), None)
        return self._before(*self.good) or self._after(*self.good)

    def answered(self, part: Days) -> None:
        """Note that ``part`` was answered."""
        self._answered.append(part)
        if self.good is None:
            self.good = part
        elif part[1] + _ONE >= self.good[0]:
            self.good = min(self.good[0], part[0]), max(self.good[1], part[1])

    def refused(self, part: Days) -> None:
        """Note that ``part`` was refused."""
        self._refused.append(part)

    @property
    def kept_from(self) -> date | None:
        """The first day that is answered, where all days before it are refused for their age."""
        if self.good is None or self.good[0] == self.first or self._oldest_is_good:
            return None
        return self.good[0]

    def rest(self) -> list[Days]:
        """Return the days that were not answered, the newer ones first."""
        gaps, since = [], self.first
        for begin, end in sorted(self._answered):
            if since < begin:
                gaps.append((since, begin - _ONE))
            since = max(since, end + _ONE)
        return [*([(since, self.last)] if since <= self.last else []), *reversed(gaps)]

    @property
    def _oldest_is_good(self) -> bool:
        return any(begin == self.first for begin, _ in self._answered)

    def _ends(self) -> Iterator[Days]:
        """Yield where days may be that are answered: as the refusal says, then at both ends."""
        only_start, only_end = self.hint.start > self.hint.end, self.hint.end > self.hint.start
        if self.hint.start:
            yield from ((day, self.last) for day in (*self._guesses[:1], self.first + _ONE))
        if only_end:
            yield self.first, self.last - _ONE
        else:
            yield self.last, self.last
            if self.last >= self.today:
                yield self.last - _ONE, self.last - _ONE
        if not only_start:
            yield self.first, self.first

    def _before(self, first: date, last: date) -> Days | None:
        """Return what to ask for next of the days before the answered ones."""
        if first == self.first:
            return None
        until = first - _ONE
        refused = [since for since, end in self._refused if end <= last]
        if not refused:
            return self.first, until
        low = max(refused)
        if low == until:
            return self._beyond(low)
        # Where a guess was answered, the day before it tells whether it is the edge. Most windows reach only
        # a day too far.
        near = [*([until] if first in self._guesses else []), *self._guesses]
        near += [self.first + _ONE] if low == self.first else []
        return next((day for day in near if low < day < first), low + (first - low) // 2), until

    def _beyond(self, low: date) -> Days | None:
        """Make sure that days are refused for their age, where the refusal does not say so itself."""
        if low == self.first or self.hint.start > self.hint.end:
            return None
        oldest, between = (self.first, self.first), (self.first + _ONE, low - _ONE)
        if oldest not in self._refused + self._answered:
            return oldest
        open_ = between[0] <= between[1] and between not in self._refused + self._answered
        return between if self._oldest_is_good and open_ else None

    def _after(self, first: date, last: date) -> Days | None:
        """Return what to ask for next of the days after the answered ones."""
        if last == self.last:
            return None
        since = last + _ONE
        refused = [end for begin, end in self._refused if begin >= first]
        if not refused:
            return since, self.last
        high = min(refused)
        return None if high == since else (since, since + ((high - since).days - 1) // 2 * _ONE)


class AccountEdge:
    """One account's edge, as this run finds it."""

    def __init__(self, edges: Edges, account_id: str) -> None:
        self._edges = edges
        self._account_id = account_id
        self._known = edges.kept_days.get(account_id)
        self._oldest, self._newest = edges.landed.get(account_id, (date.max, date.min))
        self._has_gone = False
        self.kept_from: date | None = None
        """The first day that the platform keeps, where this run has met it."""
        self.message = ""
        """What the platform said of days before it."""

    @property
    def has_gone(self) -> bool:
        """Whether days were answered that are older than the edge that was known."""
        return self._has_gone and self.kept_from is None

    def answered(self, from_date: date, to_date: date, today: date) -> None:
        """Note that the platform answered for these days."""
        self._newest = max(self._newest, to_date)
        self._has_gone |= self._known is not None and from_date < today - timedelta(days=self._known)

    def is_before(self, to_date: date) -> bool:
        """Say whether days up to ``to_date`` lie beyond the edge."""
        return self.kept_from is not None and to_date < self.kept_from

    def search(self, first: date, last: date, today: date, message: str) -> Search | None:
        """Return how to look for the edge in a refused window; None where that is vain."""
        hint = hint_of(message, today)
        about_days = hint.start or hint.end or _OF_THE_QUERY.search(message) is None
        if first == last or not about_days or self._edges.is_hopeless(message, self._account_id):
            return None
        return Search(first, last, hint, today, self._edges.guesses(self._account_id, today))

    def conclude(self, last: date, today: date, message: str, search: Search | None) -> bool:
        """Take what a search up to ``last`` has found, and say whether it found the edge.

        A window of which nothing was answered lies beyond the edge if the refusal says so and newer days are
        answered; else the refusal is about something else. So it is if it does not say so, and older days
        were answered before: then a day is refused for itself.
        """
        names_start = hint_of(message, today).start
        found = search.kept_from if search is not None else None
        if found is not None and not names_start and self._oldest < found:
            return False
        if found is None and (search is None or search.good is None):
            if names_start and self._newest > last:
                found = last + _ONE
            elif search is not None:
                self._edges.no_edge(message, self._account_id)
        if found is None or (self.kept_from is not None and found <= self.kept_from):
            return False
        self.kept_from, self.message = found, message
        self._edges.kept_days[self._account_id] = (today - found).days
        return True
