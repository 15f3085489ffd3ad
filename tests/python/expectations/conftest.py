"""Real DuckDB files, made small: a ledger and a candidate in which every expectation holds."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from core.settings import Settings

HERE = Path(__file__).parent
AS_OF = datetime.fromisoformat("2026-11-21T06:00:00+00:00")

Build = Callable[..., Settings]


def _build(target: Path, script: str, clients: int, days: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(target)) as connection:
        connection.execute("set timezone = 'UTC'")
        for name, value in (("as_of", AS_OF), ("clients", clients), ("days", days)):
            connection.execute(f"set variable {name} = ?", [value])
        connection.execute((HERE / script).read_text())


def build_warehouse(
    folder: Path, clients: int = 2, days: int = 60, damage: str = "", to: str = ""
) -> Settings:
    """Build a ledger and a candidate under ``folder``; run ``damage`` on ``to`` (landing, candidate)."""
    settings = Settings(warehouse=folder, site=folder / "site", agency=folder / "agency")
    _build(settings.landing, "landing.sql", clients, days)
    _build(settings.candidate, "candidate.sql", clients, days)
    if damage:
        with duckdb.connect(str({"landing": settings.landing, "candidate": settings.candidate}[to])) as file:
            file.execute("set timezone = 'UTC'")
            file.execute(damage)
    return settings


@pytest.fixture(scope="session", autouse=True)
def now() -> Iterator[None]:
    """Let it be the instant the warehouses are of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHOLEDAY_NOW", AS_OF.isoformat())
        yield


@pytest.fixture(scope="session")
def build() -> Build:
    """Return the builder of small warehouses."""
    return build_warehouse
