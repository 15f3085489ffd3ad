"""The gate refuses what makes a file untrustworthy, and nothing that is one client's trouble."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.runs import Run
from publish import evidence, gate, verify
from publish.gate import Facts, Loss
from publish.publish import publish

AT = datetime(2026, 11, 24, 6, tzinfo=UTC)


def facts(**changed: Any) -> Facts:
    known: dict[str, Any] = {
        "run_id": "r-2",
        "build_problem": None,
        "candidate_problem": None,
        "loss": None,
        "published": "r-1",
        "pinned": None,
    }
    return Facts(**(known | changed))


def test_nothing_against_it_is_published() -> None:
    assert gate.decide(facts(), AT).verdict == "published"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"build_problem": "test conserved_days failed with 3 rows"}, "conserved_days"),
        ({"candidate_problem": "it lacks marts.daily_kpi"}, "marts.daily_kpi"),
        ({"loss": Loss(100, 21, "hotel-01")}, "21 of 100"),
        ({"build_problem": "no build", "pinned": "r-1"}, "no build"),
    ],
)
def test_refused_says_why_and_what_readers_have(changed: dict[str, Any], said: str) -> None:
    verdict = gate.decide(facts(**changed), AT)
    assert verdict.verdict == "refused"
    assert said in verdict.reason
    assert "readers keep release r-1" in verdict.reason
    assert "make run" in verdict.reason


def test_a_fifth_lost_is_published_and_more_only_by_hand() -> None:
    assert gate.decide(facts(loss=Loss(100, 20, "hotel-01")), AT).verdict == "published"
    accepted = gate.decide(facts(loss=Loss(100, 90, "hotel-01"), accept_loss=True), AT)
    assert accepted.verdict == "published"
    assert "accepted by hand" in accepted.reason


def test_a_pin_holds() -> None:
    verdict = gate.decide(facts(pinned="r-1"), AT)
    assert verdict.verdict == "held"
    assert "make unpin" in verdict.reason


FAIL = {
    "unique_id": "test.wholeday.conserved_daily_to_monthly.1a2b3c",
    "status": "fail",
    "failures": 3,
    "message": "Got 3 results, configured to fail if != 0",
}
ERROR = {
    "unique_id": "model.wholeday.daily_kpi",
    "status": "error",
    "failures": None,
    "message": "Contract Error\n  This model has an enforced contract",
}
SKIPPED = {"unique_id": "model.wholeday.weekly_kpi", "status": "skipped", "failures": None, "message": None}


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (
            [FAIL, SKIPPED],
            "test conserved_daily_to_monthly failed with 3 rows (1 nodes after it were skipped)",
        ),
        ([SKIPPED, ERROR], "model daily_kpi could not be built: Contract Error This model has an enforced"),
        ([SKIPPED], "model weekly_kpi was skipped"),
    ],
)
def test_a_failed_build_is_refused_by_name(warehouse: Any, bad: list[dict[str, Any]], said: str) -> None:
    run = warehouse.begin()
    warehouse.build(run)
    warehouse.results(run, *bad)
    verdict = publish(warehouse.settings, run)
    assert verdict.verdict == "refused"
    assert said in verdict.reason


def test_a_warning_of_dbt_is_no_refusal(warehouse: Any) -> None:
    run = warehouse.begin()
    warehouse.build(run)
    warehouse.results(run, FAIL | {"status": "warn"})
    assert publish(warehouse.settings, run).verdict == "published"


def test_results_of_an_earlier_run_or_none_are_refused(warehouse: Any) -> None:
    run = warehouse.begin()
    warehouse.build(run)
    warehouse.results(run, generated_at="2020-01-01T00:00:00.5Z")
    assert "older than this run" in publish(warehouse.settings, run).reason
    results = warehouse.settings.dbt_target / "run_results.json"
    results.write_text(results.read_text()[:40])
    assert "never finished" in publish(warehouse.settings, run).reason
    results.unlink()
    assert "never finished" in publish(warehouse.settings, run).reason


def test_an_interrupted_build_is_refused(warehouse: Any) -> None:
    run = warehouse.begin()
    warehouse.build(run)
    node = {"resource_type": "model", "config": {"enabled": True, "materialized": "table"}}
    manifest = {"nodes": {"model.wholeday.daily_kpi": node, "model.wholeday.monthly_kpi": node}}
    (warehouse.settings.dbt_target / "manifest.json").write_text(json.dumps(manifest))
    assert "interrupted: 1 models and tests never ran, among them model monthly_kpi" in (
        publish(warehouse.settings, run).reason
    )


def test_a_build_without_tests_is_refused(warehouse: Any) -> None:
    run = warehouse.begin()
    warehouse.build(run)
    results = warehouse.settings.dbt_target / "run_results.json"
    results.write_text(results.read_text().replace("test.wholeday", "model.wholeday"))
    assert "ran no test" in publish(warehouse.settings, run).reason


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("drop table marts.monthly_kpi", "it lacks marts.monthly_kpi"),
        ("create view marts.seen as select 1 as one", "it holds views (marts.seen)"),
        (
            "update health.runs set run_id = 'other-000009';"
            "update staging.stg_run set run_id = 'other-000009'",
            "was built by run other-000009",
        ),
        ("delete from health.runs", "does not say which run built it"),
    ],
)
def test_a_candidate_that_is_no_release_is_refused(warehouse: Any, change: str, said: str) -> None:
    run = warehouse.begin()
    warehouse.build(run, change=change)
    verdict = publish(warehouse.settings, run)
    assert verdict.verdict == "refused"
    assert said in verdict.reason
    assert not warehouse.settings.release.exists()


def test_a_damaged_or_absent_candidate_is_refused(warehouse: Any) -> None:
    run = warehouse.begin()
    path = warehouse.build(run, clients=200, days=60)
    whole = path.read_bytes()
    path.write_bytes(whole[:20000] + b"\0" * 60000 + whole[80000:])
    assert "does not verify" in publish(warehouse.settings, run).reason
    path.write_bytes(b"not a database")
    assert "does not verify" in publish(warehouse.settings, run).reason
    path.unlink()
    assert "the file does not exist" in publish(warehouse.settings, run).reason


def test_a_candidate_with_one_unreadable_block_is_refused(warehouse: Any) -> None:
    run = warehouse.begin()
    path = warehouse.build(run, clients=200, days=60)
    whole = path.read_bytes()
    step = 262_144  # of a block
    for start in range(12_288, len(whole), step):
        path.write_bytes(whole[: start + 4096] + b"\1" * 4096 + whole[start + 8192 :])
        if opens_and_cannot_be_read(path):
            break
    else:
        pytest.fail("no block of data was found")
    verdict = publish(warehouse.settings, run)
    assert verdict.verdict == "refused"
    assert "does not verify: it cannot be read" in verdict.reason


def opens_and_cannot_be_read(path: Path) -> bool:
    try:
        verify.look(path)
    except verify.UnverifiedError:
        return False
    try:
        verify.scan(path)
    except verify.UnverifiedError:
        return True
    return False


LOSE = "update health.account_days set status = 'missing', reason = 'account failed' where "


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (LOSE + "client_id = 'hotel-01' and platform = 'meta'", "published"),  # one of six accounts
        (LOSE + "client_id = 'hotel-01'", "refused"),  # two of six
        (
            "delete from health.account_days where client_id = 'hotel-01'",
            "refused",
        ),  # the calendar itself lost them
        (
            LOSE.replace("missing", "not_expected") + "client_id = 'hotel-01'",
            "refused",
        ),  # and cannot excuse itself
    ],
)
def test_more_than_a_fifth_of_the_whole_days_lost(warehouse: Any, change: str, verdict: str) -> None:
    publish_first(warehouse)
    run = warehouse.begin()
    warehouse.build(run, change=change)
    decided = publish(warehouse.settings, run)
    assert decided.verdict == verdict
    if verdict == "refused":
        assert "60 of 180 account-days that were whole (33 %) would be lost" in decided.reason
        assert "hotel-01 (60: " in decided.reason
        assert publish(warehouse.settings, run, accept_loss=True).verdict == "published"


def test_days_the_agency_no_longer_expects_are_not_lost(warehouse: Any, agency: Callable[..., None]) -> None:
    publish_first(warehouse)
    gone = "delete from health.account_days where client_id = 'hotel-03'"
    agency(warehouse.settings.agency_read, clients=2)  # hotel-03 left
    run = warehouse.begin()
    warehouse.build(run, change=gone)
    assert publish(warehouse.settings, run).verdict == "published"


def test_days_before_a_later_start_are_not_lost(warehouse: Any, agency: Callable[..., None]) -> None:
    publish_first(warehouse)
    agency(warehouse.settings.agency_read, started_on="2026-11-14")  # 10 of 30 days stay expected
    run = warehouse.begin()
    warehouse.build(run, days=10)
    assert publish(warehouse.settings, run).verdict == "published"


def test_days_older_than_the_platforms_keep_are_not_lost(warehouse: Any, agency: Callable[..., None]) -> None:
    agency(warehouse.settings.agency_read, started_on="2020-01-01")
    publish_first(warehouse, days=2000)  # 37 months are 1127 days
    run = warehouse.begin()
    warehouse.build(run, days=1127)
    assert publish(warehouse.settings, run).verdict == "published"


def test_unreadable_agency_files_excuse_nobody(warehouse: Any) -> None:
    publish_first(warehouse)
    (warehouse.settings.agency_read / "accounts.csv").unlink()
    run = warehouse.begin()
    warehouse.build(run, days=10)
    found = evidence.gather(warehouse.settings, run)
    assert found.loss == Loss(180, 120, "hotel-01 (40: no longer in the calendar)")


def test_files_that_register_nobody_excuse_nobody(warehouse: Any, agency: Callable[..., None]) -> None:
    publish_first(warehouse)
    folder = warehouse.settings.agency_read
    for emptied in ("accounts.csv", "clients.csv"):
        agency(folder)
        path = folder / emptied
        path.write_text(path.read_text().splitlines()[0] + "\n")
        run = warehouse.begin()
        warehouse.build(run, change="delete from health.account_days")
        verdict = publish(warehouse.settings, run)
        assert verdict.verdict == "refused"
        assert "180 of 180 account-days that were whole (100 %) would be lost" in verdict.reason


def test_who_is_expected_is_read_as_the_models_read_it(warehouse: Any, agency: Callable[..., None]) -> None:
    publish_first(warehouse)
    folder = warehouse.settings.agency_read
    agency(folder, clients=2)  # hotel-03 left
    clients, accounts = folder / "clients.csv", folder / "accounts.csv"
    text = clients.read_text().replace("Hotel 01", '"Hotel\n01"').replace("hotel-02,", "hotel-02\t,")
    clients.write_text(text + ",,,,,\n", newline="")
    text = accounts.read_text().replace("meta,hotel-01,", "\u00a0meta,\u2009hotel-01\t,")
    accounts.write_text(text + "\r\n,,,,,,,\r\n", newline="")
    run = warehouse.begin()
    warehouse.build(run, days=10)
    found = evidence.gather(warehouse.settings, run)
    assert found.loss == Loss(180, 80, "hotel-01 (40: no longer in the calendar)")


def publish_first(warehouse: Any, **world: Any) -> None:
    run = warehouse.begin()
    warehouse.build(run, **world)
    assert publish(warehouse.settings, run).verdict == "published"


def forget(warehouse: Any) -> None:
    warehouse.settings.validation.unlink()


def write_garbage(warehouse: Any) -> None:
    warehouse.settings.validation.write_text('{"run_id": "')


def judge_nothing(warehouse: Any) -> None:
    found = json.loads(warehouse.settings.validation.read_text())
    empty = found | {"statistics": {"evaluated": 0, "failed": 0}}
    warehouse.settings.validation.write_text(json.dumps(empty))


def build_again(warehouse: Any) -> None:
    verdict = warehouse.settings.validation.read_text()
    warehouse.build(Run.current(warehouse.settings), days=29)
    warehouse.settings.validation.write_text(verdict)


@pytest.mark.parametrize("unjudged", [forget, write_garbage, judge_nothing, build_again])
def test_no_verdict_on_this_file_is_no_release(
    warehouse: Any, monkeypatch: pytest.MonkeyPatch, unjudged: Callable[[Any], None]
) -> None:
    warehouse.build(warehouse.begin())
    run = Run.current(warehouse.settings)
    assert run is not None
    unjudged(warehouse)
    monkeypatch.setattr("core.judging.again", lambda *_: "it was killed")
    verdict = publish(warehouse.settings, run)
    assert verdict.verdict == "refused"
    assert "Great Expectations" in verdict.reason
    assert "judging it once more failed (it was killed)" in verdict.reason
    assert "make publish" in verdict.reason
    assert warehouse.verdicts() == [(run.run_id, "refused")]

    monkeypatch.setattr("core.judging.again", lambda *_: warehouse.validation(run, {"severity": "critical"}))
    assert publish(warehouse.settings, run).verdict == "published"


def test_a_failed_swap_needs_no_second_judgement(warehouse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = warehouse.begin()
    warehouse.build(run)
    monkeypatch.setattr("core.judging.again", lambda *_: pytest.fail("it was judged"))
    with monkeypatch.context() as full:
        full.setattr("publish.files.prepare_copy", _no_space)
        assert publish(warehouse.settings, run).verdict == "refused"
    assert publish(warehouse.settings, run).verdict == "published"


def _no_space(*_: Any) -> Path:
    raise OSError(28, "No space left on device")
