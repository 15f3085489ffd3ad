"""What arrives and is not what it seems: four days of one warehouse, looked at as of each of them."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sandbox.process import SandboxProcess
from tests.python.installation import Installation

pytestmark = pytest.mark.slow

GOOD, FIRST, SECOND, HEALED = (f"2026-11-{day}T12:00:00+00:00" for day in (10, 11, 12, 13))
EMPTY_DAYS = ["2026-11-10", "2026-11-30"]
# Of the small agency: two accounts on Meta, three on Google Ads.
DUNE_META, GROVE_META = "9100000001", "9100000005"
PAUSED, STOPPED, CHANGED = "9100000002", "9100000003", "9100000004"


def google(account: str, effect: dict[str, Any], **match: Any) -> dict[str, Any]:
    return {"match": {"platform": "google", "account": account} | match, "effect": effect}


SILENT = [
    {"match": {"platform": "meta", "kind": ["delivery", "control_totals"]}, "effect": {"empty": True}},
    google(STOPPED, {"drop_rows": 1.0}, date=EMPTY_DAYS),
    google(PAUSED, {"drop_rows": 1.0}, date=EMPTY_DAYS),
    google(PAUSED, {"campaign_status": "PAUSED"}),
]
NEW_FIELD = google(CHANGED, {"set": {"metrics.wishes": "3"}}, kind=["delivery"])
ANOTHER_CURRENCY = google(CHANGED, {"account": {"currency": "EUR", "name": "Hotel of others"}})


@pytest.fixture(scope="module")
def history(
    tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess, sandbox_agency: Path
) -> Iterator[Installation]:
    """Four collections: a good one, two of a silent platform, and one after everything is well again."""
    folder = tmp_path_factory.mktemp("arrival")
    shutil.copytree(sandbox_agency, folder / "agency")
    installation = Installation(folder, dict(sandbox.env))
    for now, faults in (
        (GOOD, []),
        (FIRST, [*SILENT, NEW_FIELD]),
        (SECOND, [*SILENT, ANOTHER_CURRENCY]),
        (HEALED, []),
    ):
        sandbox.clear()
        sandbox.set_clock(now)
        if faults:
            sandbox.faults(faults)
        installation.wholeday("collect", module="ingest", now=now)
    yield installation
    sandbox.clear()


def built(history: Installation, as_of: str) -> duckdb.DuckDBPyConnection:
    """The candidate as of that instant."""
    history.wholeday("build", "--as-of", as_of, now=HEALED)
    candidate = history.warehouse / "candidate" / "ads.duckdb"
    copy = shutil.copy(candidate, history.folder / f"as-of-{as_of[:10]}.duckdb")
    return duckdb.connect(str(copy), read_only=True)


@pytest.fixture(scope="module")
def first(history: Installation) -> duckdb.DuckDBPyConnection:
    return built(history, FIRST)


@pytest.fixture(scope="module")
def second(history: Installation) -> duckdb.DuckDBPyConnection:
    return built(history, SECOND)


@pytest.fixture(scope="module")
def healed(history: Installation) -> duckdb.DuckDBPyConnection:
    return built(history, HEALED)


def status(db: duckdb.DuckDBPyConnection, account: str, day: int) -> tuple[str, str | None]:
    found = db.execute(
        "select status, reason from health.account_days where account_id = ? and date = ?",
        [account, date(2026, 11, day)],
    ).fetchone()
    assert found is not None
    return found[0], found[1]


def messages(db: duckdb.DuckDBPyConnection, rule: str, account: str) -> list[str]:
    query = "select message from health.findings where rule = ? and account_id = ? order by date"
    return [message for (message,) in db.execute(query, [rule, account]).fetchall()]


def test_an_empty_day_is_held_and_believed_when_it_stays_empty(
    first: duckdb.DuckDBPyConnection, second: duckdb.DuckDBPyConnection
) -> None:
    found, reason = status(first, STOPPED, 10)
    assert found == "suspect"
    assert reason is not None
    assert "enabled campaigns delivered until 2026-11-09" in reason
    assert status(second, STOPPED, 10) == ("whole", None)
    assert status(second, STOPPED, 11) == ("whole", None), "nothing is expected of it any more"


def test_an_empty_day_of_paused_campaigns_is_whole_at_once(first: duckdb.DuckDBPyConnection) -> None:
    assert status(first, PAUSED, 10) == ("whole", None)
    spend = "select total_spend from marts.daily_kpi where client_id = 'dune' and platform = 'google'"
    assert first.execute(f"{spend} and date = '2026-11-10'").fetchall() == [(0,)]


def test_a_silent_platform_is_an_outage_however_long_it_lasts(
    first: duckdb.DuckDBPyConnection, second: duckdb.DuckDBPyConnection, healed: duckdb.DuckDBPyConnection
) -> None:
    for account in (DUNE_META, GROVE_META):
        silent = "suspect_empty: every account of meta was silent in that run"
        assert status(first, account, 10) == status(second, account, 10) == ("suspect", silent)
        assert status(second, account, 11)[0] == "suspect"
        assert status(healed, account, 10) == status(healed, account, 11) == ("whole", None)


def test_what_was_whole_keeps_its_figures_and_the_worse_answer_is_shown(
    first: duckdb.DuckDBPyConnection, second: duckdb.DuckDBPyConnection
) -> None:
    for db in (first, second):
        assert status(db, GROVE_META, 5) == ("whole", None)
        spend = db.execute(
            "select total_spend from marts.daily_kpi where client_id = 'grove' and date = '2026-11-05'"
        ).fetchone()
        assert spend is not None
        assert spend[0] > 0
    assert len(messages(second, "suspect_empty", GROVE_META)) == 2, "of the days that have no figures"
    [said] = messages(second, "last_look_contradicts", GROVE_META)
    assert "an earlier collection that was whole is shown instead" in said


def test_a_new_field_is_noted_and_blocks_nothing(first: duckdb.DuckDBPyConnection) -> None:
    assert status(first, CHANGED, 10) == ("whole", None)
    [said] = messages(first, "new_fields", CHANGED)
    assert "an unknown field: wishes" in said


def test_an_account_that_changes_is_told_and_its_new_days_are_left_out(
    second: duckdb.DuckDBPyConnection, healed: duckdb.DuckDBPyConnection
) -> None:
    assert status(second, CHANGED, 10) == ("whole", None)
    assert status(second, CHANGED, 11)[0] == "invalid"
    assert "the platform says currency EUR" in messages(second, "registered", CHANGED)[-1]
    [said] = messages(second, "account_renamed", CHANGED)
    assert "the account is called Hotel of others now" in said
    assert status(healed, CHANGED, 11) == ("whole", None)
