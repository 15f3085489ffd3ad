"""How long an account's days can change: as long as the longest window of its mapped conversion actions.

A booking is told on the day of its click, however late it comes. So a day is final only after the longest
window of the actions that the agency maps, and at least after ``LOOKBACK_DAYS``.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from core.platforms import platforms
from ingest.agency.columns import IGNORED
from ingest.agency.registrations import Agency, MappedAction
from ingest.client.sources import SourceSettings
from ingest.platform_api import ActionFacts

RESTATEMENT_WINDOWS = pa.schema(
    [
        ("platform", pa.string()),
        ("account_id", pa.string()),
        ("days", pa.int64()),
        ("longest_days", pa.int64()),
        ("action_id", pa.string()),
        ("action_name", pa.string()),
        ("run_id", pa.string()),
        ("seen_on", pa.date32()),
        ("seen_at", pa.timestamp("us", tz="UTC")),
    ]
)
# A line that ended so long ago maps no day that can still change.
LONGEST_DAYS = 90


@dataclass(frozen=True)
class Known:
    """What is known of an action from before: the names it ever had, and the windows told last, in days."""

    names: frozenset[str] = frozenset()
    click_window_days: int | None = None
    view_window_days: int | None = None


@dataclass(frozen=True)
class Longest:
    """The longest window of an account's mapped actions, in days, and whose it is."""

    days: int = 0
    action_id: str | None = None
    name: str | None = None


@dataclass
class Restatement:
    """The windows of one platform's accounts.

    ``last`` is what landed last, by account: (days that it is looked at, days of the longest window);
    ``known`` are actions of which more is known than a list may tell, by account and action.
    """

    source: SourceSettings
    agency: Agency
    last: dict[str, tuple[int, int]] = field(default_factory=dict)
    known: dict[str, dict[str, Known]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    """Sentences about accounts whose window is longer than they are looked at."""

    def __post_init__(self) -> None:
        name = self.source.platform.name
        self._clients: dict[str, list[str]] = defaultdict(list)
        for one in sorted(self.agency.registrations, key=lambda one: one.started_on):
            if one.platform == name:
                self._clients[one.account_id].append(one.client_id)
        self._lines: dict[str, list[MappedAction]] = defaultdict(list)
        for line in self.agency.mapping:
            if line.platform == name:
                self._lines[line.client_id.casefold()].append(line)

    def rows(
        self, account_id: str, actions: Iterable[ActionFacts], today: date, run_id: str, seen_at: datetime
    ) -> list[dict[str, Any]]:
        """Return the row of the account's window, if it is another than the last one."""
        lookback, cap = self.source.lookback_days, self.source.restatement_days
        clients = self._clients.get(account_id, [])
        mapped = frozenset[str]().union(
            *(
                mapped_actions(self._lines[""], self._lines.get(client.casefold(), []), today)
                for client in clients
            )
        )
        longest = longest_window(actions, self.known.get(account_id, {}), mapped)
        days = max(lookback, min(longest.days, cap))
        # Without a row the base holds.
        if self.last.get(account_id, (lookback, min(longest.days, days))) == (days, longest.days):
            return []
        if longest.days > days:
            self.told.append(self._capped(account_id, clients[-1], longest, days))
        return [
            {
                "platform": self.source.platform.name,
                "account_id": account_id,
                "days": days,
                "longest_days": longest.days,
                "action_id": longest.action_id,
                "action_name": longest.name,
                "run_id": run_id,
                "seen_on": today,
                "seen_at": seen_at,
            }
        ]

    def _capped(self, account_id: str, client_id: str, longest: Longest, days: int) -> str:
        platform = platforms()[self.source.platform.name]
        (variable,) = platform.variables(("restatement_days",))
        client = self.agency.clients.get(client_id, client_id)
        return (
            f"{client}, {platform.title} account {account_id}: {longest.name or longest.action_id!r} counts"
            f" for {longest.days} days, and days are looked at for {days}, so what comes later is missing in"
            f" final days; set {variable}={longest.days}"
        )


def mapped_actions(
    defaults: Iterable[MappedAction], own: Iterable[MappedAction], today: date
) -> frozenset[str]:
    """Return the ids and names, folded, that count as a KPI of a client on days that can still change.

    ``defaults`` are the lines for all clients, ``own`` the client's; a client's own line displaces the
    default of its KPI and of its action.
    """
    now = [line for line in own if line.holds(today)]
    kpis = {line.kpi for line in now if line.kpi != IGNORED}
    actions = {folded(line.action_type) for line in now}
    since = today - timedelta(days=LONGEST_DAYS)
    lines = [*own, *(d for d in defaults if d.kpi not in kpis and folded(d.action_type) not in actions)]
    return frozenset(
        folded(line.action_type) for line in lines if line.kpi != IGNORED and line.valid_to >= since
    )


def folded(text: str) -> str:
    """Return ``text`` without the differences that a name may have in a file."""
    return " ".join(text.split()).casefold()


def longest_window(
    actions: Iterable[ActionFacts], known: Mapping[str, Known], mapped: frozenset[str]
) -> Longest:
    """Return the longest window of the ``actions`` that are mapped by their id or any name they ever had."""
    longest = Longest()
    for action in actions:
        before = known.get(action.action_id, Known())
        names = {folded(name) for name in (action.action_id, action.name or "", *before.names) if name}
        if not names & mapped:
            continue
        for told, last in (
            (action.click_window_days, before.click_window_days),
            (action.view_window_days, before.view_window_days),
        ):
            days = told if told is not None else last
            if days is not None and days > longest.days:
                longest = Longest(days, action.action_id, action.name)
    return longest
