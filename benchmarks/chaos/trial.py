"""One trial: disturb a run, let the next one pass undisturbed, and compare with a history without trouble."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.chaos import compare, faults
from benchmarks.chaos.lab import LATER, NEXT, Ended, History, Lab
from benchmarks.chaos.plan import Kill, Plan
from benchmarks.chaos.steps import STEPS
from core.settings import ROOT

# When figures moved on before they were collected, the ones in between are not known.
UNKNOWABLE_LATER = ("marts.restatements",)
ENDED = "ended before"


@dataclass(frozen=True)
class Reading:
    """What the reader of a trial saw."""

    reads: int = 0
    releases: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a trial showed; ``wrong`` is empty if all is as it must be.

    ``step``: where the kill fell. ``asked``, ``landed`` and ``whole`` count account-days of the disturbed
    run, ``requests`` those that it sent and ``struck`` those that a fault met, by its name.
    """

    plan: Plan
    seconds: float
    wrong: tuple[str, ...]
    reading: Reading
    doubles: int = 0
    step: str = ""
    asked: int = 0
    landed: int = 0
    whole: int = 0
    requests: int = 0
    failed: int = 0
    struck: Counter[str] = field(default_factory=Counter)


def perform(plan: Plan, lab: Lab) -> Outcome:
    """Perform ``plan`` in ``lab``."""
    history = lab.history(empty=plan.empty, later=plan.later)
    lab.reset(empty=plan.empty)
    began = time.monotonic()
    with _reader(lab.release) as readings:
        disturbed = _killed(plan.kill, plan, lab) if plan.kill else _faulted(plan, lab)
        first = _measured(plan, lab, history)
        after = lab.run(LATER if plan.later else NEXT, lambda *_: None)
    if after.status == 0:
        lab.length[False] = after
    reading = readings[0]
    doubles = compare.doubles(lab.warehouse) if lab.release.exists() else 0
    wrong = [*_spoken(disturbed, plan), *reading.problems]
    if after.status != 0:
        wrong.append(f"the undisturbed run ended with status {after.status}: {_last_line(after.said)}")
    if lab.release.exists():
        skip = UNKNOWABLE_LATER if plan.later else ()
        wrong += compare.differences(lab.release, history.release, skip)
    if doubles:
        wrong.append(f"{doubles} versions are there twice")
    # Beside a file a log would be replayed into it; in this folder it is put aside.
    logs = [path for path in lab.warehouse.rglob("*.wal") if path.parent.name != "stray"]
    wrong += [f"a write-ahead log is left: {path}" for path in logs]
    step = disturbed.step if isinstance(disturbed, _Killed) else ""
    seconds = time.monotonic() - began
    return Outcome(plan, seconds, tuple(wrong), reading, doubles, step, **first)


@dataclass(frozen=True)
class _Killed(Ended):
    """A run and the step its kill fell into."""

    step: str = ENDED


def _killed(kill: Kill, plan: Plan, lab: Lab) -> _Killed:
    undisturbed = lab.length[plan.empty]
    fell: list[str] = []

    def disturb(process: "subprocess.Popen[str]", step: str, within: float, overall: float) -> None:
        if fell or not _is_due(kill, undisturbed, step, within, overall):
            return
        fell.append(step)
        # Ctrl-C reaches every process of the terminal, the others only the one that is meant.
        if kill.signal == signal.SIGINT:
            os.killpg(process.pid, kill.signal)
        else:
            process.send_signal(kill.signal)

    ended = lab.run(NEXT, disturb)
    return _Killed(ended.status, ended.said, ended.steps, fell[0] if fell and ended.status else ENDED)


def _is_due(kill: Kill, undisturbed: Ended, step: str, within: float, overall: float) -> bool:
    """Whether the moment has come; that of a step which took less time than before comes as it ends."""
    if kill.step is None:
        return overall >= kill.moment * undisturbed.seconds
    if step == kill.step:
        return within >= kill.moment * undisturbed.steps[step]
    return STEPS.index(step) > STEPS.index(kill.step)


def _faulted(plan: Plan, lab: Lab) -> Ended:
    lab.sandbox.forget()
    lab.sandbox.faults(faults.rules(plan.seed))
    try:
        return lab.run(NEXT, lambda *_: None)
    finally:
        lab.sandbox.clear()


def _measured(plan: Plan, lab: Lab, history: History) -> dict[str, Any]:
    if plan.kill:
        return {}
    asked = history.landed
    requests = lab.sandbox.requests()
    struck = Counter(name for one in requests for name in one["fault"].split(",") if name)
    days = asked & compare.whole(history.release)
    return {
        "asked": len(asked),
        "landed": len(asked & compare.landed(lab.warehouse)),
        "whole": len(days & compare.whole(lab.release)) + len(asked - days),
        "requests": len(requests),
        "failed": sum(bool(one["fault"]) for one in requests),
        "struck": struck,
    }


def _spoken(disturbed: Ended, plan: Plan) -> Iterator[str]:
    # Before the run has begun, Python itself answers Ctrl-C, in the middle of an import.
    starting = isinstance(disturbed, _Killed) and disturbed.step == STEPS[0]
    if "Traceback" in disturbed.said and not starting:
        yield f"the disturbed run showed a traceback: {_last_line(disturbed.said)}"
    if plan.kill is None and disturbed.status not in (0, 1):
        yield f"the run with faults ended with status {disturbed.status}: {_last_line(disturbed.said)}"


def _last_line(said: str) -> str:
    return (said.strip().splitlines() or ["nothing"])[-1]


@contextmanager
def _reader(release: Path) -> Iterator[list[Reading]]:
    """Read ``release`` until the end of the block; the list then holds what was seen."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.chaos.reader", str(release)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: list[Reading] = []
    try:
        yield found
        out, _ = process.communicate(timeout=60)
        told = json.loads(out)
        found.append(Reading(told["reads"], tuple(told["releases"]), tuple(told["problems"])))
    finally:
        process.kill()
        process.wait()
