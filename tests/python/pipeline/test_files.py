"""Spend from ad platforms, reservations from a file: figures, totals, a file that is late."""

import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.process import SandboxProcess
from tests.python.installation import Installation, write_small_agency

pytestmark = pytest.mark.slow

STARTED, NOW = date(2026, 10, 25), "2026-11-10T12:00:00+00:00"
NEXT_WEEK = "2026-11-18T06:00:00+00:00"
ACCOUNT = "550000001"
FIRST = f"bookings_{STARTED}_2026-11-09.csv"
# How the sandbox's clock is set, once it runs.
CLOCK: list[Callable[[str], object]] = []
EUR = "where client_id = 'dune' and platform = 'files'"


def booked(day: date) -> int:
    """Reservations of a day; none on the 1st, which has no row."""
    return 0 if day.day == 1 else 3 + day.toordinal() % 4


def write(inbox: Path, name: str, since: date, until: date, *, more: int = 0) -> Path:
    """Write a file as a booking engine exports it: German, with a semicolon and a decimal comma."""
    folder = inbox / ACCOUNT
    folder.mkdir(parents=True, exist_ok=True)
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    rows = [
        f"{day:%d.%m.%Y};{booked(day) + more};{(booked(day) + more) * 120},50" for day in days if booked(day)
    ]
    path = folder / name
    path.write_text("\n".join(["Datum;Buchungen;Wert", *rows]) + "\n", encoding="utf-8")
    os.utime(path, (1, 1))
    return path


@pytest.fixture(scope="module")
def hotel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("files")
    agency = write_small_agency(folder / "agency", STARTED)
    with (agency / "accounts.csv").open("a") as file:
        file.write(f"{ACCOUNT},files,dune,EUR,Europe/Berlin,true,{STARTED},\n")
    with (agency / "conversion_actions.csv").open("a") as file:
        file.write("files,dune,bookings,reservations,,,\n")
    (agency / "files.csv").write_text(
        "account_id,separator,decimal,date_format,columns,expected_weekday,expected_hour\n"
        f"{ACCOUNT},;,comma,DD.MM.YYYY,date=Datum; bookings=Buchungen; bookings_value=Wert,tuesday,9\n"
    )
    write(folder / "inbox", FIRST, STARTED, date(2026, 11, 9))
    with SandboxProcess(now=NOW, agency=agency) as box:
        CLOCK.append(box.set_clock)
        installation = Installation(folder, box.env | {"WHOLEDAY_INBOX": str(folder / "inbox")})
        installation.wholeday("run", now=NOW)
        yield installation


def test_every_day_of_the_file_is_whole(hotel: Installation) -> None:
    found = hotel.query(
        f"select date, reservations, reservation_value from marts.daily_kpi {EUR} order by date"
    )
    days = [STARTED + timedelta(days=n) for n in range(16)]
    expected = [
        (day, Decimal(booked(day)), Decimal(booked(day) * 120) + (Decimal("0.5") if booked(day) else 0))
        for day in days
    ]
    assert found == expected
    status = f"select status, count(*) from health.account_days {EUR} and status <> 'not_expected' group by 1"
    assert hotel.query(status) == [("whole", 16)]
    # Rates are the agency's, and no platform's.
    found = "select * from health.findings where platform = 'files' and rule <> 'missing_rates'"
    assert hotel.query(found) == []


def test_what_the_file_does_not_tell_is_null(hotel: Installation) -> None:
    columns = "total_spend, total_impressions, total_clicks, average_cpc, cost_per_reservation, click_to_call"
    for mart in ("daily_kpi", "monthly_kpi", "campaign_daily_kpi"):
        found = hotel.query(f"select distinct {columns} from marts.{mart} {EUR}")
        assert found == [(None,) * 6], mart


def test_both_reservations_stand_side_by_side(hotel: Installation) -> None:
    rows = hotel.query(
        "select platform, total_spend, reservations from reports.client_months"
        " where client_id = 'dune' and month = date '2026-10-01' order by platform"
    )
    by_platform = {platform: figures for platform, *figures in rows}
    ads = [by_platform["google"], by_platform["meta"]]
    assert by_platform[""] == [sum(one[0] for one in ads), sum(one[1] for one in ads)]
    assert by_platform["files"] == [None, sum(booked(STARTED + timedelta(days=n)) for n in range(7))]


