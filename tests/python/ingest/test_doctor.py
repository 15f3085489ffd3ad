"""``make doctor``: every fault is found and told with its remedy; nothing is changed, a run not disturbed."""

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import structlog

from core.diagnosis import Diagnosis, Status
from core.lock import holder, warehouse_lock
from core.platforms import platforms
from core.settings import ROOT, Settings
from ingest.access import ReachedAccount, TokenFacts
from ingest.agency.registrations import Registration
from ingest.doctor.accounts import compare
from ingest.doctor.settings import dlt_file, known_variables, misspelt
from ingest.doctor.token_expiry import judge
from publish import pin, places
from publish.verify import REQUIRED
from sandbox.process import SandboxProcess
from tests.python.installation import Installation
from wholeday.doctor import command
from wholeday.doctor.installation import disk, packages, wanted
from wholeday.doctor.warehouse import warehouse

NOW = "2026-11-24T06:00:00+00:00"
INSTANT = datetime.fromisoformat(NOW).astimezone(UTC)
# An hour more than whole days, since these are counted down.
MOMENT = timedelta(hours=1)


def found(diagnoses: Iterator[Diagnosis]) -> dict[str, Diagnosis]:
    """Return what was found by name; a page that is named exists, and what is wrong has a remedy."""
    listed = list(diagnoses)
    assert all((ROOT / one.as_dict()["runbook"]).is_file() for one in listed if one.runbook)
    assert all(one.remedy for one in listed if one.status is not Status.PASS)
    return {one.name: one for one in listed}


@pytest.mark.parametrize(
    ("facts", "status", "days", "message"),
    [
        (TokenFacts(True), "pass", None, "valid"),
        (TokenFacts(True, told=False), "pass", None, "works; the platform does not tell for how long"),
        (
            TokenFacts(True, INSTANT + timedelta(days=14) + MOMENT),
            "pass",
            14,
            "the token expires on 2026-12-08",
        ),
        (TokenFacts(True, INSTANT + timedelta(days=14) - MOMENT), "warn", 13, "in 13 days"),
        (
            TokenFacts(True, INSTANT + timedelta(days=60), INSTANT + timedelta(days=3) + MOMENT),
            "warn",
            3,
            "its access to data expires on 2026-11-27",
        ),
        (TokenFacts(True, INSTANT - MOMENT), "fail", 0, "the token expired on 2026-11-24"),
        (TokenFacts(False, problem="Session has expired"), "fail", 0, "refuses the credentials: Session has"),
    ],
)
def test_the_earlier_end_of_a_token_counts(
    facts: TokenFacts, status: str, days: int | None, message: str
) -> None:
    expiry = judge(facts, INSTANT)
    assert (expiry.status, expiry.days_left) == (status, days)
    assert message in expiry.message


def test_misspelt_variables_are_named_and_others_left_alone() -> None:
    known = known_variables()
    assert {"WHOLEDAY_WAREHOUSE", "SOURCES__META_ADS__ACCESS_TOKEN"} <= known
    environment = {
        "PATH": "",
        "META_TOKEN": "",
        "WHOLEDAY_NOW": "",
        "SOURCES__GOOGLE_ADS__LOOKBACK_DAYS": "",
        "SOURCES__META_ADS__ACESS_TOKEN": "",
        "SOURCE__META_ADS__ACCESS_TOKEN": "",
        "SOURCES__TIKTOK_ADS__KEY": "",
        "WHOLEDAY_WAREHOSE": "",
    }
    assert misspelt(environment, known) == {
        "SOURCES__META_ADS__ACESS_TOKEN": "SOURCES__META_ADS__ACCESS_TOKEN",
        "SOURCE__META_ADS__ACCESS_TOKEN": "SOURCES__META_ADS__ACCESS_TOKEN",
        "SOURCES__TIKTOK_ADS__KEY": "",
        "WHOLEDAY_WAREHOSE": "WHOLEDAY_WAREHOUSE",
    }


