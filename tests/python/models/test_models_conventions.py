"""A rule is a model, a line of the agency's file, a page and a unit test; and so is a check."""

import csv
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.rules import rules as table_of_rules
from core.settings import ROOT

RULES = ROOT / "models" / "rules"
CHECKS = ROOT / "models" / "health" / "checks"
HEADINGS = ["What it means", "Why it matters", "First look", "Fix", "Backfill"]
# The columns of every rule.
SHAPE = [
    *("rule", "version_id", "client_id", "platform", "account_id", "campaign_id", "date"),
    *("metric", "observed", "expected", "message"),
]
# What is set in rules.csv and is neither: the weights of the score, and what rules about series share.
SETTINGS = {"quality_score", "series"}
UNIONS = ("int_violations", "int_series_violations", "int_look_violations")


def names(folder: Path, prefix: str) -> set[str]:
    return {path.stem.removeprefix(prefix) for path in folder.rglob(f"{prefix}*.sql")}


def listed(model: Path, variable: str) -> list[str]:
    """The names in the list of that name at the top of a model."""
    found = re.search(rf"set {variable} = \[(.*?)\]", model.read_text(), re.DOTALL)
    assert found is not None
    return re.findall(r"'(\w+)'", found.group(1))


@cache
def properties() -> list[dict[str, Any]]:
    return [yaml.safe_load(path.read_text()) or {} for path in sorted((ROOT / "models").rglob("*.yml"))]


def described() -> dict[str, dict[str, Any]]:
    return {model["name"]: model for file in properties() for model in file.get("models", [])}


def with_unit_test() -> set[str]:
    return {test["model"] for file in properties() for test in file.get("unit_tests", [])}


def agency_rules() -> list[dict[str, str]]:
    with (ROOT / "agency" / "rules.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def rules() -> list[str]:
    return sorted(names(RULES, "rule_"))


def checks() -> list[str]:
    return sorted(names(CHECKS, "check_"))


def test_there_are_rules_and_checks() -> None:
    assert len(rules()) >= 12
    assert len(checks()) >= 11


@pytest.mark.parametrize("rule", rules())
def test_a_rule_is_a_model_a_line_a_page_and_a_unit_test(rule: str) -> None:
    unions = [listed(RULES / f"{union}.sql", "rules") for union in UNIONS]
    assert [rule in union for union in unions].count(True) == 1
    assert rule in {line["rule"] for line in agency_rules()}
    assert f"rule_{rule}" in with_unit_test()
    assert [column["name"] for column in described()[f"rule_{rule}"]["columns"]] == SHAPE


@pytest.mark.parametrize("check", checks())
def test_a_check_is_a_model_a_line_a_page_and_a_unit_test(check: str) -> None:
    assert check in listed(CHECKS / "judged_checks.sql", "checks")
    assert check in {line["rule"] for line in agency_rules()}
    assert f"check_{check}" in with_unit_test()


@pytest.mark.parametrize("name", sorted({*rules(), *checks(), *SETTINGS}))
def test_a_page_says_what_why_where_and_how(name: str) -> None:
    page = (ROOT / "docs" / "runbooks" / f"{name}.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == HEADINGS
    assert "```sql" in page


def test_every_line_of_the_agency_belongs_to_something() -> None:
    assert {line["rule"] for line in agency_rules()} == {*rules(), *checks(), *SETTINGS}


def test_the_example_shows_every_default() -> None:
    shown: dict[str, dict[str, Any]] = {}
    for line in [line for line in agency_rules() if not line["client_id"]]:  # a client's own is no default
        rule = shown.setdefault(line["rule"], {"severity": line["severity"], "blocks": line["blocks"]})
        if line["parameter"]:
            rule.setdefault("parameters", {})[line["parameter"]] = float(line["value"])
    assert shown == {
        name: {"severity": rule.severity, "blocks": rule.blocks}
        | ({"parameters": rule.parameters} if rule.parameters else {})
        for name, rule in table_of_rules().items()
    }


def test_rules_block_days_with_a_severity_and_checks_block_nothing() -> None:
    blocking = {line["rule"] for line in agency_rules() if line["blocks"] != "no"}
    assert blocking <= set(rules())
    assert {line["severity"] for line in agency_rules()} <= {"critical", "high", "medium", "low"}


def test_every_column_of_every_model_is_described() -> None:
    assert {path.stem for path in (ROOT / "models").rglob("*.sql")} == set(described())
    for model in described().values():
        assert model["description"]
        assert all(column["description"] for column in model["columns"]), model["name"]


def test_no_description_only_repeats_a_name() -> None:
    idle = set(re.findall(r"\w+", "the a an of its it on in was is that and for"))
    for model in described().values():
        for described_name in (model, *model["columns"]):
            words = set(re.findall(r"[a-z]+", described_name["description"].lower())) - idle
            named = set(re.findall(r"[a-z]+", described_name["name"]))
            assert words - named - {f"{word}s" for word in named}, (model["name"], described_name["name"])


@pytest.mark.parametrize("folder", ["marts", "health", "reports"])
def test_what_is_published_has_a_contract(folder: str) -> None:
    for path in (ROOT / "models" / folder).glob("*.sql"):
        assert described()[path.stem]["config"]["contract"]["enforced"], path.stem


def test_macros_are_short_and_documented() -> None:
    macros = sorted((ROOT / "macros").glob("*.sql"))
    for macro in macros:
        comment, _, body = macro.read_text().partition("-#}\n")
        assert comment.startswith("{#- "), macro.name
        assert len(body.splitlines()) < 20, macro.name
