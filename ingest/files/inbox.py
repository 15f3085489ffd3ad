"""The inbox: a folder for each account, and the files in it that are there to be read."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from core.settings import ROOT
from ingest.agency import columns
from ingest.files import sidecar
from ingest.files.table import KINDS

# A file that changed so lately is looked at twice, so many seconds apart.
FRESH_SECONDS, LOOK_SECONDS = 60.0, 0.2
# What programs call a file that they have not finished.
_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", ".partial")


@dataclass(frozen=True)
class InboxFile:
    """A file of an account as it was found; it is never written to. ``order`` is that of its arrival."""

    name: str
    content: bytes
    beside: bytes | None
    order: tuple[int, str]


@dataclass(frozen=True)
class Waiting:
    """A file that is not read: ``reason``; one that still grows (``grows``) is read by a later run."""

    name: str
    reason: str
    grows: bool


def folder() -> Path:
    """Return the inbox: ``WHOLEDAY_INBOX``, or ``inbox``; a relative path starts at the root."""
    return (ROOT / Path(os.environ.get("WHOLEDAY_INBOX") or "inbox").expanduser()).resolve()


def of_account(account_id: str) -> Path:
    """Return the folder of an account, whose name may be its id with ``act_`` or dashes."""
    root = folder()
    if root.is_dir():
        for path in sorted(root.iterdir()):
            if path.is_dir() and _id(path.name) == account_id:
                return path
    return root / account_id


def _id(name: str) -> str | None:
    try:
        return columns.account_id(name)
    except ValueError:
        return None


def files(account_id: str) -> tuple[list[InboxFile], list[Waiting]]:
    """Return the files of an account in the order of their arrival, and those that wait or cannot be read."""
    found: list[InboxFile] = []
    waiting: list[Waiting] = []
    place = of_account(account_id)
    listed = sorted(place.iterdir()) if place.is_dir() else []
    sidecars = {beside for path in listed if _is_file(path) and (beside := sidecar.beside(path))}
    for path in listed:
        if path in sidecars or path.name.startswith((".", "~$")) or not path.is_file():
            continue
        if path.suffix.lower() in _UNFINISHED:
            waiting.append(Waiting(path.name, "its name says that it is not finished", True))
        elif not _is_file(path):
            reason = f"its name ends in none of {', '.join(KINDS)}"
            waiting.append(Waiting(path.name, reason, False))
        else:
            one = _read(path)
            (found if isinstance(one, InboxFile) else waiting).append(one)  # type: ignore[arg-type]
    return sorted(found, key=lambda one: one.order), waiting


def _is_file(path: Path) -> bool:
    return path.suffix.lower() in KINDS


def _read(path: Path) -> InboxFile | Waiting:
    try:
        before = path.stat()
        if time.time() - before.st_mtime < FRESH_SECONDS:
            time.sleep(LOOK_SECONDS)
        content = path.read_bytes()
        beside = sidecar.beside(path)
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            return Waiting(path.name, "it is still growing", True)
        told = beside.read_bytes() if beside else None
        return InboxFile(path.name, content, told, (after.st_mtime_ns, path.name))
    except OSError as problem:
        return Waiting(path.name, f"it cannot be read ({problem.strerror})", False)
