"""Write-ahead logs that lie where none may lie.

DuckDB replays a log it finds beside a file into that file, silently. A killed writer leaves one behind, and
a renamed file would then swallow the log of another. So before anything opens a file that no process is
writing, its log is moved aside and told.
"""

import fcntl
from pathlib import Path

import structlog

from core import clock
from core.errors import UserError
from core.settings import Settings
from publish import places


def clear_stray(settings: Settings) -> list[str]:
    """Move every stray log into ``<warehouse>/stray/``; return one sentence for each. Needs the lock.

    Looked at are the candidate, the published file, the kept releases and the refused candidate. The ledger
    is written in place, so a log beside it belongs to it and stays. Raises ``UserError`` when a process is
    still writing the candidate.
    """
    messages = []
    for found in _logs(settings):
        database = found.with_name(found.name.split(".wal")[0])
        if database == settings.candidate and _is_being_written(database):
            raise UserError(
                f"{database} is still being written by another process, so it cannot be published:"
                " end that process, then run `make build` again"
            )
        places.stray(settings).mkdir(parents=True, exist_ok=True)
        kept = _free_name(
            places.stray(settings) / f"{clock.now():%Y%m%dT%H%M%SZ}-{database.parent.name}-{found.name}"
        )
        found.rename(kept)
        message = (
            f"a write-ahead log without its writer lay beside {database}; it was moved to {kept} and not"
            " replayed, so no figure changed"
        )
        structlog.get_logger().warning("stray write-ahead log", found=str(found), kept=str(kept))
        messages.append(message)
    return messages


def _logs(settings: Settings) -> list[Path]:
    # Beside `x.wal`, DuckDB 1.5 also replays `x.wal.checkpoint` and `x.wal.recovery`.
    found = list(settings.warehouse.glob(f"{settings.release.name}.wal*"))
    for folder in (settings.candidate_folder, settings.releases, places.refused(settings).parent):
        found += folder.glob("*.wal*")
    return sorted(found)


def _is_being_written(database: Path) -> bool:
    """Whether another process holds DuckDB's own lock for writing on ``database``."""
    try:
        with database.open("rb") as handle:
            fcntl.lockf(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _free_name(wanted: Path) -> Path:
    candidates = [wanted, *(wanted.with_name(f"{wanted.name}.{number}") for number in range(1, 1000))]
    return next(path for path in candidates if not path.exists())
