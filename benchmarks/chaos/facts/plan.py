"""What a seed means: one history, drawn by a state machine of Hypothesis before anything runs.

The machine knows what each account has gone through, so that no change is drawn that cannot happen. It does
nothing itself: a history takes a minute, and a thousand can be drawn in that time.
"""

import random
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

META, GOOGLE, FOREIGN = "meta", "google", "foreign"
"""The three accounts: two of the client ``dune``, and one of Google with a currency to lose."""
ACCOUNTS = (META, GOOGLE, FOREIGN)
SPAN_DAYS = 60
WORLDS = 6
"""How many sets of accounts there are."""
CHANGES = ("rename", "recreation", "spelling", "currency", "basis", "window", "status", "deletion", "setting")
OUTAGES = ("empty", "error", "overload", "login", "permission", "cut", "empty")


@dataclass(frozen=True)
class Change:
    """One transition: ``kind`` of ``CHANGES`` or ``outage``, of one account or, with none, of a platform."""

    kind: str
    account: str
    detail: str = ""
    platform: str = ""

    def __str__(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.kind} of {self.account or self.platform}{detail}"


@dataclass(frozen=True)
class Step:
    """``days`` pass, ``changes`` happen in them, and a run follows; its advice is followed or not yet."""

    days: int
    changes: tuple[Change, ...]
    follow: bool

    def __str__(self) -> str:
        follow = "" if self.follow else ", its advice is left for later"
        return f"{' and '.join(map(str, self.changes))}, a run after {self.days} days{follow}"


@dataclass(frozen=True)
class Plan:
    """One history; ``real``: its runs are commands, as ``make run`` is. ``world`` names its accounts."""

    seed: int
    steps: tuple[Step, ...]
    world: int
    real: bool

    def __str__(self) -> str:
        how = ", by commands" if self.real else ""
        return f"seed {self.seed}{how}: {'; '.join(map(str, self.steps))}"

    def without(self, step: int, change: int | None = None) -> "Plan":
        """Return the plan without a step, or without one change of it; the days of the plan stay."""
        steps = list(self.steps)
        if change is None:
            gone = steps.pop(step)
            if step < len(steps):
                steps[step] = replace(steps[step], days=steps[step].days + gone.days)
        else:
            kept = steps[step].changes[:change] + steps[step].changes[change + 1 :]
            steps[step] = replace(steps[step], changes=kept)
        return replace(self, steps=tuple(steps))


def draw(number: int) -> Plan:
    """Return the history that the seed ``number`` means: one to five steps with changes within 60 days."""
    chance = random.Random(number)  # noqa: S311 - reproducible on purpose
    steps = chance.choice((1, 3, 3, 4, 4, 5))
    drawn: list[tuple[Step, ...]] = []

    class Drawing(_History):
        def teardown(self) -> None:
            drawn.append(tuple(self.steps))

    # Else the constants in any code that is imported would be drawn more often: a seed has to mean the same
    # history tomorrow.
    with patch.object(providers, "_get_local_constants", Constants):
        run_state_machine_as_test(
            seed(number)(Drawing),
            settings=settings(
                max_examples=12,
                stateful_step_count=steps,
                database=None,
                deadline=None,
                phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck),
            ),
        )
    # Hypothesis begins with the simplest for every seed, and cuts some of the others short.
    whole = [one for one in drawn[1:] if len(one) == steps] or drawn
    return Plan(number, _within(whole[-1]), world=chance.randrange(WORLDS), real=number % 10 == 0)


