"""Async report runs: created by a POST, polled, read when complete."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

SECONDS, POLLS = 0.4, 3
"""A run is complete after this time or this many polls, the earlier of the two."""


@dataclass
class Report:
    """One run; ``params`` say what it reports, ``asked_at`` as of when (POSIX seconds)."""

    run_id: str
    account_id: str
    params: dict[str, str]
    asked_at: float
    started: float
    polls: int = 0
    failed: dict[str, Any] = field(default_factory=dict)
    """What a fault has made of the status, kept for later polls and for reading."""

    def progress(self, elapsed: float) -> float:
        """Return the share that is done, 0 to 1, after ``elapsed`` seconds."""
        return min(1.0, max(elapsed / SECONDS, (self.polls - 1) / POLLS))

    def status(self, elapsed: float) -> tuple[str, int]:
        """Return Meta's word for the state, and the percentage that goes with it."""
        done = self.progress(elapsed)
        if done >= 1.0:
            return "Job Completed", 100
        if self.polls <= 1 and done < 0.1:
            return "Job Not Started", 0
        if done < 0.34:
            return "Job Started", int(done * 100)
        return "Job Running", min(100, int(done * 130))


class Reports:
    """The runs of this process."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._runs: dict[str, Report] = {}
        self._numbers = itertools.count(6_023_920_149_050)

    def create(self, account_id: str, params: dict[str, str], asked_at: float) -> Report:
        """Begin a run."""
        report = Report(str(next(self._numbers)), account_id, params, asked_at, self._timer())
        self._runs[report.run_id] = report
        return report

    def find(self, run_id: str) -> Report | None:
        """Return a run, or None for an unknown one."""
        return self._runs.get(run_id)

    def poll(self, report: Report) -> dict[str, Any]:
        """Return the status body of ``report``."""
        report.polls += 1
        status, percent = report.status(self._timer() - report.started)
        complete = status == "Job Completed"
        return {
            "id": report.run_id,
            "account_id": report.account_id,
            "time_ref": int(report.asked_at),
            "time_completed": int(report.asked_at) + 1 if complete else 0,
            "async_status": status,
            "async_percent_completion": percent,
            "is_running": not complete,
        }

    def readable(self, report: Report) -> bool:
        """Return whether ``report`` is complete."""
        if report.failed.get("async_status", "Job Completed") != "Job Completed":
            return False
        return report.status(self._timer() - report.started)[0] == "Job Completed"
