"""Python, packages and disk: whether the machine is what the lock file says."""

import re
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.markers import Marker
from packaging.utils import canonicalize_name

from core.diagnosis import Diagnosis, Status
from core.settings import ROOT, Settings

OLDEST_PYTHON = (3, 11)
# A line of the lock: name, version, and the machines it is for.
_PINNED = re.compile(r"^([\w.-]+)(?:\[[^\]]*\])?==(\S+)(?:\s*;\s*(.+?))?\s*\\?$", re.MULTILINE)
# A run keeps the candidate, its copy under releases/ and a copy to rename at once, and the ledger grows.
COPIES, SPARE_BYTES = 3, 200_000_000
# With less room than for so many runs the doctor warns.
COMFORT = 10

AREA = "installation"


def installation(settings: Settings) -> Iterator[Diagnosis]:
    """Look at Python, the installed packages and the disk of the warehouse."""
    yield python()
    yield packages((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    yield disk(settings)


def python() -> Diagnosis:
    """Say which Python runs this."""
    running = sys.version.split()[0]
    if sys.version_info < OLDEST_PYTHON:
        return Diagnosis(AREA, "Python", Status.FAIL, running, "make PYTHON=python3.12 (3.11 or newer)")
    return Diagnosis(AREA, "Python", Status.PASS, running)


def packages(lock: str) -> Diagnosis:
    """Compare what is installed with the lock file's text."""
    wrong = []
    pinned = wanted(lock)
    for name, wished in pinned.items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "missing"
        if installed != wished:
            wrong.append(f"{name} {installed} instead of {wished}")
    if not wrong:
        return Diagnosis(AREA, "packages", Status.PASS, f"all {len(pinned)} as in requirements.lock")
    more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    return Diagnosis(
        AREA,
        "packages",
        Status.FAIL,
        ", ".join(wrong[:3]) + more,
        "rm .venv/installed-from, then make install",
    )


def wanted(lock: str) -> dict[str, str]:
    """Return the versions that the lock file's text names for this machine, by package."""
    return {
        canonicalize_name(name): wished
        for name, wished, marker in _PINNED.findall(lock)
        if not marker or Marker(marker).evaluate()
    }


def disk(settings: Settings) -> Diagnosis:
    """Say whether the disk has room for the next runs."""
    folder = next(path for path in (settings.warehouse, *settings.warehouse.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    needed = COPIES * max(map(_size, (settings.release, settings.candidate))) + SPARE_BYTES
    found = f"{_megabytes(free)} free at {folder}, a run needs about {_megabytes(needed)}"
    remedy = (
        f"free space: {settings.warehouse}/refused, old files in {settings.releases}, or move the warehouse"
    )
    if free < needed:
        return Diagnosis(AREA, "disk", Status.FAIL, found, remedy, "disk_full")
    if free < COMFORT * needed:
        return Diagnosis(AREA, "disk", Status.WARN, found, remedy, "disk_full")
    return Diagnosis(AREA, "disk", Status.PASS, found)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
