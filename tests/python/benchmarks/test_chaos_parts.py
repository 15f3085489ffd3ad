"""The parts of a chaos trial see what they are there to see."""

import math
import shutil
import signal
from pathlib import Path

import duckdb
import pytest

from benchmarks.chaos import compare, faults
from benchmarks.chaos.plan import Kill, Plan, draw
from benchmarks.chaos.reader import look
from benchmarks.chaos.steps import STEPS, Marks, step
from benchmarks.chaos.tally import Tally
from benchmarks.chaos.trial import Outcome, Reading
from sandbox.faults.rules import Faults

RELEASE = """
create schema staging; create schema health; create schema marts;
create table staging.stg_run as select '{own}' as run_id;
create table health.runs as
select '{newest}' as run_id, '{verdict}' as verdict, timestamptz '2026-12-01 12:00:00+00' as published_at;
create table marts.daily_kpi as select 'EUR' as currency, 2.5 as total_spend, 10 as total_impressions,
    1 as total_clicks, 1 as email_contacts, null::int as reservations;
create table marts.weekly_kpi as from marts.daily_kpi;
create table marts.monthly_kpi as from marts.daily_kpi;
create table marts.campaign_daily_kpi as from marts.daily_kpi;
"""


def release(path: Path, own: str = "r2", newest: str = "r2", verdict: str = "published") -> Path:
    with duckdb.connect(str(path)) as file:
        file.execute(RELEASE.format(own=own, newest=newest, verdict=verdict))
    return path


def test_a_seed_is_one_trial_and_half_of_them_are_kills() -> None:
    plans = [draw(seed) for seed in range(200)]
    assert plans == [draw(seed) for seed in range(200)]
    kills = [plan.kill for plan in plans if plan.kill]
    assert len(kills) == 100
    assert {kill.signal for kill in kills} == {signal.SIGKILL, signal.SIGTERM, signal.SIGINT}
    assert {kill.step for kill in kills} == {None, *STEPS}
    assert sum(plan.empty for plan in plans) > 10
    assert sum(plan.later for plan in plans) > 20


@pytest.mark.parametrize("platform", ["meta", "google"])
def test_three_requests_of_ten_fail_in_ways_the_sandbox_knows(platform: str) -> None:
    rules = faults.rules(7)
    Faults().add(rules)
    unharmed = math.prod(
        1 - rule["times"]["probability"] for rule in rules if rule["match"]["platform"] == platform
    )
    assert unharmed == pytest.approx(0.7)


def test_the_step_of_a_run_is_told_by_its_files(tmp_path: Path) -> None:
    def write(name: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".new").write_text(name)
        path.with_suffix(".new").replace(path)

    parts = ("run.json", "candidate/x", "target/run_results.json", "validation.json", "ads.duckdb")
    for name in parts:
        write(name)
    before, seen = Marks.of(tmp_path), []
    seen.append(step(tmp_path, before))
    for name in parts:
        write(name)
        seen.append(step(tmp_path, before))
    assert seen == list(STEPS)


def test_a_reader_knows_one_whole_release(tmp_path: Path) -> None:
    assert look(release(tmp_path / "ads.duckdb")) == ("r2", None)


def test_a_reader_sees_a_file_of_two_runs(tmp_path: Path) -> None:
    _, problem = look(release(tmp_path / "ads.duckdb", own="r1"))
    assert problem is not None


def test_a_reader_sees_a_file_that_was_never_published(tmp_path: Path) -> None:
    _, problem = look(release(tmp_path / "ads.duckdb", verdict="refused"))
    assert problem is not None


@pytest.mark.parametrize("mart", ["weekly_kpi", "monthly_kpi", "campaign_daily_kpi"])
def test_a_reader_sees_marts_of_two_releases(tmp_path: Path, mart: str) -> None:
    path = release(tmp_path / "ads.duckdb")
    with duckdb.connect(str(path)) as file:
        file.execute(f"update marts.{mart} set total_clicks = 2")
    _, problem = look(path)
    assert problem is not None and mart in problem


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ("update marts.monthly_kpi set run_id = 'r2'", False),
        ("update marts.monthly_kpi set clicks = 3", True),
        ("insert into marts.monthly_kpi values (1, 'r1')", True),
        ("delete from marts.monthly_kpi", True),
    ],
)
def test_marts_differ_in_figures_but_not_in_provenance(tmp_path: Path, change: str, differs: bool) -> None:
    reference, mine = tmp_path / "reference.duckdb", tmp_path / "mine.duckdb"
    with duckdb.connect(str(reference)) as file:
        file.execute("create schema marts; create schema health")
        for table in compare.TABLES:
            file.execute(f"create table {table} as select 1 as clicks, 'r1' as run_id")
    shutil.copy(reference, mine)
    with duckdb.connect(str(mine)) as file:
        file.execute(change)
    found = [sentence.split()[0] for sentence in compare.differences(mine, reference)]
    assert found == ["marts.monthly_kpi"] * differs


def test_a_version_that_equals_the_one_before_is_one_too_many(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "landing.duckdb")) as ledger:
        ledger.execute(
            """
            create schema ledger;
            create table ledger._dlt_loads as select 'a' as load_id, 0 as status union all select 'b', 0;
            create table ledger.account_days as
            select 'meta' as platform, '1' as account_id, date '2026-11-30' as date, n as started_at,
                'r' || n as run_id, 'v' || n as version_id, hash as content_hash, 'a' as _dlt_load_id
            from (values (1, 'x'), (2, 'y'), (3, 'x')) as versions (n, hash)
            """
        )
        # The same load twice, as after a crash between its commit and its mark: no new version.
        ledger.execute(
            "insert into ledger.account_days select * replace ('b' as _dlt_load_id) from ledger.account_days"
        )
    with duckdb.connect(str(tmp_path / "ads.duckdb")) as file:
        file.execute(
            "create schema staging; create table staging.stg_ledger__account_days as"
            " select 'v' || range as version_id from range(3)"
        )
    assert compare.doubles(tmp_path) == 0
    with duckdb.connect(str(tmp_path / "landing.duckdb")) as ledger:
        ledger.execute(
            "insert into ledger.account_days values ('meta', '1', '2026-11-30', 4, 'r4', 'v4', 'x', 'b')"
        )
    assert compare.doubles(tmp_path) == 1


def test_a_tally_fails_for_a_difference_and_for_too_few_days() -> None:
    def outcome(landed: int, *wrong: str) -> Outcome:
        plan = Plan(0, None, empty=False, later=False)
        return Outcome(plan, 1.0, wrong, Reading(reads=3), asked=100, landed=landed, whole=landed)

    killed = Outcome(
        Plan(1, Kill(signal.SIGKILL, 0.5, "publish"), empty=False, later=False),
        1.0,
        (),
        Reading(),
        step="publish",
    )
    assert not Tally([outcome(99), killed]).failed
    assert Tally([outcome(98), killed]).failed
    assert Tally([outcome(100, "marts.daily_kpi differs"), killed]).failed
    assert any("publish 1" in line for line in Tally([killed]).lines())
