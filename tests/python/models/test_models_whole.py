"""The models over a ledger whose every figure is known: what becomes whole, what does not, and why."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.settings import ROOT, Settings
from tests.python.models.small_ledger import (
    NOTHING,
    Answers,
    SmallLedger,
    google,
    instant,
    meta,
    write_agency,
)

pytestmark = pytest.mark.slow


def listed_rules(model: str) -> list[str]:
    """The rules that a model unites."""
    text = (ROOT / "models" / "rules" / f"{model}.sql").read_text()
    return re.findall(r"^    '(\w+)',$", text, re.MULTILINE)


AS_OF = instant(24, 7)
DAYS = [date(2026, 11, day) for day in range(18, 24)]
ACCOUNTS = [
    ("act_1", "meta", "good", "PLN", "2026-11-18", ""),
    ("000-000-0002", "google", "good", "PLN", "2026-11-18", ""),
    ("3", "google", "split", "PLN", "2026-11-18", ""),
    ("4", "meta", "split", "PLN", "2026-11-18", ""),
    ("5", "google", "pair", "PLN", "2026-11-18", ""),
    ("6", "google", "pair", "PLN", "2026-11-18", ""),
    ("7", "meta", "early", "PLN", "2026-11-18", ""),
    ("8", "meta", "worse", "PLN", "2026-11-18", ""),
    ("9", "meta", "before", "PLN", "2026-11-18", "2026-11-20"),
    ("9", "meta", "after", "PLN", "2026-11-21", ""),
    ("10", "google", "yen", "JPY", "2026-11-18", ""),
    ("11", "meta", "broken", "PLN", "2026-11-18", ""),
    ("12", "meta", "waived", "PLN", "2026-11-18", ""),
]
WAIVERS = ["reconciliation,waived,meta,2026-11-22,2026-11-22,a deleted campaign,2026-12-31"]
# Rules that compare days or clients: here, everybody has the same figures every day.
COMPARING = {"foreign_campaigns", *listed_rules("int_series_violations")}
# The account of Google Ads with dashes, as the ledger knows it.
SECOND = "0000000002"


@dataclass(frozen=True)
class Models:
    """dbt on one warehouse; a process of its own for each call, as a person would run it."""

    settings: Settings

    def dbt(self, *arguments: str, as_of: datetime | None = None) -> subprocess.CompletedProcess[str]:
        env = {
            "PATH": "",
            "WHOLEDAY_WAREHOUSE": str(self.settings.warehouse),
            "WHOLEDAY_AGENCY": str(self.settings.agency),
            "WHOLEDAY_RUN_ID": "run-under-test",
        }
        if as_of is not None:
            env["WHOLEDAY_AS_OF"] = env["WHOLEDAY_RUN_STARTED_AT"] = as_of.isoformat()
        dbt = Path(sys.executable).with_name("dbt")
        command = [str(dbt), *arguments, "--log-path", str(self.settings.log.parent)]
        return subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=300
        )

    def build(self, target: str, as_of: datetime, *arguments: str) -> None:
        done = self.dbt(
            "build", "--target", target, "--exclude-resource-type", "unit_test", *arguments, as_of=as_of
        )
        assert done.returncode == 0, done.stdout

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.settings.candidate), read_only=True) as candidate:
            return candidate.execute(sql).fetchall()


def tables(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of everything after staging."""
    with duckdb.connect(str(file), read_only=True) as db:
        names = db.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
            " where schema_name in ('intermediate', 'rules', 'marts', 'health', 'reports')"
        ).fetchall()
        return {name: db.execute(f"from {name} order by all").fetchall() for (name,) in names}


