"""What a seed means: one trial, drawn before anything runs."""

import random
import signal
from dataclasses import dataclass

from benchmarks.chaos.steps import STEPS

# A kill is as likely with each; SIGKILL twice, since nothing can be done about it.
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True)
class Kill:
    """A signal at the share ``moment`` of a run's length, or, with ``step``, of that step's."""

    signal: signal.Signals
    moment: float
    step: str | None

    def __str__(self) -> str:
        where = f"of the step {self.step}" if self.step else "of the run"
        return f"{self.signal.name} after {self.moment:.0%} {where}"


@dataclass(frozen=True)
class Plan:
    """One trial: 30 % of the requests failing, or, with ``kill``, a signal.

    ``empty``: the disturbed run is the first of its warehouse. ``later``: the undisturbed run comes two and a
    half hours after it, when figures have moved on.
    """

    seed: int
    kill: Kill | None
    empty: bool
    later: bool

    def __str__(self) -> str:
        start = "empty warehouse" if self.empty else "day after a run"
        what = str(self.kill) if self.kill else "30 % of the requests failing"
        return f"seed {self.seed}: {what}, {start}{', then later the same day' if self.later else ''}"


def draw(seed: int) -> Plan:
    """Return the trial that ``seed`` means: even ones have faults, odd ones a kill.

    Half of the kills are uniform over the whole run; the others choose a step first, since publishing and
    reporting take a fraction of a second each.
    """
    chance = random.Random(seed)  # noqa: S311 - reproducible on purpose
    kill = None
    if seed % 2:
        step = chance.choice(STEPS) if chance.random() < 0.5 else None
        kill = Kill(chance.choice(SIGNALS), chance.random(), step)
    empty = chance.random() < 0.125
    return Plan(seed, kill, empty, later=not empty and chance.random() < 0.25)
