"""Readers have the old release or the new one, whole, whatever happens in between."""

import json
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from core.runs import Run
from core.settings import ROOT, Settings
from publish import places, releases, verify
from publish.publish import publish
from publish.swap import reconcile
from publish.wal import clear_stray

# Reads the published file again and again. Were a state mixed, the run ids of its tables would differ.
READER = """
import sys, time, duckdb
seen, queries = [], 0
while True:
    with duckdb.connect(sys.argv[1], read_only=True) as file:
        runs = file.execute(
            "select distinct run_id from marts.daily_kpi union select run_id from health.runs"
            " union select run_id from staging.stg_run"
        ).fetchall()
        rows = file.execute("select count(*), sum(total_spend) from marts.daily_kpi").fetchone()
    assert len(runs) == 1 and rows[0] == 180, (runs, rows)
    queries += 1
    seen += [] if seen[-1:] == [runs[0][0]] else [runs[0][0]]
    if len(seen) and runs[0][0].endswith("-000006"):
        print(len(seen), queries)
        break
"""

# Publishes the current run and dies by SIGKILL before the n-th thing it does to a file of the warehouse.
KILLED = """
import os, signal, sys
from publish.publish import publish
from publish.rollback import rollback
from core.runs import Run
from core.settings import Settings

settings, run, at = Settings.from_env(), Run.current(Settings.from_env()), int(sys.argv[2])
count = 0

def hook(event, arguments):
    global count
    # Opening for reading changes nothing; os.open, which has no mode, is how a folder is synced.
    if event == "open" and (arguments[1] or "w")[0] == "r":
        return
    if event in ("open", "os.rename", "os.remove", "os.chmod", "os.mkdir", "shutil.copyfile"):
        if str(settings.warehouse) in str(arguments):
            count += 1
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hook)
publish(settings, run) if sys.argv[1] == "publish" else rollback(settings, None)
"""


@pytest.fixture
def first(warehouse: Any) -> Run:
    """Publish a first release and return its run."""
    return published(warehouse)


def published(warehouse: Any, **world: Any) -> Run:
    run: Run = warehouse.begin()
    warehouse.build(run, **world)
    assert publish(warehouse.settings, run).verdict == "published"
    return run


def environment(settings: Settings) -> dict[str, str]:
    return os.environ | {
        "WHOLEDAY_WAREHOUSE": str(settings.warehouse),
        "WHOLEDAY_SITE": str(settings.site),
        "WHOLEDAY_AGENCY": str(settings.agency),
        "PYTHONPATH": str(ROOT),
    }


def test_the_release_says_what_the_gate_decided(warehouse: Any, first: Run) -> None:
    rows = warehouse.query("select run_id, verdict, published_at = '2026-11-24 06:00:00+00' from health.runs")
    assert rows == [(first.run_id, "published", True)]
    assert warehouse.verdicts() == [(first.run_id, "published")]


def test_release_and_kept_release_are_files_of_their_own(warehouse: Any, first: Run) -> None:
    kept = places.kept(warehouse.settings, first.run_id)
    assert kept.read_bytes() == warehouse.settings.release.read_bytes()
    assert (
        len({path.stat().st_ino for path in (kept, warehouse.settings.release, warehouse.settings.candidate)})
        == 3
    )
    assert (
        stat.S_IMODE(kept.stat().st_mode) == stat.S_IMODE(warehouse.settings.release.stat().st_mode) == 0o444
    )
    assert not list(warehouse.settings.warehouse.rglob("*.tmp"))


def test_a_refusal_keeps_the_last_release_byte_for_byte(warehouse: Any, first: Run) -> None:
    before = warehouse.settings.release.read_bytes()
    run = warehouse.begin()
    warehouse.build(run, change="drop table marts.weekly_kpi")
    assert publish(warehouse.settings, run).verdict == "refused"
    assert warehouse.settings.release.read_bytes() == before
    assert warehouse.verdicts()[-1] == (run.run_id, "refused")
    assert releases.kept(warehouse.settings) == [first.run_id]
    refused = places.refused(warehouse.settings)
    assert "marts.weekly_kpi" in json.loads((refused.parent / "reason.json").read_text())["reason"]
    assert warehouse.query("select verdict from health.runs", refused) == [("refused",)]