def _fill(ledger: SmallLedger) -> None:
    def ordinary(day: date, account: str, platform: str, answers: Answers) -> str:
        return ledger.collected(platform, account, day, instant(day.day + 1, 6), answers)

    for day in DAYS:
        ordinary(day, "1", "meta", NOTHING if day.day == 20 else meta())
        ordinary(day, SECOND, "google", google())
        ordinary(day, "4", "meta", meta())
        ordinary(day, "5", "google", google())
        ordinary(day, "6", "google", google(total_conversions=3.0) if day.day == 22 else google())
        ordinary(day, "9", "meta", meta())
        ledger.collected(
            "google", "10", day, instant(day.day + 1, 6), google(cost_micros=1_234_000_000), "JPY"
        )
        if day.day != 23:
            ordinary(day, "3", "google", google())
        if day.day != 22:
            ordinary(day, "7", "meta", meta())
        if day.day != 22:
            ordinary(day, "11", "meta", meta(clicks="3.5", total_clicks="4") if day.day == 21 else meta())
        ordinary(day, "8", "meta", meta())
        ordinary(day, "12", "meta", meta(total_clicks="9") if day.day >= 22 else meta())
    ledger.failed("google", "3", date(2026, 11, 23), instant(24, 5), "conversions")
    ledger.collected("meta", "7", date(2026, 11, 22), instant(22, 14), meta())
    ledger.collected("meta", "11", date(2026, 11, 22), instant(23, 6), Answers('[{"campaign_id": ', [], []))
    # A day that is restated, one that comes back worse, and the running day.
    ledger.collected("meta", "8", date(2026, 11, 19), instant(22, 6), meta(spend="12.50"))
    ledger.collected("meta", "8", date(2026, 11, 21), instant(23, 6), meta(total_clicks="9"))
    ledger.collected("meta", "1", date(2026, 11, 24), instant(24, 5), meta())
    ledger.noted("meta", instant(24, 5), instant(24, 8) + timedelta(days=14))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Models]:
    """Built as of 24 November, 07:00 UTC, from nothing."""
    folder = tmp_path_factory.mktemp("models")
    settings = Settings(warehouse=folder / "warehouse", site=folder / "site", agency=folder / "agency")
    write_agency(settings.agency, ACCOUNTS, WAIVERS)
    rules = (ROOT / "agency" / "rules.csv").read_text().splitlines()
    (settings.agency / "rules.csv").write_text(
        "\n".join(
            line.replace(",live", ",shadow") if line.split(",")[0] in COMPARING else line for line in rules
        )
        + "\n"
    )
    ledger = SmallLedger()
    _fill(ledger)
    ledger.write(settings)
    settings.candidate_folder.mkdir(parents=True)
    built = Models(settings)
    built.build("candidate", AS_OF)
    yield built


def status_of(models: Models, account: str) -> dict[int, tuple[str, str | None]]:
    rows = models.query(
        f"select date, status, reason from health.account_days where account_id = '{account}'"
    )
    return {day.day: (status, reason) for day, status, reason in rows}


def shown(models: Models, client: str, platform: str) -> set[int]:
    rows = models.query(
        f"select date from marts.daily_kpi where client_id = '{client}' and platform = '{platform}'"
    )
    return {day.day for (day,) in rows}


def test_a_good_client_is_whole_on_every_closed_day_and_zero_without_delivery(models: Models) -> None:
    assert shown(models, "good", "meta") == shown(models, "good", "google") == {18, 19, 20, 21, 22, 23}
    figures = models.query(
        "select total_spend, total_clicks, reservations, reservation_value, average_cpc, maturity,"
        " quality_score from marts.daily_kpi where client_id = 'good' and platform = 'meta'"
        " and date in ('2026-11-19', '2026-11-20') order by date"
    )
    assert figures == [
        (Decimal("10"), 8, Decimal("2"), Decimal("100"), 1.25, "preliminary", 85.0),
        (Decimal("0"), 0, Decimal("0"), Decimal("0"), None, "preliminary", 85.0),
    ]


def test_every_table_and_column_of_the_file_says_what_it_is(models: Models) -> None:
    silent = models.query(
        "select schema_name, table_name, '' from duckdb_tables() where coalesce(comment, '') = ''"
        " union all select schema_name, table_name, column_name from duckdb_columns()"
        " where not internal and coalesce(comment, '') = ''"
    )
    assert silent == []


