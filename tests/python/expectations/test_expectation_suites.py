"""The suite files themselves: what a person edits."""

import re
from pathlib import Path

import pytest
import yaml

from core.errors import UserError
from core.settings import ROOT
from expectations import suites


@pytest.fixture(scope="module")
def loaded() -> tuple[suites.Suite, ...]:
    return suites.load()


def test_there_is_one_suite_per_table_and_none_per_client(loaded: tuple[suites.Suite, ...]) -> None:
    assert sorted(suite.table for suite in loaded) == [
        "health.account_days",
        "health.checks",
        "health.findings",
        "health.incidents",
        "health.scores",
        "health.slos",
        "ledger.account_days",
        "ledger.accounts",
        "ledger.campaigns",
        "ledger.collections",
        "ledger.sightings",
        "marts.campaign_daily_kpi",
        "marts.daily_conversions",
        "marts.daily_kpi",
        "marts.monthly_kpi",
        "marts.today_kpi",
        "marts.weekly_kpi",
    ]
    assert {suite.file for suite in loaded if suite.table.startswith("ledger.")} == {"landing"}
    assert {suite.file for suite in loaded if not suite.table.startswith("ledger.")} == {"candidate"}


def test_every_expectation_says_what_it_is_what_to_do_and_how_bad_it_is(
    loaded: tuple[suites.Suite, ...],
) -> None:
    for suite in loaded:
        descriptions = [expectation.description for expectation in suite.expectations.expectations]
        assert len(set(descriptions)) == len(descriptions), suite.table
        for expectation in suite.expectations.expectations:
            assert re.fullmatch(r"[A-Z].+\.", expectation.description), (suite.table, expectation.description)
            assert len(expectation.notes) > 20, (suite.table, expectation.description)
            assert expectation.severity in ("critical", "warning", "info")


def test_each_follows_from_checks_and_rules_that_exist(loaded: tuple[suites.Suite, ...]) -> None:
    models = ROOT / "models"
    known = {path.stem.removeprefix("rule_") for path in (models / "rules").rglob("rule_*.sql")}
    for check in (models / "health" / "checks").glob("check_*.sql"):
        known |= set(re.findall(r"'(\w+)' as name", check.read_text()))
    follows = {
        (suite.table, expectation.description): set((expectation.meta or {}).get("follows", ()))
        for suite in loaded
        for expectation in suite.expectations.expectations
    }
    assert set().union(*follows.values()) <= known | {"checks", "findings"}
    # Only the days, the checks and the findings themselves are told elsewhere; defects of the models are not.
    assert follows["marts.daily_kpi", "No split day is shown."] == set()
    assert follows["health.checks", "No critical check fails."] == {"checks"}


@pytest.mark.parametrize("text", [path.read_text() for path in sorted(suites.FOLDER.glob("*.yml"))])
def test_each_severity_is_written_down(text: str) -> None:
    written = yaml.safe_load(text)["expectations"]
    assert all("severity" in one for one in written)
    assert all(set(one.get("meta", {})) <= {"follows"} for one in written)


def test_no_file_holds_an_id() -> None:
    for path in suites.FOLDER.glob("*.yml"):
        assert not re.search(r"^\s*-?\s*id:|[0-9a-f]{8}-[0-9a-f]{4}-", path.read_text(), re.MULTILINE), (
            path.name
        )


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        (
            "marts.x.yml",
            "name: marts.x\nmeta: {file: candidate, title: t, about: a}\nexpectations: [",
            "flow node",
        ),
        ("marts.x.yml", "name: marts.x\nexpectations: []\n", "meta"),
        (
            "marts.x.yml",
            "name: marts.y\nmeta: {file: candidate, title: t, about: a}\nexpectations: []\n",
            "its name must be 'marts.x'",
        ),
        (
            "marts.x.yml",
            "name: marts.x\nmeta: {file: elsewhere, title: t, about: a}\nexpectations: []\n",
            "landing, candidate",
        ),
        (
            "marts.x.yml",
            "name: marts.x\nmeta: {file: candidate, title: t, about: a}\nexpectations:\n"
            "  - {type: expect_nonsense, kwargs: {}}\n",
            "expect_nonsense",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, name: str, text: str, reason: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UserError, match=re.escape(reason)) as refused:
        suites.load(tmp_path)
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)