def test_the_same_run_can_be_judged_again(warehouse: Any, first: Run) -> None:
    run = warehouse.begin()
    warehouse.build(run, change="drop table marts.weekly_kpi")
    assert publish(warehouse.settings, run).verdict == "refused"
    warehouse.build(run)
    assert publish(warehouse.settings, run).verdict == "published"
    assert warehouse.query("select run_id, verdict from health.runs") == [(run.run_id, "published")]


@pytest.mark.slow
def test_readers_see_whole_releases_while_they_are_swapped(warehouse: Any, first: Run) -> None:
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(warehouse.settings.release)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for _ in range(5):
        published(warehouse)
    for reader in readers:
        told, problem = reader.communicate(timeout=60)
        assert reader.returncode == 0, problem
        releases_seen, queries = map(int, told.split())
        assert releases_seen >= 2
        assert queries >= releases_seen


def stray_log(folder: Path, path: Path) -> bytes:
    """Return the log of a writer that was killed: it would drop every row of a table of ``path``."""
    copy = folder / path.name
    shutil.copyfile(path, copy)
    copy.chmod(0o644)
    script = (
        "import duckdb, os, signal, sys; file = duckdb.connect(sys.argv[1]);"
        "file.execute('delete from marts.daily_kpi'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script, str(copy)], check=False)
    return (folder / f"{path.name}.wal").read_bytes()


@pytest.mark.parametrize("beside", ["candidate", "release", "kept"])
def test_a_stray_log_changes_nothing(warehouse: Any, first: Run, tmp_path: Path, beside: str) -> None:
    run = warehouse.begin()
    warehouse.build(run)
    settings = warehouse.settings
    target = {
        "candidate": settings.candidate,
        "release": settings.release,
        "kept": places.kept(settings, first.run_id),
    }[beside]
    (tmp_path / "other").mkdir()
    log = stray_log(tmp_path / "other", target)
    stray = target.with_name(f"{target.name}.wal")
    stray.write_bytes(log)
    assert warehouse.query("select count(*) from marts.daily_kpi", target) == [(0,)]  # what it would do

    verdict = publish(settings, run)
    assert verdict.verdict == "published"
    assert f"lay beside {target}" in verdict.notes[0]
    assert not list(settings.warehouse.glob("ads.duckdb.wal*"))
    assert not list(settings.candidate_folder.glob("*.wal*"))
    assert not list(settings.releases.glob("*.wal*"))
    assert [path.read_bytes() for path in places.stray(settings).iterdir()] == [log]
    assert warehouse.query("select count(*) from marts.daily_kpi") == [(180,)]
    assert warehouse.query("select count(*) from marts.daily_kpi", target) == [(180,)]


def test_reconcile_tells_of_a_stray_log(warehouse: Any, first: Run) -> None:
    warehouse.settings.release.with_name("ads.duckdb.wal.checkpoint").write_bytes(b"x")
    assert "was moved to" in reconcile(warehouse.settings)[0]
    assert reconcile(warehouse.settings) == []


def test_the_log_of_the_ledger_stays(warehouse: Any, first: Run) -> None:
    log = warehouse.settings.warehouse / "landing.duckdb.wal"
    log.write_bytes(b"")
    assert clear_stray(warehouse.settings) == []
    assert log.exists()


def test_a_candidate_that_is_still_written_is_not_published(warehouse: Any, first: Run) -> None:
    run = warehouse.begin()
    path = warehouse.build(run)
    script = (
        "import duckdb, sys; file = duckdb.connect(sys.argv[1]);"
        "file.execute('create table marts.x as select 1'); print('ready', flush=True); sys.stdin.read()"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    with pytest.raises(UserError, match="still being written"):
        publish(warehouse.settings, run)
    writer.communicate()


def test_ten_releases_are_kept(warehouse: Any) -> None:
    made = [published(warehouse, clients=1, days=2).run_id for _ in range(12)]
    assert releases.kept(warehouse.settings) == made[-10:]


def test_a_full_disk_is_told_and_changes_nothing(
    warehouse: Any, first: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = warehouse.begin()
    candidate = warehouse.build(run)
    before = warehouse.settings.release.read_bytes()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = candidate.stat().st_size
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    real = shutil.copyfile

    def limited(source: Path, target: Path) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, limit[1]))
        try:
            real(source, target)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)

    monkeypatch.setattr("publish.files.shutil.copyfile", limited)
    try:
        verdict = publish(warehouse.settings, run)
    finally:
        signal.signal(signal.SIGXFSZ, old)
    assert verdict.verdict == "refused"
    assert "could not be written" in verdict.reason
    assert f"readers keep release {first.run_id}" in verdict.reason
    assert warehouse.settings.release.read_bytes() == before
    assert releases.kept(warehouse.settings) == [first.run_id]
    assert not list(warehouse.settings.warehouse.rglob(".*.tmp"))
    assert reconcile(warehouse.settings) == []


