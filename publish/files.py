"""Files that are written whole or not at all."""

import os
import shutil
from pathlib import Path

READ_ONLY = 0o444


def temporary(target: Path) -> Path:
    """The one name under which ``target`` is prepared; the lock keeps a second writer away."""
    return target.with_name(f".{target.name}.tmp")


def write_text(target: Path, text: str, *, durable: bool = False) -> None:
    """Write ``target`` in one step; ``durable``: it survives a power cut once this returns."""
    target.parent.mkdir(parents=True, exist_ok=True)
    prepared = temporary(target)
    with prepared.open("w", encoding="utf-8") as handle:
        handle.write(text)
        if durable:
            handle.flush()
            os.fsync(handle.fileno())
    prepared.replace(target)
    if durable:
        sync_folder(target.parent)


def write_together(texts: dict[Path, str]) -> None:
    """Write several files, in this order: none is replaced before all of them are prepared."""
    for target, text in texts.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary(target).open("w", encoding="utf-8") as handle:
            handle.write(text)
    for target in texts:
        temporary(target).replace(target)


def prepare_copy(source: Path, target: Path) -> Path:
    """Copy ``source`` beside ``target``, read-only and on disk; the caller renames it.

    A copy, never a hard link: two names of one file would let a writer of the one change the other.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    prepared = temporary(target)
    prepared.unlink(missing_ok=True)
    shutil.copyfile(source, prepared)
    with prepared.open("rb") as handle:
        os.fsync(handle.fileno())
    # Read by those whom the user's umask lets read, written by no one.
    prepared.chmod(prepared.stat().st_mode & READ_ONLY)
    return prepared


def sync_folder(folder: Path) -> None:
    """Make the renames in ``folder`` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_folder(source: Path, target: Path) -> None:
    """Put a copy of the folder ``source`` in the place of ``target``."""
    prepared = temporary(target)
    shutil.rmtree(prepared, ignore_errors=True)
    prepared.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, prepared)
    move_folder(prepared, target)


def move_folder(prepared: Path, target: Path) -> None:
    """Put the folder ``prepared`` in the place of ``target``.

    Two renames, since a folder that is not empty cannot be renamed onto: for an instant there is none.
    """
    retired = target.with_name(f".{target.name}.old")
    shutil.rmtree(retired, ignore_errors=True)
    if target.exists():
        target.rename(retired)
    prepared.rename(target)
    shutil.rmtree(retired, ignore_errors=True)
