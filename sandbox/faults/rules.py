"""Fault rules: match, times, effect, read from JSON or TOML and kept with their counters.

A rule is ``{"name": …, "match": {…}, "times": {…}, "effect": {…}}``; only the effect is needed.
"""

import json
import re
import tomllib
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from sandbox.data import seeds
from sandbox.data.calendar import day_number
from sandbox.data.world import digits
from sandbox.faults.effect import Effect, only
from sandbox.target import KINDS, Target


@dataclass(frozen=True)
class Match:
    """Which requests; what is empty matches everything."""

    platform: str = ""
    kind: frozenset[str] = frozenset()
    """Any of these kinds of answer, see ``target.KINDS``."""
    account: frozenset[str] = frozenset()
    method: str = ""
    path: str = ""
    """A regular expression, searched for in the path."""
    date: tuple[int, int] | None = None
    """Day numbers: a request matches if its window touches them; data and rows change on these only."""

    campaign: frozenset[str] = frozenset()
    """Campaign ids: says nothing about requests; data, rows and statuses change for these campaigns only."""

    def meets(self, method: str, path: str, target: Target) -> bool:
        """Return whether a request is meant."""
        if self.platform and self.platform != target.platform:
            return False
        if self.kind and not self.kind & target.kinds:
            return False
        if self.account and target.account not in self.account:
            return False
        if self.method and self.method != method:
            return False
        if self.path and not re.search(self.path, path):
            return False
        if self.date is None:
            return True
        return (
            target.window is not None
            and self.date[0] <= target.window[1]
            and self.date[1] >= target.window[0]
        )


@dataclass(frozen=True)
class Times:
    """Which of the matching requests, counted from 1; all conditions must hold."""

    first: int = 0
    """Only the first so many (after ``after``); 0: no limit."""
    after: int = 0
    """Not the first so many."""
    every: int = 1
    nth: frozenset[int] = frozenset()
    probability: float = 1.0
    seed: int = 0

    def strikes(self, number: int, name: str) -> bool:
        """Return whether the rule strikes the matching request ``number``."""
        number -= self.after
        if number < 1 or (self.first and number > self.first):
            return False
        if (number - 1) % self.every or (self.nth and number not in self.nth):
            return False
        return self.probability >= 1.0 or seeds.uniform("fault", self.seed, name, number) < self.probability


@dataclass
class Rule:
    """One rule and how many requests have met it."""

    name: str
    match: Match
    times: Times
    effect: Effect
    met: int = 0
    struck: int = 0

    def strike(self, method: str, path: str, target: Target) -> bool:
        """Count a request and return whether the rule strikes it."""
        if not self.match.meets(method, path, target):
            return False
        self.met += 1
        hit = self.times.strikes(self.met, self.name)
        self.struck += hit
        return hit


@dataclass
class Faults:
    """The rules in force, in the order in which they were added."""

    rules: list[Rule] = field(default_factory=list)

    def add(self, given: Any) -> None:
        """Add one rule or a list; raises ValueError naming what cannot be read, and then adds none."""
        entries = given if isinstance(given, list) else [given]
        self.rules += [_rule(entry, len(self.rules) + index) for index, entry in enumerate(entries)]

    def load(self, path: Path) -> None:
        """Add the rules of a scenario file: JSON, or TOML with ``[[rule]]`` tables."""
        text = path.read_text(encoding="utf-8")
        given = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        self.add(given["rule"] if isinstance(given, dict) and "rule" in given else given)

    def clear(self) -> None:
        """Remove all rules."""
        self.rules.clear()

    def striking(self, method: str, path: str, target: Target) -> list[Rule]:
        """Return the rules that strike a request, counting it."""
        return [rule for rule in self.rules if rule.strike(method, path, target)]

    def summary(self) -> list[dict[str, Any]]:
        """Return what each rule has met and struck."""
        return [{"name": rule.name, "met": rule.met, "struck": rule.struck} for rule in self.rules]


def _rule(given: Any, index: int) -> Rule:
    if not isinstance(given, dict):
        raise ValueError(f"a fault rule is an object, not {given!r}")
    only(given, {"name", "match", "times", "effect"}, "a fault rule")
    return Rule(
        name=str(given.get("name") or f"rule {index + 1}"),
        match=_match(given.get("match", {})),
        times=_times(given.get("times", {})),
        effect=Effect.read(given.get("effect", {})),
    )


def _match(given: dict[str, Any]) -> Match:
    only(given, {f.name for f in fields(Match)}, "match")
    kinds = frozenset(_several(given.get("kind")))
    if kinds - set(KINDS):
        raise ValueError(f"match.kind knows {', '.join(KINDS)}; not {', '.join(sorted(kinds - set(KINDS)))}")
    path = str(given.get("path", ""))
    try:
        re.compile(path)
    except re.error as problem:
        raise ValueError(f"match.path {path!r} is not a regular expression: {problem}") from None
    return Match(
        platform=given.get("platform", ""),
        kind=kinds,
        account=frozenset(digits(account) for account in _several(given.get("account"))),
        method=given.get("method", "").upper(),
        campaign=frozenset(_several(given.get("campaign"))),
        path=path,
        date=_days(given["date"]) if "date" in given else None,
    )


def _times(given: dict[str, Any]) -> Times:
    only(given, {f.name for f in fields(Times)}, "times")
    return Times(**{**given, "nth": frozenset(given.get("nth", ()))})


def _days(given: Any) -> tuple[int, int]:
    first, last = given if isinstance(given, list) else (given, given)
    return _day(first), _day(last)


def _day(given: Any) -> int:
    return day_number(given if isinstance(given, date) else date.fromisoformat(given))


def _several(given: Any) -> list[str]:
    if given is None:
        return []
    return [str(one) for one in given] if isinstance(given, list) else [str(given)]
