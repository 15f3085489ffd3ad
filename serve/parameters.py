"""From a query string to a question: every name and value is known or refused with a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from urllib.parse import parse_qsl

from core import clock, measures
from core.errors import UserError
from core.platforms import platforms
from serve.access import Visitor
from serve.problems import RequestError

# What the platforms keep (37 months), and a little.
MOST_DAYS = 1200
MOST_PARAMETERS = 20
_USUAL_DAYS = 30


@dataclass(frozen=True)
class Grain:
    """One row per client, platform and ``period``; ``fields`` is what may be asked for besides.

    ``has_history``: what was shown of it at an earlier instant is kept.
    """

    name: str
    period: str
    fields: tuple[str, ...]
    has_history: bool = True


@cache
def grains() -> dict[str, Grain]:
    """Return the grains by name; their figures are those of the marts."""
    figures = ("currency", *measures.shown())
    period = ("status", "days_expected", "days_whole", "completeness", *figures, "maturity")
    day = ("status", "reason", *figures, "conversions_state", "maturity", "quality_score")
    lineage = ("data_source", "collected_at", "confirmed_at", "run_id")
    listed = (
        Grain("day", "date", (*day, *lineage)),
        Grain("week", "week_start", period, has_history=False),
        Grain("month", "month", period),
    )
    return {grain.name: grain for grain in listed}


@dataclass(frozen=True)
class Figures:
    """Which figures are asked for.

    ``clients`` None: all that the visitor may see. ``as_of``: as they were shown then.
    """

    grain: Grain
    clients: tuple[str, ...] | None
    platforms: tuple[str, ...]
    first: date
    last: date
    fields: tuple[str, ...]
    as_of: datetime | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the answer, keys first."""
        return ("client_id", "platform", self.grain.period, *self.fields)


def figures(query: str, last_day: date | None) -> Figures:
    """Read the query string of ``/api/kpi``; raises ``RequestError`` with what is wrong.

    Without dates it is the last 30 closed days, ``last_day`` the newest of them.
    """
    given = read(query, ("client", "platform", "from", "to", "grain", "fields", "as_of"))
    grain = grains().get(given.get("grain", "day"))
    if grain is None:
        raise RequestError(400, f"grain is one of {', '.join(grains())}")
    last = _day(given, "to") or last_day or date(1970, 1, 1)
    # The first day of all has none before it.
    earliest = max(last.toordinal() - _USUAL_DAYS + 1, date.min.toordinal())
    first = _day(given, "from") or date.fromordinal(earliest)
    check_span(first, last)
    fields = _several(given, "fields", grain.fields) or grain.fields
    clients = tuple(dict.fromkeys(given["client"].split(","))) if "client" in given else None
    known = tuple(platforms())
    chosen = _several(given, "platform", known) or known
    return Figures(grain, clients, chosen, first, last, fields, _as_of(given, grain))


def read(query: str, names: Sequence[str]) -> dict[str, str]:
    """Return the parameters of a query string; each of ``names`` at most once, nothing else."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS, errors="strict")
    except ValueError:
        raise RequestError(
            400, f"the query string is not UTF-8, or has more than {MOST_PARAMETERS} parameters"
        ) from None
    given = dict(pairs)
    for name, value in pairs:
        if name not in names:
            known = f"it takes {', '.join(names)}" if names else "it takes none"
            raise RequestError(400, f"there is no parameter {shown(name)} here: {known}")
        if given[name] != value or [known for known, _ in pairs].count(name) > 1:
            raise RequestError(400, f"{name} is given more than once: separate several values by commas")
        if not value or "\0" in value:
            raise RequestError(400, f"{name} has no value: leave it out, or give it one")
    return given


def check_span(first: date, last: date) -> None:
    """Raise ``RequestError`` for days that run backwards or over more than 37 months."""
    if first > last:
        raise RequestError(400, f"from ({first}) is after to ({last}): exchange them")
    if (last - first).days >= MOST_DAYS:
        raise RequestError(400, f"{first} to {last} is more than {MOST_DAYS} days: ask for fewer")


def visible(asked: Sequence[str] | None, visitor: Visitor, known: frozenset[str]) -> list[str]:
    """Return the clients to answer for. A client of others and one that does not exist are told alike."""
    if asked is None:
        return sorted(filter(visitor.may_see, known))
    for client in asked:
        if not visitor.may_see(client) or client not in known:
            raise RequestError(404, f"there is no client {shown(client)} that you may see")
    return list(asked)


def day(text: str, name: str) -> date:
    """Read a date such as 2026-11-01; raises ``RequestError``."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise RequestError(400, f"{name} is not a date such as 2026-11-01")
    return found


def shown(text: str) -> str:
    """Quote a value that was sent, cut to a length that a sentence can hold."""
    return repr(text if len(text) <= 60 else f"{text[:60]}…")


def _day(given: dict[str, str], name: str) -> date | None:
    return day(given[name], name) if name in given else None


def _as_of(given: dict[str, str], grain: Grain) -> datetime | None:
    if "as_of" not in given:
        return None
    if not grain.has_history:
        kept = ", ".join(name for name, one in grains().items() if one.has_history)
        raise RequestError(400, f"as_of is kept by {kept}, and not by {grain.name}")
    try:
        # A plus sign that is not encoded arrives as a blank.
        return clock.instant(given["as_of"].replace(" ", "+"), "as_of")
    except (UserError, OverflowError):
        raise RequestError(400, "as_of is not an instant such as 2026-11-01T06:00:00Z") from None


def _several(given: dict[str, str], name: str, known: Sequence[str]) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(given[name].split(","))) if name in given else ()
    for value in values:
        if value not in known:
            raise RequestError(400, f"{name} has {shown(value)}, which is none of {', '.join(known)}")
    return values
