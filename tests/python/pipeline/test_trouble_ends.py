"""Trouble that is over: one warehouse through an empty morning, an outage, a closing and a wrong line."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sandbox.process import SandboxProcess
from tests.python.installation import Installation, write_small_agency

pytestmark = pytest.mark.slow

# Four clients on Meta, three accounts of two clients on Google Ads; all in UTC.
META = ("9300000001", "9300000002", "9300000003", "9300000004")
GOOGLE = ("9300000005", "9300000006", "9300000007")
FRESH = "9300000007"
"""An account that began two days before the outage."""
CLOSING = "9300000008"
"""An account whose campaigns deliver nothing on 13 November, and are paused in the evening."""
MISREGISTERED = "9300000009"
"""An account whose line names another currency than the platform."""
STARTED = "2026-10-12"
STUMBLE, GOOD, EMPTY, DOWN, LEFT, LAST = (
    f"2026-11-{day:02}T06:00:00+00:00" for day in (4, 10, 11, 12, 13, 14)
)


def fault(effect: dict[str, Any], **match: Any) -> dict[str, Any]:
    return {"match": match, "effect": effect}


SILENT = fault({"empty": True}, platform="meta", kind=["delivery", "control_totals"])
# The running day had nothing yet, a week before its platform falls silent.
LATE = fault({"drop_rows": 1.0}, platform="meta", account=META[0], date=["2026-11-04", "2026-11-04"])
STOPPED = fault({"drop_rows": 1.0}, platform="meta", account=CLOSING, date=["2026-11-13", "2026-11-30"])
PAUSED = fault({"campaign_status": "PAUSED"}, platform="meta", account=CLOSING)


def failing(account: str, *kinds: str) -> dict[str, Any]:
    return fault({"status": 500}, platform="google", account=account, kind=list(kinds))


# The outage of Google Ads has a history in one account, strikes other answers each morning, and once all
# accounts so hard that they are left alone.
MORNINGS = [
    (STUMBLE, [LATE, failing(GOOGLE[0], "delivery")]),
    (GOOD, []),
    (EMPTY, [SILENT, failing(GOOGLE[0], "conversions"), failing(GOOGLE[1], "delivery")]),
    (DOWN, [*(failing(account, "delivery", "account") for account in GOOGLE)]),
    (LEFT, [STOPPED, failing(GOOGLE[1], "delivery")]),
    (LAST, [STOPPED, PAUSED]),
]


def write_agency(folder: Path) -> Path:
    """Write seven clients; one is registered in a wrong currency."""
    write_small_agency(folder, started=date.fromisoformat(STARTED))
    lines = [(account, "meta", f"meta-{account[-1]}", STARTED) for account in (*META, CLOSING, MISREGISTERED)]
    lines += [(GOOGLE[0], "google", "north", STARTED), (GOOGLE[1], "google", "south", "2026-10-15")]
    lines += [(FRESH, "google", "south", "2026-11-09")]
    clients = sorted({client for _, _, client, _ in lines})
    (folder / "clients.csv").write_text(
        "client_id,client_name,started_on,ended_on,completeness_target,owner\n"
        + "".join(f"{client},{client},{STARTED},,99.5,team\n" for client in clients)
    )
    (folder / "accounts.csv").write_text(
        "account_id,platform,client_id,currency,timezone,conversion_tracking,started_on,ended_on\n"
        + "".join(
            f"{account},{platform},{client},EUR,UTC,true,{on},\n" for account, platform, client, on in lines
        )
    )
    return folder


def misregister(agency: Path, right: str, wrong: str) -> None:
    """Write another currency into the line of the one account."""
    path = agency / "accounts.csv"
    line = f"{MISREGISTERED},meta,meta-9,"
    assert f"{line}{right}" in path.read_text()
    path.write_text(path.read_text().replace(f"{line}{right}", f"{line}{wrong}"))


class Mornings:
    """The candidates of three mornings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, now: str) -> Path:
        return self.folder / f"{now[:10]}.duckdb"

    def rows(self, now: str, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.file(now)), read_only=True) as candidate:
            candidate.execute("set timezone = 'UTC'")
            return candidate.execute(sql, list(parameters)).fetchall()

    def incidents(self, now: str, platform: str) -> list[tuple[Any, ...]]:
        """The platform's incidents but that of the wrong line, in the order in which they began."""
        return self.rows(now, _INCIDENTS, platform)


@pytest.fixture(scope="module")
def mornings(tmp_path_factory: pytest.TempPathFactory) -> Mornings:
    """Six mornings of collections; the wrong line is put right before the last."""
    folder = tmp_path_factory.mktemp("trouble")
    agency = write_agency(folder / "agency")
    mornings = Mornings(folder)
    with SandboxProcess(agency=agency) as sandbox:
        misregister(agency, "EUR", "PLN")
        patience = {"SOURCES__GOOGLE_ADS__BREAKER_SECONDS": "0.1"}
        installation = Installation(folder, sandbox.env | patience)
        for now, faults in MORNINGS:
            sandbox.clear()
            sandbox.set_clock(now)
            if faults:
                sandbox.faults(faults)
            if now == LAST:
                misregister(agency, "PLN", "EUR")
            # A collection that does not reach every account says so with its status.
            installation.start("ingest", "collect", now=now).communicate(timeout=300)
            if now in (EMPTY, LEFT, LAST):
                installation.wholeday("build", now=now)
                shutil.copy(installation.warehouse / "candidate" / "ads.duckdb", mornings.file(now))
    return mornings