@pytest.fixture(scope="module")
def late(hotel: Installation) -> Installation:
    """The same a week later: the file of Tuesday did not come."""
    CLOCK[-1](NEXT_WEEK)
    process = hotel.start("wholeday", "run", now=NEXT_WEEK)
    said = "".join(process.communicate(timeout=300))
    assert "Traceback" not in said, said
    assert "a file was expected by Tuesday 2026-11-17 09:00 (Europe/Berlin) and did not come" in said
    return hotel


def test_a_missing_file_is_a_finding_with_its_age(late: Installation) -> None:
    ((metric, observed, message),) = late.query(
        "select metric, observed, message from health.findings where rule = 'inbox'"
    )
    assert (metric, observed) == ("expected file", "none for 22 hours")
    assert "the file expected by 2026-11-17 08:00 UTC did not come, 22 hours ago" in message
    assert f"inbox/{ACCOUNT} tells no day after 2026-11-09" in message
    days = f"select min(date), max(date) from health.account_days {EUR} and status = 'missing'"
    assert late.query(days) == [(date(2026, 11, 10), date(2026, 11, 16))]
    whole = late.query(f"select count(*) from marts.daily_kpi {EUR}")
    assert whole == [(16,)]


def test_a_missing_file_is_an_incident(late: Installation) -> None:
    rows = late.query("select rule, clients from health.incidents where platform = 'files'")
    assert any("dune" in str(clients) for _, clients in rows), rows
    page = (late.site / "index.html").read_text()
    assert "files" in page and "expected" in page


@pytest.fixture(scope="module")
def restated(late: Installation) -> Installation:
    """Then it comes, and corrects days that were told before; one that cannot be read comes with it."""
    inbox = late.folder / "inbox"
    write(inbox, "bookings_2026-11-05_2026-11-16.csv", date(2026, 11, 5), date(2026, 11, 16), more=1)
    broken = write(inbox, "bookings_2026-11-01_2026-11-17.csv", date(2026, 11, 1), date(2026, 11, 17))
    broken.write_text(broken.read_text().replace(",50", ",234.50"))
    os.utime(broken, (2, 2))
    (inbox / ACCOUNT / FIRST).touch()
    CLOCK[-1]("2026-11-18T12:00:00+00:00")
    # The day that only the broken file names is missing, and said to be so.
    said = late.wholeday("run", now="2026-11-18T12:00:00+00:00", status=1)
    assert "2026-11-17.csv: line 2, column Wert: " in said
    return late


def test_a_later_file_restates_days(restated: Installation) -> None:
    found = restated.query(
        f"select date, reservations from marts.daily_kpi {EUR} and date > '2026-11-01' order by 1"
    )
    days = [date(2026, 11, 2) + timedelta(days=n) for n in range(15)]
    assert found == [(day, booked(day) + (1 if day.day >= 5 else 0)) for day in days]
    changes = restated.query(
        f"select count(distinct date) from marts.restatements {EUR} and metric = 'reservations'"
    )
    assert changes == [(5,)]


def test_a_refused_file_costs_no_day_and_is_told(restated: Installation) -> None:
    ((metric, message),) = restated.query("select metric, message from health.findings where rule = 'inbox'")
    assert metric == "bookings_2026-11-01_2026-11-17.csv"
    assert f"inbox/{ACCOUNT}/{metric} is not read: line 2, column Wert: " in message
    status = f"select status, count(*) from health.account_days {EUR} and date < '2026-11-17' group by 1"
    assert restated.query(status) == [("whole", 23)]


def test_files_are_never_changed(restated: Installation) -> None:
    names = sorted(path.name for path in (restated.folder / "inbox" / ACCOUNT).iterdir())
    assert names == [
        "bookings_2026-10-25_2026-11-09.csv",
        "bookings_2026-11-01_2026-11-17.csv",
        "bookings_2026-11-05_2026-11-16.csv",
    ]


def test_the_check_says_what_would_be_read(restated: Installation) -> None:
    said = restated.wholeday("check", now=NEXT_WEEK, status=1, module="ingest.files")
    told = "would be read: 2026-10-25 to 2026-11-09, 16 days, 15 rows; bookings, bookings_value"
    assert f"{FIRST}: {told}" in said
    assert "bookings_2026-11-01_2026-11-17.csv: refused: line 2, column Wert" in said
    said = restated.wholeday("template", "--account", ACCOUNT, now=NEXT_WEEK, module="ingest.files")
    assert "is an example" in said
