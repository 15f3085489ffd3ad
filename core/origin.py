"""Whose figures a warehouse holds: the platforms' or the sandbox's invented ones, never both."""

from itertools import count
from pathlib import Path

import duckdb

from core.errors import UserError
from core.runs import open_ledger
from core.settings import Settings

# What belongs to no run: it stays where it is. The folder of dbt is in use while the first run begins.
_STAYS = frozenset({".lock", "logs", "target"})
_ASIDE = "sandbox-"
_LANDED = "select 1 from duckdb_tables() where schema_name = 'ledger' and table_name = 'account_days'"
_ORIGINS = """
select distinct run.api
from journal.runs as run
semi join ledger.account_days as version on run.run_id = version.run_id
"""


def keep_apart(settings: Settings, api: str) -> str | None:
    """Let a run with ``api`` work on a warehouse that holds figures of ``api`` alone, or none.

    What the sandbox invented is set aside when the first run with credentials comes; returns the sentence
    that says so. Raises ``UserError`` where invented figures would come over real ones.
    """
    held = _origins(settings)
    if api == "sandbox" and "live" in held:
        raise UserError(
            f"nothing was collected: {settings.warehouse} holds figures of the platforms, and without"
            " credentials only the sandbox can be asked, whose figures are invented: set the credentials"
            " (make doctor says which), or another WHOLEDAY_WAREHOUSE"
        )
    if api == "live" and held == {"sandbox"}:
        aside = _set_aside(settings)
        return f"the figures so far were the sandbox's, invented: they lie in {aside} now, and count nowhere"
    return None


def _origins(settings: Settings) -> set[str]:
    """Return the APIs whose versions the ledger holds."""
    if not settings.landing.exists():
        return set()
    open_ledger(settings)  # which takes in what a killed run left beside it, or says why it cannot
    with duckdb.connect(str(settings.landing), read_only=True) as ledger:
        landed = ledger.execute(_LANDED).fetchone()
        return {api for (api,) in ledger.execute(_ORIGINS).fetchall()} if landed else set()


def _set_aside(settings: Settings) -> Path:
    """Move everything but the ledger, then the ledger: killed in between, the next run moves the rest."""
    places = (settings.warehouse / f"{_ASIDE}{number}" for number in count(1))
    aside = next(place for place in places if not place.exists())
    moved = [
        path
        for path in settings.warehouse.iterdir()
        if path.name not in _STAYS and not path.name.startswith(_ASIDE)
    ]
    aside.mkdir()
    for path in sorted(moved, key=lambda path: path == settings.landing):
        path.replace(aside / path.name)
    return aside
