"""Validation of real files: what is clean holds; what is damaged breaks what it should and is named."""

import hashlib
import html
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import duckdb
import great_expectations as gx
import pytest
import sqlalchemy as sa

from core.errors import UserError
from core.settings import Settings
from expectations import suites, validate
from expectations.engine import open_source
from expectations.identity import run_of
from expectations.outcome import Outcome

Build = Callable[..., Settings]

DAILY, WEEKLY, MONTHLY = "marts.daily_kpi", "marts.weekly_kpi", "marts.monthly_kpi"
SUMS = [(WEEKLY, "Every week adds up to its days"), (MONTHLY, "Every month adds up to its days")]

# SQL that damages a clean file, what then must not hold (the first one's page is read), what it must name.
DAMAGES = {
    "a day deleted": (
        "candidate",
        """
        delete from marts.daily_kpi
            where client_id = 'client-01' and platform = 'meta' and date = '2026-11-18';
        delete from marts.campaign_daily_kpi
            where client_id = 'client-01' and platform = 'meta' and date = '2026-11-18';
        delete from marts.daily_conversions
            where client_id = 'client-01' and platform = 'meta' and date = '2026-11-18';
        """,
        [(DAILY, "Every day that is whole is shown"), *SUMS],
        ("client-01", "meta", "2026-11-18"),
    ),
    "a row twice": (
        "candidate",
        """
        insert into marts.daily_kpi
            from marts.daily_kpi where client_id = 'client-02' and platform = 'google' and date = '2026-11-17'
        """,
        [(DAILY, "No client has two rows for one platform and day"), *SUMS],
        ("client-02", "google", "2026-11-17"),
    ),
    "a day shown that is not whole": (
        "candidate",
        """
        update health.account_days set status = 'invalid', reason = 'required_fields: no currency'
        where client_id = 'client-01' and platform = 'google' and date = '2026-11-05'
        """,
        [
            (DAILY, "Nothing is shown that a rule forbids"),
            ("health.account_days", "Every expected account-day of the 23 days before is whole"),
        ],
        ("client-01", "google", "2026-11-05", "required_fields: no currency",
         "make backfill CLIENT=client-01 PLATFORM=google FROM=2026-11-05 TO=2026-11-05"),
    ),
    "a version shown that a rule forbids": (
        "candidate",
        """
        insert into health.findings
        select 'f1', 'duplicates', 'high', client_id, platform, account_id, null, date, 'rows', '4', '2',
            'every campaign is there twice', now(), false, 'day', 'live', version_id
        from health.account_days
        where client_id = 'client-01' and platform = 'google' and date = '2026-11-05'
        """,
        [
            (DAILY, "Nothing is shown that a rule forbids"),
            ("health.findings", "No finding of high severity is open"),
        ],
        ("client-01", "2026-11-05", "breaks duplicates", "every campaign is there twice"),
    ),
    "a split day shown": (
        "candidate",
        """
        update health.account_days set status = 'split', reason = 'no conversions'
        where client_id = 'client-02' and platform = 'meta' and date = '2026-11-16'
        """,
        [
            (DAILY, "No split day is shown"),
            ("health.account_days", "Every expected account-day of the last 7 days is whole"),
            ("health.account_days", "No account-day is split"),
        ],
        ("client-02", "meta", "2026-11-16", "no conversions"),
    ),
    "an unreconciled day shown": (
        "candidate",
        """
        update health.account_days set status = 'unreconciled', reason = 'spend 41.00, total 43.00'
        where client_id = 'client-02' and platform = 'meta' and date = '2026-09-30'
        """,
        [
            (DAILY, "No unreconciled day is shown"),
            ("health.account_days", "No account-day disagrees with the platform"),
        ],
        ("client-02", "meta", "2026-09-30", "spend 41.00, total 43.00"),
    ),
    "spend below zero": (
        "candidate",
        """
        update marts.daily_kpi set total_spend = -6, average_cpc = -0.1
            where client_id = 'client-01' and platform = 'meta' and date = '2026-11-18';
        update marts.campaign_daily_kpi set total_spend = -3
            where client_id = 'client-01' and platform = 'meta' and date = '2026-11-18';
        """,
        [(DAILY, "No spend, impressions, clicks or conversions below zero"), *SUMS],
        ("client-01", "2026-11-18", "-6.000000"),
    ),
    "a click-through rate out of range": (
        "candidate",
        """
        update marts.daily_kpi set average_ctr = 250
        where client_id = 'client-01' and platform = 'google' and date = '2026-11-15'
        """,
        [(DAILY, "The click-through rate is between 0 and 100 %")],
        ("client-01", "google", "2026-11-15", "250.0"),
    ),
    "a month that is not complete": (
        "candidate",
        """
        update marts.monthly_kpi set status = 'incomplete', days_expected = 31, days_whole = 31
            where client_id = 'client-02' and platform = 'google' and month = '2026-10-01'
        """,
        [
            (MONTHLY, "Whole days, expected days and completeness of every month fit together"),
            (MONTHLY, "The last closed month of every client is complete"),
        ],
        ("client-02", "google", "2026-10-01",
         "make backfill CLIENT=client-02 PLATFORM=google FROM=2026-10-01 TO=2026-10-31"),
    ),
    "an answer that is no list": (
        "landing",
        """
        update ledger.account_days set conversions = '{}'
        where account_id = '1000000001' and date = '2026-11-18'
        """,
        [("ledger.account_days", "The three answers of every version")],
        ("1000000001", "2026-11-18", "{}"),
    ),
    "conversions in the totals only": (
        "landing",
        """
        update ledger.account_days set conversions = '[]'
        where account_id in ('1000000001', '2000000002') and date = '2026-11-18'
        """,
        [("ledger.account_days", "No split data arrived")],
        ("1000000001", "2000000002", "2026-11-18"),
    ),
    "a version of tomorrow": (
        "landing",
        """
        update ledger.account_days set date = '2026-11-23', version_id = collection_id || ':2026-11-23'
        where account_id = '1000000001' and date = '2026-10-01'
        """,
        [("ledger.account_days", "No version is of a day that had not begun anywhere on earth")],
        ("1000000001", "2026-11-23"),
    ),
    "a sighting before its version": (
        "landing",
        """
        insert into ledger.sightings
        select * replace ('run-3' as run_id, started_at - interval 1 hour as started_at)
        from ledger.sightings where account_id = '1000000001' and date = '2026-11-18'
        """,
        [("ledger.sightings", "The last run saw no version before it was first collected")],
        ("1000000001", "2026-11-18"),
    ),
    "a collection that failed": (
        "landing",
        """
        insert into ledger.collections
        select * replace ('c9' as collection_id, 'failed' as outcome, 'conversions' as failed_answer,
            'permission' as error_class, 'no access to <b>this</b> account' as message,
            started_at + interval 5 minute as started_at, finished_at + interval 5 minute as finished_at)
        from ledger.collections where account_id = '2000000002'
        """,
        [
            ("ledger.collections", "The last collection of every account succeeded"),
            ("ledger.collections", "At least 99 % of the collections of the last 7 days succeeded"),
        ],
        ("2000000002", "permission", "no access to <b>this</b> account"),
    ),
}  # fmt: skip


