"""The shapes of real ad data: levels, rates and factors, coarsened from quantiles of real campaigns."""

from dataclasses import dataclass

import numpy as np

from sandbox.data.calendar import Floats

META_WEEKDAY: Floats = np.array([0.98, 1.07, 0.99, 1.03, 0.88, 0.94, 1.11])
GOOGLE_WEEKDAY: Floats = np.array([1.05, 1.10, 1.09, 0.99, 0.98, 0.92, 0.87])
"""Spend by weekday relative to its week, Monday first."""

MONTH_DEMAND: Floats = np.array([0.82, 0.88, 0.92, 1.0, 1.08, 1.18, 1.22, 1.16, 1.0, 0.94, 0.86, 0.94])
"""A hotel's year, January first."""

EUR = {
    "EUR": 1.0, "PLN": 4.27, "GBP": 0.86, "USD": 1.09, "CZK": 25.0, "HUF": 395.0, "JPY": 163.0, "CHF": 0.95,
    "SEK": 11.4, "NOK": 11.7, "DKK": 7.46, "RON": 4.98, "CAD": 1.49, "AUD": 1.66, "VND": 27_000.0,
    "KRW": 1_480.0,
}  # fmt: skip
"""Units of a currency per euro, for levels only; a currency that is not listed counts as one euro."""

ZERO_DECIMAL = frozenset(("CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND"))
"""Currencies that Meta reports without minor units."""


@dataclass(frozen=True)
class Size:
    """What a size class of client spends and how many campaigns it runs at a time."""

    meta_daily: float
    """EUR per day of a Meta account."""
    google_daily: float
    """EUR per day of a Google account."""
    lasting: int
    """Chains of campaigns that follow one another without a gap."""
    promos: int
    """Chains of short campaigns with gaps between them."""


SIZES = {
    "tiny": Size(meta_daily=3.5, google_daily=5.0, lasting=2, promos=1),
    "small": Size(meta_daily=16.0, google_daily=22.0, lasting=3, promos=1),
    "medium": Size(meta_daily=70.0, google_daily=95.0, lasting=3, promos=2),
    "large": Size(meta_daily=210.0, google_daily=300.0, lasting=4, promos=2),
    "chain": Size(meta_daily=520.0, google_daily=760.0, lasting=5, promos=3),
}

OVERDISPERSION = 0.9
"""Variance over mean of conversions, less one, at a fixed expectation; drifting rates add the rest."""


def minor_units(currency: str) -> int:
    """Return how many of the smallest amounts a platform reports make one unit of ``currency``."""
    return 1 if currency in ZERO_DECIMAL else 100


def per_euro(currency: str) -> float:
    """Return the units of ``currency`` that a euro is worth in the sandbox's world."""
    return EUR.get(currency, 1.0)