def test_a_folder_in_the_way_takes_the_kept_file_back(warehouse: Any) -> None:
    run = warehouse.begin()
    warehouse.build(run)
    warehouse.settings.release.mkdir()
    verdict = publish(warehouse.settings, run)
    assert verdict.verdict == "refused"
    assert "could not be written (Is a directory)" in verdict.reason
    assert releases.kept(warehouse.settings) == []


def shown(warehouse: Any) -> list[str]:
    """The publications that the ledger knows, by the run whose release it is."""
    known = "select run_id from journal.publications order by publication"
    return [run_id for (run_id,) in warehouse.query(known, warehouse.settings.landing)]


def kill_at(settings: Settings, command: str, point: int) -> bool:
    """Run ``command`` in a process of its own; return whether it was killed before it ended."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, command, str(point)],
        env=environment(settings),
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


@pytest.mark.slow
@pytest.mark.parametrize("has_release", [True, False])
def test_killed_anywhere_readers_have_the_old_or_the_new(
    warehouse: Any, tmp_path: Path, has_release: bool
) -> None:
    old = published(warehouse) if has_release else None
    run = warehouse.begin()
    warehouse.build(run)
    prepared = tmp_path / "prepared"
    warehouse.settings.warehouse.rename(prepared)
    outcomes = set()
    point, killed = 0, True
    while killed:
        point += 1
        shutil.rmtree(warehouse.settings.warehouse, ignore_errors=True)
        shutil.copytree(prepared, warehouse.settings.warehouse)
        killed = kill_at(warehouse.settings, "publish", point)
        before = releases.published(warehouse.settings)
        assert before is not None or not has_release, f"neither, killed at {point}"
        reconcile(warehouse.settings)
        assert reconcile(warehouse.settings) == []
        after = releases.published(warehouse.settings)
        if before is not None and before.run_id == run.run_id:
            assert after == before
        if after is not None:
            content = verify.scan(warehouse.settings.release)
            assert content == verify.scan(places.kept(warehouse.settings, after.run_id))
            assert (after.run_id, "published") in warehouse.verdicts()
            assert shown(warehouse) == list(dict.fromkeys([*([old.run_id] if old else []), after.run_id]))
        assert not list(warehouse.settings.warehouse.rglob(".*.tmp"))
        assert releases.kept(warehouse.settings)[-1:] == ([after.run_id] if after else [])
        outcomes.add(after.run_id if after else "")
    assert point > 8
    assert outcomes == {old.run_id if old else "", run.run_id}


@pytest.mark.slow
def test_a_rollback_killed_anywhere_is_finished(warehouse: Any, tmp_path: Path) -> None:
    first, second = published(warehouse), published(warehouse)
    prepared = tmp_path / "prepared"
    warehouse.settings.warehouse.rename(prepared)
    outcomes = set()
    point, killed = 0, True
    while killed:
        point += 1
        shutil.rmtree(warehouse.settings.warehouse, ignore_errors=True)
        shutil.copytree(prepared, warehouse.settings.warehouse)
        killed = kill_at(warehouse.settings, "rollback", point)
        reconcile(warehouse.settings)
        assert reconcile(warehouse.settings) == []
        after = releases.published(warehouse.settings)
        assert after is not None
        pinned = places.pinned(warehouse.settings).exists()
        assert pinned == (after.run_id == first.run_id)
        assert len(warehouse.verdicts()) == (3 if pinned else 2)
        assert shown(warehouse) == [first.run_id, second.run_id, *([first.run_id] if pinned else [])]
        outcomes.add(after.run_id)
    assert outcomes == {first.run_id, second.run_id}


def test_releases_that_outlived_their_ledger_are_left_alone(warehouse: Any, first: Run) -> None:
    second = published(warehouse)
    shutil.copyfile(
        places.kept(warehouse.settings, first.run_id), warehouse.settings.warehouse / "new.duckdb"
    )
    (warehouse.settings.warehouse / "new.duckdb").replace(warehouse.settings.release)
    warehouse.settings.landing.unlink()
    assert reconcile(warehouse.settings) == []
    current = releases.published(warehouse.settings)
    assert current is not None
    assert current.run_id == first.run_id
    assert releases.kept(warehouse.settings) == [first.run_id, second.run_id]


def test_a_ledger_that_cannot_be_written_costs_no_release(warehouse: Any, first: Run) -> None:
    run = warehouse.begin()
    warehouse.build(run)
    script = (
        "import duckdb, sys; file = duckdb.connect(sys.argv[1], read_only=True);"
        "print('ready', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(warehouse.settings.landing)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        verdict = publish(warehouse.settings, run)
    finally:
        holder.communicate()
    assert verdict.verdict == "published"
    assert "is not in the ledger yet" in verdict.notes[0]
    assert (run.run_id, "published") not in warehouse.verdicts()
    assert "recorded now" in " ".join(reconcile(warehouse.settings))
    assert warehouse.verdicts()[-1] == (run.run_id, "published")
    shown = warehouse.query("select run_id, kind from journal.publications", warehouse.settings.landing)
    assert shown == [(first.run_id, "published"), (run.run_id, "published")]


def test_a_ledger_that_cannot_be_read_is_told(warehouse: Any, first: Run) -> None:
    warehouse.settings.landing.write_bytes(b"not a ledger")
    with pytest.raises(UserError, match=r"landing\.duckdb cannot be read"):
        reconcile(warehouse.settings)


def test_a_damaged_release_is_replaced(warehouse: Any, first: Run) -> None:
    warehouse.settings.release.unlink()
    warehouse.settings.release.write_bytes(b"damaged")
    second = published(warehouse)
    assert warehouse.query("select run_id from health.runs") == [(second.run_id,)]


def test_an_old_release_that_cannot_be_deleted_is_told(warehouse: Any, first: Run) -> None:
    for number in range(9):
        (warehouse.settings.releases / f"later-{100 + number:06}.duckdb").touch()
    oldest = places.kept(warehouse.settings, first.run_id)
    oldest.unlink()
    oldest.mkdir()
    assert releases.prune(warehouse.settings, "later-000108") == []
    (warehouse.settings.releases / "later-000200.duckdb").touch()
    told = releases.prune(warehouse.settings, "later-000200")
    assert told == [f"the old release {first.run_id} could not be deleted (Is a directory)"]


def test_a_first_warehouse_has_nothing_to_reconcile(warehouse: Any) -> None:
    assert reconcile(warehouse.settings) == []
