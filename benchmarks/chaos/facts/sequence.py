"""One history: changes and runs, advice that is followed or left, two healthy mornings, and the verdict."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self

from benchmarks.chaos.facts import advice, truth
from benchmarks.chaos.facts.events import Stage, between
from benchmarks.chaos.facts.judge import Happened, Judge
from benchmarks.chaos.facts.look import Look, look
from benchmarks.chaos.facts.morning import mornings
from benchmarks.chaos.facts.plan import Change, Plan, Step
from benchmarks.chaos.facts.truth import Day
from benchmarks.chaos.facts.world import FIRST_RUN, SEED, World, register_all
from core.settings import ROOT
from sandbox.process import SandboxProcess

HOUR = 12
"""Of a run, UTC: by then the day before has settled in every zone."""
_WAITS = {
    "RETRY_BASE_SECONDS": "0.01",
    "BREAKER_SECONDS": "0.3",
    "TIMEOUT_SECONDS": "5",
    "MIN_INTERVAL_SECONDS": "0",
}


@dataclass
class Outcome:
    """What a history showed; ``wrong`` is empty if all is as it must be."""

    plan: Plan
    wrong: list[str]
    runs: int
    seconds: float
    happened: Counter[str]
    edits: Counter[str]
    looked: Counter[str]


@dataclass
class Lab(AbstractContextManager["Lab"]):
    """A sandbox with the accounts of all worlds, and a warehouse that is made anew for each history."""

    folder: Path
    _stack: ExitStack = field(default_factory=ExitStack)
    _run: Callable[[dict[str, str]], tuple[int, str]] | None = None

    def __post_init__(self) -> None:
        self.served = register_all(self.folder / "served")
        self.agency = self.folder / "agency"
        self.warehouse = self.folder / "live" / "warehouse"
        self.sandbox = SandboxProcess(agency=self.served, now=_at(FIRST_RUN), seed=SEED)

    def __enter__(self) -> Self:
        self._stack.enter_context(self.sandbox)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def reset(self) -> None:
        """Empty the warehouse; its place stays the same, since dbt parses anew for another one."""
        shutil.rmtree(self.folder / "live", ignore_errors=True)

    def run(self, variables: dict[str, str], *, real: bool) -> tuple[int, str]:
        """Run the pipeline, in this process or as a command; return its status and all that it said."""
        own = self.sandbox.env | {
            "WHOLEDAY_API": "sandbox",
            "WHOLEDAY_WAREHOUSE": str(self.warehouse),
            "WHOLEDAY_SITE": str(self.folder / "live" / "site"),
            "WHOLEDAY_AGENCY": str(self.agency),
            **{
                f"SOURCES__{source}__{name}": value
                for source in ("META_ADS", "GOOGLE_ADS")
                for name, value in _WAITS.items()
            },
            **variables,
        }
        if real:
            done = subprocess.run(
                [sys.executable, "-m", "wholeday", "run"],
                cwd=ROOT,
                env=os.environ | own,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            return done.returncode, done.stdout + done.stderr
        if self._run is None:
            self._run = self._stack.enter_context(mornings())
        return self._run(own)


class _History:
    """A history as it goes on."""

    def __init__(self, plan: Plan, lab: Lab) -> None:
        lab.reset()
        self.plan, self.lab = plan, lab
        self.world = World(lab.agency, lab.served, plan.world)
        self.stage = Stage(lab.sandbox, self.world)
        self.judge = Judge(self.world)
        self.now = datetime.fromisoformat(_at(FIRST_RUN))
        self.last: Look | None = None
        self.told: list[tuple[float, dict[tuple[str, str], Day]]] = []
        self.edits: Counter[str] = Counter()
        self.runs = 0
        self._files = ""

    def perform(self) -> None:
        """Go through the plan to its end."""
        self.stage.begin()
        self.run()
        for step in self.plan.steps:
            self._step(step)
        self.advise()
        for _ in range(2):
            self.now += timedelta(days=1)
            self.run()
            self.advise()
        if self.last is not None:
            self.judge.end(self.last, self.told, self.now.date())

    def _step(self, step: Step) -> None:
        at = between(self.now, step.days)
        for change in step.changes:
            self.judge.forget(change)
            self.judge.happened.append(Happened(change))
            self.stage.happen(change, at)
        self.now += timedelta(days=step.days)
        self.run()
        self.stage.calm(self.now + timedelta(hours=1))
        if step.follow:
            self.advise()

    def run(self) -> None:
        """Run the pipeline now, and judge what it published."""
        self.runs += 1
        closed = self.now.date() - timedelta(days=2)
        if self.last is not None:
            closed = datetime.fromtimestamp(self.told[-1][0], UTC).date() - timedelta(days=1)
        self.lab.sandbox.set_clock(self.now.isoformat())
        self.told.append((self.now.timestamp(), truth.told(self.lab.sandbox, self.world, self.now.date())))
        variables = {"WHOLEDAY_NOW": self.now.isoformat(), **self.stage.settings}
        status, said = self.lab.run(variables, real=self.plan.real)
        edited = self._edited()
        if "Traceback" in said or status not in (0, 1):
            self.judge.wrong.append(f"run {self.runs}: status {status}: {_tail(said)}")
        if not (self.lab.warehouse / "ads.duckdb").exists():
            self.judge.wrong.append(f"run {self.runs}: nothing is published: {_tail(said)}")
            return
        found = look(self.lab.warehouse)
        if self.last is not None and found.run_id == self.last.run_id:
            self.judge.wrong.append(f"run {self.runs}: not published: {_tail(said)}")
            return
        self.judge.after(self.runs, self.last, found, edited=edited, closed=closed)
        self.last = found

    def advise(self) -> None:
        """Do what the open findings advise, each once."""
        if self.last is None:
            return
        done = set()
        for finding in sorted(self.last.findings, key=lambda one: (one.rule, one.date)):
            if finding.subject in done or self.judge.is_followed(finding):
                continue
            done.add(finding.subject)
            if edit := advice.follow(self.world, finding):
                self.edits[edit] += 1
                self.judge.followed(finding, edit)
                name = self.world.account_of(finding.platform, finding.account_id) or ""
                self.judge.happened.append(Happened(Change("edit", name, edit)))

    def _edited(self) -> bool:
        """Return whether the agency's files differ from those that the run before read."""
        digest = hashlib.sha256()
        for path in sorted(self.lab.agency.iterdir()):
            digest.update(path.read_bytes())
        before, self._files = self._files, digest.hexdigest()
        return before != self._files


def perform(plan: Plan, lab: Lab) -> Outcome:
    """Perform ``plan`` in ``lab``."""
    began = time.monotonic()
    history = _History(plan, lab)
    try:
        history.perform()
    except Exception as defect:  # one history must not end the others
        history.judge.wrong.append(f"the benchmark stopped: {type(defect).__name__}: {defect}")
    kinds = Counter(change.kind for step in plan.steps for change in step.changes)
    seconds = time.monotonic() - began
    judge = history.judge
    return Outcome(plan, judge.wrong, history.runs, seconds, kinds, history.edits, judge.looked)


def _at(day: date) -> str:
    return datetime(day.year, day.month, day.day, HOUR, tzinfo=UTC).isoformat()


def _tail(said: str) -> str:
    lines = [line for line in said.strip().splitlines() if line.strip()] or ["nothing was said"]
    verdicts = [line for line in lines if line.startswith("Verdict")]
    return (verdicts or lines)[-1][:400]
