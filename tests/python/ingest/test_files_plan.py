"""Which file tells a day, and which days a run takes: order of first reading, remembered by content."""

import os
import shutil
import threading
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from core.runs import Run
from core.settings import Settings
from ingest.agency import registrations as agency
from ingest.files import inbox
from ingest.files.plan import Reading
from tests.python.installation import write_small_agency

ACCOUNT = "550000001"
SPAN = "2026-11-01_2026-11-05"
ROW = "date,bookings\n2026-11-03,{}\n"


class Desk:
    """An agency with one account of files, and runs at instants."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self._patch = folder, patch
        self.inbox = folder / "inbox" / ACCOUNT
        self.inbox.mkdir(parents=True)
        patch.setenv("WHOLEDAY_INBOX", str(folder / "inbox"))
        files = write_small_agency(folder / "agency", date(2026, 11, 1))
        with (files / "accounts.csv").open("a") as file:
            file.write(f"{ACCOUNT},files,dune,EUR,Europe/Berlin,true,2026-11-01,\n")
        with (files / "conversion_actions.csv").open("a") as file:
            file.write("files,dune,bookings,reservations,,,\n")
        self.formats = files / "files.csv"
        self.settings = Settings(folder / "warehouse", folder / "site", files)

    def put(self, name: str, bookings: str, order: int = 1) -> Path:
        path = self.inbox / name
        path.write_text(ROW.format(bookings))
        os.utime(path, (order, order))
        return path

    def read(self, now: str) -> Reading:
        self._patch.setenv("WHOLEDAY_NOW", now)
        run = Run.begin(self.settings, "run", "sandbox", {})
        return Reading.of(self.settings, run, agency.load(self.settings))

    def taken(self, now: str, seen: str = "") -> dict[date, str]:
        """What a run takes of the days: how many bookings, or why a day is missing."""
        reading = self.read(now)
        at = {(ACCOUNT, date(2026, 11, n)): datetime.fromisoformat(seen) for n in range(1, 6)} if seen else {}
        windows = reading.windows([], at, forced=False)
        found = reading.source(None).files[ACCOUNT]  # type: ignore[arg-type]
        days = {}
        for window in windows:
            for n in range(window.days):
                day = date.fromordinal(window.from_date.toordinal() + n)
                told = found.told.get(day)
                rows = told.by.days.days.get(day, {}) if told else {}
                counted = sum(int(one.actions["bookings"]) for one in rows.values())
                days[day] = str(counted) if told else found.missing[day]
        return days


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


THIRD = date(2026, 11, 3)
FIRST, LATER, LAST = (f"2026-11-{day}T12:00:00+00:00" for day in (10, 11, 12))


def test_a_day_without_a_row_is_zero_and_one_outside_is_not_told(desk: Desk) -> None:
    desk.put(f"a_{SPAN}.csv", "4")
    assert desk.taken(FIRST) == {date(2026, 11, n): "4" if n == 3 else "0" for n in range(1, 6)}


def test_what_was_seen_is_not_taken_again(desk: Desk) -> None:
    desk.put(f"a_{SPAN}.csv", "4")
    desk.taken(FIRST)
    assert desk.taken(LATER, seen=FIRST) == {}


def test_a_later_file_restates_and_an_old_one_never_comes_back(desk: Desk) -> None:
    first = desk.put(f"b_{SPAN}.csv", "4", order=9)
    assert desk.taken(FIRST)[THIRD] == "4"
    second = desk.put(f"a_{SPAN}.csv", "6", order=1)
    assert desk.taken(LATER, seen=FIRST)[THIRD] == "6"
    shutil.copy(first, desk.inbox / f"c_{SPAN}.csv")
    assert desk.taken(LAST, seen=LATER) == {}
    second.unlink()
    assert desk.taken(LAST, seen=LATER) == {}


def test_a_day_that_is_not_over_is_told_by_a_later_file_only(desk: Desk) -> None:
    desk.put(f"a_{SPAN}.csv", "4")
    assert max(desk.taken("2026-11-03T12:00:00+00:00")) == date(2026, 11, 2)
    assert desk.taken(FIRST, seen="2026-11-03T12:00:00+00:00") == {}


def test_another_declared_format_reads_a_file_anew(desk: Desk) -> None:
    desk.put(f"a_{SPAN}.csv", "4")
    desk.taken(FIRST)
    desk.formats.write_text(f"account_id,decimal\n{ACCOUNT},comma\n")
    assert desk.taken(LATER, seen=FIRST)[THIRD] == "4"


def test_a_column_that_is_gone_refuses_a_file(desk: Desk) -> None:
    path = desk.put(f"a_{SPAN}.csv", "4")
    path.write_text("date,bookings,spend\n2026-11-03,4,10\n")
    desk.taken(FIRST)
    desk.put(f"b_{SPAN}.csv", "5")
    (refused,) = desk.read(LATER).looked[ACCOUNT][1].refused
    assert refused.reason.startswith("line 1, column spend: the column is missing")


def test_days_of_a_refused_file_are_missing_with_the_reason(desk: Desk) -> None:
    desk.put(f"a_{SPAN}.csv", "x")
    told = f"inbox/{ACCOUNT}/a_{SPAN}.csv: line 2, column bookings: 'x' is no number"
    assert all(reason.startswith(told) for reason in desk.taken(FIRST).values())


def test_a_file_that_is_expected_and_did_not_come(desk: Desk) -> None:
    desk.put("a_2026-11-01_2026-11-04.csv", "4")
    desk.formats.write_text(f"account_id,expected_weekday,expected_hour\n{ACCOUNT},mon,9\n")
    assert max(desk.taken("2026-11-09T07:59:00+00:00")) == date(2026, 11, 4)
    days = desk.taken("2026-11-09T08:00:00+00:00")
    assert [day.day for day, told in days.items() if not told.isdigit()] == [5, 6, 7, 8]
    assert (
        "a file was expected by Monday 2026-11-09 09:00 (Europe/Berlin) and did not come" in days[max(days)]
    )


def test_a_growing_file_waits(desk: Desk) -> None:
    path = desk.inbox / f"a_{SPAN}.csv"
    path.write_text(ROW.format(4))
    done = threading.Event()

    def grow() -> None:
        while not done.is_set():
            with path.open("a") as file:
                file.write("2026-11-04,1\n")
            time.sleep(0.005)

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        found, waiting = inbox.files(ACCOUNT)
    finally:
        done.set()
        writer.join()
    assert (found, [one.reason for one in waiting]) == ([], ["it is still growing"])
    assert inbox.files(ACCOUNT)[0] != []


def test_a_name_that_is_not_finished_waits(desk: Desk) -> None:
    desk.put(f"a_{SPAN}.csv.part", "4")
    assert desk.taken(datetime(2026, 11, 10, tzinfo=UTC).isoformat()) == {}
