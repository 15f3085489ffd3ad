"""The warehouse, looked at without opening the ledger: a reader would stop the collection that loads."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb

from core.diagnosis import Diagnosis, Status
from core.lock import holder
from core.runs import Run
from core.settings import Settings
from ingest.client.sources import api_mode
from publish import pin, places, verify

AREA = "warehouse"


def warehouse(settings: Settings) -> Iterator[Diagnosis]:
    """Look at lock, unfinished loads, stray logs, and what readers have."""
    yield _folder(settings.warehouse)
    if not settings.warehouse.is_dir():
        return
    busy = holder(settings)
    yield _lock(busy)
    yield _ledger(settings)
    yield _pending(settings, busy)
    stray = stray_logs(settings, busy)
    yield _logs(stray)
    # Beside a stray log not even a reader may open the file: it would see what was never published.
    if not any(path.parent == settings.warehouse for path in stray):
        yield _release(settings)
    yield _refused(settings)
    yield _pinned(settings)


def _folder(folder: Path) -> Diagnosis:
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        found = f"{nearest} {'may not be written' if nearest.is_dir() else 'is no folder'}"
        action = "see to its permissions, or name another folder in WHOLEDAY_WAREHOUSE"
        return Diagnosis(AREA, "folder", Status.FAIL, found, action)
    if nearest != folder:
        return Diagnosis(AREA, "folder", Status.WARN, f"{folder} does not exist yet", "make run creates it")
    return Diagnosis(AREA, "folder", Status.PASS, str(folder))


def _lock(busy: str | None) -> Diagnosis:
    if busy is None:
        return Diagnosis(AREA, "lock", Status.PASS, "no command works on it")
    return Diagnosis(AREA, "lock", Status.PASS, f"{busy} is working on it", runbook="lock_held")


def _ledger(settings: Settings) -> Diagnosis:
    path = settings.landing
    if not path.exists():
        return Diagnosis(
            AREA, "ledger", Status.WARN, f"{path.name} does not exist yet", "make run creates it"
        )
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError as problem:
        return Diagnosis(
            AREA,
            "ledger",
            Status.FAIL,
            f"{path} cannot be read ({problem.strerror})",
            f"chown or chmod {path}",
        )
    if head[8:] != b"DUCK":
        return Diagnosis(AREA, "ledger", Status.FAIL, f"{path} is no DuckDB file", "restore it from a backup")
    return Diagnosis(AREA, "ledger", Status.PASS, f"{path.name}, {path.stat().st_size / 1e6:,.1f} MB")


def _pending(settings: Settings, busy: str | None) -> Diagnosis:
    folder = settings.dlt_folder / "wholeday"
    waiting = [
        path
        for place in ("normalize/extracted", "load/normalized")
        for path in (folder / place).glob("*")
        if path.is_dir()
    ]
    if not waiting or busy:
        return Diagnosis(AREA, "unfinished loads", Status.PASS, "none" if not waiting else "one is under way")
    return Diagnosis(
        AREA,
        "unfinished loads",
        Status.WARN,
        f"a collection was interrupted; {len(waiting)} of its packages are not loaded",
        "make run finishes or drops them, and asks again for what was dropped",
        "interrupted",
    )


def stray_logs(settings: Settings, busy: str | None) -> list[Path]:
    """Return the write-ahead logs that lie where none may lie; a running build may have one of its own."""
    folders = [settings.releases, places.refused(settings).parent]
    if busy is None:
        folders.append(settings.candidate_folder)
    found = list(settings.warehouse.glob(f"{settings.release.name}.wal*"))
    return sorted(found + [path for folder in folders for path in folder.glob("*.wal*")])


def _logs(stray: list[Path]) -> Diagnosis:
    if not stray:
        return Diagnosis(AREA, "stray logs", Status.PASS, "none")
    return Diagnosis(
        AREA,
        "stray logs",
        Status.FAIL,
        f"{', '.join(map(str, stray))}: DuckDB would replay it into the file beside it",
        "open nothing there; make run moves it aside and says so",
        "interrupted",
    )


def _release(settings: Settings) -> Diagnosis:
    path = settings.release
    if not path.exists():
        kept = sorted(settings.releases.glob("[!.]*.duckdb"))
        if kept:
            found = f"{path} is missing, though {len(kept)} releases are kept"
            return Diagnosis(AREA, "release", Status.FAIL, found, "make rollback, then make unpin", "release")
        return Diagnosis(AREA, "release", Status.WARN, "nothing is published yet", "make run", "release")
    try:
        verify.look(path)
        run, _ = Run.of_release(path)
    except (verify.UnverifiedError, duckdb.Error) as problem:
        return Diagnosis(
            AREA, "release", Status.FAIL, f"{path}: {problem}", "make run, or make rollback", "release"
        )
    if run.api == "live" and api_mode() == "sandbox":
        found = f"run {run.run_id} shows figures of the platforms, and no credentials are in use"
        action = (
            "set the credentials: until then nothing is collected, since the sandbox's figures are invented"
        )
        return Diagnosis(AREA, "release", Status.FAIL, found, action, "not_configured")
    return Diagnosis(AREA, "release", Status.PASS, f"run {run.run_id}, readable")


def _refused(settings: Settings) -> Diagnosis:
    path = places.refused(settings).parent / "reason.json"
    try:
        refused = json.loads(path.read_bytes())
        run_id, reason = str(refused["run_id"]), str(refused["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        return Diagnosis(AREA, "last refusal", Status.PASS, "no run was refused")
    if settings.release.exists() and settings.release.stat().st_mtime > path.stat().st_mtime:
        return Diagnosis(AREA, "last refusal", Status.PASS, f"run {run_id}; a later one was published")
    return Diagnosis(AREA, "last refusal", Status.FAIL, reason, "fix the cause, then make run", "release")


def _pinned(settings: Settings) -> Diagnosis:
    pinned = pin.read(settings)
    if pinned is None:
        return Diagnosis(AREA, "pin", Status.PASS, "none: the next run publishes")
    return Diagnosis(
        AREA,
        "pin",
        Status.WARN,
        f"release {pinned.run_id} stays published since a rollback"
        + (f" on {pinned.since:%Y-%m-%d %H:%M} UTC" if pinned.since else ""),
        "make unpin, then make run",
        "pinned",
    )
