"""What campaigns and accounts measured, value by value, for comparing the one with the other."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

# Currencies without a minor unit: half a unit is the platform's rounding there.
ZERO_DECIMALS = frozenset({"CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND"})
CONVERSION_TOLERANCE = 0.01
MICROS = 1_000_000


@dataclass(frozen=True)
class Measure:
    """Something that is measured: ``tolerance`` of its sum, ``slack`` per value in half minor units of money."""

    name: str
    tolerance: float = 0.0
    slack: float = 0.0


def count(name: str) -> Measure:
    """Return a measure that has to agree exactly."""
    return Measure(name)


def money(name: str, units: float = 1.0) -> Measure:
    """Return a measure of money, of which ``units`` make one of the account's currency."""
    return Measure(name, slack=units)


def conversions(name: str) -> Measure:
    """Return a measure of conversions, which may be fractional."""
    return Measure(name, tolerance=CONVERSION_TOLERANCE)


def half_minor_unit(currency: str | None) -> float:
    """Return half of the smallest amount that is billed in ``currency``, in its major unit."""
    return 0.5 if currency in ZERO_DECIMALS else 0.005


@dataclass
class Measured:
    """Values of an account's days, in runs of one day, side and measure."""

    currency: str | None
    _runs: list[tuple[int, int, int, int]] = field(default_factory=list)
    _keys: list[str] = field(default_factory=list)
    _values: list[Any] = field(default_factory=list)
    _known: dict[Measure, int] = field(default_factory=dict)

    def add(
        self, day: date, side: int, measure: Measure, values: list[Any], keys: list[str] | None = None
    ) -> None:
        """Add ``values`` of ``measure`` on ``day``: the campaigns' (side 1), or the account's own (side -1).

        With ``keys`` each value is about its key, an action type; without, all are about the same.
        """
        if values:
            number = self._known.setdefault(measure, len(self._known))
            self._runs.append((day.toordinal() - _EPOCH, side, number, len(values)))
            self._keys += keys if keys is not None else [""] * len(values)
            self._values += values

    def table(self) -> pa.Table:
        """Return what was added: date, side, measure, key, value (text), tolerance, slack (in the value's unit)."""
        half = half_minor_unit(self.currency)
        runs = np.array(self._runs, dtype=np.int32).reshape(-1, 4)
        days, sides, numbers = (np.repeat(runs[:, column], runs[:, 3]) for column in range(3))
        known = list(self._known)

        def of_measure(values: list[Any], kind: pa.DataType) -> pa.Array:
            return pa.DictionaryArray.from_arrays(pa.array(numbers), pa.array(values, kind))

        return pa.table(
            {
                "date": pa.array(days).cast(pa.date32()),
                "side": pa.array(sides),
                "measure": of_measure([measure.name for measure in known], pa.string()),
                "key": pa.array(self._keys, pa.string()),
                "value": _texts(self._values),
                "tolerance": of_measure([measure.tolerance for measure in known], pa.float64()),
                "slack": of_measure([measure.slack * half for measure in known], pa.float64()),
            }
        )


def _texts(values: list[Any]) -> pa.Array:
    """Return ``values`` as text; Meta sends text only, Google text and numbers."""
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array([None if value is None else str(value) for value in values], pa.string())


_EPOCH = date(1970, 1, 1).toordinal()
