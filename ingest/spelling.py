"""One fact, several spellings: time zones by IANA's links, currencies by CLDR's list.

Both come from wheels that are installed with the project, so that they age with it and not with this file.
"""

from datetime import date
from functools import cache
from importlib.resources import files

import duckdb
from babel.core import get_global

# Currencies that were money somewhere on or after this day. It stands still: a line that is right must not
# become wrong as time goes by, and no platform answers for days before it (they keep 37 months).
MONEY_SINCE = date(2020, 1, 1)
# CLDR's place for what is money nowhere (gold, tests), and the code for no money at all.
_NOWHERE, _NO_MONEY = "ZZ", "XXX"
# An installation's own zone, and one for a machine that was not told where it is.
_NO_ZONES = frozenset({"localtime", "Factory"})


@cache
def currencies() -> frozenset[str]:
    """Return the ISO 4217 codes that are, or were since ``MONEY_SINCE``, a currency of some territory."""
    since = (MONEY_SINCE.year, MONEY_SINCE.month, MONEY_SINCE.day)
    return frozenset(
        code
        for territory, listed in get_global("territory_currencies").items()
        if territory != _NOWHERE
        for code, _, until, _ in listed
        if code != _NO_MONEY and (until is None or tuple(until) >= since)
    )


def currency(text: str | None) -> str | None:
    """Return a currency code as ISO 4217 writes it; case and spaces are no fact."""
    return text and text.strip().upper()


def zone(name: str | None) -> str | None:
    """Return the time zone's own name for ``name``, which may be a link to it; an unknown name stays.

    Zones that merely have the same rules are not the same.
    """
    return name and _names().get(name.strip().casefold().replace(" ", "_"), name)


def is_zone(name: str) -> bool:
    """Say whether ``name`` is IANA's, in any case."""
    return name.strip().casefold().replace(" ", "_") in _names()


@cache
def links() -> dict[str, str]:
    """Return the zone's own name for every name that is a link."""
    own = {name: zone for name, zone in _listed() if name != zone}
    known = _modelled()
    # A zone goes by a name that the models know: there is always one but right after a zone was renamed.
    called = {
        zone: next((n for n in sorted(own) if own[n] == zone and n in known), zone)
        for zone in set(own.values()) - known
    }
    return {
        name: called.get(zone, zone)
        for name, zone in _listed()
        if name != called.get(zone, zone) and name not in _NO_ZONES
    }


@cache
def _names() -> dict[str, str]:
    known = _modelled()
    found = {name: links().get(name, name) for name, _ in _listed()}
    return {
        name.casefold(): zone
        for name, zone in found.items()
        if zone in known and name not in _NO_ZONES and zone not in _NO_ZONES
    }


@cache
def _listed() -> tuple[tuple[str, str], ...]:
    """Return (name, the name that it is a link to, or itself) of IANA's data base."""
    lines = (files("tzdata") / "zoneinfo" / "tzdata.zi").read_text(encoding="utf-8").splitlines()
    cells = [line.split() for line in lines]
    zones = [(cell[1], cell[1]) for cell in cells if cell[:1] == ["Z"]]
    targets = {cell[2]: cell[1] for cell in cells if cell[:1] == ["L"]}
    return (*zones, *((name, _end(name, targets)) for name in targets))


def _end(name: str, targets: dict[str, str]) -> str:
    while name in targets:
        name = targets[name]
    return name


@cache
def _modelled() -> frozenset[str]:
    with duckdb.connect() as memory:
        return frozenset(
            name for (name,) in memory.execute("select name from pg_timezone_names()").fetchall()
        )
