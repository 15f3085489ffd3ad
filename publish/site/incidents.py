"""What is not whole, by its cause: the trouble of one token is one incident, however many days it costs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb

from publish.picture import Gap
from publish.site.overview import rows
from publish.verify import at
from publish.words import counted

# Where to read on about a day of this status, where no rule says it better.
_RUNBOOKS = {"split": "split_data", "unreconciled": "reconciliation", "suspect": "answers_present"}

_OPEN = """
select
    cause, rule, severity, platform, clients, from_date, to_date, epoch_us(opened_at), affected_spend_pln,
    message, reason, command
from health.incidents
where resolved_at is null
order by list_position(['critical', 'high', 'medium', 'low'], severity), to_date desc, len(clients) desc
"""


@dataclass(frozen=True)
class Known:
    """An open incident as the build knows it; ``spend`` is in PLN, what is usual for the days it hides."""

    cause: str
    rule: str
    severity: str
    platform: str
    clients: frozenset[str]
    first: date
    last: date
    since: datetime
    spend: float | None
    message: str
    reason: str
    command: str

    def covers(self, gap: Gap) -> bool:
        """Whether some of the gap's days are of this cause."""
        return (
            gap.client_id in self.clients
            and self.platform in ("", gap.platform)
            and any(first <= self.last and last >= self.first for first, last in gap.spans)
        )


@dataclass(frozen=True)
class Incident:
    """One cause with all the gaps it left; ``known`` is None where the build does not know incidents."""

    status: str
    cause: str
    gaps: tuple[Gap, ...]
    known: Known | None = None

    @property
    def runbook(self) -> str:
        """The page that says what to do."""
        page = self.known.rule if self.known else _RUNBOOKS.get(self.status, "missing_days")
        return f"docs/runbooks/{page}.md"

    @property
    def who(self) -> str:
        """How many clients it hits, and how many of their days."""
        clients = {gap.client_id for gap in self.gaps}
        days = sum(gap.days for gap in self.gaps)
        return f"{counted(len(clients), 'client')}, {counted(days, 'day')}"

    @property
    def platforms(self) -> str:
        """The platforms it is seen on."""
        return " and ".join(sorted({gap.platform for gap in self.gaps}))

    @property
    def spend(self) -> str | None:
        """What is usually spent on the days it hides."""
        return f"{self.known.spend:,.0f} PLN" if self.known and self.known.spend else None

    @property
    def heal(self) -> list[dict[str, str]]:
        """What to collect again, as the served site asks for it."""
        return [heal(gap) for gap in self.gaps if not gap.before]

    @property
    def before(self) -> str:
        """What a person has to do before ``command`` can help any of the gaps."""
        return self.gaps[0].before if all(gap.before for gap in self.gaps) else ""

    @property
    def command(self) -> str:
        """What helps all of the gaps; empty where the build does not know the incident."""
        if self.before:
            return self.gaps[0].command
        return self.known.command if self.known else ""


def heal(gap: Gap) -> dict[str, str]:
    """Return what to collect again for one gap, as the served site asks for it."""
    first = min(first for first, _ in gap.spans)
    return {
        "client": gap.client_id,
        "platform": gap.platform,
        "from": first.isoformat(),
        "to": gap.last.isoformat(),
    }


def read(file: duckdb.DuckDBPyConnection) -> tuple[Known, ...]:
    """Read the open incidents, the gravest first; a build that does not know any has none."""
    return tuple(_known(row) for row in rows(file, _OPEN))


def group(gaps: Iterable[Gap], known: Sequence[Known]) -> tuple[Incident, ...]:
    """Group gaps by the incident they belong to, or else by status and reason; the newest first."""
    causes: dict[tuple[Known | None, str, str], list[Gap]] = {}
    for gap in gaps:
        incident = next((one for one in known if one.covers(gap)), None)
        key = (incident, "", "") if incident else (None, gap.status, gap.reason)
        causes.setdefault(key, []).append(gap)
    incidents = [
        Incident(found[0].status, incident.reason if incident else _reason(found), tuple(found), incident)
        for (incident, _, _), found in causes.items()
    ]
    return tuple(
        sorted(incidents, key=lambda one: (max(gap.last for gap in one.gaps), len(one.gaps)), reverse=True)
    )


def odd(known: Iterable[Known], incidents: Iterable[Incident]) -> tuple[Known, ...]:
    """Return the incidents that hide no day: what is shown, and looks odd."""
    used = {incident.known for incident in incidents}
    return tuple(one for one in known if one not in used)


def _reason(gaps: list[Gap]) -> str:
    """Return the reason of most of the days."""
    days: dict[str, int] = {}
    for gap in gaps:
        days[gap.reason] = days.get(gap.reason, 0) + gap.days
    return max(days, key=lambda reason: days[reason])


def _known(row: tuple[Any, ...]) -> Known:
    cause, rule, severity, platform, clients, first, last, since, spend, message, reason, command = row
    told = None if spend is None else float(spend)
    who = frozenset(clients)
    return Known(cause, rule, severity, platform, who, first, last, at(since), told, message, reason, command)
