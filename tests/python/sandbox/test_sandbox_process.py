"""The process: how it starts, is controlled and stops."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from sandbox.clock import Clock
from sandbox.process import ROOT, SandboxProcess
from sandbox.server import loopback
from tests.python.sandbox.clients import NOW, Google, Meta


def _start(*arguments: str, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | env,
    )


def test_one_line_then_silence_then_a_clean_end() -> None:
    process = _start("--now", NOW)
    assert process.stdout is not None
    announced = json.loads(process.stdout.readline())
    assert announced["env"]["SOURCES__META_ADS__BASE_URL"] == announced["url"]
    assert requests.get(f"{announced['url']}/v26.0/me", timeout=10).status_code == 400
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


def test_ends_with_its_parent() -> None:
    process = _start("--with-parent")
    assert process.stdout is not None and process.stdin is not None
    process.stdout.readline()
    process.stdin.close()
    assert process.wait(timeout=10) == 0


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--now", "yesterday"], "yesterday"),
        (["--now", "2026-11-24T06:00:00"], "offset"),
        (["--scenario", "nowhere.json"], "nowhere.json"),
        (["--host", "192.0.2.1"], "cannot listen"),
    ],
)
def test_says_what_it_cannot_use(arguments: list[str], text: str) -> None:
    process = _start(*arguments)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 2
    assert text in err and "Traceback" not in err


def test_the_helper_says_why_it_did_not_start() -> None:
    with pytest.raises(RuntimeError, match="did not start: sandbox: "), SandboxProcess(now="never"):
        pass


def test_clock_from_the_environment() -> None:
    process = _start("--with-parent", WHOLEDAY_NOW="2026-10-01T12:00:00+02:00")
    assert process.stdout is not None and process.stdin is not None
    url = json.loads(process.stdout.readline())["url"]
    clock = requests.get(f"{url}/_control/clock", timeout=10).json()
    process.communicate(timeout=10)
    assert clock == {"now": "2026-10-01T10:00:00+00:00", "fixed": True}


def test_clock_control_moves_the_figures(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    asked = {"since": "2026-11-20", "until": "2026-11-30"}
    before = meta.ok(f"act_{named['meta']}/insights", time_range=asked, time_increment=1)["data"]
    box.set_clock("2026-11-26T12:00:00+00:00")
    after = meta.ok(f"act_{named['meta']}/insights", time_range=asked, time_increment=1)["data"]
    assert (before[-1]["date_start"], after[-1]["date_start"]) == ("2026-11-24", "2026-11-26")
    assert float(after[4]["spend"]) > float(before[4]["spend"])
    box.set_clock(None)
    assert abs(Clock().now() - time.time()) < 5


def test_truth_is_what_the_apis_say(
    box: SandboxProcess, meta: Meta, google: Google, named: dict[str, str]
) -> None:
    box.faults({"effect": {"scale": {"*": 3}}})
    truth = box.truth("meta", f"act_{named['meta']}", "2026-11-01", "2026-11-24")
    box.clear()
    rows = meta.insights(named["meta"], "2026-11-01", "2026-11-24", level="account")
    assert [(day["date"], day["spend"], day["clicks"]) for day in truth] == [
        (row["date_start"], row["spend"], int(row["clicks"])) for row in rows
    ]
    for day, row in zip(truth, rows, strict=True):
        assert day["actions"] == {a["action_type"]: int(a["value"]) for a in row["actions"]}
        assert day["action_values"] == {a["action_type"]: a["value"] for a in row.get("action_values", [])}
    truth = box.truth("google", named["google"], "2026-11-01", "2026-11-24")
    totals = google.rows(
        named["google"],
        "SELECT segments.date, metrics.cost_micros, metrics.all_conversions FROM customer "
        "WHERE segments.date BETWEEN '2026-11-01' AND '2026-11-24'",
    )
    for day, row in zip(truth, totals, strict=True):
        assert round(float(day["spend"]) * 1_000_000) == int(row["metrics"]["costMicros"])
        said = sum(float(action["conversions"]) for action in day["actions"].values())
        assert said == pytest.approx(row["metrics"]["allConversions"])


def test_control_says_what_it_cannot_read(box: SandboxProcess) -> None:
    assert requests.get(f"{box.url}/_control/wishes", timeout=10).status_code == 404
    assert requests.put(f"{box.url}/_control/clock", data="[]", timeout=10).status_code == 400
    with pytest.raises(ValueError, match="no meta account 1"):
        box.truth("meta", "1", "2026-11-01", "2026-11-02")


def test_accounts_are_listed(box: SandboxProcess) -> None:
    accounts = box.accounts()
    assert len(accounts) == 36
    assert {account["until"] for account in accounts} == {None, "2026-10-15"}


def test_requests_are_remembered(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    meta.ok(f"act_{named['meta']}")
    assert box.requests() == [
        {
            "method": "GET",
            "path": f"/v26.0/act_{named['meta']}",
            "platform": "meta",
            "account": named["meta"],
            "kind": "account",
            "status": 200,
            "fault": "",
        }
    ]
    box.forget()
    assert box.requests() == []


def test_retired_versions_on_request(tmp_path: Path) -> None:
    with SandboxProcess(now=NOW, any_version=True) as old:
        assert Meta(old).get("me", version="v19.0").status_code == 200
        assert (
            Google(old).post("1000000001", "SELECT customer.id FROM customer", version="v21").status_code
            == 200
        )
        assert old.pid > 0
    with pytest.raises(RuntimeError, match="not running"):
        _ = old.pid


@pytest.mark.parametrize(
    ("host", "only_here"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("192.0.2.1", False), ("x", False)],
)
def test_control_calls_need_loopback(host: str, only_here: bool) -> None:
    assert loopback(host) is only_here


def test_no_control_call_elsewhere() -> None:
    process = _start("--host", "0", "--with-parent")  # every address of this machine
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["url"].replace("//0:", "//127.0.0.1:")
    answer = requests.get(f"{url}/_control/requests", timeout=10)
    process.communicate(timeout=10)
    assert answer.status_code == 404
