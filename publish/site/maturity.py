"""How settled the figures are, in one line."""

import duckdb

from publish.site.overview import rows
from publish.words import day

_MATURITY = """
select
    min(date) filter (where maturity = 'preliminary'),
    max(date) filter (where maturity = 'preliminary'),
    max(date) filter (where maturity = 'final')
from health.account_days
"""


def line(file: duckdb.DuckDBPyConnection) -> str:
    """Say up to when figures are final; empty where the build does not know."""
    found = rows(file, _MATURITY)
    first, last, final = found[0] if found else (None, None, None)
    if first is None or last is None:
        return f"Every figure up to {day(final)} is final." if final else ""
    told = (
        f"Figures from {day(first)} to {day(last)} are preliminary: the platforms can still restate them."
        " The running day is in no sum."
    )
    return f"{told} Before that, figures are final." if final and final < first else told
