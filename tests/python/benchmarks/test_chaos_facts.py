"""``make chaos PART=facts``: what a seed draws, what the judge says, and two histories for real."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.chaos.facts.command import outcomes_of
from benchmarks.chaos.facts.judge import Happened, Judge, of_change
from benchmarks.chaos.facts.look import Finding, Incident, Look
from benchmarks.chaos.facts.plan import CHANGES, SPAN_DAYS, Change, Plan, Step, draw
from benchmarks.chaos.facts.truth import Day
from benchmarks.chaos.facts.world import STARTED, World, register_all
from core.settings import ROOT

KPI = ("EUR", "10.00", "100", "10", "1", "2", "3", "4.00", "tracked")
ROW = ("dune", "meta", "2026-08-10")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "agency", register_all(tmp_path / "served"), 0)


@pytest.fixture
def judge(world: World) -> Judge:
    return Judge(world)


def _look(rows: dict[tuple[str, ...], tuple[str, ...]], **more: object) -> Look:
    figures = {"daily_kpi": rows, "campaign_daily_kpi": {}, "monthly_kpi": {}}
    nothing = Look("run", figures, {}, (), (), frozenset(), frozenset(), frozenset())
    return replace(nothing, **more)  # type: ignore[arg-type]


def _after(judge: Judge, before: Look, now: Look, *, edited: bool = False) -> list[str]:
    judge.after(2, before, now, edited=edited, closed=date(2026, 8, 12))
    return judge.wrong


def _incident(rule: str, platform: str = "meta", client: str = "dune") -> Incident:
    return Incident(f"{rule} {platform}", rule, rule, "high", platform, (client,), True, "something")


def _finding(world: World, rule: str) -> Finding:
    account = world.ids["meta"]
    return Finding("1", rule, "high", "dune", "meta", account, "", "2026-08-10", "", "", "", "do this")


# what a seed draws


def test_seed_draws_the_same_history_again() -> None:
    plans = [draw(seed) for seed in range(40, 46)]
    assert plans == [draw(seed) for seed in range(40, 46)]
    assert len(set(map(str, plans))) == len(plans)


def test_seed_means_the_same_whatever_is_imported() -> None:
    alone = "from benchmarks.chaos.facts.plan import draw; print([str(draw(seed)) for seed in range(40, 46)])"
    done = subprocess.run([sys.executable, "-c", alone], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([str(draw(seed)) for seed in range(40, 46)])


def test_histories_have_every_transition_within_their_span() -> None:
    plans = [draw(seed) for seed in range(60)]
    kinds = Counter(change.kind for plan in plans for step in plan.steps for change in step.changes)
    assert set(kinds) == {*CHANGES, "outage"}
    assert min(kinds.values()) >= 10
    assert max(sum(step.days for step in plan.steps) for plan in plans) <= SPAN_DAYS - 2
    assert sum(plan.real for plan in plans) == 6
    assert all(of_change(change) for plan in plans for step in plan.steps for change in step.changes)


def test_shorter_history_keeps_its_days() -> None:
    change = Change("deletion", "meta")
    plan = Plan(1, (Step(3, (change,), follow=True), Step(4, (change, change), follow=True)), 0, real=False)
    assert [step.days for step in plan.without(0).steps] == [7]
    assert len(plan.without(1, 0).steps[1].changes) == 1


# what the judge says


def test_figure_without_a_reason(judge: Judge) -> None:
    other = (*KPI[:6], "9", *KPI[7:])
    (problem,) = _after(judge, _look({ROW: KPI}), _look({ROW: other}))
    assert "changed without an answer or a file that changed: dune meta 2026-08-10: 3 -> 9" in problem


def test_figure_with_a_reason(judge: Judge, world: World) -> None:
    other = (*KPI[:6], "9", *KPI[7:])
    answer = frozenset({("meta", world.ids["meta"], "2026-08-10")})
    assert _after(judge, _look({ROW: KPI}), _look({ROW: other}, changed=answer)) == []
    assert _after(judge, _look({ROW: KPI}), _look({ROW: other}), edited=True) == []
    newly_closed = {("dune", "meta", "2026-08-13"): KPI}
    assert _after(judge, _look({ROW: KPI}), _look({ROW: KPI} | newly_closed)) == []


def test_day_that_is_lost(judge: Judge, world: World) -> None:
    whole = frozenset({("meta", world.ids["meta"], "2026-08-10")})
    (problem,) = _after(judge, _look({}, whole=whole), _look({}), edited=True)
    assert "days that were whole are lost" in problem


def test_followed_advice_given_again(judge: Judge, world: World) -> None:
    finding = _finding(world, "action_renamed")
    judge.followed(finding, "write the id")
    (problem,) = _after(judge, _look({}), _look({}, findings=(finding,)))
    assert "given again: write the id: do this" in problem
    judge.wrong.clear()
    judge.forget(Change("rename", "meta", "action"))
    assert _after(judge, _look({}), _look({}, findings=(finding,))) == []


def test_one_incident_for_one_change(judge: Judge) -> None:
    judge.happened.append(Happened(Change("currency", "foreign")))
    told = _incident("registered", "google", "fjord")
    assert _after(judge, _look({}), _look({}, incidents=(told,))) == []
    again = replace(told, incident_id="another")
    (problem,) = _after(judge, _look({}), _look({}, incidents=(told, again)))
    assert "a second finding for the currency of foreign" in problem
    judge.wrong.clear()
    (problem,) = _after(judge, _look({}), _look({}, incidents=(_incident("copied_day"),)))
    assert "a finding without a change" in problem


def test_change_that_nothing_tells(judge: Judge) -> None:
    judge.happened.append(Happened(Change("currency", "foreign")))
    judge.end(_look({}), [(0.0, {})], STARTED)
    assert judge.wrong == ["at the end (run): no finding tells of the currency of foreign"]


def test_day_against_the_truth(judge: Judge, world: World) -> None:
    names = ("total_spend", "total_impressions", "total_clicks", "click_to_call", "email_contacts")
    figures = dict(zip((*names, "reservations", "reservation_value"), map(Decimal, KPI[1:8]), strict=True))
    truth = {(name, "2026-07-01"): Day("EUR", figures) for name in world.ids}
    rows = {("dune", platform, "2026-07-01"): KPI for platform in ("meta", "google")}
    seen = dict.fromkeys(rows, 100.0)
    now = _look(rows, confirmed=seen)
    judge.end(now, [(100.0, truth)], date(2026, 7, 2))
    assert judge.wrong == ["at the end (run): days are not published: fjord google 2026-07-01"]
    judge.wrong.clear()
    truth["meta", "2026-07-01"] = Day("EUR", figures | {"reservations": Decimal(5)})
    judge.end(now, [(100.0, truth)], date(2026, 7, 2))
    assert "dune meta 2026-07-01: reservations 3, in truth 5" in judge.wrong[1]


# for real


@pytest.mark.slow
def test_history_for_real(tmp_path: Path) -> None:
    told = (Change("currency", "foreign"), Change("spelling", "google", "platform"))
    again = (Change("recreation", "google", "renamed"), Change("outage", "meta", "error"))
    steps = tuple(Step(2, some, follow=True) for some in (told, again))
    (outcome,) = outcomes_of([Plan(0, steps, 0, real=False)], tmp_path, jobs=1)
    assert outcome.wrong == []
    assert outcome.edits["split the registration"] == 1
    assert outcome.edits.total() >= 2
