"""Days as numbers since a fixed epoch, and where an account's day stands at an instant."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

EPOCH = date(2023, 1, 1)
HORIZON = date(2032, 12, 31)
DAYS = (HORIZON - EPOCH).days + 1

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WEEKDAY: Ints = (np.arange(DAYS) + EPOCH.weekday()) % 7
"""0 is Monday."""


def day_number(day: date) -> int:
    """Return the days from ``EPOCH`` to ``day``, which may lie outside the horizon."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """Return the date of a day number."""
    return EPOCH + timedelta(days=int(number))


@lru_cache(maxsize=20_000)
def midnight(timezone: str, number: int) -> float:
    """Return the POSIX seconds at which the day begins in ``timezone`` (days of 23 and 25 hours included)."""
    day = day_of(number)
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone)).timestamp()


@lru_cache(maxsize=256)
def today(timezone: str, now: float) -> int:
    """Return the number of the day that is running in ``timezone`` at ``now``."""
    return day_number(datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(timezone)).date())


@dataclass(frozen=True)
class Ages:
    """How far a run of days is at an instant; each array has one value per day, oldest first."""

    elapsed: Floats
    """The share of the day that is over, 0 to 1."""
    days: Floats
    """Days since the day ended, 0 while it runs."""


@lru_cache(maxsize=256)
def ages(timezone: str, first: int, last: int, now: float) -> Ages:
    """Return the ages of the days ``first`` to ``last`` at ``now`` (POSIX seconds)."""
    marks = np.array([midnight(timezone, number) for number in range(first, last + 2)])
    begins, ends = marks[:-1], marks[1:]
    elapsed = np.clip((now - begins) / (ends - begins), 0.0, 1.0)
    return Ages(elapsed=elapsed, days=np.maximum(0.0, (now - ends) / 86_400))