def test_the_example_in_a_description_runs(models: Models) -> None:
    comments = models.query("select table_name, comment from duckdb_tables() where comment like '%```sql%'")
    assert len(comments) > 15
    for _, comment in comments:
        models.query(re.findall(r"```sql\n(.*?)```", comment, re.DOTALL)[0])


def test_a_person_who_reads_the_manifest_finds_what_is_needed(models: Models, tmp_path: Path) -> None:
    manifest = models.settings.dbt_target / "manifest.json"
    config = tmp_path / "dbt-bouncer.yml"
    checks = (ROOT / "tests" / "dbt-bouncer.yml").read_text()
    config.write_text(f"dbt_artifacts_dir: {manifest.parent}\n{checks}")
    tools = Path(sys.executable).parent
    for command in (
        ["dbt-score", "lint", "--fail-project-under", "9.5", "--manifest", manifest],
        ["dbt-bouncer", "run", "--config-file", config],
    ):
        done = subprocess.run([tools / command[0], *command[1:]], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_a_failed_conversions_request_hides_that_platform_alone(models: Models) -> None:
    reason = "the conversions request failed: transient: the platform gave no answer"
    assert status_of(models, "3")[23] == ("split", reason)
    assert 23 not in shown(models, "split", "google")
    assert 23 in shown(models, "split", "meta")
    [(message, first_seen)] = models.query(
        "select message, first_seen_at from health.findings where client_id = 'split' and mode = 'live'"
    )
    assert message.startswith(f"split, google account 3, 2026-11-23: {reason}; the day is left out of ")
    assert message.endswith("make backfill CLIENT=split PLATFORM=google FROM=2026-11-23 TO=2026-11-23")
    assert first_seen == instant(24, 5)


def test_checks_name_who_is_missing(models: Models) -> None:
    checks = {
        name: (status, details)
        for name, status, details in models.query("select name, status, details from health.checks")
    }
    status, details = checks["todayCollection"]
    assert (status, '"client":"split"' in details, '"client":"good"' in details) == ("fail", True, False)
    assert checks["splitData"][0] == "fail"
    gap = '{"client":"split","platform":"google","date":"2026-11-23","status":"split"}'
    assert gap in checks["missingDays"][1]


def test_one_bad_account_hides_the_day_of_its_client_and_not_its_sibling(models: Models) -> None:
    assert status_of(models, "6")[22][0] == "unreconciled"
    assert status_of(models, "5")[22] == ("whole", None)
    assert shown(models, "pair", "google") == {18, 19, 20, 21, 23}


def test_what_a_waived_difference_leaves_is_a_campaign_of_its_own(models: Models) -> None:
    assert status_of(models, "12")[22] == ("whole", None)
    assert status_of(models, "12")[23][0] == "unreconciled"
    day = "client_id = 'waived' and date = '2026-11-22'"
    clicks = models.query(f"select total_clicks from marts.daily_kpi where {day}")
    assert clicks == [(9,)], "the account's own total"
    figures = "select campaign_id, total_spend, total_clicks from marts.campaign_daily_kpi"
    campaigns = models.query(f"{figures} where {day} order by all")
    assert campaigns == [("11", Decimal("10"), 8), ("unattributed", Decimal("0"), 1)]


def test_a_day_seen_only_before_it_ended_is_missing(models: Models) -> None:
    assert status_of(models, "7")[22] == ("missing", "seen only before the day ended")


def test_what_cannot_be_read_is_invalid(models: Models) -> None:
    assert status_of(models, "11")[21] == (
        "invalid",
        "required_fields: the delivery answer cannot be read (clicks=3.5)",
    )
    assert status_of(models, "11")[22] == (
        "invalid",
        "required_fields: the delivery answer cannot be read (no list of rows)",
    )
    assert status_of(models, "11")[23] == ("whole", None)


def test_a_worse_version_never_replaces_a_whole_one_and_a_better_one_does(models: Models) -> None:
    assert status_of(models, "8")[21] == ("whole", None)
    findings = models.query(
        "select rule, date from health.findings where client_id = 'worse' and mode = 'live'"
    )
    assert findings == [("last_look_contradicts", date(2026, 11, 21))]
    changes = models.query("select date, metric, previous_value, value, days_after from marts.restatements")
    assert changes == [(date(2026, 11, 19), "total_spend", Decimal("10"), Decimal("12.5"), 3)]
    spend = "select total_spend from marts.daily_kpi where client_id = 'worse' and date = '2026-11-19'"
    assert models.query(spend) == [(Decimal("12.5"),)]


def test_an_account_that_changes_client_is_each_clients_on_its_days(models: Models) -> None:
    assert shown(models, "before", "meta") == {18, 19, 20}
    assert shown(models, "after", "meta") == {21, 22, 23}


def test_yen_are_yen(models: Models) -> None:
    query = "select distinct currency, total_spend from marts.daily_kpi where client_id = 'yen'"
    assert models.query(query) == [("JPY", Decimal("1234"))]


def test_the_running_day_is_in_its_own_table_and_in_no_sum(models: Models) -> None:
    today = models.query("select client_id, date, maturity, total_spend from marts.today_kpi")
    assert today == [("good", date(2026, 11, 24), "provisional", Decimal("10"))]
    month = models.query(
        "select total_spend, days_expected, days_whole, status from marts.monthly_kpi"
        " where client_id = 'good' and platform = 'meta'"
    )
    assert month == [(Decimal("50"), 6, 6, "in_progress")]


def test_appending_to_the_last_build_equals_building_from_nothing(models: Models) -> None:
    whole = tables(models.settings.candidate)
    models.settings.candidate.unlink()
    models.build("candidate", instant(22, 12))
    earlier = tables(models.settings.candidate)
    models.build("candidate", AS_OF)
    assert tables(models.settings.candidate) == whole
    assert earlier["health.account_days"] != whole["health.account_days"]


def test_staging_alone_rebuilds_the_rest_and_judges_it_at_another_instant(models: Models) -> None:
    copy = models.settings.health_check
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(models.settings.candidate, copy)
    models.build("clock", AS_OF, "--exclude", "tag:ledger")
    assert tables(copy) == tables(models.settings.candidate)
    models.build("clock", instant(26, 12), "--exclude", "tag:ledger")
    checks = {row[0]: row[1] for row in tables(copy)["health.checks"]}
    assert (checks["todayCollection"], checks["freshness"]) == ("fail", "fail")
    before = {row[0]: row[1] for row in tables(models.settings.candidate)["health.checks"]}
    assert (before["tokens"], checks["tokens"]) == ("pass", "warn"), "it turns without a word of the platform"


def test_a_ledger_from_before_platforms_were_noted_is_built(models: Models) -> None:
    with duckdb.connect(str(models.settings.landing)) as ledger:
        ledger.execute("alter table ledger.platforms rename to later")
    try:
        models.build("candidate", AS_OF, "--select", "stg_ledger__platforms")
        assert models.query("select count(*) from staging.stg_ledger__platforms") == [(0,)]
    finally:
        with duckdb.connect(str(models.settings.landing)) as ledger:
            ledger.execute("alter table ledger.later rename to platforms")
    models.build("candidate", AS_OF, "--select", "stg_ledger__platforms")
    assert models.query("select count(*) from staging.stg_ledger__platforms") == [(1,)]


def test_plain_dbt_test_judges_the_release_and_cannot_change_it(models: Models) -> None:
    release = models.settings.release
    shutil.copyfile(models.settings.candidate, release)
    before = release.read_bytes()
    passed = models.dbt("test")
    assert passed.returncode == 0, passed.stdout
    assert release.read_bytes() == before
    with duckdb.connect(str(release)) as db:
        db.execute("update marts.monthly_kpi set total_clicks = total_clicks + 1 where client_id = 'good'")
    broken = models.dbt("test", "--exclude-resource-type", "unit_test")
    assert broken.returncode == 1
    assert "FAIL 2 monthly_kpi_conserves_daily_kpi" in broken.stdout


PAGES = sorted((ROOT / "docs").glob("*/*.md"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_first_look_of_a_page_runs(models: Models, path: Path) -> None:
    for query in re.findall(r"```sql\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
        models.query(query)
