"""Days, ages and commands, as a person reads them."""

from datetime import date, timedelta

import pytest

from publish import words

NOVEMBER = (date(2026, 11, 3), date(2026, 11, 5))


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ((date(2026, 11, 3), date(2026, 11, 3)), "3 November 2026"),
        (NOVEMBER, "3 to 5 November 2026"),
        ((date(2026, 10, 30), date(2026, 11, 2)), "30 October to 2 November 2026"),
        ((date(2025, 12, 30), date(2026, 1, 2)), "30 December 2025 to 2 January 2026"),
    ],
)
def test_spans(span: words.Span, said: str) -> None:
    assert words.span(span) == said


def test_many_stretches_are_shortened_newest_first() -> None:
    days = [(date(2026, 11, day), date(2026, 11, day)) for day in range(1, 20, 2)]
    assert words.spans(days, limit=2) == "19 November 2026, 17 November 2026 and 8 earlier stretches"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(minutes=-5), "0 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=47, minutes=59), "47 h"),
        (timedelta(hours=48), "2 days"),
    ],
)
def test_ages(length: timedelta, said: str) -> None:
    assert words.age(length) == said


def test_a_command_is_safe_to_paste() -> None:
    command = words.heal_command("a; rm -rf ~", "meta", [NOVEMBER, (date(2026, 10, 1), date(2026, 10, 1))])
    assert command == "make backfill CLIENT='a; rm -rf ~' PLATFORM=meta FROM=2026-10-01 TO=2026-11-05"


def test_counts() -> None:
    assert words.counted(1, "day") == "1 day"
    assert words.counted(1200, "day") == "1,200 days"
