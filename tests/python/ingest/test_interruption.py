"""Ctrl-C and SIGTERM: one sentence, and what was whole is kept."""

import os
import signal
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.runs import Run
from ingest.collect.collection import _Work
from ingest.ledger.past import Named
from sandbox.process import SandboxProcess
from tests.python.installation import Installation

NOW = "2026-11-24T06:00:00+00:00"
SLOW = "9100000001"


def wait_for_collected(log: Path, accounts: int) -> None:
    for _ in range(600):
        if log.exists() and log.read_text(encoding="utf-8").count('"outcome": "collected"') >= accounts:
            return
        time.sleep(0.05)
    pytest.fail("the other accounts were not collected")


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_collection_keeps_what_was_whole(
    small: Installation, sandbox: SandboxProcess, number: signal.Signals, status: int
) -> None:
    sandbox.set_clock(NOW)
    match = {"platform": "meta", "kind": "delivery", "account": SLOW}
    sandbox.faults({"match": match, "effect": {"delay": 60}})
    process = small.start("ingest", "collect", now=NOW)
    wait_for_collected(small.warehouse / "logs" / "wholeday.jsonl", accounts=4)
    os.kill(process.pid, number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (status, "")
    (sentence,) = err.splitlines()
    assert sentence.startswith("wholeday: interrupted while it collected 4 accounts")
    landed = small.ledger(
        "select account_id, count(*), count(distinct date) from ledger.account_days group by 1"
    )
    assert len(landed) == 4
    assert all(rows == days == 76 for _, rows, days in landed)
    sandbox.clear()
    small.wholeday("collect", now=NOW, module="ingest")
    sandbox.set_clock(None)
    counts = small.ledger("select count(*), count(distinct (account_id, date)) from ledger.account_days")
    assert counts == [(5 * 76, 5 * 76)]


def test_a_collection_that_is_stopped_before_it_begins_ends_all_the_same() -> None:
    run = Run("20261124T060000Z-000001", datetime(2026, 11, 24, 6, tzinfo=UTC), "sandbox", "run")
    work = _Work(run, {}, [], {}, Named(), frozenset(), {}, {})
    work.stop()
    ended = threading.Thread(target=lambda: list(work.tables()), daemon=True)
    ended.start()
    ended.join(timeout=30)
    assert not ended.is_alive()
