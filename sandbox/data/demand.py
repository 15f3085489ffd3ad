"""What all campaigns of an account share: the season, the weekday, and a slow drift of demand."""

from functools import lru_cache

import numpy as np

from sandbox.data import seeds
from sandbox.data.accounts import Account
from sandbox.data.calendar import DAYS, WEEKDAY, Floats, day_of
from sandbox.data.noise import drifting
from sandbox.data.shape import GOOGLE_WEEKDAY, META_WEEKDAY, MONTH_DEMAND


@lru_cache(maxsize=1)
def _season() -> Floats:
    """Return a factor per day of the horizon that moves smoothly from the middle of one month to the next."""
    months = np.array([day_of(number).month - 1 for number in range(DAYS)])
    width = 31
    padded = np.pad(MONTH_DEMAND[months], width // 2, mode="edge")
    return np.convolve(padded, np.ones(width) / width, mode="valid")


@lru_cache(maxsize=2048)
def demand(seed: int, account: Account) -> Floats:
    """Return the account's demand on each day of the horizon, around 1."""
    rng = seeds.generator(seed, "demand", account.platform, account.account_id)
    weekday = META_WEEKDAY if account.platform == "meta" else GOOGLE_WEEKDAY
    strength = rng.uniform(0.4, 1.0)
    drift = drifting(rng, DAYS, 0.9, 0.12)
    return np.asarray(_season() ** strength * weekday[WEEKDAY] * np.exp(drift))
