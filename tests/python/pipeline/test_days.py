"""What days leave behind: one after another, seen too early, or seen all at once."""

from pathlib import Path

import pytest

from sandbox.process import SandboxProcess
from tests.python.installation import Installation

pytestmark = pytest.mark.slow


def test_five_daily_runs_leave_what_one_run_leaves_and_know_what_was_known_then(
    small: Installation, sandbox: SandboxProcess, tmp_path_factory: pytest.TempPathFactory
) -> None:
    days = [f"2026-11-{day:02}T06:00:00+00:00" for day in range(4, 9)]
    known = []
    for now in days:
        sandbox.set_clock(now)
        small.wholeday("run", now=now)
        known.append(small.marts())
    once = Installation(tmp_path_factory.mktemp("once"), small.env)
    small.agency.rename(once.agency)
    once.wholeday("run", now=days[-1])
    once.agency.rename(small.agency)

    final = small.query("select client_id, platform, date from marts.daily_kpi where maturity = 'final'")
    assert len({day for _, _, day in final}) > 20
    ours, theirs = small.marts("maturity = 'final'"), once.marts("maturity = 'final'")
    for mart in ("daily_kpi", "campaign_daily_kpi"):
        assert set(ours[mart]) <= set(theirs[mart])
        assert ours[mart], mart
    assert small.query("select count(*) from marts.daily_kpi") == once.query(
        "select count(*) from marts.daily_kpi"
    )

    published = small.release.read_bytes()
    series = "from intermediate.int_series order by platform, account_id, date"
    judged_day_by_day = small.query(series)
    small.wholeday("build", "--as-of", days[-1], now=days[-1])
    assert _as_release(small, "now").query(series) == judged_day_by_day

    assert known[2] != known[-1]
    small.wholeday("build", "--as-of", days[2], now=days[-1])
    assert _as_release(small, "then").marts() == known[2]
    small.wholeday("publish", module="publish", now=days[-1], status=2)
    assert small.release.read_bytes() == published


def test_a_day_seen_before_it_ended_is_missing_until_it_is_seen_after(
    small: Installation, sandbox: SandboxProcess
) -> None:
    afternoon, next_morning = "2026-11-05T12:00:00+00:00", "2026-11-06T10:00:00+00:00"
    sandbox.set_clock(afternoon)
    small.wholeday("run", now=afternoon)
    assert small.query("select count(*) from marts.today_kpi where date = '2026-11-05'")[0][0] > 0
    assert small.query("select count(*) from marts.daily_kpi where date = '2026-11-05'") == [(0,)]

    small.wholeday("build", now=next_morning)
    small.wholeday("publish", module="publish", now=next_morning)
    reasons = small.query("select distinct status, reason from health.account_days where date = '2026-11-05'")
    assert reasons == [("missing", "seen only before the day ended")]
    assert small.query("select count(*) from marts.daily_kpi where date = '2026-11-05'") == [(0,)]

    sandbox.set_clock(next_morning)
    small.wholeday("run", now=next_morning)
    assert small.query("select distinct status from health.account_days where date = '2026-11-05'") == [
        ("whole",)
    ]


def _as_release(installation: Installation, name: str) -> Installation:
    """Return an installation whose release is the candidate."""
    candidate = installation.warehouse / "candidate" / "ads.duckdb"
    elsewhere = Path(installation.folder) / name
    (elsewhere / "warehouse").mkdir(parents=True)
    copy = elsewhere / "warehouse" / "ads.duckdb"
    copy.write_bytes(candidate.read_bytes())
    return Installation(elsewhere, {})
