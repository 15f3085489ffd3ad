"""The swap: a verified file is kept, and then becomes the published one in a single rename.

The order makes a crash harmless. A file reaches ``releases/`` whole, then the published name in one step,
and only then the ledger; a pin is written before the rollback it asks for. ``reconcile`` finishes what a
crash left between two of these steps.
"""

from pathlib import Path

import duckdb
import structlog

from core import clock
from core.settings import Settings
from publish import files, ledger, pin, places, releases, verify, wal
from publish.shown import ledger as shown
from publish.shown.release import Publication, amend


class SwapError(Exception):
    """Nothing was swapped, readers have what they had; the text is half a sentence that follows "because"."""

    def __init__(self, problem: str, remedy: str = "fix the cause and run `make run`") -> None:
        super().__init__(problem)
        self.remedy = remedy


def swap(settings: Settings, source: Path, run_id: str, again: Publication | None = None) -> list[str]:
    """Publish ``source``, which was verified, as the release of ``run_id``; return what to tell a person.

    ``again``: readers had it before, and what they were shown since goes into the file they get. Both copies
    are on disk before the first rename, so a full disk is noticed while nothing has changed.
    Raises ``SwapError``.
    """
    kept = places.kept(settings, run_id)
    was_kept = kept.exists()
    try:
        if source != kept:
            files.prepare_copy(source, kept)
        prepared = files.prepare_copy(source, settings.release)
        if again:
            _amend(settings, prepared, again)
        if source != kept:
            files.temporary(kept).replace(kept)
            files.sync_folder(settings.releases)
        told = wal.clear_stray(settings)
        prepared.replace(settings.release)
    except OSError as problem:
        _undo(settings, None if was_kept else kept)
        where = problem.filename2 or problem.filename or settings.warehouse
        raise SwapError(
            f"{where} could not be written ({problem.strerror})",
            f"see to space and permissions in {settings.warehouse}, then `make publish`",
        ) from None
    except SwapError:
        _undo(settings, None)
        raise
    try:
        files.sync_folder(settings.warehouse)
    except OSError as problem:
        # Readers have the new release already; only a power cut in the next seconds could still undo the
        # rename.
        structlog.get_logger().warning(
            "folder not synced", folder=str(settings.warehouse), problem=str(problem)
        )
    return told + wal.clear_stray(settings)


def _amend(settings: Settings, prepared: Path, again: Publication) -> None:
    try:
        amend(settings, prepared, again)
        verify.scan(prepared)
    except duckdb.Error as problem:
        raise SwapError(f"its history cannot be written: {verify.first_line(problem)}") from None
    except verify.UnverifiedError as problem:
        raise SwapError(f"with its history it does not verify: {problem}") from None


def _undo(settings: Settings, kept: Path | None) -> None:
    """Take back what a failed swap prepared, and the kept file it added."""
    for leftover in [*_leftovers(settings), *([kept] if kept else [])]:
        _remove(leftover)


def _remove(leftover: Path) -> None:
    try:
        leftover.unlink(missing_ok=True)
    except OSError as problem:
        structlog.get_logger().warning("leftover stays", file=str(leftover), problem=str(problem))


def reconcile(settings: Settings) -> list[str]:
    """Finish what an earlier crash left undone; return one sentence for each thing done. Needs the lock.

    Called at the start of every command that writes, before anything opens a DuckDB file. Half copies are
    removed; a pinned release that is not yet the published one, or one that was kept and whose run was
    never decided in the ledger, is published; a published one whose verdict is not in the ledger is
    recorded, and so is what it shows.
    """
    told = wal.clear_stray(settings)
    for leftover in _leftovers(settings):
        _remove(leftover)
        told.append(f"{leftover}, left by a run that was killed, is removed")
    journal = ledger.read(settings)
    told += shown.keep(settings)
    unfinished = _unfinished(settings, journal)
    if unfinished is not None:
        told += _finish(settings, unfinished)
    return told + _record_missing(settings, journal)


def _record_missing(settings: Settings, journal: ledger.Journal) -> list[str]:
    """Record the verdict, or the rollback, that a crash kept from the ledger."""
    current, pinned = releases.published(settings), pin.read(settings)
    if current is None:
        return []
    run_id, at, reason = (
        current.run_id,
        current.published_at or clock.now(),
        f"run {current.run_id} is published",
    )
    missing = journal.undecided(run_id)
    if pinned is not None and pinned.run_id == run_id and pinned.since is not None:
        at, reason = pinned.since, pinned.reason
        last = journal.verdicts.get(run_id)
        known = last is not None and last.decided_at >= at and last.reason.startswith(reason)
        missing = run_id in journal.runs and not known
    if not missing:
        return []
    problem = ledger.record(settings, run_id, "published", at, f"{reason}; recorded after a crash")
    return [problem or f"{reason}; a crash had kept that from the ledger, it is recorded now"]


def _leftovers(settings: Settings) -> list[Path]:
    folders = (settings.warehouse, settings.releases, places.refused(settings).parent)
    return [path for folder in folders for path in sorted(folder.glob(".*.tmp"))]


def _unfinished(settings: Settings, journal: ledger.Journal) -> str | None:
    """Return the run whose release a crash kept from readers.

    Without a pin that is the newest kept one, if it is newer than the published one and its run began but
    was never decided: so neither a rollback's leftovers nor releases that outlived their ledger are
    published behind anyone's back.
    """
    kept, current, pinned = releases.kept(settings), releases.published(settings), pin.read(settings)
    published = current.run_id if current else ""
    if pinned is not None:
        return pinned.run_id if pinned.run_id in kept and pinned.run_id != published else None
    newest = kept[-1] if kept else ""
    if not newest or not journal.undecided(newest):
        return None
    return newest if releases.number(newest) > releases.number(published) else None


def _finish(settings: Settings, run_id: str) -> list[str]:
    source, pinned = places.kept(settings, run_id), pin.read(settings)
    again = Publication(run_id, pinned.since or clock.now(), "rollback") if pinned else None
    try:
        verify.scan(source)
        told = swap(settings, source, run_id, again)
    except (verify.UnverifiedError, SwapError) as problem:
        return [f"release {run_id}, which a crash kept from readers, stays unpublished: {problem}"]
    told += shown.keep(settings)
    return [*told, f"release {run_id}, which a crash kept from readers, is now published"]
