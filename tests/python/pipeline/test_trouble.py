"""One thing wrong at a time: what is lost, what is said, and what stays as it was."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.settings import ROOT
from sandbox.process import SandboxProcess
from tests.python.installation import Installation
from tests.python.pipeline.conftest import NEXT, NOW


@pytest.mark.slow
def test_one_answer_failing_for_good_costs_only_its_own_client_platform(
    started: Installation, sandbox: SandboxProcess
) -> None:
    sandbox.set_clock(NEXT)
    sandbox.faults(
        [
            {
                "match": {"platform": "google", "account": "9100000003", "kind": "conversions"},
                "effect": {"status": 500},
            }
        ]
    )
    said = started.wholeday("run", now=NEXT, status=1)
    sentence = [line for line in said.splitlines() if "fjord" in line and "google" in line]
    assert sentence, said

    day = "2026-11-10"
    shown = started.query("select client_id, platform from marts.daily_kpi where date = ? order by all", day)
    assert shown == [("dune", "google"), ("dune", "meta"), ("grove", "meta")]
    status = dict(started.query("select account_id, status from health.account_days where date = ?", day))
    assert status["9100000003"] == "split"
    assert status["9100000004"] == "whole"
    named = started.query(
        "select count(*) from health.findings where client_id = 'fjord' and platform = 'google' and date = ?"
        " and account_id = '9100000003'",
        day,
    )
    assert named[0][0] > 0
    health = json.loads((started.site / "health.json").read_text())
    assert health["status"] == "critical"
    gaps = [(gap["client"], gap["platform"], gap["date"]) for gap in health["checks"]["missingDays"]["gaps"]]
    assert gaps == [("fjord", "google", day)]

    # One cause; what only follows from it says so, in the checks and in the data docs.
    assert health["causes"] == ["splitData"]
    checks = health["checks"]
    assert checks["todayCollection"]["followsFrom"] == ["splitData"]
    assert "follows from splitData" in checks["missingDays"]["message"]
    assert checks["greatExpectations"]["status"] == "pass"
    assert checks["greatExpectations"]["following"] >= 5
    verdict = json.loads((started.warehouse / "validation.json").read_text())
    assert [failure for failure in verdict["failures"] if not failure["follows"]] == []
    docs = (started.site / "data_docs" / "index.html").read_text()
    assert docs.count("Follows from") == len(verdict["failures"])

    sandbox.clear()
    started.wholeday("run", now=NEXT)
    healed = started.query(
        "select status, data_source from health.account_days where date = ? and account_id = '9100000003'",
        day,
    )
    assert healed == [("whole", "heal")]


@pytest.mark.slow
def test_broken_conservation_leaves_the_last_release_as_it_was(
    started: Installation, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    before = started.release.read_bytes()
    project = tmp_path / "project"
    for name in _project_files():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, project / name)
    model = project / "models" / "intermediate" / "days" / "int_period_kpi.sql"
    right = "then sum(daily.{{ measure.total }})"
    assert right in model.read_text()
    model.write_text(model.read_text().replace(right, f"{right} + 1"))

    broken = Installation(started.folder, started.env, project)
    sandbox.set_clock(NEXT)
    said = broken.wholeday("run", now=NEXT, status=1)
    assert "conserves" in said
    assert "readers keep release" in said
    assert started.release.read_bytes() == before
    verdicts = started.ledger("select verdict from journal.verdicts order by run_id")
    assert verdicts == [("published",), ("refused",)]
    assert (started.warehouse / "refused" / "ads.duckdb").exists()
    started.wholeday("run", now=NEXT)
    assert started.query("select count(*) from marts.daily_kpi where date = '2026-11-10'")[0][0] > 0


@pytest.mark.slow
def test_a_line_that_no_model_reads_is_told_by_a_run_and_stops_none(started: Installation) -> None:
    with (started.agency / "rules.csv").open("a", encoding="utf-8") as rules:
        rules.write("spend_levle,high,no,,,,\n")
    assert "did you mean 'spend_level'?" in started.wholeday("run", now=NOW)


@pytest.mark.slow
def test_two_runs_at_once(started: Installation, sandbox: SandboxProcess) -> None:
    sandbox.set_clock(NEXT)
    sandbox.faults([{"match": {"kind": "control_totals"}, "effect": {"delay": 1}}])
    first = started.start("wholeday", "run", now=NEXT)
    wait_for_holder(started, first)
    said = started.wholeday("run", now=NEXT, status=2)
    assert first.poll() is None, "the second run waited for the first"
    assert f"process {first.pid}" in said
    assert first.wait(timeout=120) == 0
    days = "select platform, account_id, date, content_hash from ledger.account_days"
    assert started.ledger(f"{days} group by all having count(*) > 1") == []


@pytest.mark.slow
def test_stray_write_ahead_logs_change_nothing(started: Installation, sandbox: SandboxProcess) -> None:
    before = started.marts()
    log = _foreign_log(started.folder)
    for place in (started.release, started.warehouse / "candidate" / "ads.duckdb"):
        place.with_name(place.name + ".wal").write_bytes(log)
    said = started.wholeday("run", now=NOW)
    assert "ads.duckdb.wal" in said
    assert started.marts() == before
    assert not list(started.warehouse.glob("*.wal"))


@pytest.mark.slow
def test_a_killed_run_is_taken_up_by_the_next(started: Installation, sandbox: SandboxProcess) -> None:
    before = started.marts()
    sandbox.set_clock(NEXT)
    process = started.start("wholeday", "run", now=NEXT)
    wait_for_holder(started, process)
    time.sleep(2.5)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert started.marts() == before
    started.wholeday("run", now=NEXT)
    assert len(started.query("select * from marts.daily_kpi where date = '2026-11-10'")) == 4


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("accounts.csv", ",", ";", "semicolons"),
        ("accounts.csv", "timezone", "time zone", "timezone"),
        ("conversion_actions.csv", "kpi", "kpi,kpi", "twice"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_before_any_request(
    small: Installation, sandbox: SandboxProcess, file: str, old: str, new: str, says: str
) -> None:
    path = small.agency / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    asked = sandbox.requests()
    said = small.wholeday("run", now=NOW, status=2)
    assert file in said
    assert "line" in said
    assert says in said
    assert sandbox.requests() == asked
    assert not small.release.exists()


def _project_files() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def wait_for_holder(installation: Installation, process: "subprocess.Popen[str]") -> None:
    """Return once ``process`` has the lock."""
    lock = installation.warehouse / ".lock"
    for _ in range(400):
        if f'"pid": {process.pid},' in lock.read_text():
            return
        time.sleep(0.05)
    pytest.fail("the run did not take the lock")


def _foreign_log(folder: Path) -> bytes:
    """A write-ahead log that would drop a table if anyone replayed it."""
    script = (
        "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); c.execute('create table t (a int)');"
        "c.execute('checkpoint'); c.execute('insert into t values (1)'); os._exit(0)"
    )
    victim = folder / "foreign.duckdb"
    subprocess.run([sys.executable, "-c", script, str(victim)], check=True)
    return victim.with_name("foreign.duckdb.wal").read_bytes()
