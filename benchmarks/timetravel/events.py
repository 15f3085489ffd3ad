"""What happens between two runs: platforms change their mind, and so does the agency."""

import random
from collections.abc import Callable
from datetime import datetime

from benchmarks.chaos.facts.events import Stage
from benchmarks.chaos.facts.plan import FOREIGN, GOOGLE, META, OUTAGES, Change
from benchmarks.chaos.facts.world import STARTED, World

_LATER = "2026-07-09"
"""A first day of a client that takes days back which were shown."""


def _window(stage: Stage, world: World, chance: random.Random, at: datetime) -> None:
    """Let conversions of days that were shown arrive late."""
    del world
    stage.happen(Change("window", chance.choice((META, GOOGLE, FOREIGN))), at)


def _outage(stage: Stage, world: World, chance: random.Random, at: datetime) -> None:
    del world
    stage.happen(Change("outage", chance.choice((META, GOOGLE, FOREIGN)), chance.choice(OUTAGES)), at)


def _mapping(stage: Stage, world: World, chance: random.Random, at: datetime) -> None:
    """Let an action count as a KPI, or no longer."""
    del stage, at
    row = chance.choice([row for row in world.actions if row["kpi"] in ("email_contacts", "ignore")])
    row["kpi"] = "email_contacts" if row["kpi"] == "ignore" else "ignore"
    world.save()


def _registration(stage: Stage, world: World, chance: random.Random, at: datetime) -> None:
    """Let a client begin later, or again when it did."""
    del stage, chance, at
    begins = next(row["started_on"] for row in world.clients if row["client_id"] == "fjord")
    world.start_client("fjord", _LATER if begins == str(STARTED) else str(STARTED))


def _nothing(stage: Stage, world: World, chance: random.Random, at: datetime) -> None:
    """Let a day pass."""


EVENTS: dict[str, Callable[[Stage, World, random.Random, datetime], None]] = {
    "restated": _window,
    "outage": _outage,
    "mapping": _mapping,
    "registration": _registration,
    "none": _nothing,
}
