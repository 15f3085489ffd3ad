"""What ``make clean`` removes of an installation: what runs make anew, never the ledger or a release."""

import shutil
from pathlib import Path

from core.lock import warehouse_lock
from core.settings import Settings
from publish.site import removal

_GENERATED = (
    "agency",
    "agency.new",
    "target",
    "logs",
    "candidate",
    "health",
    "data_docs*",
    "dbt_docs",
    "validations",
    "validation.json",
    "stray",
)


def clean(settings: Settings) -> int:
    """Remove what was generated, unless a command is working on the warehouse."""
    if settings.warehouse.exists():
        with warehouse_lock(settings, "clean"):
            for name in _GENERATED:
                for path in settings.warehouse.glob(name):
                    _remove(path)
    removal.remove(settings.site)
    return 0


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
