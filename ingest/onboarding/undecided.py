"""Candidate rows for the actions that a person must decide: one guess each, never two for one conversion."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from core.platforms import platforms
from ingest.agency.columns import IGNORED
from ingest.agency.files import Line
from ingest.onboarding.mapping import Judged, in_force
from ingest.onboarding.rows import Row, action_row

_GUESSES = Path(__file__).with_name("guesses.csv")
# Which of the types of one event is the likeliest to count all of it, where their counts are equal.
_WIDEST = ("omni_", "offsite_conversion.fb_pixel_")


@dataclass(frozen=True)
class Candidates:
    """The rows for one action to decide, and why nothing is certain about it."""

    action: str
    because: str
    rows: list[Row]


def candidates(
    platform: str, client_id: str, judged: Sequence[Judged], lines: Iterable[Line], today: date
) -> list[Candidates]:
    """Return a row for each undecided action of ``judged``, in their order.

    Where types overlap, these are the actions of all the client's accounts, since only one type of an event
    may count.

    The KPI is a guess from the event or category; an action that may count the same conversions as another
    one is ``ignore``. All rows may be appended together: they never count one conversion twice.
    """
    speaking = in_force(platform, client_id, lines, today)
    undecided = _together(judged)
    absent = {one.instead for one in undecided}
    taken = {line["kpi"] for name, line in speaking.items() if name not in absent}
    if not platforms()[platform].types_overlap:
        taken = {one.line for one in judged}
    taken |= {one.kpi for one in judged}
    guesses: dict[str, str] = {}
    for one in sorted(undecided, key=_rank):
        kpi = speaking[one.instead]["kpi"] if one.instead else _guessed(platform, one)
        guesses[one.action.name] = IGNORED if kpi in taken else kpi
        taken.add(kpi)
    found = []
    overruled: set[str] = set()
    for one in undecided:
        kpi = guesses[one.action.name]
        rows = [action_row(platform, client_id, one.action, kpi)]
        if one.instead and one.instead not in overruled:
            # The client's own line has to take the KPI from the default, or the event counts twice.
            overruled.add(one.instead)
            rows.append(
                {"platform": platform, "client_id": client_id, "action_type": one.instead, "kpi": IGNORED}
            )
        found.append(Candidates(one.action.name, one.because, rows))
    return found


def _together(judged: Iterable[Judged]) -> list[Judged]:
    """Return the undecided actions, each once, with its conversions in all accounts."""
    found: dict[str, Judged] = {}
    for one in judged:
        if one.undecided:
            before = found.get(one.action.name)
            conversions = one.action.conversions + (before.action.conversions if before else 0)
            found[one.action.name] = replace(one, action=replace(one.action, conversions=conversions))
    return list(found.values())


def _rank(one: Judged) -> tuple[object, ...]:
    """Order the actions by how likely each is to be the one that counts: by its count, then by its name."""
    action = one.action
    widest = next((n for n, prefix in enumerate(_WIDEST) if action.name.startswith(prefix)), len(_WIDEST))
    return -action.conversions, -(action.all_conversions or 0), widest, action.name


def _guessed(platform: str, one: Judged) -> str:
    return _guesses().get((platform, one.family), IGNORED)


@cache
def _guesses() -> dict[tuple[str, str], str]:
    """Return the likely KPI by platform and event (Meta) or category (Google)."""
    with _GUESSES.open(encoding="utf-8", newline="") as file:
        return {(row["platform"], row["event"]): row["kpi"] for row in csv.DictReader(file)}
