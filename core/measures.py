"""The measures, one row each: what campaigns and accounts are measured by, and how it comes and is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from core import tables
from core.errors import UserError
from core.platforms import Platform, platforms

ANSWERS = ("delivery", "conversions")


@dataclass(frozen=True)
class Kind:
    """How figures of a kind are typed in SQL, and how far two sums of them may differ.

    ``half_units`` counts halves of the currency's minor unit, for each row and one more.
    """

    name: str
    type: str
    tolerance: float
    half_units: int


@dataclass(frozen=True)
class Wire:
    """A measure on one platform: its ``field`` there, as requests name it.

    A ``required`` field stands in every row; another is left out where it is zero. ``micros`` are millionths.
    ``entry`` is the action type under which a list of ``{action_type, value}`` has the measure. An
    ``optional`` one is told of some days only: of those that were asked for it.
    """

    field: str
    required: bool = False
    optional: bool = False
    micros: bool = False
    entry: str | None = None


@dataclass(frozen=True)
class Measure:
    """A row of ``measures``.

    ``answer`` is the answer that has it. ``total`` is its name in daily, weekly and monthly figures, and
    ``of_campaign`` in those of campaigns; None: not shown there. Only what is ``additive`` has a total. What
    a platform does not tell is NULL; and so is what was not asked for ``always``, for days that were
    collected before it was.
    """

    name: str
    title: str
    kind: str
    answer: str
    wire: Mapping[str, Wire]
    meaning: str
    always: bool = False
    additive: bool = True
    total: str | None = None
    of_campaign: str | None = None


@dataclass(frozen=True)
class Kpi:
    """A row of ``kpis``: the figure that sums ``measure`` over the actions that count as ``kpi``."""

    name: str
    title: str
    kpi: str
    measure: str


@cache
def kinds() -> dict[str, Kind]:
    """Return the kinds of measures by name."""
    return tables.table("kinds", Kind)


@cache
def measures() -> dict[str, Measure]:
    """Return the measures by name, in their order; raises ``UserError`` for a row that is wrong."""
    found = tables.table("measures", Measure)
    for measure in found.values():
        for what, value, known in (
            ("kind", measure.kind, kinds()),
            ("answer", measure.answer, ANSWERS),
            *(("platform", platform, platforms()) for platform in measure.wire),
        ):
            if value not in known:
                raise UserError(
                    f"{tables.FILE.name}: the measure {measure.name!r} has the {what} {value!r},"
                    f" which is none of {', '.join(known)}"
                )
        if measure.total and not measure.additive:
            raise UserError(
                f"{tables.FILE.name}: the measure {measure.name!r} has the total {measure.total!r} and is not"
                " additive: no sum of it means anything"
            )
    return found


@cache
def kpis() -> dict[str, Kpi]:
    """Return the figures of conversions by name."""
    return tables.table("kpis", Kpi)


def on_wire(platform: str, answer: str) -> dict[str, Measure]:
    """Return the measures of ``answer`` that ``platform`` tells, by their field there."""
    return {
        measure.wire[platform].field: measure
        for measure in measures().values()
        if measure.answer == answer and platform in measure.wire
    }


def answer_path(platform: Platform, field: str) -> str:
    """Return where ``field`` of a request stands in the first row of an answer, as a JSON path."""
    first, *rest = field.split("_")
    spelled = first + "".join(part.capitalize() for part in rest) if platform.camel_case else field
    return f"$[0].{spelled}"


def shown() -> tuple[str, ...]:
    """Return the names of the figures of a day, a week or a month, in the order of the marts.

    Each ratio stands after the sums that it is made of.
    """
    totals = [measure.total for measure in measures().values() if measure.total]
    ratios = tables.variable("ratios")
    early = [name for name, cells in ratios.items() if cells["of"] in totals]
    return (*totals, *early, *kpis(), *(name for name in ratios if name not in early))


def whole_currencies() -> frozenset[str]:
    """Return the currencies in which platforms report no decimals."""
    return frozenset(tables.variable("whole_currencies"))


def half_minor_unit(currency: str | None) -> float:
    """Return half of the smallest amount that platforms report in ``currency``, in its major unit."""
    return 0.5 if currency in whole_currencies() else 0.005
