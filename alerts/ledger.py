"""The file that remembers what was told; only this room writes it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from core.errors import UserError
from core.settings import Settings

SQL = Path(__file__).parent / "sql"
# As long as another command may take to write what it has to say.
_PATIENCE_SECONDS = 10.0


def path(settings: Settings) -> Path:
    """Return where the ledger is."""
    return settings.warehouse / "alerts.duckdb"


@contextmanager
def opened(settings: Settings, now: datetime) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the ledger for writing, with ``as_of`` set to ``now``; made where there is none.

    Waits for another process that has it. Raises ``UserError`` where that takes too long.
    """
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    connection = _connect(path(settings))
    try:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set variable as_of = ?::timestamptz", [now])
        connection.execute((SQL / "ledger.sql").read_text(encoding="utf-8"))
        yield connection
    finally:
        connection.close()


@contextmanager
def transaction(ledger: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Write everything or nothing."""
    ledger.begin()
    try:
        yield
    except BaseException:
        ledger.rollback()
        raise
    ledger.commit()


def _connect(file: Path) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return duckdb.connect(str(file))
        except duckdb.IOException as problem:
            if time.monotonic() > deadline:
                raise UserError(
                    f"{file} cannot be opened ({str(problem).splitlines()[0]}): close the program that has it"
                    " open; what is to be told waits in it"
                ) from None
        time.sleep(0.1)