def run(settings: Settings) -> Outcome:
    return validate.validate(settings, run_of(settings, "candidate"), suites.load(), settings.candidate)


def broken(outcome: Outcome) -> set[tuple[str, str]]:
    return {(table.suite, judged.description) for table in outcome.tables for judged in table.broken}


@pytest.mark.parametrize("case", DAMAGES)
def test_damage_breaks_what_it_should_and_is_named(tmp_path: Path, build: Build, case: str) -> None:
    to, damage, expected, named = DAMAGES[case]
    settings = build(tmp_path, damage=damage, to=to)
    outcome = run(settings)

    found = broken(outcome)
    unexpected = {
        pair for pair in found if not any(pair[0] == t and pair[1].startswith(d) for t, d in expected)
    }
    assert not unexpected
    assert len(found) == len(expected)
    table = next(table for table in outcome.tables if table.suite == expected[0][0])
    for page in (settings.data_docs / unquote(table.page), settings.data_docs / "index.html"):
        text = page.read_text()
        for name in named:
            assert html.escape(name) in text, (page.name, name)

    report = json.loads(settings.validation.read_text())
    assert report["success"] is False
    assert report["statistics"] == {
        "evaluated": outcome.evaluated,
        "failed": len(expected),
        "following": sum(bool(failure["follows"]) for failure in report["failures"]),
    }
    assert {(failure["table"], failure["description"]) for failure in report["failures"]} == found
    assert all(failure["unexpected_count"] >= 1 for failure in report["failures"])


