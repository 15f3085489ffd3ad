"""Whether values meet a condition of the WHERE clause."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.google.errors import query_error
from sandbox.google.gaql import Condition


def test(condition: Condition) -> Callable[[Any], bool]:
    """Return a predicate on one value; raises GoogleError for an operator that does not fit."""
    wanted = condition.values
    match condition.operator:
        case "=":
            return lambda value: _same(value, wanted[0])
        case "!=":
            return lambda value: not _same(value, wanted[0])
        case "IN" | "CONTAINS ANY":
            return lambda value: any(_same(value, one) for one in wanted)
        case "NOT IN" | "CONTAINS NONE":
            return lambda value: not any(_same(value, one) for one in wanted)
        case "LIKE":
            return _like(wanted[0])
        case "NOT LIKE":
            like = _like(wanted[0])
            return lambda value: not like(value)
        case "REGEXP_MATCH":
            return lambda value: re.fullmatch(wanted[0], str(value)) is not None
        case "NOT REGEXP_MATCH":
            return lambda value: re.fullmatch(wanted[0], str(value)) is None
        case "IS NULL":
            return lambda value: value is None
        case "IS NOT NULL":
            return lambda value: value is not None
        case "BETWEEN":
            low, high = _number(wanted[0]), _number(wanted[1])
            return lambda value: low <= float(value) <= high
        case "<" | "<=" | ">" | ">=":
            return _ordered(condition.operator, _number(wanted[0]))
    raise query_error(
        "INVALID_OPERATOR_FOR_FIELD", f"Operator {condition.operator} is not valid for {condition.field}."
    )


def meeting(conditions: Sequence[Condition], column: Callable[[str], Sequence[Any]], count: int) -> list[int]:
    """Return the positions, of ``count``, whose values in ``column(field)`` meet all conditions."""
    places = list(range(count))
    for condition in conditions:
        holds, values = test(condition), column(condition.field)
        places = [place for place in places if holds(values[place])]
    return places


def _same(value: Any, wanted: str) -> bool:
    if isinstance(value, bool):
        return str(value).lower() == wanted.lower()
    if isinstance(value, int | float):
        return float(value) == _number(wanted)
    return str(value) == wanted


def _like(pattern: str) -> Callable[[Any], bool]:
    parts = re.split(r"(\[.\]|%|_)", pattern)
    wild = {"%": ".*", "_": "."}
    found = "".join(
        wild.get(part, re.escape(part[1:-1] if re.fullmatch(r"\[.\]", part) else part)) for part in parts
    )
    compiled = re.compile(found, re.IGNORECASE | re.DOTALL)
    return lambda value: compiled.fullmatch(str(value)) is not None


def _ordered(operator: str, bound: float) -> Callable[[Any], bool]:
    return {
        "<": lambda value: float(value) < bound,
        "<=": lambda value: float(value) <= bound,
        ">": lambda value: float(value) > bound,
        ">=": lambda value: float(value) >= bound,
    }[operator]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise query_error("BAD_VALUE", f"Error in query: '{text}' is not a number.") from None
