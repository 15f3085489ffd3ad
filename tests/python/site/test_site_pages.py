"""The pages as people use them: in a real browser, from the file system, without a network."""

import json
import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.python.installation import Installation
from tests.python.site.watched import Watched

pytestmark = pytest.mark.slow


def number(text: str | None) -> float:
    return float(re.sub(r"[^\d.]", "", text or ""))


def test_the_verdict_is_the_one_of_health_json(example: Installation, watched: Watched) -> None:
    health = json.loads((example.site / "health.json").read_text())
    page = watched.open(example.site / "index.html")
    assert page.locator("#verdict-status").inner_text().endswith(health["status"])
    assert page.locator("#verdict").inner_text() == (
        "1 of 2 clients whole for 23 November 2026, Hotel Grove for 22 November 2026, its last closed day;"
        " 1 needs you"
    )
    assert number(page.locator("#score").text_content()) == health["score"]
    assert "Sandbox data." in page.locator(".banner").inner_text()
    freshness = page.locator("#freshness").inner_text()
    assert "2 under 1 h" in freshness
    assert "1 older" in freshness


def test_a_day_without_a_run_turns_the_verdict(example: Installation, watched: Watched) -> None:
    page = watched.open(example.site / "index.html", at="2026-11-25T06:00:01Z")
    assert "critical" in page.locator("#verdict-status").inner_text()
    assert page.locator("#verdict").inner_text() == (
        "0 of 3 clients whole for 24 November 2026; no run collected it"
    )
    assert "make run" in page.locator("#verdict-late").inner_text()
    assert number(page.locator("#score").text_content()) == 0
    assert "3 older" in page.locator("#freshness").inner_text()
    assert page.title().startswith("✕ 0 of 3")


def test_it_turns_while_someone_looks(example: Installation, watched: Watched) -> None:
    watched.page.clock.install(time="2026-11-25T05:59:30Z")
    watched.page.goto((example.site / "index.html").as_uri())
    watched.page.wait_for_function("document.documentElement.dataset.ready")
    assert "1 of 2" in watched.page.locator("#verdict").inner_text()
    watched.page.clock.fast_forward(61_000)
    assert "0 of 3" in watched.page.locator("#verdict").inner_text()


def test_a_click_on_a_day_shows_its_figures(example: Installation, watched: Watched) -> None:
    page = watched.open(example.site / "index.html")
    page.locator("#search").fill("dune google")
    assert page.locator("#matches").inner_text() == "1 of 4 rows"
    canvas = page.locator("#calendar-canvas")
    box = canvas.bounding_box()
    assert box
    canvas.click(position={"x": box["width"] * 33.5 / 35, "y": 13})
    page.locator("#day").wait_for()
    assert page.locator("#day-title").inner_text() == "Hotel Dune, google, 22 November 2026"
    told = dict(
        zip(page.locator("#day dt").all_inner_texts(), page.locator("#day dd").all_inner_texts(), strict=True)
    )
    spend, clicks, reservations, version = example.query(
        "select total_spend, total_clicks, reservations, version_id"
        " from marts.daily_kpi inner join health.account_days using (client_id, platform, date)"
        " where client_id = 'dune' and platform = 'google' and date = '2026-11-22'"
    )[0]
    assert number(told["spend"]) == round(float(spend), 2)
    assert number(told["clicks"]) == clicks
    assert number(told["reservations"]) == round(float(reservations), 2)
    assert version in page.locator("#day").inner_text()


