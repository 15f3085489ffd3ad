"""Rules, checks and their thresholds: what ``rules.csv`` and ``waivers.csv`` may name.

Known is what the models name. A list of them here would age; a name that no model reads has no effect,
and what a person meant by it would never happen.
"""

import re
from collections.abc import Collection
from decimal import Decimal
from difflib import get_close_matches
from functools import cache

from core.rules import rules
from core.settings import ROOT

_MODELS = ROOT / "models"
_LEVEL = re.compile(r"^    '\w+': '(\w+)',$", re.MULTILINE)
SCORE, WHOLE = "quality_score", Decimal(100)
# A threshold of the score beside its weights.
_NO_WEIGHT = "fresh_hours"
# Read where they are set, and without a default: a check's service level, and a bound.
_OF_LEVELS = ("days", "percent")
_OF_BOUNDS = ("usual_bounds", "min_clicks")

_HUNDRED_YEARS = 36_500  # in days; as hours, four
_MOST = 1_000_000_000
# So many names are told; more would not be read.
_LISTED = 12


@cache
def parameters() -> dict[str, frozenset[str]]:
    """Return the parameters of every rule and check, by its name."""
    levels = (_MODELS / "health" / "slos.sql").read_text(encoding="utf-8")
    named = [
        *((rule.name, parameter) for rule in rules().values() for parameter in (rule.parameters or ("",))),
        *((rule, parameter) for rule in _LEVEL.findall(levels) for parameter in _OF_LEVELS),
        _OF_BOUNDS,
    ]
    return {rule: frozenset(p for of, p in named if of == rule and p) for rule, _ in named}


@cache
def default_weights() -> dict[str, Decimal]:
    """Return the weights of the score's parts where no line says otherwise; they add up to ``WHOLE``."""
    parts = rules()[SCORE].parameters
    return {part: Decimal(f"{weight:g}") for part, weight in parts.items() if part != _NO_WEIGHT}


@cache
def waivable() -> frozenset[str]:
    """Return the rules whose findings can be waived; a check has none."""
    return frozenset(path.stem.removeprefix("rule_") for path in (_MODELS / "rules").rglob("rule_*.sql"))


def limits(rule: str, parameter: str) -> tuple[Decimal, Decimal]:
    """Return the least and the greatest value with which the models can calculate, and mean something."""
    if parameter == "factor":
        return Decimal(1), Decimal(_MOST)  # its logarithm is a distance
    if parameter == "dispersion":
        return Decimal("1.01"), Decimal(_MOST)  # what exceeds 1 is divided by
    if parameter.endswith(("day", "days", "hours")):
        return Decimal(0), Decimal(_HUNDRED_YEARS)
    return Decimal(0), Decimal(100 if rule == "quality_score" else _MOST)


def instead(name: str, known: Collection[str]) -> str:
    """Return what a person who wrote ``name`` may have meant, as the end of a sentence."""
    if near := get_close_matches(name, known, n=1):
        return f"did you mean {near[0]!r}?"
    listed = ", ".join(sorted(known)) or "none"
    return f"known are {listed}" if len(known) <= _LISTED else "docs/runbooks has a page for each"
