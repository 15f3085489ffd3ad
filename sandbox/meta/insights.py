"""Insights: from a checked query to a page of rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sandbox.data.book import Cube
from sandbox.data.calendar import Ints
from sandbox.data.meta import ROW
from sandbox.http import cursor
from sandbox.meta import rows
from sandbox.meta.entities import Entity, broken_down, holds, matching, only_pieces, spread
from sandbox.meta.query import Filter, Query

NUMERIC = {"impressions": "impressions", "clicks": "clicks", "spend": "spend", "reach": "reach"}


@dataclass(frozen=True)
class Result:
    """All n rows of a query before they are written; ``figures`` are META_ROWS by n."""

    entities: list[Entity]
    periods: list[tuple[int, int]]
    figures: Ints

    def __len__(self) -> int:
        return len(self.entities)

    def page(self, begin: int, size: int) -> rows.Table:
        """Return up to ``size`` rows from position ``begin``."""
        window = slice(begin, begin + size)
        return rows.Table(self.entities[window], self.periods[window], self.figures[:, window])


def answer(query: Query, cube: Cube, today: int) -> Result:
    """Return the rows that ``query`` has in ``cube``, which covers all its ranges."""
    shown = matching(cube, query.filters, today, query.level)
    entities, daily = spread(shown, query.level)
    entities, daily = only_pieces(entities, daily, query.filters)
    entities, daily = broken_down(entities, daily, query.breakdowns)
    buckets = [(max(first, cube.first), min(last, cube.last)) for first, last in query.buckets()]
    buckets = [(first, last) for first, last in buckets if first <= last]
    figures = _summed(daily, buckets, cube.first)
    present = np.any(figures[:, [ROW["impressions"], ROW["spend"]], :] != 0, axis=1)
    for condition in query.filters:
        present &= _numeric(condition, figures)
    which, when = np.nonzero(present)
    return Result(
        entities=[entities[index] for index in which.tolist()],
        periods=[buckets[index] for index in when.tolist()],
        figures=figures[which, :, when].T,
    )


def _summed(daily: Ints, buckets: list[tuple[int, int]], first: int) -> Ints:
    """Return entities by rows by buckets; reach grows slower than the days, since people return."""
    if not buckets:
        return daily[:, :, :0]
    if all(start == end for start, end in buckets):
        return daily[:, :, [start - first for start, _ in buckets]]
    parts = [daily[:, :, start - first : end - first + 1].sum(axis=2) for start, end in buckets]
    figures = np.stack(parts, axis=2)
    days = np.array([end - start + 1 for start, end in buckets])
    figures[:, ROW["reach"], :] = np.ceil(figures[:, ROW["reach"], :] / days**0.2)
    return figures


def _numeric(condition: Filter, figures: Ints) -> Any:
    if condition.field not in NUMERIC:
        return True
    values = figures[:, ROW[NUMERIC[condition.field]], :]
    return np.vectorize(lambda value: holds(condition, value), otypes=[bool])(values) if values.size else True


def paged(data: list[dict[str, Any]], begin: int, total: int, link: str) -> dict[str, Any]:
    """Return Meta's page: no paging at all without rows, no ``next`` on the last page.

    ``link`` is the address of this request without ``after``; it carries the token, as Meta's does.
    """
    if not data:
        return {"data": []}
    end = begin + len(data)
    paging: dict[str, Any] = {"cursors": {"before": cursor(begin), "after": cursor(end - 1)}}
    if end < total:
        paging["next"] = f"{link}&after={cursor(end - 1)}"
    if begin > 0:
        paging["previous"] = f"{link}&before={cursor(begin)}"
    return {"data": data, "paging": paging}
