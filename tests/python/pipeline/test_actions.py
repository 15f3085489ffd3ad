"""An action that gives its name to another one: what is shown of it, who is told, and how that ends."""

import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sandbox.process import SandboxProcess
from tests.python.installation import Installation

pytestmark = pytest.mark.slow

GOOD, MOVED, FOLLOWED = (f"2026-11-{day}T12:00:00+00:00" for day in (10, 20, 21))
SINCE = "2026-11-14T04:00:00+00:00"
STARTED, CREATED = date(2026, 9, 10), date(2026, 11, 14)
DUNE_GOOGLE, GROVE_META = "9100000002", "9100000005"
FJORD_GOOGLE = ("9100000003", "9100000004")
CUSTOM = "offsite_conversion.custom."
GIVEN = {"platform": "meta", "account": GROVE_META, "action": "77"}
FIRST = [{"match": GIVEN, "change": {"of": "purchases", "name": "Room request"}}]
LATER = [
    *FIRST,
    {
        "match": {"platform": "google", "account": DUNE_GOOGLE, "action": "Reservation"},
        "from": SINCE,
        "change": {"recreate": {"id": "777", "old_name": "Reservation (old)"}},
    },
    {"match": GIVEN, "from": SINCE, "change": {"recreate": {"id": "78", "old_name": "Room request (old)"}}},
    *(
        {
            "match": {"platform": "google", "account": account, "action": "Contact form"},
            "from": SINCE,
            "change": {"primary": False},
        }
        for account in FJORD_GOOGLE
    ),
]
# At that instant it was still the day before in New York.
META_CREATED = date(2026, 11, 13)
FINDINGS = "select platform, severity, metric, message from health.findings where rule = ? order by all"

CONTACTS = (
    "select count(*), count(email_contacts), sum(email_contacts), count(reservations) from marts.daily_kpi"
    " where client_id = 'fjord' and date between '2026-11-01' and '2026-11-07'"
)

NAMED = "meta,grove,Room request,reservations,,,\n"
TABLES = ("health.scores", "marts.daily_kpi", "marts.campaign_daily_kpi", "marts.monthly_kpi")

Figures = dict[tuple[str, date], Decimal | None]


def query(installation: Installation, sql: str, *parameters: Any) -> list[Any]:
    """Ask the candidate: what was built last, published or not."""
    with duckdb.connect(str(installation.warehouse / "candidate" / "ads.duckdb"), read_only=True) as built:
        return built.execute(sql, list(parameters)).fetchall()


def reservations(installation: Installation) -> Figures:
    rows = query(
        installation,
        "select platform, date, reservations from marts.daily_kpi"
        " where (client_id, platform) in (('dune', 'google'), ('grove', 'meta'))",
    )
    return {(platform, day): value for platform, day, value in rows}


def truth(sandbox: SandboxProcess, until: date) -> Figures:
    """What the platforms say of the actions that ever had the name."""
    told: Figures = {}
    for day in sandbox.truth("google", DUNE_GOOGLE, STARTED, until):
        named = [one for name, one in day["actions"].items() if name.startswith("Reservation")]
        told["google", date.fromisoformat(day["date"])] = sum(
            (Decimal(one["conversions"]) for one in named), Decimal(0)
        )
    for day in sandbox.truth("meta", GROVE_META, STARTED, until):
        counted = [count for action, count in day["actions"].items() if action.startswith(CUSTOM)]
        told["meta", date.fromisoformat(day["date"])] = sum(map(Decimal, counted), Decimal(0))
    return told


def followed(text: str, findings: list[Any]) -> str:
    """Return the lines once a person has done what the findings say."""
    for platform, _, _, message in findings:
        end = re.search(r"end the line of the name with valid_to (\S+);", message)
        if platform == "meta" and end:
            text = text.replace(NAMED, f"{NAMED[:-1]}{end[1]}\n")
        else:
            text += "".join(f"{line}\n" for line in re.findall("`([^`]+)`", message))
    return text


def everything(installation: Installation) -> dict[str, Any]:
    told = "select * exclude (first_seen_at) from health.findings order by all"
    tables = {table: query(installation, f"select * from {table} order by all") for table in TABLES}
    return tables | {"health.findings": query(installation, told)}


def right(installation: Installation, sandbox: SandboxProcess, until: date) -> bool:
    shown, told = reservations(installation), truth(sandbox, until)
    assert {day for _, day in shown} == {STARTED + timedelta(n) for n in range((until - STARTED).days + 1)}
    return all(shown[key] == told[key] for key in shown)


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess, sandbox_agency: Path
) -> Installation:
    folder = tmp_path_factory.mktemp("actions")
    shutil.copytree(sandbox_agency, folder / "agency")
    return Installation(folder, dict(sandbox.env))