def _within(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Shorten the days of ``steps`` so that all of them fit."""
    total = sum(step.days for step in steps)
    room = SPAN_DAYS - 4
    return tuple(replace(step, days=max(1, step.days * room // max(total, room))) for step in steps)


_DAYS = st.sampled_from((1, 1, 2, 3, 5, 9, 14, 20))
_FOLLOW = st.sampled_from((True, True, False))
_NAMED = st.sampled_from((META, GOOGLE, FOREIGN))
_GOOGLE = st.sampled_from((GOOGLE, FOREIGN))
_RENAMED = st.sampled_from(("action", "action", "campaign", "account"))
_SECOND = st.none() | st.sampled_from(("spelling", "status", "deletion", "rename"))


class _History(RuleBasedStateMachine):
    """What has happened to which account; every rule is one change, and a run after it."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Step] = []
        self.past: set[tuple[str, str]] = set()

    def _happens(self, change: Change, second: str | None, days: int, follow: bool) -> None:
        changes = [change]
        self.past.add((change.kind, change.account))
        # A change that needs no advice may happen elsewhere on the same days.
        if second and change.kind != second:
            other = next(one for one in ACCOUNTS if one != change.account)
            if (second, other) not in self.past:
                self.past.add((second, other))
                changes.append(Change(second, other, _SECOND_DETAIL.get(second, "")))
        self.steps.append(Step(days, tuple(changes), follow))

    def _free(self, kind: str, accounts: tuple[str, ...]) -> list[str]:
        return [account for account in accounts if (kind, account) not in self.past]

    @rule(account=_NAMED, what=_RENAMED, second=_SECOND, days=_DAYS, follow=_FOLLOW)
    def rename(self, account: str, what: str, **rest: Any) -> None:
        self._happens(Change("rename", account, what), **rest)

    @precondition(lambda self: self._free("recreation", ACCOUNTS))
    @rule(
        data=st.data(),
        old=st.sampled_from(("renamed", "removed")),
        second=_SECOND,
        days=_DAYS,
        follow=_FOLLOW,
    )
    def recreation(self, data: st.DataObject, old: str, **rest: Any) -> None:
        account = data.draw(st.sampled_from(self._free("recreation", ACCOUNTS)))
        self._happens(Change("recreation", account, old), **rest)

    @precondition(lambda self: self._free("spelling", ACCOUNTS))
    @rule(
        data=st.data(),
        side=st.sampled_from(("platform", "agency")),
        second=_SECOND,
        days=_DAYS,
        follow=_FOLLOW,
    )
    def spelling(self, data: st.DataObject, side: str, **rest: Any) -> None:
        account = data.draw(st.sampled_from(self._free("spelling", ACCOUNTS)))
        self._happens(Change("spelling", account, side), **rest)

    @precondition(lambda self: self._free("currency", (FOREIGN,)))
    @rule(second=_SECOND, days=_DAYS, follow=_FOLLOW)
    def currency(self, **rest: Any) -> None:
        self._happens(Change("currency", FOREIGN), **rest)

    @precondition(lambda self: self._free("basis", (GOOGLE, FOREIGN)))
    @rule(data=st.data(), second=_SECOND, days=_DAYS, follow=_FOLLOW)
    def basis(self, data: st.DataObject, **rest: Any) -> None:
        account = data.draw(st.sampled_from(self._free("basis", (GOOGLE, FOREIGN))))
        self._happens(Change("basis", account), **rest)

    @precondition(lambda self: self._free("window", (GOOGLE, FOREIGN)))
    @rule(data=st.data(), second=_SECOND, days=_DAYS, follow=_FOLLOW)
    def window(self, data: st.DataObject, **rest: Any) -> None:
        account = data.draw(st.sampled_from(self._free("window", (GOOGLE, FOREIGN))))
        self._happens(Change("window", account), **rest)

    @rule(
        account=_NAMED,
        what=st.sampled_from(("campaign", "account")),
        second=_SECOND,
        days=_DAYS,
        follow=_FOLLOW,
    )
    def status(self, account: str, what: str, **rest: Any) -> None:
        self._happens(Change("status", account, what), **rest)

    @rule(account=_NAMED, second=_SECOND, days=_DAYS, follow=_FOLLOW)
    def deletion(self, account: str, **rest: Any) -> None:
        self._happens(Change("deletion", account), **rest)

    @rule(
        what=st.sampled_from(("attribution", "version of meta", "version of google", "zone")),
        zoned=_NAMED,
        second=_SECOND,
        days=_DAYS,
        follow=_FOLLOW,
    )
    def setting(self, what: str, zoned: str, **rest: Any) -> None:
        if what == "zone":
            what = "attribution" if ("zone", zoned) in self.past else what
            # Which of two zones has another spelling would be two questions.
            self.past |= {("zone", zoned), ("spelling", zoned)}
        account = {"attribution": META, "zone": zoned}.get(what, "")
        platform = "" if account else what.removeprefix("version of ")
        self._happens(Change("setting", account, what, platform), **rest)

    @rule(
        where=st.sampled_from((*ACCOUNTS, "all of meta", "all of google")),
        how=st.sampled_from(OUTAGES),
        second=_SECOND,
        days=_DAYS,
        follow=_FOLLOW,
    )
    def outage(self, where: str, how: str, **rest: Any) -> None:
        platform = where.removeprefix("all of ") if where.startswith("all of ") else ""
        self._happens(Change("outage", "" if platform else where, how, platform), **rest)


_SECOND_DETAIL = {"spelling": "platform", "status": "campaign", "rename": "campaign"}
