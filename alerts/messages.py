"""The words: one message per incident, several in one when many things happen at once, and the digest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from alerts.channels import DIRECT, QUIET
from alerts.incidents import Change
from core.severities import severities

# So many messages of one kind may leave at once; more of them are one message.
_MOST_AT_ONCE = 5
_LISTED = 20
_VERBS = {"opened": "new", "worsened": "worse", "reminded": "goes on", "resolved": "over"}


@dataclass(frozen=True)
class Message:
    """What a person reads, and the changes it tells of, where it is about certain ones."""

    kind: str
    severity: str
    subject: str
    body: str
    changes: tuple[Change, ...] = ()

    @property
    def severities(self) -> tuple[str, ...]:
        """Channels of one of these severities get the message."""
        return QUIET if self.kind == "digest" else (self.severity,)


def direct(found: Iterable[Change]) -> list[Message]:
    """Return the messages of the changes that are told at once."""
    by_kind: dict[str, list[Change]] = {}
    for change in found:
        if change.severity in DIRECT:
            by_kind.setdefault(change.kind, []).append(change)
    messages = []
    for kind, same in by_kind.items():
        messages += [_many(kind, same)] if len(same) > _MOST_AT_ONCE else [_one(change) for change in same]
    return messages


def digest(new: Sequence[str], over: Sequence[str], still: Sequence[str]) -> Message:
    """Return the digest of what is new, what is over, and what goes on."""
    parts = [_list("New", new), _list("Over", over), _list("Goes on", still)]
    subject = f"wholeday digest: {len(new)} new, {len(still)} going on, {len(over)} over"
    return Message("digest", QUIET[0], subject, "\n\n".join(filter(None, parts)))


def _one(change: Change) -> Message:
    subject = f"wholeday {change.severity}, {_VERBS[change.kind]}: {change.title}"
    lines = [change.sentence]
    if change.since_us is not None:
        lines.append(f"Since {datetime.fromtimestamp(change.since_us / 1e6, UTC):%Y-%m-%d %H:%M} UTC.")
    if change.command:
        lines.append(f"What helps: {change.command}")
    if change.runbook and change.kind != "resolved":
        lines.append(f"What it means, and what else to do: {change.runbook}")
    return Message(change.kind, change.severity, subject, "\n\n".join(lines), (change,))


def _many(kind: str, same: list[Change]) -> Message:
    worst = min((change.severity for change in same), key=severities().index)
    subject = f"wholeday {worst}, {_VERBS[kind]}: {len(same)} incidents at once"
    body = _list(
        "So many at once often have one cause: look at the newest run first",
        [f"{change.severity}: {change.title}" for change in same],
    )
    return Message(kind, worst, subject, body, tuple(same))


def _list(head: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    more = [f"and {len(lines) - _LISTED:,} more on the page"] if len(lines) > _LISTED else []
    return "\n".join([f"{head}:", *(f"- {line}" for line in [*lines[:_LISTED], *more])])
