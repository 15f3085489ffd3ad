"""The files of the site: one client's figures and nobody else's, harmless, written when they change."""

import csv
import hashlib
import json
import re
import unicodedata
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import duckdb
import pytest

from publish.publish import publish
from publish.report import report
from publish.site import overview
from publish.site.render import HERE
from tests.python import hostile

NAMES = (
    *hostile.NAMES,
    '"quoted", name',
    "two\nlines",
    "\u3164=1",
    "\u2800+1",
    "\ufe0f@x",
    "Summer -20 %",
    "\tx",
)
# What a spreadsheet passes over, and how a formula begins, in its own words: none of the code's.
UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}
BLANK = "\u034f\u2800\u3164\ufe0f"


def is_formula(name: str) -> bool:
    seen = "".join(x for x in name if unicodedata.category(x) not in UNSEEN and x not in BLANK)
    return name[0] in "\t\r\n" or unicodedata.normalize("NFKC", seen[:1]) in tuple("=+-@")


def ran(warehouse: Any, change: str = "", *, accept_loss: bool = False, **world: Any) -> Path:
    run = warehouse.begin()
    warehouse.build(run, change=change, **world)
    report(warehouse.settings, run, publish(warehouse.settings, run, accept_loss=accept_loss))
    site: Path = warehouse.settings.site
    return site


def test_a_clients_files_hold_its_figures_with_their_status_and_nobody_elses(warehouse: Any) -> None:
    gap = (
        "delete from marts.daily_kpi"
        " where client_id = 'hotel-02' and platform = 'meta' and date = '2026-11-23';"
        "update health.account_days set status = 'missing', reason = 'no answer' where client_id = 'hotel-02'"
        " and platform = 'meta' and date = '2026-11-23';"
    )
    folder = ran(warehouse, gap) / "reports" / "hotel-02"
    with (folder / "hotel-02-days.csv").open(newline="", encoding="utf-8") as file:
        days = list(csv.DictReader(file))
    assert len(days) == 60
    assert {row["status"] for row in days} == {"whole", "missing"}
    (missing,) = [row for row in days if row["status"] == "missing"]
    assert (missing["reason"], missing["total_spend"]) == ("no answer", "")
    with duckdb.connect() as reader:
        for grain in ("days", "months", "campaigns"):
            kinds = {
                kind: reader.execute(f"select * from '{folder}/hotel-02-{grain}.{kind}'").fetchall()
                for kind in ("csv", "parquet")
            }
            assert len(kinds["csv"]) == len(kinds["parquet"]) > 0
            assert {row[0] for row in kinds["parquet"]} == {"hotel-02"}
        spend = reader.execute(
            f"select sum(total_spend) from '{folder}/hotel-02-months.parquet' where platform <> ''"
        ).fetchall()
    assert spend == warehouse.query(
        "select sum(total_spend) from marts.monthly_kpi where client_id = 'hotel-02'"
    )
    for path in folder.iterdir():
        content = path.read_bytes()
        if path.suffix == ".xlsx":
            with ZipFile(path) as book:
                content = b"".join(book.read(name) for name in book.namelist())
        assert b"hotel-01" not in content and b"Hotel 03" not in content, path.name


@pytest.mark.attack
def test_a_name_is_never_a_formula_or_markup(warehouse: Any, attempts: list[object]) -> None:
    renamed = "".join(
        f"update marts.campaigns set campaign_name = '{name.replace(chr(39), chr(39) * 2)}'"
        f" where account_id like '%{number:09}';"
        for number, name in enumerate(NAMES, start=1)
    )
    reports = ran(warehouse, renamed, clients=len(NAMES), days=2) / "reports"
    for number, name in enumerate(NAMES, start=1):
        client = f"hotel-{number:02}"
        with (reports / client / f"{client}-campaigns.csv").open(newline="", encoding="utf-8") as file:
            told = {row["campaign_name"] for row in csv.DictReader(file)}
        assert told == {f"'{name}" if is_formula(name) else name}
        attempts.append(name)
        with ZipFile(reports / client / f"{client}.xlsx") as book:
            for sheet in (entry for entry in book.namelist() if "worksheets" in entry):
                assert b"<f>" not in book.read(sheet)
        page = (reports / client / "index.html").read_text(encoding="utf-8")
        data = re.search(r'id="data-campaigns">(.*?)</script>', page, re.DOTALL)
        assert data
        assert set(json.loads(data.group(1))["campaign_name"]) == {name}