def test_a_gap_is_reached_by_keyboard_and_says_what_heals_it(example: Installation, watched: Watched) -> None:
    page = watched.open(example.site / "index.html")
    page.locator("#calendar-grid").focus()
    for key in ("ArrowDown", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    assert page.locator("#calendar-said").inner_text() == "Hotel Fjord, google, 22 November 2026: split"
    page.keyboard.press("Enter")
    page.locator("#day").wait_for()
    heal = json.loads(page.locator("#day [data-heal]").get_attribute("data-heal") or "")
    assert heal == {"client": "fjord", "platform": "google", "from": "2026-11-22", "to": "2026-11-22"}
    page.get_by_role("button", name="365 days").click()
    page.get_by_role("button", name="As a table").click()
    assert "Hotel Fjord" in page.locator("#calendar-table").inner_text()


def test_an_incident_has_its_cause_and_command(example: Installation, watched: Watched) -> None:
    page = watched.open(example.site / "index.html")
    incident = page.locator(".incident").first
    assert "split" in incident.locator("h3").inner_text()
    assert "make backfill CLIENT=fjord PLATFORM=google" in incident.locator("code").first.inner_text()
    (heal,) = json.loads(incident.get_attribute("data-heal") or "")
    assert (heal["client"], heal["platform"], heal["to"]) == ("fjord", "google", "2026-11-23")
    incident.get_by_role("link").first.click()
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("month", ["2026-10-01", "2026-11-01"])
def test_a_report_shows_the_months_figures(example: Installation, watched: Watched, month: str) -> None:
    page = watched.open(example.site / "reports" / "dune" / "index.html")
    page.locator("#month").select_option(month)
    spend, reservations, value, complete = example.query(
        "select sum(total_spend), sum(reservations), sum(reservation_value), bool_and(status = 'complete')"
        " from marts.monthly_kpi where client_id = 'dune' and month = ?",
        month,
    )[0]
    assert spend > 0
    assert reservations > 0
    for measure, expected in (
        ("total_spend", spend),
        ("reservations", reservations),
        ("reservation_value", value),
        ("cost_per_reservation", spend / reservations),
    ):
        shown = page.locator(f'[data-measure="{measure}"] .figure').inner_text()
        assert number(shown) == pytest.approx(float(expected), abs=0.0051), measure
    lineage = page.locator('[data-measure="total_spend"] .lineage').inner_text()
    assert re.search(r"google and meta, updated 24 November 2026, .* UTC, quality \d+, preliminary", lineage)
    assert page.title().startswith("Not complete: ") is not complete
    assert ("not complete" in page.locator("h1").inner_text()) is not complete
    # September began before the client did, and November is still running.
    compared = page.locator('[data-measure="total_spend"] .change').first.inner_text()
    assert "no comparison" in compared
    rows = page.locator("#campaign-table tbody tr").count()
    assert rows == example.query(
        "select count(distinct campaign_id) from marts.campaign_daily_kpi"
        " where client_id = 'dune' and date_trunc('month', date) = ?", month
    )[0][0]  # fmt: skip


def test_what_is_not_known_is_said_and_never_invented(example: Installation, watched: Watched) -> None:
    page = watched.open(example.site / "reports" / "fjord" / "index.html", "#2026-10")
    assert "not complete" in page.locator("h1").inner_text()
    tile = page.locator('[data-measure="reservations"] .tile-value').inner_text()
    assert "no data: no day of this month is whole" in tile
    assert page.locator(".figure").count() == 0


def test_data_docs_and_lineage_open_in_the_same_frame(example: Installation, watched: Watched) -> None:
    page = watched.open(example.site / "index.html")
    for name, words in (("Data docs", "do not hold"), ("Lineage and columns", ""), ("Reports", "Hotel Dune")):
        page.get_by_role("navigation", name="Site").get_by_role("link", name=name).click()
        assert words in page.locator("main").inner_text()
        assert page.locator('nav a[aria-current="page"]').inner_text() == name
    page.get_by_role("link", name="Hotel Grove").click()
    assert "Hotel Grove" in page.locator("h1").inner_text()


@pytest.mark.parametrize("dark", ["light", "dark"])
@pytest.mark.parametrize(
    "name", ["index.html", "reports/dune/index.html", "reports/fjord/index.html", "data_docs/index.html"]
)
def test_no_serious_barrier(example: Installation, watched: Watched, name: str, dark: Any) -> None:
    watched.page.emulate_media(color_scheme=dark)
    page = watched.open(example.site / name)
    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False}).response
    serious = [
        (problem["id"], [node["html"][:120] for node in problem["nodes"]][:3])
        for problem in found["violations"]
        if problem["impact"] in ("serious", "critical")
    ]
    assert serious == []
