"""A collection that is killed at any moment: nothing half is kept, nothing is stored twice."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from core.errors import UserError
from core.settings import Settings
from ingest.collect.days import ACCOUNT_DAYS
from ingest.ledger.landing import TABLES, Buffer, Landing
from sandbox.process import SandboxProcess
from tests.python.installation import Installation

NOW = "2026-11-24T06:00:00+00:00"
VERSIONS = """
select platform, account_id, date, content_hash, count(distinct version_id)
from ledger.account_days
where _dlt_load_id in (select load_id from ledger._dlt_loads where status = 0)
group by all
order by all
"""
# Stops for ever where dlt would go on, and says so; the test kills it there.
STOP_AT = """
import runpy, sys, time
import dlt
from ingest.ledger import landing
def stop(*_, **__):
    print("stopped", flush=True)
    time.sleep(60)
where = {where!r}
if where == "between tables":
    landing.Buffer.rest = stop
elif where == "before load":
    dlt.Pipeline.load = stop
else:
    from dlt.load.load import Load
    completed = []
    original = Load.complete_package if where == "before mark" else Load.complete_jobs
    def after_some(self, *arguments, **named):
        completed.append(1)
        if where == "before mark" or len(completed) > 3:
            stop()
        return original(self, *arguments, **named)
    setattr(Load, original.__name__, after_some)
sys.argv = ["ingest", "collect"]
runpy.run_module("ingest", run_name="__main__")
"""


def settings_of(folder: Path) -> Settings:
    return Settings(folder / "warehouse", folder / "site", folder / "agency")


@pytest.fixture
def undisturbed(tmp_path: Path, sandbox: SandboxProcess, sandbox_agency: Path) -> list[tuple[object, ...]]:
    sandbox.set_clock(NOW)
    other = Installation(tmp_path / "other", dict(sandbox.env))
    other.agency.parent.mkdir()
    other.agency.symlink_to(sandbox_agency)
    other.wholeday("collect", now=NOW, module="ingest")
    return other.ledger(VERSIONS)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["between tables", "before load", "within load", "before mark"])
def test_killed(
    small: Installation, sandbox: SandboxProcess, undisturbed: list[tuple[object, ...]], where: str
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STOP_AT.format(where=where)],
        cwd=small.project,
        env=small.environment(NOW),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "stopped\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    small.wholeday("collect", now=NOW, module="ingest")
    sandbox.set_clock(None)
    assert small.ledger(VERSIONS) == undisturbed
    loaded = small.warehouse / "dlt" / "wholeday" / "load"
    assert [path for name in ("normalized", "loaded") for path in (loaded / name).iterdir()] == []


def test_a_reader_of_the_ledger_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    settings.warehouse.mkdir()
    buffer = Buffer()
    buffer.add_rows("account_days", [{"version_id": "a:1", "delivery": "[]"}])
    landing = Landing.open(settings)
    Landing.open(settings).land(Buffer().rest())
    reader = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import duckdb, sys; c = duckdb.connect({str(settings.landing)!r}, read_only=True);"
            " print('open', flush=True); sys.stdin.read()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert reader.stdout is not None
    reader.stdout.readline()
    with pytest.raises(UserError, match="another program has that file open: close it"):
        landing.land(buffer.rest())
    reader.communicate()
    Landing.open(settings)
    with duckdb.connect(str(settings.landing), read_only=True) as ledger:
        assert ledger.execute("select version_id from ledger.account_days").fetchall() == [("a:1",)]


def test_a_package_that_cannot_be_loaded_is_dropped_knowingly(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    settings.warehouse.mkdir()
    landing = Landing.open(settings)
    landing.pipeline.extract([{"x": 1}], table_name="account_days", loader_file_format="parquet")
    landing.pipeline.normalize()
    package = next((settings.dlt_folder / "wholeday" / "load" / "normalized").iterdir())
    for file in (package / "new_jobs").glob("account_days*"):
        file.write_bytes(b"cut")
    again = Landing.open(settings)
    assert not again.pipeline.has_pending_data
    again.land(Buffer().rest())


def test_tables_come_as_they_fill_and_every_one_at_least_once() -> None:
    buffer = Buffer()
    large = pa.RecordBatch.from_pylist(
        [{"version_id": str(n), "delivery": "x" * 10_000} for n in range(500)], schema=ACCOUNT_DAYS
    )
    buffer.add("account_days", large)
    assert [(name, table.num_rows) for name, table in buffer.full()] == [("account_days", 500)]
    assert list(buffer.full()) == []
    assert [(name, table.num_rows) for name, table in buffer.rest()] == [(name, 0) for name in TABLES]
    assert all(table.schema == TABLES[name] for name, table in buffer.rest())


def test_an_interrupted_extraction_leaves_nothing_pending(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    settings.warehouse.mkdir()

    def broken() -> object:
        yield from Buffer().rest()
        raise RuntimeError("cut")

    with pytest.raises(Exception, match="cut"):
        Landing.open(settings).land(broken())  # type: ignore[arg-type] - broken on purpose
    assert not Landing.open(settings).pipeline.has_pending_data
