"""What of the machine can stop a command: no defect of its own, and a sentence says what helps."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

_AGAIN = "then run the command again"
_FULL = (
    "stopped, since the disk is full; readers keep what they have: make room (docs/runbooks/disk_full.md),"
    f" {_AGAIN}"
)
_FORBIDDEN = (
    "stopped, since {path} may not be written or read ({said}): see to its owner and permissions, or name"
    f" another folder in WHOLEDAY_WAREHOUSE or WHOLEDAY_SITE, {_AGAIN}"
)
_GONE = (
    "stopped, since {path} is no longer there: it was removed while the command worked; run the command again"
)
_LONG = (
    "stopped, since the path {path} is longer than the file system allows: name a folder with a shorter path"
    f" in WHOLEDAY_WAREHOUSE and WHOLEDAY_SITE, {_AGAIN}"
)
_MANY = f"stopped, since too many files are open: raise the limit (ulimit -n 4096), {_AGAIN}"
_SENTENCES = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EROFS: _FORBIDDEN,
    errno.ENAMETOOLONG: _LONG,
    errno.EMFILE: _MANY,
    errno.ENFILE: _MANY,
}


def sentence(defect: BaseException, *folders: Path) -> str | None:
    """Say what of the machine lies behind ``defect``; None if it is a defect of the command.

    A file that is missing is the machine's only where one of ``folders``, which the command works in, is.
    """
    for problem in _chain(defect):
        # Libraries tell of it in exceptions of their own, in the words of the system.
        for number, told in _SENTENCES.items():
            said = os.strerror(number)
            if getattr(problem, "errno", None) == number or said in str(problem):
                return told.format(path=_path(problem) or "a file or folder", said=said)
    gone = next((folder for folder in folders if not folder.exists()), None)
    return _GONE.format(path=gone) if gone is not None else None


def _chain(problem: BaseException | None) -> Iterator[BaseException]:
    while problem is not None:
        yield problem
        problem = problem.__cause__ or problem.__context__


def _path(problem: BaseException) -> str:
    found = getattr(problem, "filename", None)
    return os.fsdecode(found) if isinstance(found, str | bytes | os.PathLike) else ""