@pytest.mark.parametrize(
    ("name", "content", "mode", "told"),
    [
        ("config.toml", "[sources.meta_ads]\nretry_attempts = 3\n", 0o644, ["pass: every setting"]),
        (
            "config.toml",
            '[sources.meta_ads]\naccess_token = "x"\n',
            0o644,
            ["fail: sources.meta_ads.access_token is"],
        ),
        ("secrets.toml", '[sources.meta_ads]\naccess_token = "x"\n', 0o600, ["pass: every setting"]),
        ("secrets.toml", "[sources.meta_ads]\n", 0o644, ["warn: others on this machine can read it"]),
        ("secrets.toml", "[sources.meta]\n", 0o600, ["fail: [sources.meta] is no source"]),
        ("secrets.toml", '[sources.meta_ads]\ntoken = "x"\n', 0o600, ["fail: sources.meta_ads.token is no"]),
        ("secrets.toml", '[sources]\nmeta_ads = "x"\n', 0o600, ["fail: 'meta_ads' is no table"]),
        ("secrets.toml", "sources = 5\n", 0o600, ["fail: 'sources' is no table"]),
        ("secrets.toml", "[sources", 0o600, ["fail: it cannot be read"]),
        ("secrets.toml", None, 0, ["pass: there is none"]),
    ],
)
def test_dlts_files_are_read_as_dlt_would(
    tmp_path: Path, name: str, content: str | None, mode: int, told: list[str]
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
        path.chmod(mode)
    diagnoses = list(dlt_file(path))
    assert len(diagnoses) == len(told)
    for diagnosis, beginning in zip(diagnoses, told, strict=True):
        assert f"{diagnosis.status}: {diagnosis.found}".startswith(beginning)


def reached(**other: Any) -> ReachedAccount:
    facts = {"name": "Dune", "currency": "EUR", "timezone": "Europe/Berlin", **other}
    return ReachedAccount("google", "7", **facts)


@pytest.mark.parametrize(
    ("account", "names", "manager", "runbook", "told"),
    [
        (reached(), {"7": "Dune"}, "", "", ""),
        (reached(currency="USD"), {}, "", "registered", "the platform says: currency USD, registered EUR"),
        (reached(timezone="UTC"), {}, "", "registered", "time zone UTC, registered Europe/Berlin"),
        (reached(currency="eur", timezone="europe/berlin"), {}, "", "", ""),
        (reached(closed="suspended"), {}, "", "account_disabled", "the platform says it is suspended"),
        (reached(manager=True), {}, "", "manager_account", "it is a manager account"),
        (reached(name="Fjord"), {"7": "Dune"}, "", "account_renamed", "its name was 'Dune' and is 'Fjord'"),
        (reached(via="9"), {}, "8", "access_lost", "it is reached through the manager account 9 only"),
        (reached(), {}, "8", "access_lost", "it is not below the configured manager account 8"),
        (reached(via="8"), {}, "8", "", ""),
    ],
)
def test_an_account_that_changed_is_told(
    account: ReachedAccount, names: dict[str, str], manager: str, runbook: str, told: str
) -> None:
    registered = [Registration("google", "7", "dune", "EUR", "Europe/Berlin", INSTANT.date(), None)]
    diagnoses = found(compare(platforms()["google"], registered, {"7": account}, names, manager))
    assert [one.runbook for one in diagnoses.values()] == ([runbook] if runbook else [])
    assert all(told in one.found and name == "dune, account 7" for name, one in diagnoses.items())


def test_packages_are_compared_with_the_lock() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert packages(lock).status is Status.PASS
    assert {"duckdb", "dlt", "aiohttp"} <= wanted(lock).keys()
    other = packages("duckdb==1.5.5 \\\n    --hash=sha256:0\nnot-there==1\nold==2 ; python_version < '3'\n")
    assert other.status is Status.FAIL
    assert "duckdb" in other.found and "not-there missing instead of 1" in other.found
    assert "old" not in other.found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "warehouse"
    folder.mkdir()
    return Settings(folder, tmp_path / "site", tmp_path / "agency")


def write_release(path: Path, api: str = "sandbox") -> None:
    """Write a file with a release's tables, which is all that a look at one needs."""
    with duckdb.connect(str(path)) as file:
        for table in sorted(REQUIRED):
            file.execute(f"create schema if not exists {table.split('.')[0]}")
            file.execute(f"create table {table} as select 'r-1' as run_id, now() as started_at")
        for column, value in (("api", api), ("command", "run"), ("fingerprint", "{}")):
            file.execute(f"alter table staging.stg_run add column {column} varchar default '{value}'")
        file.execute("alter table health.runs add column verdict varchar")
        file.execute("alter table health.runs add column published_at timestamptz")


def test_room_on_the_disk_is_that_of_a_run(settings: Settings) -> None:
    assert disk(settings).status is Status.PASS
    with settings.release.open("wb") as file:
        file.truncate(2**43)  # sparse: eight terabytes that take no room
    assert disk(settings).status is Status.FAIL
    assert disk(settings).runbook == "disk_full"


def test_a_sound_warehouse_passes(settings: Settings) -> None:
    assert found(warehouse(settings))["release"].found == "nothing is published yet"
    write_release(settings.release)
    settings.landing.write_bytes(b"12345678DUCK")
    assert {one.status for one in warehouse(settings)} == {Status.PASS}


def test_real_figures_without_credentials_are_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_release(settings.release, api="live")
    monkeypatch.setenv("WHOLEDAY_API", "live")
    assert found(warehouse(settings))["release"].status is Status.PASS
    monkeypatch.setenv("WHOLEDAY_API", "sandbox")
    told = found(warehouse(settings))["release"]
    assert (told.status, told.runbook) == (Status.FAIL, "not_configured")


def test_a_warehouse_that_cannot_be_a_folder_is_told(settings: Settings) -> None:
    settings.warehouse.rmdir()
    settings.warehouse.touch()
    told = found(warehouse(settings))
    assert (told["folder"].status, told.keys()) == (Status.FAIL, {"folder"})
    assert "is no folder" in told["folder"].found


def test_what_lies_wrong_in_the_warehouse_is_told(settings: Settings) -> None:
    write_release(settings.release)
    settings.landing.write_bytes(b"something else")
    (settings.dlt_folder / "wholeday" / "load" / "normalized" / "1700000000.1").mkdir(parents=True)
    refused = places.refused(settings).parent
    refused.mkdir()
    (refused / "reason.json").write_text(json.dumps({"run_id": "r-2", "reason": "r-2 is not published"}))
    os.utime(settings.release, (0, 0))
    pin.write(settings, pin.Pin("r-1", "r-2", INSTANT))
    told = found(warehouse(settings))
    assert {name: told[name].status.value for name in told if told[name].status is not Status.PASS} == {
        "ledger": "fail",
        "unfinished loads": "warn",
        "last refusal": "fail",
        "pin": "warn",
    }
    assert told["last refusal"].found == "r-2 is not published"
    assert "release r-1 stays published since a rollback on 2026-11-24" in told["pin"].found


def test_a_file_beside_a_stray_log_is_not_opened(settings: Settings) -> None:
    write_release(settings.release)
    stray = settings.release.with_name("ads.duckdb.wal")
    stray.write_bytes(b"log")
    told = found(warehouse(settings))
    assert told["stray logs"].status is Status.FAIL
    assert str(stray) in told["stray logs"].found
    assert "release" not in told
    assert stray.read_bytes() == b"log"


def test_a_release_that_cannot_be_read_fails(settings: Settings) -> None:
    settings.release.write_bytes(b"no database")
    assert found(warehouse(settings))["release"].status is Status.FAIL
    settings.release.unlink()
    settings.releases.mkdir()
    write_release(settings.releases / "r-1.duckdb")
    assert "missing, though 1 releases are kept" in found(warehouse(settings))["release"].found


def test_the_holder_is_named_and_not_disturbed(settings: Settings) -> None:
    assert holder(settings) is None
    with warehouse_lock(settings, "run"):
        said = found(warehouse(settings))["lock"].found
        assert said.startswith(f"'run' (process {os.getpid()}, since ")
    assert holder(settings) is None
    with warehouse_lock(settings, "run"):
        pass


@pytest.fixture
def doctor(
    small: Installation, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    for name, value in small.environment(NOW).items():
        monkeypatch.setenv(name, value)
    sandbox.set_clock(NOW)
    before = structlog.get_config()
    yield Settings(small.warehouse, small.site, small.agency)
    structlog.configure(**before)
    sandbox.set_clock(None)


def run(settings: Settings, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    """Return the exit status and what is not as it should be, by area and name."""
    status = command.doctor(settings, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert all((ROOT / check["runbook"]).is_file() for check in told["checks"] if check["runbook"])
    return status, {f"{c['area']}: {c['name']}": c for c in told["checks"] if c["status"] != "pass"}


EXPECTED = {"settings: clock", "settings: platforms", "warehouse: folder"}


def test_a_sound_installation_has_nothing_to_repair(
    doctor: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = run(doctor, capsys)
    assert (status, set(told)) == (0, EXPECTED)
    assert not doctor.warehouse.exists()


def test_the_table_says_the_same(small: Installation) -> None:
    said = small.wholeday("doctor", now=NOW)
    assert re.search(r"pass │ Google Ads +│ accounts +│ 3 of 3 registered", said)
    assert ", 3 to look at, 0 to repair." in said


def fault(kind: str, platform: str, **effect: Any) -> dict[str, Any]:
    return {"match": {"platform": platform, "kind": [kind]}, "effect": effect}


def test_what_the_platforms_say_is_told(
    doctor: Settings, sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    soon = int((INSTANT + timedelta(days=5, hours=1)).timestamp())
    token = {"is_valid": True, "expires_at": soon, "data_access_expires_at": 0, "scopes": ["public_profile"]}
    sandbox.faults(
        [
            fault("token", "meta", status=200, body={"data": token}),
            fault("token", "google", status=400, body={"error": "invalid_grant"}),
        ]
    )
    status, told = run(doctor, capsys)
    assert status == 1
    assert told["Meta Ads: token"]["status"] == "warn"
    assert told["Meta Ads: token"]["found"] == "the token expires on 2026-11-29, in 5 days"
    assert told["Meta Ads: token"]["runbook"] == "docs/runbooks/token_expiring.md"
    assert told["Meta Ads: scopes"]["found"] == "it lacks ads_read; it has public_profile"
    assert told["Google Ads: token"]["status"] == "fail"
    assert "invalid_grant" in told["Google Ads: token"]["found"]
    assert told["Google Ads: token"]["runbook"] == "docs/runbooks/auth.md"


def test_a_platform_with_accounts_and_no_credentials_fails(
    doctor: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WHOLEDAY_API", "live")
    monkeypatch.delenv("SOURCES__GOOGLE_ADS__REFRESH_TOKEN")
    status, told = run(doctor, capsys)
    assert status == 1
    assert (
        told["settings: google"]["found"] == "Google Ads is not configured; 3 accounts are registered on it"
    )
    assert told["settings: google"]["remedy"] == "set SOURCES__GOOGLE_ADS__REFRESH_TOKEN"
    assert "settings: platforms" not in told


def test_a_lost_account_and_a_silent_platform(
    doctor: Settings, sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    zone = "America/New_York"
    listed = [{"account_id": "9100000005", "currency": "USD", "timezone_name": zone, "account_status": 2}]
    denied = {"error": {"code": 200, "message": "Ad account owner has NOT granted ads_read permission"}}
    sandbox.faults(
        [
            fault("accounts", "meta", status=200, body={"data": listed}),
            fault("account", "meta", status=403, body=denied),
            fault("accounts", "google", status=503),
        ]
    )
    status, told = run(doctor, capsys)
    assert status == 1
    assert set(told) - EXPECTED == {
        "Meta Ads: dune, account 9100000001",
        "Meta Ads: grove, account 9100000005",
        "Google Ads: reached",
    }
    assert told["Meta Ads: grove, account 9100000005"]["found"] == "the platform says it is disabled"
    assert "NOT granted" in told["Meta Ads: dune, account 9100000001"]["found"]
    assert told["Google Ads: reached"]["found"].startswith("transient: ")
    assert told["Google Ads: reached"]["runbook"] == "docs/runbooks/transient.md"


@pytest.mark.parametrize("version", ["v25.0", "v24.0"])
def test_an_old_version_is_told(
    doctor: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], version: str
) -> None:
    monkeypatch.setenv("SOURCES__META_ADS__API_VERSION", version)
    status, told = run(doctor, capsys)
    assert told["Meta Ads: API version"]["found"] == f"{version}, where v26.0 is the newest known"
    assert "SOURCES__META_ADS__API_VERSION=v26.0" in told["Meta Ads: API version"]["remedy"]
    assert status == (version == "v24.0")
    if status:
        assert told["Meta Ads: reached"]["runbook"] == "docs/runbooks/version_retired.md"
