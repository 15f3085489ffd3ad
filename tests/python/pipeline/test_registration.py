"""Facts of an account that its platform changes in place: what is kept, what is told, and what ends it."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sandbox.process import SandboxProcess
from tests.python.installation import Installation, write_small_agency

pytestmark = pytest.mark.slow

SINCE = "2026-11-10T22:00:00+00:00"
BEFORE, FIRST, SECOND, THIRD = (f"2026-11-{day}T12:00:00+00:00" for day in (10, 11, 12, 13))
FACTS = [
    # A country adopts the euro, and the platform tells the whole past in it.
    {"match": {"account": "9100000001"}, "from": SINCE, "change": {"currency": "EUR"}},
    {"match": {"account": "9100000002"}, "from": SINCE, "change": {"timezone": "Europe/Lisbon"}},
    {"match": {"account": "9100000005"}, "from": SINCE, "change": {"attribution": "7d_click"}},
]


@dataclass(frozen=True)
class Mornings:
    """Four mornings of one agency, with what was open after each."""

    installation: Installation
    open: dict[str, list[tuple[Any, ...]]]
    healthy: str


@pytest.fixture(scope="module")
def mornings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mornings]:
    folder = tmp_path_factory.mktemp("registration")
    agency = write_small_agency(folder / "agency", started=date(2026, 9, 10))
    accounts = agency / "accounts.csv"
    text = accounts.read_text().replace("dune,EUR,Europe/Berlin", "dune,BGN,Europe/Sofia")
    accounts.write_text(text)
    with SandboxProcess(agency=agency) as sandbox:
        one = Installation(folder, dict(sandbox.env))
        found = {}
        sandbox.facts(FACTS)
        for now in (BEFORE, FIRST, SECOND):
            sandbox.set_clock(now)
            version = "v25" if now == BEFORE else "v26"
            older = replace(one, env=one.env | {"SOURCES__GOOGLE_ADS__API_VERSION": version})
            older.wholeday("run", now=now, status=0 if now == BEFORE else 1)
            found[now] = one.query(
                "select rule, severity, client_id, account_id, date, metric, message from health.findings"
                " order by all"
            )
        follow([row[6] for row in found[SECOND] if row[0] == "registered"], agency)
        sandbox.set_clock(THIRD)
        said = one.wholeday("run", now=THIRD)
        found[THIRD] = one.query("select rule, severity, client_id, account_id, date from health.findings")
        yield Mornings(one, found, said)


def follow(advice: list[str], agency: Path) -> None:
    """Write what the findings say, to the letter."""
    for message in advice:
        accounts, _, clients = message.partition("Add to agency/clients.csv:")
        written = re.findall(r"`(.*?)`", accounts)
        account_id, platform = next(csv.reader([written[0]]))[:2]
        kept = [
            line
            for line in (agency / "accounts.csv").read_text().splitlines()
            if re.sub(r"\D", "", line.split(",")[0]) != account_id or line.split(",")[1] != platform
        ]
        (agency / "accounts.csv").write_text("\n".join([*kept, *written]) + "\n")
        with (agency / "clients.csv").open("a") as file:
            file.writelines(f"{line}\n" for line in re.findall(r"`(.*?)`", clients))


def test_a_change_is_one_finding_on_its_first_day(mornings: Mornings) -> None:
    for morning in (FIRST, SECOND):
        told = [row[:6] for row in mornings.open[morning] if row[0] == "registered"]
        assert told == [
            ("registered", "high", "dune", "9100000001", date(2026, 11, 10), "currency"),
            ("registered", "high", "dune", "9100000002", date(2026, 11, 10), "timezone"),
        ]
    assert not [row for row in mornings.open[BEFORE] if row[1] == "high"]


def test_a_changed_setting_is_told_once(mornings: Mornings) -> None:
    for morning in (FIRST, SECOND):
        told = [row[:6] for row in mornings.open[morning] if row[0].endswith("_changed")]
        assert told == [
            (
                "attribution_changed",
                "medium",
                "grove",
                "9100000005",
                date(2026, 11, 11),
                "attribution_setting",
            ),
            ("interface_changed", "low", "", "", date(2026, 11, 11), "api_version"),
        ]


def test_the_advice_names_the_last_old_day_and_the_first_new_one(mornings: Mornings) -> None:
    of_account = {row[3]: row[6] for row in mornings.open[SECOND] if row[0] == "registered"}
    lines = re.findall(r"`(.*?)`", of_account["9100000001"])
    assert next(csv.reader(io.StringIO(lines[0])))[2:] == [
        *("dune", "BGN", "Europe/Sofia", "true", "2026-09-10", "2026-11-09"),
    ]
    assert lines[1] == "9100000001,meta,dune-eur,EUR,Europe/Sofia,true,2026-11-10,"
    assert lines[2] == 'dune-eur,"Hotel Dune (EUR)",2026-11-10,,99.5,team-a'


def test_no_day_is_lost_and_nothing_stays_open(mornings: Mornings) -> None:
    days = mornings.installation.query(
        "select account_id, client_id, currency, min(date), max(date), count(*) from marts.campaign_daily_kpi"
        " where account_id in ('9100000001', '9100000002') group by all order by min(date), account_id"
    )
    assert [row[:5] for row in days] == [
        ("9100000001", "dune", "BGN", date(2026, 9, 10), date(2026, 11, 9)),
        ("9100000002", "dune", "BGN", date(2026, 9, 10), date(2026, 11, 12)),
        ("9100000001", "dune-eur", "EUR", date(2026, 11, 10), date(2026, 11, 12)),
    ]
    assert mornings.installation.query("select * from health.account_days where status <> 'whole'") == []
    troubled = "select name from health.checks where status <> 'pass' and name <> 'reuse'"
    assert mornings.installation.query(troubled) == []
    scores = mornings.installation.query("select min(score) from health.scores where client_id like 'dune%'")
    assert scores == [(100,)], "what cannot be confirmed any more is not stale"
    still = {row[0] for row in mornings.open[THIRD] if row[1] != "low"}
    assert still == {"attribution_changed"}, "until it is waived or four weeks old"


def test_nothing_crosses_currencies(mornings: Mornings) -> None:
    one = mornings.installation
    changed = "account_id = '9100000001' and date < '2026-11-10'"
    assert one.query(f"select * from marts.restatements where {changed} and metric = 'total_spend'") == []
    # The old days are asked for again each morning; what is told again is only sighted.
    again = (
        f"select date, content_hash from ledger.account_days where {changed} group by all having count(*) > 1"
    )
    assert one.ledger(again) == []