@pytest.fixture(scope="module")
def steps(installation: Installation, sandbox: SandboxProcess) -> Iterator[list[dict[str, Any]]]:
    """What was shown and told before the names moved, after it, and as the advice was followed.

    On Meta the line of the name is ended, so that another advice comes.
    """
    file = installation.agency / "conversion_actions.csv"
    with file.open("a") as lines:
        lines.write(f"meta,grove,omni_purchase,ignore,,,\n{NAMED}")
    found: list[dict[str, Any]] = []
    for now, facts in ((GOOD, FIRST), (MOVED, LATER), (FOLLOWED, LATER), (FOLLOWED, LATER)):
        sandbox.set_clock(now)
        sandbox.facts(facts)
        if now == FOLLOWED:
            told = [row for rule in ("moved", "secondary", "unmapped") for row in found[-1][rule]]
            file.write_text(followed(file.read_text(), told))
        if len(found) == 2:
            installation.wholeday("run", now=now)
        else:
            if now != FOLLOWED:
                installation.wholeday("collect", module="ingest", now=now)
            installation.wholeday("build", now=now)
        until = date.fromisoformat(now[:10]) - timedelta(1)
        found.append(
            {
                "figures": reservations(installation),
                "right": right(installation, sandbox, until),
                "months": query(
                    installation,
                    "select client_id, platform, reservations, status from marts.monthly_kpi"
                    " where month = '2026-09-01' order by all",
                ),
                "moved": query(installation, FINDINGS, "action_name_moved"),
                "renamed": query(installation, FINDINGS, "action_renamed"),
                "secondary": query(installation, FINDINGS, "secondary_action"),
                "contacts": query(installation, CONTACTS),
                "unmapped": query(installation, FINDINGS, "unmapped_action_types"),
                "lines": file.read_text(),
            }
        )
    yield found
    sandbox.facts([])
    sandbox.clear()


def test_a_name_that_moves_changes_no_figure(steps: list[dict[str, Any]]) -> None:
    before, after, *_ = steps
    assert before["right"] and after["right"]
    old = [key for key in before["figures"] if key[1] < date(2026, 10, 1)]
    assert sum(before["figures"][key] for key in old) > 20
    assert {key: after["figures"][key] for key in old} == {key: before["figures"][key] for key in old}
    assert after["months"] == before["months"]
    assert sum(value for (_, day), value in after["figures"].items() if day >= CREATED) > 0


def test_a_name_that_moves_is_told_once(steps: list[dict[str, Any]]) -> None:
    before, after, *_ = steps
    assert before["moved"] == before["renamed"] == after["renamed"] == []
    assert [row[:3] for row in after["moved"]] == [
        ("google", "high", "Reservation"),
        ("meta", "high", "Room request"),
    ]
    google, meta = (message for *_, message in after["moved"])
    assert "to 777" in google and "`google,,777,reservations,conversions,,`" in google
    # The line is for all clients, and fjord's actions have that name too.
    assert "valid_to" not in google
    assert f"`meta,grove,{CUSTOM}78,reservations,,{META_CREATED},`" in meta


def test_advice_that_was_followed_ends_it(steps: list[dict[str, Any]]) -> None:
    before, after, ended, mapped = steps
    assert "google,,777,reservations,conversions,," in ended["lines"]
    assert ended["moved"] == ended["renamed"] == mapped["moved"] == mapped["renamed"] == []
    assert before["unmapped"] == mapped["unmapped"] == []
    assert mapped["right"]
    assert ended["months"] == mapped["months"] == after["months"]


def test_a_name_that_ended_is_followed_by_an_id(steps: list[dict[str, Any]]) -> None:
    *_, ended, mapped = steps
    ((platform, severity, action, message),) = ended["unmapped"]
    assert (platform, severity, action) == ("meta", "low", f"{CUSTOM}78")
    line = f"meta,grove,{CUSTOM}78,reservations,,{META_CREATED},"
    assert f"`{line}`" in message and line in mapped["lines"]


def test_a_secondary_action_makes_its_kpi_null(steps: list[dict[str, Any]]) -> None:
    before, after, followed, _ = steps
    assert before["secondary"] == followed["secondary"] == []
    (days, known, contacts, reservations) = before["contacts"][0]
    assert days == known == reservations == 7
    assert after["contacts"] == [(7, 0, None, 7)]
    assert [row[:2] for row in after["secondary"]] == [("google", "medium")] * 2
    assert all(
        re.search(r"`google,,\d+,email_contacts,all_conversions,,`", row[3]) for row in after["secondary"]
    )
    assert followed["contacts"][0][:2] == (7, 7)
    assert followed["contacts"][0][2] >= contacts


def test_an_own_kpi_changes_nothing_else(steps: list[dict[str, Any]], installation: Installation) -> None:
    """The same ledger with and without a KPI that counts views of videos."""
    file = installation.agency / "conversion_actions.csv"
    views = "select count(*) from marts.daily_conversions where kpi = 'video_views'"
    ignored = everything(installation)
    assert steps[-1]["lines"] == file.read_text() and query(installation, views) == [(0,)]
    file.write_text(file.read_text().replace("video_view,ignore", "video_view,video_views"))
    installation.wholeday("build", now=FOLLOWED)
    assert query(installation, views)[0][0] > 0
    assert everything(installation) == ignored
