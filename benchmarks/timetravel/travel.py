"""One warehouse through time, in one process: runs, events and rollbacks, each publication noted."""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from unittest.mock import patch

from benchmarks.chaos.facts.events import Stage, between
from benchmarks.chaos.facts.sequence import HOUR, Lab
from benchmarks.chaos.facts.world import FIRST_RUN, World
from benchmarks.timetravel.events import EVENTS
from benchmarks.timetravel.shown import Compared, Noted, Notes
from core.errors import UserError
from core.lock import warehouse_lock
from core.settings import Settings
from publish import releases
from publish.rollback import rollback, unpin
from publish.shown import ledger, release

ROLLBACK_EVERY = 6


@dataclass
class Tally:
    """What was compared, and what it took; seconds are of CPU."""

    happened: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    wrong: int = 0
    changed_later: int = 0
    gaps: int = 0
    pruned: int = 0
    rolled_back: int = 0
    history_seconds: list[float] = field(default_factory=list)
    run_seconds: list[float] = field(default_factory=list)


class Travel:
    """A warehouse that begins with its first run; ``runs`` more follow, each a day or a week later."""

    def __init__(self, lab: Lab, seed: int) -> None:
        lab.reset()
        self.lab, self.chance = lab, random.Random(seed)  # noqa: S311 - reproducible on purpose
        self.world = World(lab.agency, lab.served, 0)
        self.stage = Stage(lab.sandbox, self.world)
        self.settings = Settings(lab.warehouse, lab.folder / "live" / "site", lab.agency)
        self.now = datetime.fromisoformat(f"{FIRST_RUN}T{HOUR:02}:00:00+00:00")
        self.notes = Notes(lab.folder / "notes.duckdb")
        self.tally = Tally()

    def go(self, runs: int) -> None:
        """Go through time; raises ``RuntimeError`` where a run publishes nothing."""
        self.stage.begin()
        self._run()
        for number in range(1, runs + 1):
            self._happen()
            self._run()
            self.stage.calm(self.now + timedelta(hours=1))
            if number % ROLLBACK_EVERY == 0:
                self._roll_back()

    def compare(self) -> None:
        """Ask the last release for a random moment of each publication."""
        kept = set(releases.kept(self.settings))
        noted = self.notes.publications
        for one, following in zip(noted, [*noted[1:], None], strict=True):
            self._count(
                one, self.notes.compare(self.settings.release, one, self._moment(one, following)), kept
            )

    def _moment(self, noted: Noted, following: Noted | None) -> datetime:
        lasts = (following.at if following else noted.at + timedelta(days=1)) - noted.at
        return noted.at + timedelta(seconds=self.chance.randrange(int(lasts.total_seconds())))

    def _count(self, noted: Noted, found: Compared, kept: set[str]) -> None:
        self.tally.rows += found.rows
        self.tally.wrong += found.wrong
        self.tally.changed_later += found.changed_later
        self.tally.gaps += found.gaps
        self.tally.pruned += found.rows if noted.run_id not in kept else 0
        self.tally.rolled_back += found.rows if noted.is_rollback else 0

    def _happen(self) -> None:
        event = self.chance.choice(list(EVENTS))
        days = self.chance.choice((1, 1, 1, 7))
        EVENTS[event](self.stage, self.world, self.chance, between(self.now, days))
        self.tally.happened[event] += 1
        self.now += timedelta(days=days)

    def _run(self) -> None:
        self.lab.sandbox.set_clock(self.now.isoformat())
        began, spent = time.process_time(), len(self.tally.history_seconds)
        with _timed(self.tally.history_seconds):
            status, said = self.lab.run({"WHOLEDAY_NOW": self.now.isoformat()}, real=False)
        if "Verdict    published" not in said:
            raise RuntimeError(f"nothing was published at {self.now} (status {status}): {said[-400:]}")
        self.tally.run_seconds.append(time.process_time() - began)
        parts = self.tally.history_seconds[spent:]
        self.tally.history_seconds[spent:] = [sum(parts)]
        self.notes.take(self.settings.release, self.now, is_rollback=False)

    def _roll_back(self) -> None:
        self.now += timedelta(hours=2)
        self.tally.happened["rollback"] += 1
        with patch.dict(os.environ, {"WHOLEDAY_NOW": self.now.isoformat()}), suppress(UserError):
            with warehouse_lock(self.settings, "rollback"):
                rollback(self.settings, None)
            self.notes.take(self.settings.release, self.now, is_rollback=True)
            with warehouse_lock(self.settings, "unpin"):
                unpin(self.settings)


@contextmanager
def _timed(seconds: list[float]) -> Iterator[None]:
    """Note the CPU that a run's history takes: writing it into the candidate, keeping it in the ledger."""

    def timed(work: object) -> object:
        def do(*given: object) -> object:
            began = time.process_time()
            try:
                return work(*given)  # type: ignore[operator]
            finally:
                seconds.append(time.process_time() - began)

        return do

    with (
        patch.object(release, "write", timed(release.write)),
        patch.object(ledger, "keep", timed(ledger.keep)),
    ):
        yield
