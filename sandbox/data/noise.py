"""Random series with the memory and the over-dispersion of real ad data."""

import numpy as np

from sandbox.data.calendar import Floats, Ints
from sandbox.data.shape import OVERDISPERSION

_MEMORY = 48


def drifting(rng: np.random.Generator, days: int, carry: float, spread: float) -> Floats:
    """Return ``days`` normal values of standard deviation ``spread`` and lag-1 correlation ``carry``."""
    kernel = carry ** np.arange(_MEMORY)
    shocks = rng.normal(0.0, spread * np.sqrt(1.0 - carry**2), days + _MEMORY - 1)
    return np.convolve(shocks, kernel, mode="valid")


def counts(rng: np.random.Generator, expected: Floats) -> Ints:
    """Return over-dispersed counts around ``expected``, of the same variance over mean at any level."""
    return rng.poisson(rng.gamma(expected / OVERDISPERSION, OVERDISPERSION)).astype(np.int64)
