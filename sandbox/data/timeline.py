"""The life of one campaign: figures per day, as they end up and as they look at an earlier instant."""

from dataclasses import dataclass

from sandbox.data.calendar import Floats, Ints


@dataclass(frozen=True)
class Timeline:
    """Final figures of a campaign and what delays them; arrays have one column per day of its life."""

    first: int
    """Day number of the first column."""
    final: Ints
    """One row per name of ``schema.rows``."""
    rounding: Floats
    """In [0, 1): decides, once per day, which partial counts round up, so that a count never falls back."""
    late: Floats
    """The same for conversions, one row per kind of event."""
    lag: Floats
    """Rows of what is peculiar to the platform; see its module."""
    unit: Ints
    """Worth of one event, in the units of the value rows; one row per kind of event that has a value."""

    def part(self, begin: int, end: int) -> "Timeline":
        """Return the columns from ``begin`` to before ``end``."""
        days = slice(begin, end)
        return Timeline(
            first=self.first + begin,
            final=self.final[:, days],
            rounding=self.rounding[days],
            late=self.late[:, days],
            lag=self.lag[:, days],
            unit=self.unit[:, days],
        )


@dataclass(frozen=True)
class Seen:
    """Figures of a campaign as they look at one instant, from ``first`` on, up to the running day at most."""

    first: int
    values: Ints
