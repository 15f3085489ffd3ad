"""Windows that a platform refuses at an edge: what is asked for, and what is believed of it."""

from datetime import date, timedelta
from math import ceil, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.client.errors import ErrorClass, Failure
from ingest.collect.edges import (
    Hint,
    Search,
    hint_of,
    is_too_wide,
)

TODAY = date(2026, 12, 31)
FIRST = date(2026, 8, 3)
META_OWN = (
    "(#3018) The start date of the time range cannot be beyond 37 months from the current date [3018/None]"
)
DUMB = Hint(start=False, end=False)


def searched(
    search: Search, kept_from: date, kept_until: date = TODAY, broken: frozenset[date] = frozenset()
) -> int:
    """Ask a platform that keeps these days until the search is over; return the number of refusals."""
    refusals = 0
    for _ in range(60):
        part = search.part()
        if part is None:
            return refusals
        assert search.first <= part[0] <= part[1] <= search.last
        days = {part[0] + timedelta(n) for n in range((part[1] - part[0]).days + 1)}
        if kept_from <= part[0] and part[1] <= kept_until and not days & broken:
            search.answered(part)
        else:
            search.refused(part)
            refusals += 1
    raise AssertionError("the search does not end")


@given(
    size=st.integers(2, 91),
    kept=st.integers(1, 91),
    hint=st.sampled_from(
        [DUMB, Hint(True, False), Hint(True, True), Hint(True, False, (FIRST + timedelta(9),))]
    ),
)
def test_every_day_behind_the_edge_is_answered(size: int, kept: int, hint: Hint) -> None:
    last = FIRST + timedelta(size - 1)
    edge = FIRST + timedelta(min(kept, size - 1))
    search = Search(FIRST, last, hint, TODAY)
    refusals = searched(search, edge)
    assert search.rest() == [(FIRST, edge - timedelta(1))]
    assert search.kept_from == edge
    assert refusals <= ceil(log2(size)) + 3


@given(size=st.integers(2, 91), cut=st.integers(1, 91), hint=st.sampled_from([DUMB, Hint(False, True)]))
def test_every_day_before_the_end_is_answered(size: int, cut: int, hint: Hint) -> None:
    first = TODAY - timedelta(size - 1)
    until = TODAY - timedelta(min(cut, size - 1))
    search = Search(first, TODAY, hint, TODAY)
    searched(search, first, until)
    assert search.rest() == [(until + timedelta(1), TODAY)]
    assert search.kept_from is None


@given(
    size=st.integers(1, 91),
    hint=st.sampled_from([DUMB, Hint(True, False), Hint(False, True), Hint(True, True)]),
)
def test_a_refusal_of_all_days_is_no_edge(size: int, hint: Hint) -> None:
    search = Search(TODAY - timedelta(size - 1), TODAY, hint, TODAY)
    refusals = searched(search, date.max)
    assert search.good is None
    assert search.rest() == [(search.first, TODAY)]
    assert refusals <= 4


@given(size=st.integers(3, 91), at=st.integers(1, 90))
def test_a_day_that_is_refused_for_itself_is_no_edge(size: int, at: int) -> None:
    broken = FIRST + timedelta(min(at, size - 2))
    search = Search(FIRST, FIRST + timedelta(size - 1), DUMB, TODAY)
    searched(search, FIRST, broken=frozenset({broken}))
    assert search.rest() == [(broken, broken)]
    assert search.kept_from is None


def test_a_window_that_reaches_one_day_too_far_costs_one_request() -> None:
    search = Search(date(2023, 11, 30), date(2024, 2, 27), hint_of(META_OWN, TODAY), TODAY)
    assert searched(search, date(2023, 12, 1)) == 0
    assert search.kept_from == date(2023, 12, 1)


def test_what_another_account_was_found_to_keep_is_tried_first() -> None:
    edge = FIRST + timedelta(40)
    search = Search(FIRST, FIRST + timedelta(89), Hint(True, False), TODAY, kept=(edge,))
    assert search.part() == (edge, search.last)
    assert searched(search, edge) == 1
    assert search.kept_from == edge


@pytest.mark.parametrize(
    ("message", "start", "end"),
    [
        (META_OWN, True, False),
        ("(#100) time_range: since must be within the last 37 months [100/None]", True, False),
        ("(#100) Start date is too far in the past [100/1487]", True, False),
        (
            "The date is earlier than the minimum allowed date. [dateError.EARLIER_THAN_MINIMUM_DATE]",
            True,
            False,
        ),
        ("Data older than 36 months is no longer available [INVALID_ARGUMENT]", True, False),
        ("The requested dates are outside of the retention period [OUT_OF_RANGE]", True, False),
        ("The date is later than the maximum allowed date. [dateError.LATER_THAN_MAXIMUM_DATE]", False, True),
        ("(#100) The end date cannot be in the future [100/None]", False, True),
        ("(#100) time_range until cannot be after today [100/None]", False, True),
        ("(#100) Invalid parameter [100/None]", False, False),
        ("Unrecognized field in the query. [queryError.UNRECOGNIZED_FIELD]", False, False),
        ("(#100) breakdowns must be one of: age, gender, country [100/None]", False, False),
    ],
)
def test_wordings_of_an_edge(message: str, start: bool, end: bool) -> None:
    found = hint_of(message, TODAY)
    assert (found.start, found.end) == (start, end)


def test_dates_and_ages_in_a_message_are_guesses() -> None:
    told = hint_of("no data before 2024-02-05; the last 13 months and 90 days are kept", TODAY)
    assert told.days == (date(2024, 2, 5), date(2025, 12, 1), date(2026, 10, 2))
    assert hint_of("since 2024-99-05, 9999 years", TODAY).days == (date.min,)


def test_a_range_that_is_too_wide_is_no_edge() -> None:
    wide = "The requested date range is too wide. [queryError.DATE_RANGE_TOO_WIDE]"
    assert is_too_wide(Failure.of(ErrorClass.BAD_REQUEST, wide))
    assert not is_too_wide(Failure.of(ErrorClass.BAD_REQUEST, META_OWN))
