"""The agency's files through the whole pipeline: what a line costs, and what was known then."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sandbox.process import SandboxProcess
from tests.python.installation import Installation

FIRST = "2026-11-04T12:00:00+00:00"
SECOND = "2026-11-05T12:00:00+00:00"
THIRD = "2026-11-06T12:00:00+00:00"
WHOLE = "select account_id, date from health.account_days where status = 'whole'"
LINES = "select client_id, severity, metric, message from health.findings where rule = 'agency_lines'"
KPIS = "select kpi, line_since from staging.stg_agency__conversion_actions where action_type = 'lead'"

pytestmark = pytest.mark.slow


def edit(installation: Installation, name: str, old: str, new: str) -> None:
    path = installation.agency / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def story(
    tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess, sandbox_agency: Path
) -> Iterator[dict[str, Any]]:
    """Three mornings: time zones by other names; lines that cannot be understood; everything corrected."""
    folder = tmp_path_factory.mktemp("lines")
    shutil.copytree(sandbox_agency, folder / "agency")
    started = Installation(folder, dict(sandbox.env))
    seen: dict[str, Any] = {}

    sandbox.set_clock(FIRST)
    edit(started, "accounts.csv", "America/New_York", "US/Eastern")
    edit(
        started,
        "accounts.csv",
        "9100000001,meta,dune,EUR,Europe/Berlin",
        "9100000001,Meta,dune,eur,Arctic/Longyearbyen",
    )
    started.wholeday("run", now=FIRST)
    seen["whole at first"] = set(started.query(WHOLE))

    sandbox.set_clock(SECOND)
    edit(started, "accounts.csv", "9100000001,Meta,dune,eur,", "9100000001,Meta,dune,EUX,")
    edit(started, "accounts.csv", "US/Eastern", "America/New_York")
    edit(
        started,
        "rules.csv",
        "quality_score,medium,no,completeness,40",
        "quality_score,medium,no,completeness,50",
    )
    edit(started, "conversion_actions.csv", "meta,,lead,ignore", "meta,,lead,leads")
    seen["said"] = started.wholeday("run", now=SECOND)
    seen["whole then"] = set(started.query(WHOLE))
    seen["lines then"] = started.query(LINES + " order by metric")
    seen["scores"] = started.query("select max(score) from health.scores")
    seen["kpis"] = started.query(KPIS)

    started.wholeday("build", "--as-of", FIRST, now=SECOND)
    with duckdb.connect(str(started.warehouse / "candidate" / "ads.duckdb"), read_only=True) as candidate:
        seen["kpis as of"] = candidate.execute(KPIS).fetchall()

    sandbox.set_clock(THIRD)
    edit(
        started,
        "accounts.csv",
        "9100000001,Meta,dune,EUX,Arctic/Longyearbyen",
        "9100000001,meta,dune,EUR,Europe/Berlin",
    )
    edit(started, "rules.csv", "completeness,50", "completeness,40")
    started.wholeday("run", now=THIRD)
    seen["whole in the end"] = set(started.query(WHOLE))
    seen["lines in the end"] = started.query(LINES)
    seen["contents"] = started.ledger(
        "select name, count(*) from journal.agency_files group by name order by name"
    )
    yield seen
    sandbox.clear()


def test_other_names_of_a_zone_withhold_nothing(story: dict[str, Any]) -> None:
    accounts = {account for account, _ in story["whole at first"]}
    assert accounts == {f"910000000{n}" for n in range(1, 6)}


def test_one_bad_line_costs_no_client_a_day(story: dict[str, Any]) -> None:
    assert story["whole at first"] < story["whole then"]
    yesterday = {account for account, day in story["whole then"] if str(day) == "2026-11-04"}
    assert yesterday == {f"910000000{n}" for n in range(1, 6)}


def test_every_bad_line_is_one_finding(story: dict[str, Any]) -> None:
    currency, weight = story["lines then"]
    assert currency[:3] == ("dune", "high", "accounts.csv: meta 9100000001")
    assert "accounts.csv, line 2: currency 'EUX' is not a currency code" in currency[3]
    assert "it counts as it was read last: 9100000001,meta,dune,EUR," in currency[3]
    assert weight[:2] == ("", "high")
    assert "add up to 110, not 100" in weight[3]
    assert "accounts.csv, line 2: currency 'EUX'" in story["said"]


def test_weights_that_do_not_add_up_never_count(story: dict[str, Any]) -> None:
    assert story["scores"][0][0] <= 100


def test_a_correction_loses_no_day_and_closes_its_finding(story: dict[str, Any]) -> None:
    assert story["whole then"] < story["whole in the end"]
    assert story["lines in the end"] == []


def test_an_earlier_instant_has_the_mapping_of_then(story: dict[str, Any]) -> None:
    assert story["kpis as of"] == [("ignore", None)]
    assert story["kpis"] == [("leads", None)]


def test_the_ledger_keeps_every_content_once(story: dict[str, Any]) -> None:
    assert dict(story["contents"]) == {
        "accounts.csv": 3,
        "clients.csv": 1,
        "conversion_actions.csv": 2,
        "rates.csv": 1,
        "rules.csv": 3,
        "waivers.csv": 1,
    }
