"""An action is renamed, its id is written as advised, and another action is made under the new name."""

import re
import shutil
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sandbox.process import SandboxProcess
from tests.python.installation import Installation
from tests.python.pipeline.test_actions import FINDINGS, query

pytestmark = pytest.mark.slow

GOOD, RENAMED, CREATED = (f"2026-11-{day}T12:00:00+00:00" for day in (10, 14, 20))
STARTED = date(2026, 9, 10)
ACCOUNT, ACTION = "9100000004", "720578530"
NAMED = {"platform": "google", "account": ACCOUNT, "action": ACTION}
RENAME = {"match": NAMED, "from": "2026-11-12T04:00:00+00:00", "change": {"name": "Booking"}}
AGAIN = {
    "match": NAMED,
    "from": "2026-11-16T04:00:00+00:00",
    "change": {"recreate": {"id": "777", "old_name": "Booking (old)"}},
}
TOLD = ("action_name_moved", "action_renamed", "unmapped_action_types")
SHOWN = f"""
select date, sum(reservations) from marts.campaign_daily_kpi
where account_id = '{ACCOUNT}' group by date having sum(reservations) <> 0 order by date
"""


@pytest.fixture(scope="module")
def steps(
    tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess, sandbox_agency: Any
) -> list[dict[str, list[Any]]]:
    """What is told, by rule, as names change; the advice of each step is followed before the next."""
    folder = tmp_path_factory.mktemp("renamed")
    shutil.copytree(sandbox_agency, folder / "agency")
    installation = Installation(folder, dict(sandbox.env))
    lines = installation.agency / "conversion_actions.csv"
    found: list[dict[str, list[Any]]] = []
    for now, facts in ((GOOD, []), (RENAMED, [RENAME]), (CREATED, [RENAME, AGAIN]), (CREATED, None)):
        if facts is not None:
            sandbox.set_clock(now)
            sandbox.facts(facts)
            installation.wholeday("collect", module="ingest", now=now)
        installation.wholeday("build", now=now)
        told: dict[str, list[Any]] = {rule: query(installation, FINDINGS, rule) for rule in TOLD}
        written = re.findall("`([^`]+)`", " ".join(row[3] for rows in told.values() for row in rows))
        lines.write_text(lines.read_text() + "".join(f"{line}\n" for line in written))
        found.append(told | {"shown": query(installation, SHOWN), "truth": _truth(sandbox, now)})
    sandbox.facts([])
    sandbox.clear()
    return found


def _truth(sandbox: SandboxProcess, now: str) -> list[tuple[date, Decimal]]:
    """Days with reservations, as the platform counts the action and the one that took its name."""
    found = {
        date.fromisoformat(day["date"]): sum(
            (
                Decimal(one["conversions"])
                for name, one in day["actions"].items()
                if name.startswith(("Reservation", "Booking"))
            ),
            Decimal(0),
        )
        for day in sandbox.truth("google", ACCOUNT, STARTED, date.fromisoformat(now[:10]))[:-1]
    }
    return [(day, count) for day, count in found.items() if count]


def test_a_rename_is_told_and_its_advice_ends_it(steps: list[dict[str, list[Any]]]) -> None:
    before, renamed, created, _ = steps
    assert before["action_renamed"] == created["action_renamed"] == []
    assert len(renamed["action_renamed"]) == 1
    assert renamed["action_name_moved"] == renamed["unmapped_action_types"] == []


def test_the_new_name_that_another_action_has_is_told_as_moved(steps: list[dict[str, list[Any]]]) -> None:
    *_, created, _ = steps
    assert created["unmapped_action_types"] == []
    ((platform, severity, name, message),) = created["action_name_moved"]
    assert (platform, severity, name) == ("google", "high", "Booking")
    assert "to 777" in message and "is in no KPI" in message
    assert "`google,,777,reservations,conversions,,`" in message


def test_writing_the_id_ends_it_and_the_figures_are_whole(steps: list[dict[str, list[Any]]]) -> None:
    *_, followed = steps
    assert all(followed[rule] == [] for rule in TOLD)
    assert followed["shown"] == followed["truth"]
    assert any(day > date(2026, 11, 16) for day, _ in followed["truth"])
