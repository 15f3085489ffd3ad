"""One place for trials: a sandbox, a warehouse that is made anew for each, and undisturbed histories."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from benchmarks.chaos import agency, compare
from benchmarks.chaos.compare import AccountDay
from benchmarks.chaos.steps import Marks, watch
from core.settings import ROOT
from sandbox.process import SandboxProcess

# A month ends between the first run and the others; by noon the day before is settled in every zone.
FIRST = "2026-11-30T12:00:00+00:00"
NEXT = "2026-12-01T12:00:00+00:00"
LATER = "2026-12-01T14:30:00+00:00"

# Every wait of the settings' defaults, 200 times shorter.
_FASTER = 200
_DEFAULTS = {"RETRY_BASE_SECONDS": 2, "BREAKER_SECONDS": 60}
TIMEOUT_SECONDS = 3
LONGEST_RUN_SECONDS = 300


@dataclass(frozen=True)
class Ended:
    """A process that has ended: its exit status, all it printed, the seconds it spent in each step."""

    status: int
    said: str
    steps: dict[str, float]

    @property
    def seconds(self) -> float:
        """The length of the run."""
        return sum(self.steps.values())


@dataclass(frozen=True)
class History:
    """What an undisturbed history leaves: its release, and the account-days its last run collected."""

    release: Path
    landed: frozenset[AccountDay]


@dataclass
class Lab(AbstractContextManager["Lab"]):
    """``warehouse`` always is the same path, since dbt parses anew for another one."""

    folder: Path
    length: dict[bool, Ended] = field(default_factory=dict)
    """The last undisturbed run, by whether its warehouse was empty: how long a run takes on this machine."""

    def __post_init__(self) -> None:
        self.agency = agency.write(self.folder / "agency")
        self.live = self.folder / "live"
        self.warehouse = self.live / "warehouse"
        self.release = self.warehouse / "ads.duckdb"
        self.sandbox = SandboxProcess(agency=self.agency, now=FIRST)
        self._histories: dict[tuple[bool, bool], History] = {}

    def __enter__(self) -> Self:
        self.sandbox.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.sandbox.stop()

    def reset(self, *, empty: bool) -> None:
        """Make the warehouse anew: empty, or as an undisturbed run of the day before left it."""
        base = self.folder / "base"
        if not empty and not base.exists():
            self.reset(empty=True)
            self.undisturbed(FIRST)
            self.live.rename(base)
        shutil.rmtree(self.live, ignore_errors=True)
        if empty:
            self.live.mkdir()
        else:
            shutil.copytree(base, self.live, symlinks=True)

    def history(self, *, empty: bool, later: bool) -> History:
        """Return the undisturbed history of that kind; made when it is first asked for."""
        if (empty, later) not in self._histories:
            self.reset(empty=empty)
            self.length[empty] = self.undisturbed(NEXT)
            days = compare.landed(self.warehouse)
            if later:
                self.undisturbed(LATER)
            kept = self.folder / f"history-{empty:d}{later:d}" / "ads.duckdb"
            kept.parent.mkdir()
            shutil.copyfile(self.release, kept)
            self._histories[empty, later] = History(kept, days)
        return self._histories[empty, later]

    def undisturbed(self, now: str) -> Ended:
        """Run to the end at ``now``, or raise RuntimeError with what it said."""
        ended = self.run(now, lambda *_: None)
        if ended.status != 0:
            raise RuntimeError(f"an undisturbed run ended with status {ended.status}: {ended.said}")
        return ended

    def run(self, now: str, disturb: Callable[["subprocess.Popen[str]", str, float, float], None]) -> Ended:
        """Run the pipeline at ``now``; ``disturb(process, step, seconds in it, seconds in all)`` may act."""
        self.sandbox.set_clock(now)
        before = Marks.of(self.warehouse)
        said = self.live / "said.txt"
        with said.open("w", encoding="utf-8") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "wholeday", "run"],
                cwd=ROOT,
                env=self._environment(now),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                text=True,
                start_new_session=True,
            )

            def see(step: str, within: float, overall: float) -> None:
                disturb(process, step, within, overall)
                if overall > LONGEST_RUN_SECONDS:
                    process.kill()

            try:
                steps = watch(process, self.warehouse, before, see)
            finally:
                process.kill()
                process.wait()
        return Ended(process.returncode, said.read_text(encoding="utf-8"), steps)

    def _environment(self, now: str) -> dict[str, str]:
        waits = {
            f"SOURCES__{source}__{name}": str(seconds / _FASTER)
            for source in ("META_ADS", "GOOGLE_ADS")
            for name, seconds in _DEFAULTS.items()
        }
        timeouts = {
            f"SOURCES__{source}__TIMEOUT_SECONDS": str(TIMEOUT_SECONDS)
            for source in ("META_ADS", "GOOGLE_ADS")
        }
        own = {
            "WHOLEDAY_NOW": now,
            "WHOLEDAY_WAREHOUSE": str(self.warehouse),
            "WHOLEDAY_SITE": str(self.live / "site"),
            "WHOLEDAY_AGENCY": str(self.agency),
        }
        return os.environ | self.sandbox.env | waits | timeouts | own