def test_only_what_changed_is_written(warehouse: Any) -> None:
    site = ran(warehouse, days=60)
    watched = [
        *(site / "reports").glob("*/*.xlsx"),
        *(site / "data" / "days").glob("*/*.js"),
        *(site / "assets").glob("*.js"),
    ]
    before = {path: path.stat().st_mtime_ns for path in watched}
    assert len(before) > 15
    unchanged = "update marts.daily_kpi set run_id = 'as before';"
    changed = (
        "update marts.daily_kpi set total_spend = 21 where client_id = 'hotel-03' and date = '2026-11-20';"
    )
    ran(warehouse, unchanged, days=60)
    before = {path: path.stat().st_mtime_ns for path in watched}
    ran(warehouse, unchanged + changed, days=60)
    touched = {
        path.relative_to(site).as_posix() for path in watched if path.stat().st_mtime_ns != before[path]
    }
    assert touched == {"reports/hotel-03/hotel-03.xlsx", "data/days/hotel-03/2026-11.js"}
    ran(warehouse, clients=2, days=60, accept_loss=True)
    assert not (site / "reports" / "hotel-03").exists()
    assert len(list((site / "data").glob("overview-*.js"))) == 1


def test_reports_stay_those_of_the_release_when_a_build_is_refused(warehouse: Any) -> None:
    site = ran(warehouse)
    page = site / "reports" / "hotel-01" / "index.html"
    before = page.read_bytes()
    ran(warehouse, "update marts.daily_kpi set total_spend = 1; drop table marts.weekly_kpi")
    assert "Not published." in (site / "index.html").read_text()
    assert page.read_bytes() == before


def test_the_calendar_is_a_string_of_stretches(warehouse: Any) -> None:
    run = warehouse.begin()
    change = (
        "update health.account_days set status = 'split', reason = 'x' where platform = 'google'"
        " and date = '2026-11-22';"
        "update health.account_days set status = 'missing', reason = 'queued' where platform = 'google'"
        " and date < '2026-10-27';"
        "update health.account_days set status = 'missing', reason = 'x', waived = true"
        " where platform = 'google' and date = '2026-11-01';"
        "delete from health.account_days"
        " where platform = 'google' and date between '2026-11-05' and '2026-11-07';"
        "delete from health.account_days where platform = 'google' and date = '2026-11-23';"
    )
    path = warehouse.build(run, clients=1, change=change)
    with duckdb.connect(str(path), read_only=True) as file:
        shown = overview.read(file)
    assert shown.calendar.first_day == "2025-11-24"
    assert {platform: text for _, platform, text in shown.calendar.rows} == {
        "meta": "-335w30",
        "google": "-335q2w5v1w3-3w14s1",
    }


def test_gaps_of_one_cause_are_one_incident(warehouse: Any) -> None:
    site = ran(
        warehouse,
        "update health.account_days set status = 'missing', reason = 'the token has expired'"
        " where platform = 'meta' and date >= '2026-11-22';",
    )
    page = (site / "index.html").read_text()
    assert page.count('<article class="incident') == 1
    assert "3 clients, 6 days, meta" in page
    heal = re.search(r"data-heal=\"(\[.*?\])\"", page)
    assert heal
    asked = json.loads(heal.group(1).replace("&#34;", '"'))
    assert asked[0] == {"client": "hotel-01", "platform": "meta", "from": "2026-11-22", "to": "2026-11-23"}
    assert len(asked) == 3


KNOWN = """
update health.account_days set status = 'missing', reason = 'the token has expired'
where client_id = 'hotel-01' and platform = 'meta' and date >= '2026-11-22';

create table health.incidents as
select
    'auth' as cause, 'missing_days' as rule, 'critical' as severity, 'meta' as platform,
    ['hotel-01'] as clients, date '2026-11-22' as from_date, date '2026-11-23' as to_date,
    timestamptz '2026-11-22 04:00:00+00' as opened_at, null::timestamptz as resolved_at,
    1234.5::decimal(18, 2) as affected_spend_pln, 'm' as message,
    'the platform is down' as reason, 'make doctor' as command
union all
select
    'click_level', 'click_level', 'low', 'meta', ['hotel-02'], date '2026-11-20', date '2026-11-20',
    timestamptz '2026-11-21 04:00:00+00', null, null, 'clicks halved', 'halved', 'read it';

create table health.slos as
select
    'missingDays' as name, 99.5::double as target, 98.9::double as observed, 178::double as good,
    180::double as total, 0.9::double as budget, -1.2::double as budget_left, 'fail' as status
"""


def test_an_incident_of_the_build_says_how_long_and_how_much(warehouse: Any) -> None:
    page = (ran(warehouse, KNOWN) / "index.html").read_text()
    for said in (
        "open for", "2 days", "days that usually spend 1,234 PLN are not shown", "clicks halved",
        "missing days", "98.9 %", "the error budget is overdrawn", "the platform is down",
    ):  # fmt: skip
        assert said in page, said


