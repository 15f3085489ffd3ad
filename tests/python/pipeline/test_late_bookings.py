"""Bookings that come two months after their click end up in the figures; only then is their day final."""

import pytest

from sandbox.process import SandboxProcess
from tests.python.installation import Installation

pytestmark = pytest.mark.slow

ACCOUNT, DAYS = "9100000002", ("2026-09-11", "2026-09-20")
ACTION = {"platform": "google", "account": ACCOUNT, "action": "Reservation"}
START = "2026-09-01T00:00:00+00:00"
BOOKINGS = (
    "select sum(reservations), list(distinct maturity order by maturity) from marts.daily_kpi"
    " where client_id = 'dune' and platform = 'google' and date between ? and ?"
)


def test_bookings_of_day_sixty_are_shown_before_their_day_is_final(
    small: Installation, sandbox: SandboxProcess
) -> None:
    """A mapped action counts for 90 days; three quarters of its bookings come 57 to 60 days later."""
    sandbox.facts(
        [
            {"match": ACTION, "from": START, "change": {"click_window_days": 90}},
            {
                "match": ACTION,
                "from": START,
                "change": {"late": {"share": 0.75, "first_day": 57, "last_day": 60}},
            },
        ]
    )
    try:
        found = []
        for now in ("2026-11-06T09:00:00+00:00", "2026-11-26T09:00:00+00:00", "2026-12-31T09:00:00+00:00"):
            sandbox.set_clock(now)
            small.wholeday("run", now=now)
            found += small.query(BOOKINGS, *DAYS)
        (early, maturity), (late, open_still), (last, final) = found
        assert early < late == last
        assert (maturity, open_still, final) == (["preliminary"], ["preliminary"], ["final"])
        booked = [day["actions"].get("Reservation") for day in sandbox.truth("google", ACCOUNT, *DAYS)]
        assert float(last) == pytest.approx(sum(float(one["conversions"]) for one in booked if one))
        restated = small.query(
            "select count(distinct date), min(days_after) from marts.restatements where client_id = 'dune'"
            " and platform = 'google' and metric = 'reservations' and date between ? and ?",
            *DAYS,
        )
        assert restated[0][0] > 0 and restated[0][1] > 60
        windows = "select days, longest_days, action_name from ledger.restatement_windows"
        assert small.ledger(windows) == [(90, 90, "Reservation")]
    finally:
        sandbox.facts([])
