"""Do the campaigns add up to what the platform says of the account?"""

import asyncio
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest.measures import Measured

_SQL = (Path(__file__).with_name("sql") / "reconcile.sql").read_text(encoding="utf-8")

Days = frozenset[date]


@dataclass
class Reconciler:
    """Compares campaign sums with control totals, day by day.

    A statement costs the same for one account as for ten, so the accounts that come while one is under way
    are compared together in the next.
    """

    _db: duckdb.DuckDBPyConnection = field(default_factory=lambda: duckdb.connect(":memory:"))
    _waiting: list[tuple[Measured, asyncio.Future[Days]]] = field(default_factory=list)
    _working: "asyncio.Task[None] | None" = None

    async def disagreeing(self, measured: Measured) -> Days:
        """Return the days of ``measured`` whose sums and totals disagree.

        Counts agree exactly, money within half a minor unit times (rows + 1), conversions within 0.01 per action.
        """
        mine: asyncio.Future[Days] = asyncio.get_running_loop().create_future()
        self._waiting.append((measured, mine))
        if self._working is None or self._working.done():
            # A task of its own: an account that runs out of time must not take the others' comparison with it.
            self._working = asyncio.create_task(self._compare_all())
        return await mine

    async def _compare_all(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            try:
                found = await asyncio.to_thread(compare, self._db, [measured for measured, _ in waiting])
            except Exception as problem:
                for _, future in waiting:
                    if not future.done():
                        future.set_exception(problem)
                continue
            for (_, future), days in zip(waiting, found, strict=True):
                if not future.done():
                    future.set_result(days)


def compare(db: duckdb.DuckDBPyConnection, measured: list[Measured]) -> list[Days]:
    """Return the disagreeing days of each of ``measured``."""
    tables = []
    for part, one in enumerate(measured):
        table = one.table()
        tables.append(table.append_column("part", pa.repeat(pa.scalar(part, pa.int32()), table.num_rows)))
    db.register("measured", pa.concat_tables(tables))
    try:
        rows = db.execute(_SQL).fetchall()
    finally:
        db.unregister("measured")
    return [frozenset(day for part, day in rows if part == n) for n in range(len(measured))]
