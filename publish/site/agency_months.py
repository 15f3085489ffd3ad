"""The agency's months in its reporting currency, as the build added them up."""

from dataclasses import dataclass

import duckdb

from publish.site.overview import query, rows
from publish.words import money

# As many as a person compares; reports.agency_months has every one.
_SHOWN = 13


@dataclass(frozen=True)
class Month:
    """One month of all clients; figures are ready to be read, and empty where they are not known."""

    month: str
    currency: str
    spend: str
    value: str
    clicks: str
    reservations: str
    clients: int
    clients_whole: int
    unconverted: str
    status: str


def read(file: duckdb.DuckDBPyConnection) -> tuple[Month, ...]:
    """Read them from an open build, newest first; an older one has none."""
    file.execute("set variable months = ?", [_SHOWN])
    return tuple(
        Month(
            month, currency, money(spend, currency), money(value, currency), _count(clicks, 0),
            _count(reservations, 1), clients, clients_whole, unconverted, status,
        )
        for month, currency, spend, value, clicks, reservations, clients, clients_whole, unconverted, status
        in rows(file, query("agency_months"))
    )  # fmt: skip


def _count(number: float | None, decimals: int) -> str:
    return "" if number is None else f"{number:,.{decimals}f}"
