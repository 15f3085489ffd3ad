"""A release needs a verdict of Great Expectations; what the verdict says refuses none."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from core.judging import digest
from sandbox.process import SandboxProcess
from tests.python.installation import Installation
from tests.python.pipeline.conftest import NEXT

pytestmark = pytest.mark.slow


@pytest.fixture
def started(started: Installation, sandbox: SandboxProcess) -> Installation:
    """A day later."""
    sandbox.set_clock(NEXT)
    return started


def run_with_signals(
    installation: Installation, choose: Callable[[int], signal.Signals | None]
) -> tuple[int, str]:
    """Run; send the signal that ``choose`` returns for the n-th judge, asked until it returns one."""
    process = installation.start("wholeday", "run", now=NEXT)
    over = threading.Event()

    def watch() -> None:
        seen: list[int] = []
        struck: set[int] = set()
        while not over.wait(0.01):
            seen += [judge for judge in judges(installation) if judge not in seen]
            for number, judge in enumerate(seen):
                if judge not in struck and (chosen := choose(number)) is not None:
                    struck.add(judge)
                    with suppress(ProcessLookupError):
                        os.kill(judge, chosen)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        out, err = process.communicate(timeout=300)
    finally:
        over.set()
        watcher.join()
    assert "Traceback" not in out + err
    return process.returncode, out + err


def judges(installation: Installation) -> list[int]:
    """Return the processes of Great Expectations that work for the installation."""
    log = installation.warehouse / "logs" / "workers.log"
    return sorted(int(process.name) for process in Path("/proc").glob("[0-9]*") if _is_judge(process, log))


def _is_judge(process: Path, log: Path) -> bool:
    with suppress(OSError):
        is_one = b"expectations\0--wait" in (process / "cmdline").read_bytes()
        return is_one and (process / "fd" / "2").resolve() == log
    return False


def is_newer(file: Path, than: float) -> bool:
    return file.exists() and file.stat().st_mtime > than


@pytest.mark.parametrize("moment", ["target/run_results.json", "validation.json"])
def test_a_killed_judge_is_replaced(started: Installation, moment: str) -> None:
    begun = time.time()

    def choose(number: int) -> signal.Signals | None:
        return signal.SIGKILL if number == 0 and is_newer(started.warehouse / moment, begun) else None

    status, said = run_with_signals(started, choose)
    assert status == 0, said
    verdict = json.loads((started.warehouse / "validation.json").read_text())
    (run_id,) = started.query("select run_id from staging.stg_run")[0]
    assert verdict["run_id"] == run_id
    assert verdict["file_sha256"] == digest(started.release)
    assert run_id in (started.site / "data_docs" / "index.html").read_text()


def test_no_verdict_no_release(started: Installation) -> None:
    before = started.release.read_bytes()
    started.env["WHOLEDAY_JUDGE_SECONDS"] = "4"
    # The first one hangs, the second one dies.
    status, said = run_with_signals(started, lambda number: (signal.SIGSTOP, signal.SIGKILL)[min(number, 1)])
    assert status == 1
    sentence = [line for line in said.splitlines() if line.startswith("wholeday: run ")]
    assert len(sentence) == 1, said
    assert "Great Expectations" in sentence[0]
    assert "killed by signal 9" in sentence[0]
    assert "make publish" in sentence[0]
    assert started.release.read_bytes() == before
    assert started.ledger("select verdict from journal.verdicts order by run_id") == [
        ("published",),
        ("refused",),
    ]
    health = json.loads((started.site / "health.json").read_text())
    assert (health["status"], health["published"]) == ("critical", False)
    assert "Great Expectations" in health["checks"]["release"]["message"]

    del started.env["WHOLEDAY_JUDGE_SECONDS"]
    assert "is published" in started.wholeday("publish", module="publish", now=NEXT)
    assert json.loads((started.warehouse / "validation.json").read_text())["file_sha256"] == digest(
        started.release
    )


def test_a_rollback_is_judged_and_so_is_what_it_advises(started: Installation) -> None:
    (first,) = started.query("select run_id from staging.stg_run")[0]
    started.wholeday("run", now=NEXT)
    started.wholeday("rollback", module="publish", now=NEXT)
    assert shown(started) == (first, "pass", first)
    # The single steps judge and describe what readers have, not the candidate of the run that went back.
    assert f"hold for run {first}" in started.wholeday("validate", module="expectations", now=NEXT)
    started.wholeday("report", module="publish", now=NEXT)
    assert shown(started) == (first, "pass", first)


def shown(installation: Installation) -> tuple[str, str, str]:
    """Return the run of the overview, its check of Great Expectations, and the run of the data docs."""
    health = json.loads((installation.site / "health.json").read_text())
    docs = (installation.site / "data_docs" / "run_id.txt").read_text()
    return health["runId"], health["checks"]["greatExpectations"]["status"], docs
