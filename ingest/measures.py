"""What campaigns and accounts measured, value by value, for comparing the one with the other."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

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
    """Values of an account's days as columns; ``side`` is 1 for a campaign's, -1 for the account's own."""

    currency: str | None
    _days: "array[int]" = field(default_factory=lambda: array("i"))
    _sides: "array[int]" = field(default_factory=lambda: array("b"))
    _measures: "array[int]" = field(default_factory=lambda: array("b"))
    _keys: list[str] = field(default_factory=list)
    _values: list[str | None] = field(default_factory=list)
    _known: dict[Measure, int] = field(default_factory=dict)

    def add(
        self, day: date, side: int, measure: Measure, values: Iterable[Any], keys: list[str] | None = None
    ) -> None:
        """Add ``values`` of ``measure``, one per campaign or, with ``keys``, one per key of one."""
        texts = [value if type(value) is str or value is None else str(value) for value in values]
        size = len(texts)
        number = self._known.setdefault(measure, len(self._known))
        self._days.extend([day.toordinal() - _EPOCH] * size)
        self._sides.extend([side] * size)
        self._measures.extend([number] * size)
        self._keys += keys if keys is not None else [""] * size
        self._values += texts

    def table(self) -> pa.Table:
        """Return what was added: date, side, measure, key, value (text), tolerance, slack (in the value's unit)."""
        numbers = pa.array(self._measures, pa.int8())
        half = half_minor_unit(self.currency)

        def of_measure(values: list[Any], kind: pa.DataType) -> pa.Array:
            return pa.DictionaryArray.from_arrays(numbers, pa.array(values, kind))

        known = list(self._known)
        return pa.table(
            {
                "date": pa.array(self._days, pa.int32()).cast(pa.date32()),
                "side": pa.array(self._sides, pa.int8()),
                "measure": of_measure([measure.name for measure in known], pa.string()),
                "key": pa.array(self._keys, pa.string()),
                "value": pa.array(self._values, pa.string()),
                "tolerance": of_measure([measure.tolerance for measure in known], pa.float64()),
                "slack": of_measure([measure.slack * half for measure in known], pa.float64()),
            }
        )


_EPOCH = date(1970, 1, 1).toordinal()
