"""The service levels, as the build judged them."""

import re
from dataclasses import dataclass

import duckdb

from publish.site.overview import rows

_LEVELS = """
select name, status, observed, target, good, total, budget, budget_left
from health.slos
order by case status when 'fail' then 1 when 'warn' then 2 else 3 end, name
"""


@dataclass(frozen=True)
class Level:
    """One service level in words; ``budget`` says what is left of what may go wrong."""

    name: str
    status: str
    observed: str
    target: str
    counted: str
    budget: str


def read(file: duckdb.DuckDBPyConnection) -> tuple[Level, ...]:
    """Read them from an open build; an older one has none."""
    return tuple(
        Level(
            _words(name),
            status,
            f"{observed:.4g} %",
            f"{target:g} %",
            f"{good:,.0f} of {total:,.0f}" if total else "nothing was due",
            _budget(budget, left),
        )
        for name, status, observed, target, good, total, budget, left in rows(file, _LEVELS)
    )


def _words(name: str) -> str:
    """Write ``todayCollection`` as ``today collection``."""
    return re.sub(r"(?=[A-Z])", " ", name).lower()


def _budget(budget: float, left: float) -> str:
    if budget <= 0:
        return ""
    return f"{left:.0%} of the error budget left" if left >= 0 else "the error budget is overdrawn"
