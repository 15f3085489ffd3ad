"""What a release, or a refused candidate, says about itself: what health.json, page and summary all show."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from publish.words import Span, heal_command

# The reason of days that wait for their first collection: nothing went wrong, their turn comes.
QUEUED = "queued"


@dataclass(frozen=True)
class RunRow:
    """One run, as the file knows it."""

    run_id: str
    started_at: datetime
    verdict: str | None
    decided_at: datetime | None
    api: str
    versions: dict[str, str]


@dataclass(frozen=True)
class Check:
    """One check; ``details`` is what health.json shows of it besides its status."""

    name: str
    status: str
    severity: str
    observed: str
    expected: str
    message: str
    runbook: str
    details: dict[str, Any]
    follows_from: tuple[str, ...] = ()
    """The checks that say all of it already; empty where it has a cause of its own."""

    @property
    def is_critical(self) -> bool:
        """Whether the check failed and is of the severity that makes the whole critical."""
        return self.status == "fail" and self.severity == "critical"


@dataclass(frozen=True)
class Score:
    """A score from 0 to 100 and the points of its parts."""

    score: float
    parts: tuple[tuple[str, float, float], ...]  # name, points, most points


@dataclass(frozen=True)
class Gap:
    """Closed days of one client and platform that are not whole, all for one reason."""

    client_id: str
    client_name: str
    platform: str
    status: str
    reason: str
    waived: bool
    spans: tuple[Span, ...]
    days: int
    is_refused: bool
    """Whether the credentials did not reach the account when it was asked last."""

    @property
    def last(self) -> date:
        """The newest of the days."""
        return max(last for _, last in self.spans)

    @property
    def before(self) -> str:
        """What a person has to do before ``command`` can help; empty where that is nothing."""
        # A day that a rule blocks has the rule's name before its reason.
        is_registration = self.reason.startswith("registered: ") and not self.is_refused
        return "write the lines that the finding of rule registered prints, then" if is_registration else ""

    @property
    def command(self) -> str:
        """The command that heals them, or says what a person has to do first."""
        if self.is_refused:
            return "make doctor"
        if self.before:
            # The versions that are there are judged again by the corrected file.
            return "make run"
        return heal_command(self.client_id, self.platform, self.spans)


@dataclass(frozen=True)
class Client:
    """One client: its last closed day, by platform, its score then, and when it was last collected.

    Of accounts in several time zones, that is the newest day that is closed for all of them.
    """

    client_id: str
    name: str
    last_day: date
    platforms: tuple[tuple[str, str, str], ...]  # platform, status of the last closed day, reason
    score: float | None
    collected_at: datetime | None
    is_active: bool

    @property
    def is_whole(self) -> bool:
        """Whether its last closed day is whole on every platform, and so is what is closed beyond it."""
        return all(status == "whole" for _, status, _ in self.platforms)

    @property
    def needs_someone(self) -> bool:
        """Whether it is not whole, and neither waived nor merely waiting for its turn."""
        return any(
            status not in ("whole", "waived") and reason != QUEUED for _, status, reason in self.platforms
        )


@dataclass(frozen=True)
class Credentials:
    """What is known of a platform's credentials.

    ``days_left`` is None where they have no end, or, unless ``told``, where it is not told.
    """

    status: str
    days_left: int | None
    told: bool


@dataclass(frozen=True)
class Source:
    """What one platform was asked in the last run that asked it, and ``is_own`` if that is this run.

    ``usage_percent`` is the highest share of a quota that it reported; None: it reported none.
    """

    platform: str
    accounts: int
    windows: int
    failed: int
    requests: int
    rows: int
    finished_at: datetime | None
    is_own: bool
    api_version: str | None = None
    usage_percent: float | None = None
    credentials: Credentials | None = None


@dataclass(frozen=True)
class Picture:
    """Everything that is told to people; what a refused build left out is listed in ``missing``."""

    run: RunRow | None
    runs: tuple[RunRow, ...]
    checks: tuple[Check, ...]
    score: Score | None
    clients: tuple[Client, ...]
    gaps: tuple[Gap, ...]
    sources: tuple[Source, ...]
    healing: tuple[int, int] = (0, 0)
    """Account-days that were not whole and were asked for again in this run, and how many are whole now."""
    missing: tuple[str, ...] = ()

    @property
    def active(self) -> tuple[Client, ...]:
        """The clients that are still collected."""
        return tuple(client for client in self.clients if client.is_active)

    @property
    def days(self) -> tuple[tuple[date, tuple[Client, ...]], ...]:
        """The last closed days of these clients, that of most of them first; at a tie, the later one.

        A day ends where a client is, so at one instant there are two or three.
        """
        days: dict[date, list[Client]] = {}
        for client in self.active or self.clients:
            days.setdefault(client.last_day, []).append(client)
        most_first = sorted(days.items(), key=lambda found: (len(found[1]), found[0]), reverse=True)
        return tuple((day, tuple(clients)) for day, clients in most_first)

    @property
    def day(self) -> date | None:
        """The last closed day of most clients."""
        return self.days[0][0] if self.days else None

    @property
    def troubles(self) -> tuple[Gap, ...]:
        """The gaps that need someone: neither waived nor waiting for their first collection."""
        return tuple(gap for gap in self.gaps if not gap.waived and gap.reason != QUEUED)
