"""What a conversion action counts as: what the agency's lines say, and where none speaks what is certain."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from ingest.agency_columns import IGNORED
from ingest.agency_files import Line
from ingest.onboarding.families import family, is_custom
from ingest.reach import SeenAction

_KNOWN = Path(__file__).with_name("known_actions.csv")


@dataclass(frozen=True)
class Judged:
    """An action, the event it counts (``family``), and what it counts as.

    ``line`` is the KPI that a line of the agency gives it ("" for no line). Without one, ``kpi`` is what is
    certain ("" when a person must decide) with its ``basis``, and ``because`` says why in either case.
    """

    action: SeenAction
    family: str
    line: str = ""
    kpi: str = ""
    basis: str = ""
    because: str = ""

    @property
    def is_engagement(self) -> bool:
        """Whether it is known to count no conversion, whatever the agency's lines make of it."""
        names = ("meta", self.action.name), ("google", self.action.category)
        return any(_known().get(name, ("", ""))[0] == IGNORED for name in names)


def judge(
    platform: str, client_id: str, actions: Sequence[SeenAction], lines: Iterable[Line], today: date
) -> list[Judged]:
    """Return every action with what it counts as for ``client_id``, in the order of ``actions``."""
    speaking = list(_speaking(platform, client_id, lines, today))
    by_name = {line["action_type"]: line["kpi"] for line in speaking}
    mapped = [by_name.get(action.name) or by_name.get(action.action_id) or "" for action in actions]
    if platform == "meta":
        return _judge_meta(actions, mapped, by_name)
    return _judge_by_category(platform, actions, mapped)


def _speaking(platform: str, client_id: str, lines: Iterable[Line], today: date) -> Iterator[Line]:
    """Yield the lines in force for the client; its own come last, so that they win."""
    for own in (False, True):
        for line in lines:
            if line["platform"] == platform and line["client_id"] == (client_id if own else None):
                since, until = line["valid_from"] or date.min, line["valid_to"] or date.max
                if since <= today <= until:
                    yield line


def _judge_meta(
    actions: Sequence[SeenAction], mapped: Sequence[str], by_name: dict[str, str]
) -> list[Judged]:
    # The one of each family that counts, seen in these days or not.
    counting = {family(name): name for name, kpi in by_name.items() if kpi != IGNORED}
    counts = Counter(action.conversions for action in actions if not is_custom(action.name))
    judged = []
    for action, line in zip(actions, mapped, strict=True):
        event = family(action.name)
        known = _known().get(("meta", action.name))
        if line:
            found = Judged(action, event, line)
        elif event in counting:
            reason = f"it counts the same as {counting[event]}, which is {by_name[counting[event]]}"
            found = Judged(action, event, kpi=IGNORED, because=reason)
        elif known:
            found = Judged(action, event, kpi=known[0], because=known[1])
        elif is_custom(action.name):
            twice = "; another action has the same count" if counts[action.conversions] else ""
            reason = f"somebody defined it: look up what it counts, it may count another action again{twice}"
            found = Judged(action, event, because=reason)
        else:
            rivals = [other.name for other in actions if family(other.name) == event and other != action]
            reason = f"it overlaps with {', '.join(rivals)}: map one of them" if rivals else "nothing says"
            found = Judged(action, event, because=reason)
        judged.append(found)
    return judged


def _judge_by_category(platform: str, actions: Sequence[SeenAction], mapped: Sequence[str]) -> list[Judged]:
    known = [_known().get((platform, action.category), ("", "")) for action in actions]
    # Two actions can count one booking (a tag and an import): only a KPI with one candidate is certain.
    candidates = Counter(line or kpi for line, (kpi, _) in zip(mapped, known, strict=True))
    judged = []
    for action, line, (kpi, because) in zip(actions, mapped, known, strict=True):
        if line:
            found = Judged(action, action.category, line)
        elif not kpi:
            found = Judged(action, action.category, because="its category does not say")
        elif kpi != IGNORED and candidates[kpi] > 1:
            reason = f"{candidates[kpi]} actions could be {kpi}: two that count one booking count it twice"
            found = Judged(action, action.category, because=reason)
        else:
            basis = "" if kpi == IGNORED else "conversions" if action.primary else "all_conversions"
            found = Judged(action, action.category, kpi=kpi, basis=basis, because=because)
        judged.append(found)
    return judged


@cache
def _known() -> dict[tuple[str, str], tuple[str, str]]:
    """Return (KPI, reason) by platform and action type (Meta) or category (Google)."""
    with _KNOWN.open(encoding="utf-8", newline="") as file:
        return {
            (row["platform"], row["action"]): (row["kpi"], row["because"]) for row in csv.DictReader(file)
        }