def test_what_is_clean_holds_and_nothing_is_written_to_it(tmp_path: Path, build: Build) -> None:
    settings = build(tmp_path)
    files = (settings.landing, settings.candidate)
    before = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    outcome = run(settings)

    assert broken(outcome) == set()
    assert outcome.evaluated > 80
    assert [hashlib.sha256(file.read_bytes()).hexdigest() for file in files] == before
    assert sorted(path.name for path in settings.candidate_folder.iterdir()) == ["ads.duckdb"]
    assert json.loads(settings.validation.read_text()) == {
        "run_id": "run-1",
        "as_of": "2026-11-21T06:00:00+00:00",
        "file_sha256": before[1],
        "success": True,
        "statistics": {"evaluated": outcome.evaluated, "failed": 0, "following": 0},
        "told": [],
        "failures": [],
    }
    # The files are free again: publishing opens and renames them in another process.
    with duckdb.connect(str(settings.candidate)) as writer:
        writer.execute("create table health.free as select 1")


# Client 1 has a second account, farther west, in which the newest closed day of the first is still running.
FARTHER_WEST = """
insert into intermediate.int_calendar
select client_id, platform, '1900000001', date, date < '2026-11-20' from intermediate.int_calendar
where account_id = '1000000001' and date < '2026-11-21';
insert into health.account_days
select * replace ('1900000001' as account_id, '1900000001:' || date as version_id)
from health.account_days where account_id = '1000000001' and date < '2026-11-20';
"""
NOT_SHOWN = "".join(
    f"delete from marts.{mart} where (client_id, platform, date) = ('client-01', 'meta', '2026-11-{{day}}');"
    for mart in ("daily_kpi", "campaign_daily_kpi", "daily_conversions")
)


def test_a_day_that_still_runs_for_one_account_is_not_missed_and_one_that_is_over_is(
    tmp_path: Path, build: Build
) -> None:
    shown = "Every day that is whole is shown."
    running = build(tmp_path / "running", damage=FARTHER_WEST + NOT_SHOWN.format(day=20), to="candidate")
    assert (DAILY, shown) not in broken(run(running))
    over = build(tmp_path / "over", damage=FARTHER_WEST + NOT_SHOWN.format(day=19), to="candidate")
    assert (DAILY, shown) in broken(run(over))


def test_a_clock_that_once_was_wrong_is_told_once(tmp_path: Path, build: Build) -> None:
    _, wrong, *_ = DAMAGES["a sighting before its version"]
    right = "insert into ledger.sightings select * replace ('run-10' as run_id) from ledger.sightings limit 1"
    settings = build(tmp_path, damage=f"{wrong}; {right}", to="landing")
    assert broken(run(settings)) == set()


def test_a_query_that_cannot_run_is_a_failure_with_its_reason(tmp_path: Path, build: Build) -> None:
    settings = build(tmp_path, damage="alter table health.scores drop column freshness", to="candidate")
    outcome = run(settings)
    assert {table for table, _ in broken(outcome)} == {"health.scores"}
    reasons = [judged.observed for table in outcome.tables for judged in table.broken]
    assert all(reason.startswith("could not be judged: ") and "freshness" in reason for reason in reasons)


