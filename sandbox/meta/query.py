"""What an insights request asks for, read from its parameters and checked as Meta checks it."""

import calendar
import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from sandbox.data.calendar import day_number, day_of
from sandbox.http import listed, position
from sandbox.meta import errors

LEVELS = ("ad", "adset", "campaign", "account")
WINDOWS = ("1d_view", "7d_view", "28d_view", "1d_click", "7d_click", "28d_click", "1d_ev", "dda", "default")
ACTION_BREAKDOWNS_PAGE = "https://developers.facebook.com/docs/marketing-api/insights/breakdowns/"
DEFAULT_FIELDS = ("account_id", "impressions", "spend")
KEPT_MONTHS = 37


@lru_cache(maxsize=1)
def insight_fields() -> frozenset[str]:
    """Return the fields that Meta documents for insights."""
    return frozenset((Path(__file__).parent / "insight_fields.txt").read_text(encoding="ascii").split())


@dataclass(frozen=True)
class Filter:
    """One condition of the filtering parameter."""

    field: str
    operator: str
    value: Any


@dataclass(frozen=True)
class Query:
    """A checked insights request; days are day numbers, ranges inclusive."""

    level: str
    fields: tuple[str, ...]
    ranges: tuple[tuple[int, int], ...]
    increment: int | str
    """Days per row, or ``monthly`` or ``all_days``."""
    windows: tuple[str, ...]
    filters: tuple[Filter, ...]
    breakdowns: tuple[str, ...]
    limit: int
    after: int
    """Position of the first row wanted."""

    @property
    def first(self) -> int:
        """The first day of all ranges."""
        return min(first for first, _ in self.ranges)

    @property
    def last(self) -> int:
        """The last day of all ranges."""
        return max(last for _, last in self.ranges)

    def buckets(self) -> list[tuple[int, int]]:
        """Return the first and last day of every row's period."""
        return [bucket for first, last in self.ranges for bucket in _periods(first, last, self.increment)]


def read(params: dict[str, str], today: int, kept: int = 0) -> Query:
    """Return the query in ``params`` for an account whose running day is ``today``; raises MetaError.

    ``kept``: days before today that the account keeps, if not the usual months.
    """
    fields = _fields(params.get("fields", ""))
    level = params.get("level", "account")
    if level not in LEVELS:
        raise errors.must_be_one_of("level", LEVELS)
    ranges = _ranges(params, today, today - kept if kept else _months_before(today, KEPT_MONTHS))
    return Query(
        level=level,
        fields=fields or DEFAULT_FIELDS,
        ranges=ranges,
        increment="all_days"
        if "time_ranges" in params
        else _increment(params.get("time_increment", "all_days")),
        windows=_windows(params.get("action_attribution_windows", "")),
        filters=filters(params.get("filtering", "")),
        breakdowns=tuple(_list("breakdowns", params.get("breakdowns", ""))),
        limit=limit(params, 25),
        after=offset(params, limit(params, 25)),
    )


def limit(params: dict[str, str], default: int) -> int:
    """Return the page size asked for."""
    try:
        value = int(params.get("limit") or default)
    except ValueError:
        raise errors.bad_param("param limit must be an integer") from None
    if value < 1:
        raise errors.bad_param("param limit must be greater than 0")
    return value


def offset(params: dict[str, str], size: int) -> int:
    """Return the position at which the page begins that the cursors ask for."""
    try:
        if params.get("after"):
            return position(params["after"]) + 1
        if params.get("before"):
            return max(0, position(params["before"]) - size)
    except ValueError:
        raise errors.MetaError("Invalid cursors values", 100, error_user_title="Invalid Cursor") from None
    return 0


def filters(text: str) -> tuple[Filter, ...]:
    """Return the conditions of a filtering parameter."""
    if not text:
        return ()
    try:
        found = [
            Filter(str(f["field"]), str(f["operator"]).upper(), f.get("value")) for f in json.loads(text)
        ]
    except (ValueError, TypeError, KeyError, AttributeError):
        raise errors.bad_param("param filtering must be an array of {field, operator, value}") from None
    return tuple(found)


def with_filter(text: str, own: Filter) -> str:
    """Return a filtering parameter with one more condition."""
    conditions = [*filters(text), own]
    return json.dumps(
        [{"field": one.field, "operator": one.operator, "value": one.value} for one in conditions]
    )


