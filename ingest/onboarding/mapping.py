"""What a conversion action counts as: what the agency's lines say, and where none speaks what is certain."""

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from core.platforms import platforms
from ingest.access import SeenAction
from ingest.agency.columns import CONVERSION_ACTIONS, IGNORED
from ingest.agency.files import Line, read
from ingest.onboarding.families import family, is_custom

_KNOWN = Path(__file__).with_name("known_actions.csv")
_DEFAULTS = Path(__file__).with_name("default_actions.csv")


@dataclass(frozen=True)
class Judged:
    """An action, the event it counts (``family``), and what it counts as.

    ``line`` is the KPI that a line of the agency gives it ("" for no line). Without one, ``kpi`` is what is
    certain ("" when a person must decide), and ``because`` says why in either case.
    ``instead`` is the action that counts for the event by a default line, and counted nothing in 30 days.
    """

    action: SeenAction
    family: str
    line: str = ""
    kpi: str = ""
    because: str = ""
    instead: str = ""

    @property
    def undecided(self) -> bool:
        """Whether a person must decide."""
        return not self.line and not self.kpi

    @property
    def is_engagement(self) -> bool:
        """Whether it is known to count no conversion, also where the agency's lines say otherwise."""
        names = (
            (platform.name, self.action.name if platform.types_overlap else self.action.category)
            for platform in platforms().values()
        )
        return any(_known().get(name, ("", ""))[0] == IGNORED for name in names)


def default_lines(lines: Iterable[Line]) -> list[Line]:
    """Return the default lines of the platforms of which ``lines`` has none, so that no other client changes.

    They are the example agency's: Meta's own action types, of which one of each event counts. Google's
    actions have names of the advertiser's own, so there are none for Google.
    """
    spoken_for = {line["platform"] for line in lines}
    defaults, _ = read(_DEFAULTS.parent, replace(CONVERSION_ACTIONS, name=_DEFAULTS.name))
    return [line for line in defaults if line["platform"] not in spoken_for]


def in_force(platform: str, client_id: str, lines: Iterable[Line], today: date) -> dict[str, Line]:
    """Return the line that applies to each action name or id of ``client_id``: its own, else the default."""
    found = {}
    for own in (False, True):
        for line in lines:
            if line["platform"] == platform and line["client_id"] == (client_id if own else None):
                since, until = line["valid_from"] or date.min, line["valid_to"] or date.max
                if since <= today <= until:
                    found[line["action_type"]] = line
    return found


def judge(
    platform: str,
    client_id: str,
    actions: Sequence[SeenAction],
    lines: Iterable[Line],
    today: date,
    elsewhere: Iterable[SeenAction] = (),
) -> list[Judged]:
    """Return every action with what it counts as for ``client_id``, in the order of ``actions``.

    ``elsewhere`` are the actions of the client's other accounts on the platform: lines apply to all of them.
    """
    speaking = in_force(platform, client_id, lines, today)
    mapped = [speaking.get(action.name) or speaking.get(action.action_id) for action in actions]
    if platforms()[platform].types_overlap:
        counted = {action.name for action in (*actions, *elsewhere) if action.conversions}
        return _judge_by_event(platform, actions, mapped, speaking, counted)
    return _judge_by_category(platform, actions, [line["kpi"] if line else "" for line in mapped])


def _judge_by_event(
    platform: str,
    actions: Sequence[SeenAction],
    mapped: Sequence[Line | None],
    speaking: dict[str, Line],
    seen: Collection[str],
) -> list[Judged]:
    # The one of each family that counts, seen in these days or not.
    counting = {family(name): line for name, line in speaking.items() if line["kpi"] != IGNORED}
    counts = Counter(action.conversions for action in actions if not is_custom(action.name))
    judged = []
    for action, line in zip(actions, mapped, strict=True):
        event = family(action.name)
        known = _known().get((platform, action.name))
        counted = counting.get(event) if event else None
        # A default cannot know which of an event's types an account has.
        absent = (
            counted is not None
            and not counted["client_id"]
            and counted["action_type"] not in seen
            and action.conversions
            and (line is None or (line["kpi"] == IGNORED and not line["client_id"]))
        )
        if absent and counted:
            reason = (
                f"the default for {counted['kpi']} is {counted['action_type']}, which counted nothing here"
            )
            found = Judged(action, event, because=reason, instead=counted["action_type"])
        elif line:
            found = Judged(action, event, line["kpi"])
        elif counted:
            reason = f"it counts the same as {counted['action_type']}, which is {counted['kpi']}"
            found = Judged(action, event, kpi=IGNORED, because=reason)
        elif known:
            found = Judged(action, event, kpi=known[0], because=known[1])
        elif is_custom(action.name):
            twice = "; another action has the same count" if counts[action.conversions] else ""
            reason = f"a person defined it: look up what it counts, it may count another action again{twice}"
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
            found = Judged(action, action.category, kpi=kpi, because=because)
        judged.append(found)
    return judged


@cache
def _known() -> dict[tuple[str, str], tuple[str, str]]:
    """Return (KPI, reason) by platform and action type, or category where types do not overlap."""
    with _KNOWN.open(encoding="utf-8", newline="") as file:
        return {
            (row["platform"], row["action"]): (row["kpi"], row["because"]) for row in csv.DictReader(file)
        }
