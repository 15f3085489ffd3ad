"""How long an account's days can change: which actions count, and what is told."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ingest.agency.registrations import Agency, MappedAction, Registration
from ingest.client.source_spec import load_settings
from ingest.collect.restatement import Known, Restatement, mapped_actions
from ingest.platform_api import ActionFacts

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
SOURCE = load_settings("sandbox")["google"]
BOOKED = MappedAction("google", "", "Reservation", "reservations")
ACTION = ActionFacts("7", "Reservation", click_window_days=90, view_window_days=1)
REGISTERED = Registration("google", "1", "dune", "EUR", "Europe/Berlin", date(2026, 1, 1), None)


def row(actions: list[ActionFacts], *lines: MappedAction, **known: object) -> tuple[int, int] | None:
    agency = Agency({"dune": "Dune"}, (REGISTERED,), (), lines)
    rows = Restatement(SOURCE, agency, **known).rows("1", actions, TODAY, "r", NOW)  # type: ignore[arg-type]
    return (rows[0]["days"], rows[0]["longest_days"]) if rows else None


def test_the_longest_window_of_what_is_mapped_holds() -> None:
    other = ActionFacts("8", "Call", click_window_days=60, view_window_days=None)
    assert row([ACTION, other], BOOKED) == (90, 90)
    assert row([ACTION, other], replace(BOOKED, action_type="8")) == (60, 60)
    assert row([ACTION, other], replace(BOOKED, action_type="reservation ")) == (90, 90)
    assert row([ACTION, other], replace(BOOKED, kpi="ignore")) is None
    assert row([ACTION, other], replace(BOOKED, platform="meta")) is None
    assert row([replace(ACTION, click_window_days=30, view_window_days=80)], BOOKED) == (80, 80)
    assert row([replace(ACTION, click_window_days=30)], BOOKED) is None, "the daily looks reach as far"


def test_a_name_that_the_action_ever_had_counts() -> None:
    renamed = replace(ACTION, name="Booking")
    assert row([renamed], BOOKED) is None
    assert row([renamed], BOOKED, known={"1": {"7": Known(frozenset({"Reservation"}))}}) == (90, 90)
    untold = replace(ACTION, click_window_days=None, view_window_days=None)
    assert row([untold], BOOKED, known={"1": {"7": Known(frozenset(), 75, None)}}) == (75, 75)


def test_only_changes_land() -> None:
    assert row([ACTION], BOOKED, last={"1": (90, 90)}) is None
    assert row([ACTION], BOOKED, last={"1": (60, 60)}) == (90, 90)
    assert row([replace(ACTION, click_window_days=7)], BOOKED, last={"1": (90, 90)}) == (35, 7)
    assert row([], BOOKED) is None


@pytest.mark.parametrize(("cap", "days"), [(60, 60), (10, 35), (90, 90)])
def test_the_setting_caps_and_says_what_is_missed(cap: int, days: int) -> None:
    agency = Agency({"dune": "Dune"}, (REGISTERED,), (), (BOOKED,))
    capped = Restatement(replace(SOURCE, restatement_days=cap), agency)
    (found,) = capped.rows("1", [ACTION], TODAY, "r", NOW)
    assert (found["days"], found["longest_days"]) == (days, 90)
    told = [
        f"counts for 90 days, and days are looked at for {days}",
        "SOURCES__GOOGLE_ADS__RESTATEMENT_DAYS=90",
    ]
    assert [all(part in sentence for part in told) for sentence in capped.told] == (
        [True] if days < 90 else []
    )


def test_the_lines_that_count() -> None:
    own = MappedAction("google", "dune", "Table", "reservations")
    call = MappedAction("google", "", "Call", "click_to_call")
    ignored = MappedAction("google", "dune", "Call", "ignore")
    old = MappedAction("google", "dune", "Old", "reservations", valid_to=date(2026, 8, 1))
    lately = replace(old, action_type="Lately", valid_to=date(2026, 9, 1))
    assert mapped_actions([BOOKED, call], [], TODAY) == {"reservation", "call"}
    assert mapped_actions([BOOKED, call], [own], TODAY) == {"table", "call"}
    assert mapped_actions([BOOKED, call], [own, ignored], TODAY) == {"table"}
    assert mapped_actions([BOOKED, call], [old, lately], TODAY) == {"reservation", "call", "lately"}
