"""The invariants that hold after each run, and those that hold at the end."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.chaos.facts.look import Finding, Incident, Key, Look
from benchmarks.chaos.facts.plan import Change
from benchmarks.chaos.facts.truth import Day
from benchmarks.chaos.facts.world import World, platform_of

LOOKBACK = {"meta": 28, "google": 35}
CENT = Decimal("0.01")
_COLUMNS = (
    "currency", "total_spend", "total_impressions", "total_clicks", "click_to_call", "email_contacts",
    "reservations", "reservation_value", "conversions_state",
)  # fmt: skip
SHOWN = 3
"""How many rows of one kind of problem are told."""


@cache
def _table() -> dict[str, dict[str, Any]]:
    with Path(__file__).with_name("transitions.toml").open("rb") as file:
        return tomllib.load(file)


def of_change(change: Change) -> dict[str, Any]:
    """Return the row of ``transitions.toml`` for ``change``."""
    return _table().get(f"{change.kind} {change.detail.split(' ')[0]}") or _table()[change.kind]


@dataclass
class Happened:
    """A change that happened, and whether an incident has told it."""

    change: Change
    told: Incident | None = None

    def explains(self, incident: Incident, world: World, *, besides: bool) -> bool:
        """Return whether ``incident`` may tell of the change."""
        row = of_change(self.change)
        rules = row.get("also", []) if besides else row["rules"]
        if incident.rule not in rules and incident.cause not in rules:
            return False
        platform = self.change.platform or platform_of(self.change.account)
        if incident.platform not in ("", platform):
            return False
        clients = (
            {row["client_id"] for row in world.lines(self.change.account)} if self.change.account else None
        )
        return clients is None or not incident.clients or bool(clients & set(incident.clients))


@dataclass
class Judge:
    """Looks at one history from run to run; ``wrong`` gathers what breaks an invariant."""

    world: World
    happened: list[Happened] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    looked: Counter[str] = field(default_factory=Counter)
    """How many things each invariant was asked of."""
    _followed: dict[Key, str] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def after(self, run: int, before: Look | None, now: Look, *, edited: bool, closed: date) -> None:
        """Judge a release; ``edited``: files of the agency changed; ``closed``: newest closed day before."""
        problems = [
            *self._figures(before, now, edited=edited, closed=closed),
            *self._advice(now),
            *self._incidents(now),
        ]
        self.wrong += [f"run {run} ({now.run_id}): {problem}" for problem in problems]

    def is_followed(self, finding: Finding) -> bool:
        """Return whether its advice was followed, after the last change that could ask for it."""
        return finding.subject in self._followed

    def followed(self, finding: Finding, edit: str) -> None:
        """Remember that the advice of ``finding`` was followed by ``edit``."""
        self._followed[finding.subject] = edit

    def forget(self, change: Change) -> None:
        """A new change may need an advice that was followed for an earlier one."""
        platform = change.platform or platform_of(change.account)
        ids = {self.world.ids[change.account]} if change.account else set(self.world.ids.values())
        self._followed = {
            key: edit for key, edit in self._followed.items() if key[1] != platform or key[2] not in ids
        }

    # (a) a figure changes only if an answer or the agency's files did

    def _figures(self, before: Look | None, now: Look, *, edited: bool, closed: date) -> Iterator[str]:
        if before is None:
            return
        days = set(now.changed)
        for mart, rows in now.figures.items():
            old = before.figures[mart]
            differing = [key for key in {*old, *rows} if old.get(key) != rows.get(key)]
            self.looked["a figure changes only with an answer or a file"] += len(old)
            odd = [
                key
                for key in differing
                if not edited and not self._may_change(mart, key, key in old, days, now.actions, closed)
            ]
            yield from _few(
                f"{mart} changed without an answer or a file that changed",
                [f"{' '.join(key)}: {_apart(old.get(key), rows.get(key))}" for key in sorted(odd)],
            )
        self.looked["a whole day stays whole"] += len(before.whole)
        lost = sorted(key for key in before.whole - now.whole if self.world.expects(*key))
        yield from _few("days that were whole are lost", [" ".join(key) for key in lost])

    def _may_change(
        self, mart: str, key: Key, was: bool, days: set[Key], actions: frozenset[Key], closed: date
    ) -> bool:
        client, platform, last = key[0], key[1], key[-1]
        own = {row["account_id"] for row in self.world.accounts if row["client_id"] == client}
        if any((platform, account) in actions for account in own):
            return True
        if mart == "monthly_kpi":
            if not was and last[:7] >= str(closed)[:7]:
                return True  # the month has begun, or its first day has closed
            return any(
                (platform, account, day) in days
                for _, account, day in days
                if account in own and day[:7] == last[:7]
            )
        if not was and date.fromisoformat(last) > closed:
            return True
        return any((platform, account, last) in days for account in own)

    # (b) no advice that was followed is given again

    def _advice(self, now: Look) -> Iterator[str]:
        self.looked["no advice that was followed is given again"] += len(self._followed)
        again = [one for one in now.findings if one.subject in self._followed]
        yield from _few(
            "advice that was followed is given again",
            [f"{self._followed[one.subject]}: {one.message}" for one in again],
        )

    # (d) one incident for one change

    def _incidents(self, now: Look) -> Iterator[str]:
        new = [one for one in now.incidents if one.incident_id not in self._seen]
        self._seen |= {one.incident_id for one in new}
        self.looked["an incident has a change of its own"] += len(new)
        for incident in sorted(new, key=lambda one: one.severity):
            possible = [one for one in self.happened if one.explains(incident, self.world, besides=False)]
            free = next((one for one in possible if one.told is None), None)
            if free is not None:
                free.told = incident
            elif not any(one.explains(incident, self.world, besides=True) for one in self.happened):
                yield _unexplained(incident, possible)

    # (c) and what is left of (d), at the end

    def end(self, now: Look, told: list[tuple[float, dict[tuple[str, str], Day]]], today: date) -> None:
        """Judge the release after two healthy mornings; ``told`` is the truth at the instant of each run."""
        problems = [*self._untold(), *self._open(now), *self._published(now, told, today)]
        self.wrong += [f"at the end ({now.run_id}): {problem}" for problem in problems]

    def _untold(self) -> Iterator[str]:
        must = [one for one in self.happened if of_change(one.change).get("must")]
        self.looked["a change that has to be told is told"] += len(must)
        yield from (f"no finding tells of the {one.change}" for one in must if one.told is None)

    def _open(self, now: Look) -> Iterator[str]:
        high = [
            one
            for one in now.findings
            if one.severity in ("critical", "high") and not self._is_to_be_asked(one)
        ]
        self.looked["nothing high is open"] += 1
        yield from _few("high findings are open", [one.message for one in high])

    def _is_to_be_asked(self, finding: Finding) -> bool:
        """Return whether a change explains that a person would ask about the figures."""
        name = self.world.account_of(finding.platform, finding.account_id)
        return any(
            finding.rule in of_change(one.change).get("also", []) and one.change.account == name
            for one in self.happened
        )

    def _published(
        self, now: Look, told: list[tuple[float, dict[tuple[str, str], Day]]], today: date
    ) -> Iterator[str]:
        missing, differing, old = [], [], []
        rows = now.figures["daily_kpi"]
        last = told[-1][0]
        for client, name, day in self.world.expected(today - timedelta(days=1)):
            platform = platform_of(name)
            key = (client, platform, str(day))
            self.looked["a day is published and equals the truth"] += 1
            if key not in rows:
                missing.append(" ".join(key))
                continue
            seen = now.confirmed[key]
            truth = next((days for at, days in told if abs(at - seen) < 1), None)
            if truth is None or (name, str(day)) not in truth:
                differing.append(f"{' '.join(key)}: seen at {seen:.0f}, when no run was")
                continue
            apart = _differs(dict(zip(_COLUMNS, rows[key], strict=True)), truth[name, str(day)])
            if apart:
                differing.append(f"{' '.join(key)}: {apart}")
            if (
                (today - day).days <= LOOKBACK[platform]
                and seen < last - 1
                and not self.world.frozen(name, day)
            ):
                old.append(f"{' '.join(key)}: last seen {(last - seen) / 86_400:.0f} days ago")
        yield from _few("days are not published", missing)
        yield from _few("days do not equal the truth", differing)
        yield from _few("days within the lookback were not asked for", old)


def _unexplained(incident: Incident, possible: list[Happened]) -> str:
    said = f"{incident.severity} {incident.cause}: {incident.message}"
    if not possible:
        return f"a finding without a change: {said}"
    last = possible[-1]
    first = f"{last.told.cause}: {last.told.message}" if last.told else "nothing"
    return f"a second finding for the {last.change}: {said}; the first was {first}"


def _differs(shown: dict[str, str], truth: Day) -> str:
    found = []
    if shown["currency"] != truth.currency:
        found.append(f"in {shown['currency']}, told in {truth.currency}")
    for name, value in truth.figures.items():
        if shown[name] == "None" or abs(Decimal(shown[name]) - value) > CENT:
            found.append(f"{name} {shown[name]}, in truth {value}")
    return ", ".join(found)


def _apart(old: Key | None, new: Key | None) -> str:
    if old is None or new is None:
        return "is gone" if new is None else "is new"
    return ", ".join(f"{was} -> {now}" for was, now in zip(old, new, strict=True) if was != now)


def _few(what: str, rows: list[str]) -> Iterator[str]:
    if rows:
        more = f" (and {len(rows) - SHOWN} more)" if len(rows) > SHOWN else ""
        yield f"{what}: {'; '.join(rows[:SHOWN])}{more}"
