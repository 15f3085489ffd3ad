"""Where this room keeps what only it writes, inside the warehouse."""

from pathlib import Path

from core.settings import Settings


def stray(settings: Settings) -> Path:
    """The folder of write-ahead logs that were moved aside."""
    return settings.warehouse / "stray"


def refused(settings: Settings) -> Path:
    """The last refused candidate, kept for a look; ``reason.json`` lies beside it."""
    return settings.warehouse / "refused" / "ads.duckdb"


def pinned(settings: Settings) -> Path:
    """The file that says which release a rollback pinned."""
    return settings.warehouse / "pinned.json"


def kept(settings: Settings, run_id: str) -> Path:
    """The kept release of ``run_id``."""
    return settings.releases / f"{run_id}.duckdb"


def shown_again(settings: Settings) -> Path:
    """A copy of the published file, in which a run finds out what an earlier one did not write down."""
    return settings.warehouse / "shown" / "ads.duckdb"
