"""A platform that refuses old days: what it still answers for is collected, and what was whole stays."""

import pytest

from sandbox.process import SandboxProcess
from tests.python.installation import Installation

pytestmark = pytest.mark.slow

NOW, NEXT = "2026-11-10T12:00:00+00:00", "2026-11-11T12:00:00+00:00"
GROVE, DUNE = "9100000005", "9100000001"
TOO_OLD = {
    "error": {
        "message": "(#3018) The start date of the time range cannot be beyond 37 months from today",
        "type": "OAuthException",
        "code": 3018,
    }
}
FIGURES = (
    "select date, total_spend, total_clicks, reservations from marts.daily_kpi"
    " where client_id = 'dune' and platform = 'meta' and date <= '2026-10-31' order by date"
)


def refusing(account: str, until: str) -> dict[str, object]:
    match = {"platform": "meta", "kind": "delivery", "account": account, "date": ["2020-01-01", until]}
    return {"match": match, "effect": {"status": 400, "body": TOO_OLD}}


def test_days_beyond_an_edge_are_not_expected_and_whole_ones_stay(
    small: Installation, sandbox: SandboxProcess
) -> None:
    statuses = (
        "select status, count(*), min(date), max(date) from health.account_days"
        " where account_id = ? and date < ?::date group by all order by all"
    )
    sandbox.set_clock(NOW)
    sandbox.faults(refusing(GROVE, "2026-10-19"))
    said = small.wholeday("run", now=NOW)
    assert "the platform keeps no days before 2026-10-20" in said
    found = [(status, str(first), str(last)) for status, _, first, last in small.query(statuses, GROVE, NOW)]
    assert found == [
        ("not_expected", "2026-09-10", "2026-10-19"),
        ("whole", "2026-10-20", "2026-11-09"),
    ]
    assert small.query("select distinct date from marts.daily_kpi where client_id = 'grove'")[0]
    assert small.query("select rule from health.findings where account_id = ? and not waived", GROVE) == []
    months = small.query(
        "select month::varchar, days_expected, status from marts.monthly_kpi where client_id = 'grove'"
    )
    assert ("2026-10-01", 12, "complete") in months

    said = small.wholeday(
        *("backfill", "--client", "grove", "--from", "2026-09-20", "--to", "2026-10-01"), now=NOW, status=2
    )
    assert "TO=2026-10-01 is before 2026-10-20, and Meta Ads refused older days" in said

    before = small.query(FIGURES)
    sandbox.set_clock(NEXT)
    sandbox.faults(refusing(DUNE, "2026-10-31"))
    small.wholeday("run", now=NEXT)
    assert small.query(FIGURES) == before
    dune = "select distinct status from health.account_days where account_id = ? and date < ?::date"
    assert small.query(dune, DUNE, NEXT) == [("whole",)]
