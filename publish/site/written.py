"""Files that are written only where they changed: a daily run touches the days it touched."""

import contextlib
import hashlib
import json
import shutil
from pathlib import Path

from publish import files


class Written:
    """Remembers what each file of a folder was made from; the memory is a file of the folder itself.

    Paths are relative to ``folder``. What was made by other code is made anew: ``code`` is its fingerprint.
    """

    def __init__(self, folder: Path, code: str) -> None:
        self._folder = folder
        self._memory = folder / "written.json"
        self._code = code
        self._now: dict[str, str] = {}
        self._before: dict[str, str] = {}
        self._same_code = False
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            memory = json.loads(self._memory.read_bytes())
            self._before, self._same_code = memory["files"], memory["code"] == code

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

    def finish(self) -> None:
        """Remember what was made, and delete what was made before and belongs to nobody now."""
        for gone in self._before.keys() - self._now.keys():
            stale = self._folder / gone
            if stale.is_dir():
                shutil.rmtree(stale, ignore_errors=True)
            else:
                stale.unlink(missing_ok=True)
        memory = {"code": self._code, "files": self._now}
        files.write_text(self._memory, json.dumps(memory, sort_keys=True, separators=(",", ":")))


def fingerprint(*folders: Path) -> str:
    """Return a fingerprint of every file below ``folders``."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.suffix != ".pyc" and path.is_file()):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
