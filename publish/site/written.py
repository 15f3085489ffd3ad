"""Files that are written only where they changed: a daily run touches the days it touched."""

import contextlib
import hashlib
import json
import shutil
from pathlib import Path, PurePosixPath
from typing import Any

from publish import files

# The memory of a folder.
MEMORY = "written.json"


class Written:
    """Remembers what each file of a folder was made from; the memory is a file of the folder itself.

    Paths are relative to ``folder``. What was made by other code is made anew: ``code`` is its fingerprint.
    """

    def __init__(self, folder: Path, code: str) -> None:
        self._folder = folder
        self._code = code
        self._now: dict[str, str] = {}
        memory = _read(folder) or {"files": {}, "code": None}
        self._before: dict[str, str] = memory["files"]
        self._same_code = memory["code"] == code

    def is_current(self, path: str, made_from: str) -> bool:
        """Whether ``path`` was made from just this and is still there; it is kept from now on."""
        self._now[path] = made_from
        known = self._same_code and self._before.get(path) == made_from
        return known and (self._folder / path).exists()

    @staticmethod
    def name_of(content: str) -> str:
        """Return a short name that changes with ``content``."""
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    def write(self, path: str, content: str) -> None:
        """Write ``path``, which is not current."""
        files.write_text(self._folder / path, content)

    def text(self, path: str, content: str) -> None:
        """Write ``content`` unless ``path`` has it."""
        if not self.is_current(path, hashlib.sha256(content.encode()).hexdigest()):
            self.write(path, content)

    def memory(self) -> str:
        """Return the memory of what is there now, as ``MEMORY`` has it."""
        memory = {"code": self._code, "files": self._now}
        return json.dumps(memory, sort_keys=True, separators=(",", ":"))

    def finish(self) -> None:
        """Delete what was made before and is not part of the site now."""
        for gone in self._before.keys() - self._now.keys():
            stale = self._folder / gone
            if stale.is_dir():
                shutil.rmtree(stale, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):  # nothing refers to it any more
                    stale.unlink(missing_ok=True)


def remembered(folder: Path) -> frozenset[str] | None:
    """Return what was written into ``folder``, as paths relative to it; None where it remembers nothing."""
    memory = _read(folder)
    if memory is None:
        return None
    return frozenset(path for path in memory["files"] if _is_below(PurePosixPath(path)))


def _is_below(path: PurePosixPath) -> bool:
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _read(folder: Path) -> dict[str, Any] | None:
    """Return the memory of ``folder``; None without one, and where the file is of another program."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        memory = json.loads((folder / MEMORY).read_bytes())
        return {"files": dict(memory["files"]), "code": memory["code"]}
    return None


def fingerprint(*folders: Path) -> str:
    """Return a fingerprint of every file below ``folders``."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.suffix != ".pyc" and path.is_file()):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