NOTED = """
create or replace table staging.stg_ledger__platforms as
select * from (values
    ('before', 'meta', 'v25.0', 97.0, now() - interval 1 day),
    (getvariable('run_id'), 'meta', 'v26.0', 41.4, now()),
    (getvariable('run_id'), 'google', 'v26', null, now())
) as noted(run_id, platform, api_version, usage_percent, seen_at);
insert into health.checks
select 'tokens', 'warn', 'high', '5', '14', 'five days', 'docs/runbooks/tokens.md', '{"platforms": [
    {"platform": "meta", "status": "warn", "daysLeft": 5, "told": true},
    {"platform": "google", "status": "pass", "daysLeft": null, "told": false}
]}';
update health.collections set run_id = 'the run before' where platform = 'google'
"""


def cells(page: str, platform: str) -> list[str]:
    """The row of ``platform`` among the sources, tags aside."""
    row = page.partition(f'<th scope="row">{platform}</th>')[2].partition("</tr>")[0]
    told = [re.sub(r"<[^>]+>", "", cell).strip() for cell in row.split("</td>")]
    return [" ".join(cell.split()) for cell in told if cell]


def test_sources_show_version_quota_credentials_and_runs(warehouse: Any) -> None:
    page = (ran(warehouse, NOTED) / "index.html").read_text()
    last, following = "24 November 2026, 05:52 UTC", "25 November 2026, 06:00 UTC"
    figures = ["3", "3", "0", "15", "180"]
    assert cells(page, "meta") == ["v26.0", *figures, "41 %", "▲ 5 days left", last, following]
    since = f"{last} nothing was needed since"
    assert cells(page, "google") == ["v26", *figures, "not told", "not told", since, following]


def test_sources_that_noted_nothing_say_so(warehouse: Any) -> None:
    page = (ran(warehouse) / "index.html").read_text()
    assert cells(page, "meta").count("not told") == 3
    assert "did not come to everything" not in page


INVOICED = """
create table marts.invoice_match as
select
    'hotel-01' as client_id, 'meta' as platform, '1000000001' as account_id, month, currency,
    'EUR' as invoice_currency,
    1234.5::decimal(18, 6) as ledger_spend, 1200::decimal(18, 6) as invoice,
    -34.25::decimal(18, 6) as adjustments, remainder::decimal(18, 6) as remainder, 'credit <b>' as adjusted,
    31 as days_expected, 30 as days_whole, status
from (values
    (date '2026-09-01', 'EUR', -0.25, 'differs'), (date '2026-10-01', 'JPY', null, 'other_currency')
) as told(month, currency, remainder, status);
create table marts.monthly_kpi_reporting as
select *, 'EUR' as reporting_currency, days_whole - (client_id = 'hotel-03')::int as days_converted
from marts.monthly_kpi
"""


def table_rows(page: str) -> list[list[str]]:
    """The cells of every row of a page's tables, tags aside."""
    rows = re.findall(r"<tr>(.*?)</tr>", page.partition("<tbody>")[2], re.DOTALL)
    cells_of = re.compile(r"<t[hd].*?</t[hd]>", re.DOTALL)
    return [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells_of.findall(row)] for row in rows
    ]


def test_invoices_stand_on_a_page_of_the_agency(warehouse: Any) -> None:
    page = (ran(warehouse, INVOICED) / "invoices.html").read_text()
    assert table_rows(page) == [
        [month, "Hotel 01 hotel-01", "meta", "1000000001", *told, f"{status} 1 day not whole"]
        for month, *told, status in (
            ("2026-10", "JPY", "1,234", "-34 credit &lt;b&gt;", "1,200.00 EUR", "", "✕ other currency"),
            ("2026-09", "EUR", "1,234.50", "-34.25 credit &lt;b&gt;", "1,200.00", "-0.25", "≠ differs"),
        )
    ]


def test_without_an_invoice_the_page_says_where_they_belong(warehouse: Any) -> None:
    page = (ran(warehouse) / "invoices.html").read_text()
    assert "agency/invoices.csv" in page and "<table" not in page


def test_the_overview_has_the_agencys_months_in_its_currency(warehouse: Any) -> None:
    page = (ran(warehouse, INVOICED) / "index.html").read_text().partition('id="months"')[2]
    assert "in EUR, each day" in page
    row = ["2026-11", "no rate of PLN", "", "4,140", "276.0", "3 of 3", "… in progress"]
    assert table_rows(page)[0] == row


def test_code_of_others_is_what_was_published() -> None:
    vendor = HERE / "assets" / "vendor"
    for line in (vendor / "SHA256SUMS").read_text().splitlines():
        checksum, name = line.split()
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == checksum, name
