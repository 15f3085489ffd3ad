"""A new platform is a row and a folder in each room, a new measure a row: both through the pipeline."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.request import Request, urlopen

import pytest

import sandbox.process
from sandbox.process import SandboxProcess
from tests.python.house import acme_server, additions
from tests.python.installation import Installation, write_small_agency

pytestmark = pytest.mark.slow

NOW, STARTED, DAY = "2026-11-10T12:00:00+00:00", date(2026, 10, 25), date(2026, 11, 9)
MOST_FILES_OF_PLATFORM, MOST_FILES_OF_MEASURE, MOST_LINES = 7, 8, 40
VIEWER = "viewer-of-everything"


@dataclass(frozen=True)
class Added:
    """The copy with both in it, after a run; the lines changed in each existing file."""

    installation: Installation
    platform: dict[str, int]
    measure: dict[str, int]


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Added]:
    tree = additions.copy(tmp_path_factory.mktemp("house") / "tree")
    platform, measure = additions.edit(tree, additions.PLATFORM), additions.edit(tree, additions.MEASURE)
    shutil.copytree(additions.ACME, tree, dirs_exist_ok=True)
    folder = tmp_path_factory.mktemp("added")
    known = write_small_agency(folder / "known", STARTED)
    agency = write_small_agency(folder / "agency", STARTED)
    with (agency / "accounts.csv").open("a") as file:
        file.write(f"77,acme,dune,EUR,Europe/Berlin,true,{STARTED},\n")
    with (agency / "conversion_actions.csv").open("a") as file:
        file.write("acme,,booking,reservations,,,\n")
    with pytest.MonkeyPatch.context() as patch, acme_server.serving() as acme:
        patch.setattr(sandbox.process, "ROOT", tree)
        with SandboxProcess(now=NOW, agency=known) as box:
            own = {"SOURCES__ACME_ADS__BASE_URL": acme, "SOURCES__ACME_ADS__ACCESS_TOKEN": "t"}
            viewers = {"WHOLEDAY_VIEWER_TOKENS": f"desk:{VIEWER}"}
            installation = Installation(folder, box.env | own | viewers, project=tree)
            installation.wholeday("run", now=NOW)
            yield Added(installation, platform, measure)


def test_few_existing_files_change(added: Added) -> None:
    print(added.platform, added.measure)
    assert len(added.platform) <= MOST_FILES_OF_PLATFORM
    assert len(added.measure) <= MOST_FILES_OF_MEASURE
    assert max(sum(added.platform.values()), sum(added.measure.values())) <= MOST_LINES


def test_every_day_of_the_platform_is_whole(added: Added) -> None:
    found = added.installation.query(
        "select distinct status from health.account_days where platform = 'acme' and date <= ?",
        DAY,
    )
    assert found == [("whole",)]
    assert added.installation.query("select * from health.findings where platform = 'acme'") == []


def test_the_platform_arrives_in_ledger_and_marts(added: Added) -> None:
    landed = added.installation.ledger(
        "select count(distinct date) from ledger.account_days where platform = 'acme'"
    )
    assert landed == [((date(2026, 11, 10) - STARTED).days + 1,)]
    (day,) = added.installation.query(
        "select total_spend, total_impressions, total_clicks, reservations, reservation_value,"
        " click_to_call, total_video_views, total_swipes, round(average_cpc, 6)"
        " from marts.daily_kpi where platform = 'acme' and date = ?",
        DAY,
    )
    total = acme_server.total(DAY)
    summed = tuple(total[name] for name in ("cost", "shows", "taps", "count", "value"))
    assert day[:-1] == (*summed, None, None, None)
    assert day[-1] == pytest.approx(float(total["cost"] / total["taps"]), abs=1e-6)


def test_the_measure_arrives_in_ledger_and_marts(added: Added) -> None:
    landed = added.installation.ledger(
        "select delivery::varchar, platform from ledger.account_days"
        f" where date = date '{DAY}' and account_id in ('9100000001', '9100000002')"
    )
    expected = {
        platform: sum(int(row.get("metrics", row).get("swipes", 0)) for row in json.loads(rows))
        for rows, platform in landed
    }
    found = added.installation.query(
        "select platform, total_swipes from marts.daily_kpi"
        " where client_id = 'dune' and platform <> 'acme' and date = ?",
        DAY,
    )
    assert dict(found) == expected
    assert all(expected.values())
    for mart in ("weekly_kpi", "monthly_kpi"):
        assert added.installation.query(f"select count(total_swipes) > 0 from marts.{mart}") == [(True,)]
    (months,) = added.installation.query(
        "select (select sum(total_swipes) from marts.monthly_kpi) - sum(total_swipes) from marts.daily_kpi"
    )
    assert months == (0,)


def test_pages_and_interface_show_both(added: Added) -> None:
    page = (added.installation.site / "reports" / "dune" / "index.html").read_text()
    assert '"acme"' in page
    query = f"client=dune&from={DAY}&to={DAY}&fields=total_spend,total_swipes"
    rows = {row["platform"]: row for row in asked(added.installation, f"/api/kpi?{query}")["rows"]}
    assert rows["acme"]["total_spend"] == float(acme_server.total(DAY)["cost"])
    assert rows["meta"]["total_swipes"] > 0
    assert rows["acme"]["total_swipes"] is None


def asked(installation: Installation, path: str) -> dict[str, list[dict[str, float | None]]]:
    server = subprocess.Popen(
        [sys.executable, "-m", "serve", "--port", "0"],
        cwd=installation.project,
        env=installation.environment(NOW),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout
        address = server.stdout.readline().split("/ for")[0].removeprefix("wholeday: ")
        request = Request(f"{address}{path}", headers={"Authorization": f"Bearer {VIEWER}"})
        with urlopen(request, timeout=60) as answer:
            found: dict[str, list[dict[str, float | None]]] = json.load(answer)
            return found
    finally:
        server.terminate()
        server.communicate(timeout=30)
