"""One lock per warehouse: the command that writes holds it; a second one is told which does."""

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from core.errors import UserError
from core.settings import Settings


@contextmanager
def warehouse_lock(settings: Settings, command: str) -> Iterator[None]:
    """Hold the warehouse for ``command``; raise ``UserError`` when another command does, or none can.

    The lock is the kernel's: it ends with its process however that ends. Child processes do not inherit it.
    """
    try:
        settings.warehouse.mkdir(parents=True, exist_ok=True)
        handle = os.open(settings.warehouse / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as problem:
        raise UserError(
            f"'{command}' did not start: the warehouse {settings.warehouse} cannot be written"
            f" ({problem.strerror}); see to its permissions, or name another folder in WHOLEDAY_WAREHOUSE"
        ) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(_busy(handle, settings, command)) from None
        settings.refuse_links()
        os.ftruncate(handle, 0)
        holder = {
            "command": command,
            "pid": os.getpid(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        os.pwrite(handle, json.dumps(holder).encode(), 0)
        yield
    finally:
        os.close(handle)


def holder(settings: Settings) -> str | None:
    """Say who holds the warehouse, or None; takes no lock, which would stop a run that starts just then.

    Linux lists its locks; elsewhere the process that wrote its name last is looked for.
    """
    path = settings.warehouse / ".lock"
    try:
        said, inode = path.read_bytes(), path.stat().st_ino
    except OSError:
        return None
    listed = Path("/proc/locks")
    if listed.exists():
        held = any(re.search(rf"FLOCK .*:{inode} ", line) for line in listed.read_text().splitlines())
        return _who(said) if held else None
    try:
        os.kill(int(json.loads(said)["pid"]), 0)
    except (ValueError, KeyError, TypeError, ProcessLookupError):
        return None
    except PermissionError:
        pass  # it lives, and belongs to another user
    return _who(said)


def _busy(handle: int, settings: Settings, command: str) -> str:
    who = _who(os.pread(handle, 4096, 0))
    return f"'{command}' did not start: {who} is working on {settings.warehouse}; wait for it to end"


def _who(said: bytes) -> str:
    try:
        holder = json.loads(said)
        return f"'{holder['command']}' (process {holder['pid']}, since {holder['since']})"
    except (ValueError, KeyError, TypeError):
        return "another command"
