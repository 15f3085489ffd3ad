"""Healing by hand, in a browser: an operator presses, the day turns whole; a viewer has nothing to press."""

import json
import shutil
from http.client import HTTPConnection
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, Page, expect

from sandbox.process import SandboxProcess
from tests.python.installation import Installation
from tests.python.serve.conftest import BOUND, DAY, FIRST_DAY, NOW, OPERATOR, TOKENS, VIEWER, Served, Server

pytestmark = pytest.mark.slow
FOREIGN = ("fjord", "grove", "Hotel Fjord", "Hotel Grove")


def enter(browser: Browser, served: Served, token: str, complaints: list[str]) -> Page:
    """Log in with a browser of its own; what its console complains about is noted."""
    page = browser.new_context().new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", lambda got: complaints.append(got.url) if got.status >= 400 else None)
    page.goto(f"{served.url}/")
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{served.url}/")
    return page


def test_a_viewer_reads_everything_and_heals_nothing(browser: Browser, served: Served) -> None:
    complaints: list[str] = []
    page = enter(browser, served, VIEWER, complaints)
    expect(page.get_by_text("Hotel Fjord").first).to_be_visible()
    assert page.get_by_role("button", name="Heal").count() == 0
    for path in ("data_docs/index.html", "reports/fjord/index.html", "dbt/index.html"):
        page.goto(f"{served.url}/{path}")
        page.wait_for_load_state("networkidle")
    expect(page.frame_locator("iframe").get_by_text("daily_kpi").first).to_be_attached()
    # dbt's page asks for pictures whose names it has not filled in yet; nothing of it is forbidden.
    dbts_own = [said for said in complaints if "getIcon" in said or "404" in said]
    assert [said for said in complaints if said not in dbts_own] == []


def test_a_viewer_of_one_client_finds_its_report_and_no_other_client(
    browser: Browser, served: Served
) -> None:
    complaints: list[str] = []
    page = enter(browser, served, BOUND, complaints)
    assert not any(word in page.content() for word in FOREIGN)
    page.get_by_role("link", name="Report").click()
    page.wait_for_url("**/reports/dune/index.html*")  # the page adds the month that it shows
    page.wait_for_load_state("networkidle")
    assert not any(word in page.content() for word in FOREIGN)
    assert complaints == []
    page.goto(f"{served.url}/reports/fjord/index.html")
    assert "Hotel" not in page.content()


def test_an_operator_presses_heal_and_the_days_turn_whole(
    browser: Browser, gapped: Installation, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    """The same days are asked for by a program meanwhile: it joins, and follows the same progress."""
    shutil.copytree(gapped.folder, tmp_path / "own")
    sandbox.set_clock(NOW)
    own = Installation(tmp_path / "own", gapped.env)
    with Server(own, **TOKENS) as served:
        complaints: list[str] = []
        page = enter(browser, served, OPERATOR, complaints)
        page.get_by_role("button", name=f"Heal fjord on google, {FIRST_DAY} to {DAY}").first.click()
        wanted = {"client": "fjord", "platform": "google", "from": DAY, "to": DAY}
        expect(page.locator(".heal output").first).not_to_be_empty()
        joined = served.ask("/api/backfill", OPERATOR, "POST", json.dumps(wanted).encode())
        assert (joined.status, joined.json["joined"]) == (202, True)
        states = _follow(served, joined.json["id"])
        assert states[-1] == "done", states
        assert "collecting" in states
        expect(page.get_by_role("button", name="Heal")).to_have_count(0)
        listed = served.ask("/api/backfill", OPERATOR).json["backfills"]
        assert [(one["state"], one["askedBy"]) for one in listed] == [("done", "anna")]
        rows = served.ask(f"/api/kpi?client=fjord&from={DAY}&to={DAY}", OPERATOR).json["rows"]
        assert [row["status"] for row in rows] == ["whole"]
        assert rows[0]["total_spend"] > 0
        assert complaints == []
    with duckdb.connect(str(own.warehouse / "alerts.duckdb"), read_only=True) as file:
        told = file.execute("select kind from told.messages where subject like '%fjord%' order by kind")
        assert told.fetchall() == [("opened",), ("resolved",)]


def _follow(served: Served, job: str) -> list[str]:
    """Read the events of a backfill until it ends; return the states it went through."""
    connection = HTTPConnection("127.0.0.1", served.port, timeout=120)
    connection.request("GET", f"/api/backfill/{job}/events", headers={"authorization": f"Bearer {OPERATOR}"})
    answer = connection.getresponse()
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = answer.read().decode().splitlines()
    connection.close()
    return [json.loads(line.removeprefix("data: "))["state"] for line in lines if line.startswith("data: ")]