def _list(name: str, text: str) -> list[str]:
    try:
        return listed(text)
    except ValueError:
        raise errors.bad_param(f"param {name} must be an array.") from None


def _fields(text: str) -> tuple[str, ...]:
    names = _list("fields", text)
    unknown = [name for name in names if name not in insight_fields()]
    if unknown:
        raise errors.not_valid_for("fields", unknown)
    return tuple(dict.fromkeys(names))


def _windows(text: str) -> tuple[str, ...]:
    names = _list("action_attribution_windows", text)
    for index, name in enumerate(names):
        if name not in WINDOWS:
            raise errors.must_be_one_of(f"action_attribution_windows[{index}]", WINDOWS)
    return tuple(name for name in names if name != "default")


def _increment(text: str) -> int | str:
    if text in ("monthly", "all_days"):
        return text
    if text.isdigit() and 1 <= int(text) <= 90:
        return int(text)
    raise errors.bad_param(
        "param time_increment must be an integer between 1 and 90, or monthly, or all_days"
    )


def _ranges(params: dict[str, str], today: int, oldest: int) -> tuple[tuple[int, int], ...]:
    try:
        if "time_ranges" in params:
            given = json.loads(params["time_ranges"])
        elif "time_range" in params:
            given = [json.loads(params["time_range"])]
        elif "since" in params and "until" in params:
            given = [{"since": params["since"], "until": params["until"]}]
        else:
            return (preset(params.get("date_preset", "last_30d"), today),)
        days = [(_day(entry["since"]), _day(entry["until"])) for entry in given]
    except (ValueError, TypeError, KeyError):
        raise errors.bad_param("param time_range must be non-empty.") from None
    if not days:
        raise errors.bad_param("param time_ranges must be non-empty.")
    for since, until in days:
        if since > until:
            raise errors.since_after_until()
        if since > today:
            raise errors.in_the_future()
        if since < oldest:
            raise errors.too_old()
    return tuple((since, min(until, today)) for since, until in days)


def _day(text: str) -> int:
    return day_number(date.fromisoformat(text))


def _months_before(today: int, months: int) -> int:
    day = day_of(today)
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return day_number(date(year, month + 1, min(day.day, last)))


def preset(name: str, today: int) -> tuple[int, int]:
    """Return the first and last day of a date preset; presets of n days end yesterday."""
    day = day_of(today)
    month = day.replace(day=1)
    quarter = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    monday = day - timedelta(days=day.weekday())
    sunday = day - timedelta(days=(day.weekday() + 1) % 7)
    one = timedelta(days=1)
    named = {
        "today": (day, day),
        "yesterday": (day - one, day - one),
        "this_month": (month, day),
        "last_month": ((month - one).replace(day=1), month - one),
        "this_quarter": (quarter, day),
        "last_quarter": (day_of(_months_before(day_number(quarter), 3)), quarter - one),
        "this_year": (date(day.year, 1, 1), day),
        "last_year": (date(day.year - 1, 1, 1), date(day.year - 1, 12, 31)),
        "this_week_mon_today": (monday, day),
        "this_week_sun_today": (sunday, day),
        "last_week_mon_sun": (monday - 7 * one, monday - one),
        "last_week_sun_sat": (sunday - 7 * one, sunday - one),
        "maximum": (day_of(_months_before(today, KEPT_MONTHS)), day),
        "data_maximum": (day_of(_months_before(today, KEPT_MONTHS)), day),
    }
    for days in (3, 7, 14, 28, 30, 90):
        named[f"last_{days}d"] = (day - days * one, day - one)
    if name not in named:
        raise errors.must_be_one_of("date_preset", tuple(sorted(named)))
    first, last = named[name]
    return day_number(first), day_number(last)


def _periods(first: int, last: int, increment: int | str) -> list[tuple[int, int]]:
    if isinstance(increment, int):
        return [(start, min(start + increment - 1, last)) for start in range(first, last + 1, increment)]
    if increment == "all_days":
        return [(first, last)]
    periods = []
    start = first
    while start <= last:
        day = day_of(start)
        end = min(last, start - day.day + calendar.monthrange(day.year, day.month)[1])
        periods.append((start, end))
        start = end + 1
    return periods
