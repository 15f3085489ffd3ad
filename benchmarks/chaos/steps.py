"""Which step a run is in, told by the files it leaves: no DuckDB file may be opened while it is written."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

STEPS = ("start", "collect", "build", "validate", "publish", "report")
POLL_SECONDS = 0.01


@dataclass(frozen=True)
class Marks:
    """A warehouse before a run: when its run file was written, and which file readers have."""

    begun: int
    release: int

    @classmethod
    def of(cls, warehouse: Path) -> "Marks":
        """Look at ``warehouse``; what is not there is 0."""
        return cls(_written(warehouse / "run.json"), _inode(warehouse / "ads.duckdb"))


def step(warehouse: Path, before: Marks) -> str:
    """Return the step that a run has come to since ``before``.

    A run is begun with its run file, built from when the candidate's folder is made anew until dbt writes its
    results, validated until its verdict is written, and published once readers have a new file:
    recording the verdict counts as reporting.
    """
    begun = _written(warehouse / "run.json")
    if begun == before.begun:
        return "start"
    if _inode(warehouse / "ads.duckdb") != before.release:
        return "report"
    if _written(warehouse / "validation.json") > begun:
        return "publish"
    if _written(warehouse / "target" / "run_results.json") > begun:
        return "validate"
    return "build" if _changed(warehouse / "candidate") > begun else "collect"


def watch(
    process: "subprocess.Popen[str]", warehouse: Path, before: Marks, see: Callable[[str, float, float], None]
) -> dict[str, float]:
    """Follow ``process`` to its end and return the seconds it spent in each step.

    ``see(step, seconds in it, seconds in all)`` is called over and over, and may end the process.
    """
    started = entered = time.monotonic()
    spent, current = dict.fromkeys(STEPS, 0.0), STEPS[0]
    while process.poll() is None:
        found, now = step(warehouse, before), time.monotonic()
        if found != current:
            spent[current] += now - entered
            current, entered = found, now
        see(current, now - entered, now - started)
        time.sleep(POLL_SECONDS)
    spent[current] += time.monotonic() - entered
    return spent


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _changed(path: Path) -> int:
    try:
        return path.stat().st_ctime_ns
    except OSError:
        return 0


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except OSError:
        return 0
