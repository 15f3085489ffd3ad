"""Five hundred mutilated files: no whole day is lost, and no figure is wrong."""

import json
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from core.measures import half_minor_unit
from ingest.collect.reconcile import disagreeing
from ingest.files.format import Format
from ingest.files.reading import FileDays, read
from ingest.files.source import Source, _take
from ingest.files.table import RefusedError
from ingest.platform_api import WindowAnswers

SINCE, DAYS = date(2026, 10, 1), 10
UNTIL = SINCE + timedelta(days=DAYS - 1)
NAME = "bookings_2026-10-01_2026-10-10.csv"
DATES = [SINCE + timedelta(days=n) for n in range(DAYS)]


def content() -> tuple[bytes, bytes]:
    """A file with two campaigns a day, and its sidecar with the totals of each day."""
    lines, days = ["date,campaign_id,spend,reservations,reservations_value"], {}
    for n, day in enumerate(DATES):
        rows = [(f"{13 + 7 * n + c}.{10 + n}", 2 + n % 4 + c, f"{240 + 31 * n + c}.5") for c in (0, 1)]
        lines += [f"{day},{c},{spend},{count},{value}" for c, (spend, count, value) in enumerate(rows)]
        days[str(day)] = {
            "spend": float(sum(Decimal(row[0]) for row in rows)),
            "reservations": sum(row[1] for row in rows),
            "reservations_value": float(sum(Decimal(row[2]) for row in rows)),
        }
    sidecar = {"from": str(SINCE), "to": str(UNTIL), "rows": 2 * DAYS, "days": days}
    return ("\n".join(lines) + "\n").encode(), json.dumps(sidecar).encode()


CONTENT, SIDECAR = content()


def told(data: bytes) -> FileDays:
    return read(NAME, data, SIDECAR, Format(), frozenset({"reservations"}), lambda day: "EUR")


def sums(found: FileDays, day: date) -> tuple[Decimal, ...]:
    figures = found.days.get(day, {}).values()
    return (
        sum((one.delivery["spend"] for one in figures), Decimal()),
        sum((one.actions["reservations"] for one in figures), Decimal()),
        sum((one.values["reservations"] for one in figures), Decimal()),
    )


def agreeing(found: FileDays) -> set[date]:
    """The days that reconcile: others are not whole, and what was whole before stays."""
    answers = WindowAnswers.over(SINCE, UNTIL)
    for text, day in answers.days.items():
        _take(found, date.fromisoformat(text), day, answers)
    return set(DATES) - disagreeing(Source.measures, answers, "EUR")


ORIGINAL = told(CONTENT)
LINES = CONTENT.splitlines(keepends=True)


@st.composite
def mutilated(draw: st.DrawFn) -> bytes:
    kind = draw(
        st.sampled_from(["cut", "byte", "drop", "repeat", "swap", "move", "insert", "overwrite", "cell"])
    )
    at = draw(st.integers(0, len(CONTENT) - 1))
    line, other = draw(st.integers(0, len(LINES) - 1)), draw(st.integers(0, len(LINES) - 1))
    lines = list(LINES)
    match kind:
        case "cut":
            return CONTENT[:at]
        case "byte":
            return CONTENT[:at] + CONTENT[at + 1 :]
        case "insert":
            return CONTENT[:at] + draw(st.binary(min_size=1, max_size=3)) + CONTENT[at:]
        case "overwrite":
            extra = draw(st.sampled_from([b"0", b"9", b".", b",", b'"', b"\n", b"\0", b"-", b";", b"\xff"]))
            return CONTENT[:at] + extra + CONTENT[at + 1 :]
        case "drop":
            del lines[line]
        case "repeat":
            lines.insert(other, lines[line])
        case "swap":
            lines[line], lines[other] = lines[other], lines[line]
        case "move":
            cells = lines[line].split(b",")
            lines[line] = b",".join(reversed(cells))
        case _:
            cells = lines[line].rstrip(b"\n").split(b",")
            position = draw(st.integers(0, len(cells) - 1))
            cells[position] = draw(
                st.sampled_from([b"", b"0", b"1,5", b"NaN", b"1e3", b" 7 ", b"-1", b"#REF!"])
            )
            lines[line] = b",".join(cells) + b"\n"
    return b"".join(lines)


@settings(max_examples=500)
@given(mutilated())
def test_no_mutilation_brings_a_wrong_figure(data: bytes) -> None:
    try:
        found = told(data)
    except RefusedError as refused:
        assert str(refused)
        return
    whole = agreeing(found)
    for day in whole:
        assert sums(found, day) == sums(ORIGINAL, day)


def test_all_days_of_the_original_agree() -> None:
    assert agreeing(ORIGINAL) == set(DATES)
    assert half_minor_unit("EUR") == 0.005
