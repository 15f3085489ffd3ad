"""The days that the conditions on dates admit, checked as Google checks them."""

from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.data.calendar import day_number, day_of
from sandbox.google.errors import query_error, too_early
from sandbox.google.gaql import Condition, Statement

KEPT_DAYS = 1127
"""Thirty-seven months."""
CORE = ("segments.date", "segments.week", "segments.month", "segments.quarter", "segments.year")


@dataclass(frozen=True)
class Window:
    """First and last day number, inclusive; ``bounded`` if the query says so itself."""

    first: int
    last: int
    bounded: bool


def window(statement: Statement, today: int, kept: int = 0) -> Window:
    """Return the days that ``statement`` asks for in an account whose running day is ``today``.

    ``kept``: days before today that the account keeps, if not the usual ones.
    """
    kept = kept or KEPT_DAYS
    first, last = today - kept, today
    lower = upper = False
    for condition in statement.conditions:
        if condition.field != "segments.date":
            continue
        begins, ends = _days(condition, today)
        if begins is not None:
            first, lower = max(first, begins) if lower else begins, True
        if ends is not None:
            last, upper = min(last, ends) if upper else ends, True
    if lower and first < today - kept:
        raise too_early()
    if any(field in CORE for field in statement.fields) and not (lower and upper):
        raise query_error(
            "EXPECTED_FILTERS_ON_DATE_RANGE",
            "Error in query: a finite date range in the WHERE clause is required "
            "when a date segment is selected.",
        )
    return Window(first, min(last, today), lower and upper)


def _days(condition: Condition, today: int) -> tuple[int | None, int | None]:
    match condition.operator:
        case "DURING":
            return _during(condition.values[0], today)
        case "BETWEEN":
            first, last = (_day(value, "INVALID_VALUE_WITH_BETWEEN_OPERATOR") for value in condition.values)
            if first > last:
                raise query_error(
                    "INVALID_VALUE_WITH_BETWEEN_OPERATOR",
                    "Invalid value with BETWEEN operator: the range is empty.",
                )
            return first, last
        case "=":
            day = _day(condition.values[0], "BAD_VALUE")
            return day, day
        case ">=" | ">":
            return _day(condition.values[0], "BAD_VALUE") + (condition.operator == ">"), None
        case "<=" | "<":
            return None, _day(condition.values[0], "BAD_VALUE") - (condition.operator == "<")
    raise query_error(
        "INVALID_OPERATOR_FOR_FIELD",
        f"Error in query: operator {condition.operator} is not valid for segments.date.",
    )


def _day(text: str, code: str) -> int:
    try:
        return day_number(date.fromisoformat(text))
    except ValueError:
        raise query_error(code, f"Error in query: invalid date '{text}', expected YYYY-MM-DD.") from None


def _during(name: str, today: int) -> tuple[int, int]:
    day = day_of(today)
    month = day.replace(day=1)
    before = month - timedelta(days=1)
    ranges = {
        "TODAY": (today, today),
        "YESTERDAY": (today - 1, today - 1),
        "LAST_7_DAYS": (today - 7, today - 1),
        "LAST_14_DAYS": (today - 14, today - 1),
        "LAST_30_DAYS": (today - 30, today - 1),
        "THIS_MONTH": (day_number(month), today),
        "LAST_MONTH": (day_number(before.replace(day=1)), day_number(before)),
        "THIS_WEEK_MON_TODAY": (today - day.weekday(), today),
        "LAST_WEEK_MON_SUN": (today - day.weekday() - 7, today - day.weekday() - 1),
    }
    if name not in ranges:
        raise query_error(
            "INVALID_VALUE_WITH_DURING_OPERATOR", f"Invalid value with DURING operator: {name}."
        )
    return ranges[name]