_INCIDENTS = """
select incident_id, cause, account_days, days_open, opened_at::date::varchar, resolved_at::date::varchar
from health.incidents
where platform = ? and clients <> ['meta-9']
order by opened_at, cause
"""
_OPEN = """
select rule, account_id, severity
from health.findings
where not waived and account_id <> ?
order by all
"""


def test_empty_morning_costs_only_days_without_figures(mornings: Mornings) -> None:
    struck = [*META, CLOSING]
    lacking = "select account_id from health.account_days where status = 'suspect' order by all"
    assert mornings.rows(EMPTY, lacking) == [(account,) for account in struck]
    found = mornings.rows(EMPTY, _OPEN, MISREGISTERED)
    assert [row for row in found if row[0] == "suspect_empty"] == [
        ("suspect_empty", one, "high") for one in struck
    ]
    worse = [("last_look_contradicts", account, "medium") for account in struck]
    assert [row for row in found if row[0] == "last_look_contradicts"] == worse
    [(_, cause, days, days_open, opened, resolved)] = mornings.incidents(EMPTY, "meta")
    assert (cause, days, days_open, opened, resolved) == ("silence", 5, 5, "2026-11-11", None)


def test_a_silent_account_that_tells_another_currency_is_no_second_incident(mornings: Mornings) -> None:
    told = """
    select cause, list_contains(clients, 'meta-9') from health.incidents where platform = 'meta' order by all
    """
    assert mornings.rows(EMPTY, told) == [("registered", True), ("silence", False)]


def test_two_healthy_mornings_later_nothing_high_is_open(mornings: Mornings) -> None:
    struck = [*META, CLOSING]
    found = [row for row in mornings.rows(LEFT, _OPEN, MISREGISTERED) if row[1] not in GOOGLE]
    assert {(rule, severity) for rule, _, severity in found} <= {("last_look_contradicts", "medium")}
    assert [account for _, account, _ in found] == sorted({account for _, account, _ in found}), "one each"
    [(_, cause, days, days_open, opened, resolved)] = [
        row for row in mornings.incidents(LEFT, "meta") if row[1] != "last_look_contradicts"
    ]
    assert (cause, days_open, opened, resolved) == ("silence", 0, "2026-11-11", "2026-11-12")
    healed = """
    select account_id, date::varchar, healed from health.healing
    where platform = 'meta' and account_id <> ? order by all
    """
    assert mornings.rows(LEFT, healed, MISREGISTERED) == [(one, "2026-11-10", True) for one in struck]
    assert days == len(struck)


def test_a_contradicted_day_keeps_its_figures_and_is_not_final(mornings: Mornings) -> None:
    day = """
    select status, maturity, contradicted_by
    from health.account_days where account_id = ? and date = '2026-10-14'
    """
    assert mornings.rows(EMPTY, day, META[0]) == [("whole", "preliminary", "suspect_empty")]


def test_an_outage_is_one_incident_whatever_the_histories(mornings: Mornings) -> None:
    named = {}
    for as_of in (EMPTY, LEFT, LAST):
        earlier, outage = mornings.incidents(as_of, "google")
        assert earlier[1:] == ("transient", 23, 0, "2026-11-04", "2026-11-10")
        named[as_of] = outage
    assert {outage[0] for outage in named.values()} == {named[LAST][0]}, "people are told once"
    assert named[EMPTY][1:] == ("transient", 2, 2, "2026-11-11", None)
    assert named[LEFT][1:] == ("transient", 6, 3, "2026-11-11", None)
    assert named[LAST][1:] == ("transient", 6, 0, "2026-11-11", "2026-11-14")


def test_a_seasonal_closing_raises_no_alarm(mornings: Mornings) -> None:
    day = "select status from health.account_days where account_id = ? and date = '2026-11-13'"
    assert mornings.rows(LAST, day, CLOSING) == [("whole",)]
    spend = "select total_spend from marts.daily_kpi where client_id = 'meta-8' and date = '2026-11-13'"
    assert mornings.rows(LAST, spend) == [(0,)]
    found = "select count(*) from health.findings where account_id = ? and severity = 'high'"
    assert mornings.rows(LAST, found, CLOSING) == [(0,)]


def test_a_currency_that_is_put_right_leaves_nothing_open(mornings: Mornings) -> None:
    found = "select count(*) from health.findings where account_id = ? and rule = 'registered'"
    lost = "select count(*) from health.account_days where account_id = ? and status <> 'whole'"
    assert mornings.rows(LEFT, found, MISREGISTERED) == [(1,)]
    assert mornings.rows(LEFT, lost, MISREGISTERED)[0][0] > 30
    assert mornings.rows(LAST, found, MISREGISTERED) == mornings.rows(LAST, lost, MISREGISTERED) == [(0,)]
    high = "select * from health.incidents where resolved_at is null and severity in ('critical', 'high')"
    assert mornings.rows(LAST, high) == []
    check = "select status from health.checks where name = 'registered'"
    assert mornings.rows(LAST, check) == [("pass",)]