def test_a_table_that_is_missing_is_named_with_the_command(tmp_path: Path, build: Build) -> None:
    settings = build(tmp_path, damage="drop table ledger.sightings", to="landing")
    with pytest.raises(UserError, match=r"sightings.*make collect"):
        run(settings)
    assert not settings.validation.exists()


def test_any_expectation_of_the_library_can_be_added_to_a_file(tmp_path: Path, build: Build) -> None:
    folder = tmp_path / "suites"
    folder.mkdir()
    (folder / "marts.daily_kpi.yml").write_text(
        """
        name: marts.daily_kpi
        meta: {file: candidate, title: Daily, about: One row per client and day.}
        expectations:
          - {type: expect_table_row_count_to_be_between, kwargs: {min_value: 1, max_value: 5}}
          - {type: expect_column_max_to_be_between, kwargs: {column: date, max_value: "2026-11-01"}}
          - {type: expect_column_values_to_be_between, kwargs: {column: average_cpc, max_value: 0.1}}
          - {type: expect_column_pair_values_to_be_equal, kwargs: {column_A: client_id, column_B: platform}}
          - {type: expect_column_to_exist, kwargs: {column: nonsense}}
          - {type: expect_column_values_to_not_be_null, kwargs: {column: client_id}}
        """
    )
    settings = build(tmp_path)
    outcome = validate.validate(
        settings, run_of(settings, "candidate"), suites.load(folder), settings.candidate
    )
    (table,) = outcome.tables
    observed = {judged.kind: (judged.observed, judged.found) for judged in table.broken}
    assert observed == {
        "expect_table_row_count_to_be_between": ("240 was observed", 0),
        "expect_column_max_to_be_between": ("2026-11-20 was observed", 0),
        "expect_column_values_to_be_between": ("240 rows of 240 break it", 240),
        "expect_column_pair_values_to_be_equal": ("240 rows of 240 break it", 240),
        "expect_column_to_exist": ("nothing was observed", 0),
    }
    text = (settings.data_docs / unquote(table.page)).read_text()
    assert "max_value: 2026-11-01" in text
    assert "0.6833333333333333" in text


def test_the_adapter_reads_over_one_connection_and_cannot_write(tmp_path: Path, build: Build) -> None:
    settings = build(tmp_path)
    run = run_of(settings, "candidate")
    context = gx.get_context(mode="ephemeral")
    source = open_source(context, "candidate", settings.candidate, ["health.checks"], run.as_of)
    engine = source.get_execution_engine()
    with engine.get_connection() as first, engine.get_connection() as second:
        assert first is second
        asked = "select getvariable('as_of')::varchar, backfill('a', 'meta', '2026-11-01', '2026-11-02')"
        assert first.exec_driver_sql(asked).one() == (
            "2026-11-21 06:00:00+00",
            "make backfill CLIENT=a PLATFORM=meta FROM=2026-11-01 TO=2026-11-02",
        )
        with pytest.raises(sa.exc.DBAPIError, match="read-only"):
            first.exec_driver_sql("create table health.written as select 1")
    source.release()


def test_what_a_check_says_already_only_follows_from_it(tmp_path: Path, build: Build) -> None:
    split = "update health.account_days set status = 'split', reason = 'no answer' where date = '2026-11-19';"
    told = "update health.checks set status = 'fail' where name in ('splitData', 'missingDays');"
    for damage, following in ((split, False), (split + told, True)):
        folder = tmp_path / str(following)
        outcome = run(build(folder, damage=damage, to="candidate"))
        found = {judged.description: judged for table in outcome.tables for judged in table.broken}
        assert bool(found["No account-day is split."].follows) is following
        # A split day that is shown is told by no check.
        assert found["No split day is shown."].follows == ()
        text = (folder / "data_docs" / "index.html").read_text()
        assert ("Follows from splitData" in text) is following
