"""Twenty ways to write a file, read to the same figures; twenty that are refused, with the reason."""

import io
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from ingest.agency.file_formats import FILE_FORMATS
from ingest.agency.files import parse
from ingest.files.format import Format
from ingest.files.reading import FileDays, read
from ingest.files.table import RefusedError

MAPPED = frozenset({"reservations", "zapytania ofertowe"})
NAME = "bookings_2026-10-01_2026-10-04.csv"
PLAIN = "date,campaign_id,reservations,reservations_value,clicks\n"
ROWS = "2026-10-01,7,3,1234.50,1500\n2026-10-02,7,0,0,12\n2026-10-04,7,2,99.99,3\n"


def declared(**cells: str) -> Format:
    """The format of a line of files.csv."""
    quoted = ",".join(f'"{value}"' for value in cells.values())
    contents = parse(FILE_FORMATS, f"account_id,{','.join(cells)}\n55,{quoted}\n")
    assert not contents.problems and not contents.mistaken, contents
    return Format.of(contents.lines[0])


def told(
    content: bytes, form: Format | None = None, name: str = NAME, beside: bytes | None = None
) -> FileDays:
    return read(name, content, beside, form or Format(), MAPPED, lambda day: "EUR")


def figures(found: FileDays) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    return {
        f"{day:%m-%d}": (one.actions["reservations"], one.values["reservations"], one.delivery["clicks"])
        for day, campaigns in sorted(found.days.items())
        for one in campaigns.values()
    }


EXPECTED = {
    "10-01": (Decimal(3), Decimal("1234.5"), Decimal(1500)),
    "10-02": (Decimal(0), Decimal(0), Decimal(12)),
    "10-04": (Decimal(2), Decimal("99.99"), Decimal(3)),
}


def workbook(rows: list[list[Any]], sheets: tuple[str, ...] = ("Data",), skip: int = 0) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"default_date_format": "dd.mm.yyyy", "in_memory": True})
    for sheet in map(book.add_worksheet, sheets):
        for number, row in enumerate(rows if sheet.name == sheets[-1] else []):
            sheet.write_row(number + skip, 0, row)
    book.close()
    return stream.getvalue()


HEADER = ["date", "campaign_id", "reservations", "reservations_value", "clicks"]
TYPED = [
    HEADER,
    [datetime(2026, 10, 1), 7, 3, 1234.5, 1500],
    [datetime(2026, 10, 2), 7, 0, 0, 12],
    [datetime(2026, 10, 4), 7, 2, 99.99, 3],
]
GERMAN = "Datum;Kampagne;Buchungen;Wert;Klicks\n"
GERMAN_ROWS = "01.10.2026;7;3;1.234,50;1.500\n02.10.2026;7;0;0;12\n04.10.2026;7;2;99,99;3\n"
GERMAN_FORMAT = {
    "separator": ";",
    "decimal": "comma",
    "thousands": "point",
    "date_format": "DD.MM.YYYY",
    "columns": (
        "date=Datum; campaign_id=Kampagne; reservations=Buchungen; reservations_value=Wert; clicks=Klicks"
    ),
}


def parquet() -> bytes:
    columns = list(zip(*TYPED[1:], strict=True))
    arrays = [pa.array([one.date() for one in columns[0]], pa.date32())]
    arrays += [pa.array(columns[n]) for n in (1, 2)]
    arrays += [pa.array([Decimal("1234.50"), Decimal(0), Decimal("99.99")], pa.decimal128(12, 2))]
    arrays += [pa.array(columns[4])]
    stream = io.BytesIO()
    pq.write_table(pa.table(dict(zip(HEADER, arrays, strict=True))), stream)
    return stream.getvalue()


SHEET = "bookings_2026-10-01_2026-10-04.xlsx"
SIDECAR = (
    b'{"from": "2026-10-01", "to": "2026-10-04", "rows": 3, "totals": {"reservations": 5, "clicks": 1515}}'
)
VARIANTS: dict[str, Callable[[], FileDays]] = {
    "plain": lambda: told((PLAIN + ROWS).encode()),
    "byte order mark": lambda: told(b"\xef\xbb\xbf" + (PLAIN + ROWS).encode()),
    "UTF-16": lambda: told((PLAIN + ROWS).encode("utf-16")),
    "Windows-1250": lambda: told(
        (PLAIN.replace("clicks", "clicks,zażółć") + ROWS.replace("\n", ",gęś\n")).encode("windows-1250"),
        declared(encoding="windows-1250"),
    ),
    "decimal comma": lambda: told(
        (PLAIN + ROWS).replace(",", ";").replace(".", ",").encode(), declared(separator=";", decimal=",")
    ),
    "thousands, German names": lambda: told((GERMAN + GERMAN_ROWS).encode(), declared(**GERMAN_FORMAT)),
    "thousands by spaces": lambda: told(
        (PLAIN + ROWS.replace("1234.50", "1\u00a0234.50").replace("1500", "1 500")).encode(),
        declared(thousands="space"),
    ),
    "tabs": lambda: told((PLAIN + ROWS).replace(",", "\t").encode(), declared(separator="tab")),
    "Windows line ends": lambda: told((PLAIN + ROWS).replace("\n", "\r\n").encode()),
    "quoted line breaks": lambda: told(
        (
            PLAIN.replace("clicks", "clicks,note") + ROWS.replace("\n", ',"two\nlines, and ""more"""\n')
        ).encode()
    ),
    "empty lines": lambda: told((PLAIN + "\n" + ROWS.replace("\n", "\n\n") + ",,,,\n").encode()),
    "no end of the last line": lambda: told((PLAIN + ROWS).rstrip("\n").encode()),
    "reordered columns": lambda: told(
        b"clicks,date,reservations_value,campaign_id,reservations\n1500,2026-10-01,1234.50,7,3\n"
        b"12,2026-10-02,0,7,0\n3,2026-10-04,99.99,7,2\n"
    ),
    "extra columns": lambda: told(
        (PLAIN.replace("date,", "room,date,") + "".join(f"A,{row}\n" for row in ROWS.splitlines())).encode()
    ),
    "a total row": lambda: told(
        (PLAIN + ROWS + "Total,,5,1334.49,1515\n").encode(), declared(columns="total_row=Total")
    ),
    "lines before the header": lambda: told(
        ("Report of October\n\n" + PLAIN + ROWS).encode(), declared(header_row="3")
    ),
    "no header": lambda: told(
        ROWS.encode(),
        declared(header_row="0", columns="date; campaign_id; reservations; reservations_value; clicks"),
    ),
    "American dates": lambda: told(
        (PLAIN + ROWS.replace("2026-10-0", "10/0").replace(",7,", "/2026,7,")).encode(),
        declared(date_format="MM/DD/YYYY"),
    ),
    "a sidecar": lambda: told((PLAIN + ROWS).encode(), name="export.csv", beside=SIDECAR),
    "a workbook with Excel's dates": lambda: told(workbook(TYPED), name=SHEET),
    "a named sheet, a title above": lambda: told(
        workbook(TYPED, ("Notes", "Data"), skip=2), declared(sheet="Data", header_row="3"), name=SHEET
    ),
    "Excel's numbers of days": lambda: told(
        (
            PLAIN
            + ROWS.replace("2026-10-01", "46296")
            .replace("2026-10-02", "46297")
            .replace("2026-10-04", "46299")
        ).encode(),
        declared(date_format="excel"),
    ),
    "Parquet": lambda: told(parquet(), name="bookings_2026-10-01_2026-10-04.parquet"),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_is_read_exactly(variant: str) -> None:
    found = VARIANTS[variant]()
    assert figures(found) == EXPECTED
    assert [f"{day:%m-%d}" for day in found.covered()] == ["10-01", "10-02", "10-03", "10-04"]


def test_what_a_file_has_no_column_of_is_not_told() -> None:
    found = told(b"date,Zapytania  Ofertowe\n2026-10-01,4\n")
    assert found.columns == ("zapytania ofertowe",)
    assert (found.delivery, found.values) == ((), ())


def plain(old: str = "", new: str = "", **form: str) -> Callable[[], FileDays]:
    text = (PLAIN + ROWS).replace(old, new, 1) if old else PLAIN + ROWS
    return lambda: told(text.encode(), declared(**form) if form else None)


REFUSED: dict[str, tuple[Callable[[], FileDays], str]] = {
    "an undeclared comma": (
        plain("1234.50", '"1,234"'),
        "line 2, column reservations_value: '1,234' is no number as it was declared: declare decimal",
    ),
    "an ambiguous point": (
        plain("1234.50", "1.234"),
        "line 2, column reservations_value: '1.234' can be a thous",
    ),
    "an undeclared date": (
        plain("2026-10-02", "03/04/2026"),
        "line 3, column date: '03/04/2026' is no date such as 2026-11-24: declare date_format",
    ),
    "a date that is none": (
        plain("2026-10-02", "2026-02-30"),
        "line 3, column date: '2026-02-30' is no date",
    ),
    "a day outside": (
        plain("2026-10-04", "2026-10-05"),
        "line 4, column date: 2026-10-05 is outside the days",
    ),
    "semicolons undeclared": (
        lambda: told((PLAIN + ROWS).replace(",", ";").encode()),
        "line 1: its columns are separated by semicolons: declare separator",
    ),
    "no date column": (plain("date,", "day,"), "line 1, column date: the column 'date' is missing"),
    "no figure": (lambda: told(b"date,note\n2026-10-01,x\n"), "line 1: no column is a measure or an action"),
    "a declared column is missing": (
        plain(columns="reservations=Buchungen"),
        "line 1, column Buchungen: the column 'Buchungen' is missing",
    ),
    "a column twice": (
        plain("clicks", "reservations"),
        "line 1: the column 'reservations' stands there twice",
    ),
    "a row too short": (plain(",7,0,0,12", ",7,0"), "line 3: it has 3 values for 5 columns"),
    "a row too long": (plain(",7,0,0,12", ",7,0,0,12,9"), "line 3: it has 6 values for 5 columns"),
    "an empty figure": (
        plain(",7,0,0,", ",7,,0,"),
        "line 3, column reservations: the cell is empty: write 0",
    ),
    "text for a number": (plain(",1500", ",many"), "line 2, column clicks: 'many' is no number"),
    "half a click": (plain(",1500", ",1500.5"), "line 2, column clicks: '1500.5' is no whole number"),
    "the same row twice": (
        plain("2026-10-02", "2026-10-01"),
        "line 3: 2026-10-01 and the campaign '7' have a row already",
    ),
    "another currency": (
        lambda: told(b"date,currency,clicks\n2026-10-01,USD,5\n"),
        "line 2, column currency: 'USD' is not EUR, which is registered",
    ),
    "a quote that never ends": (plain("2026-10-02", '"2026-10-02'), "line 3: it is no CSV"),
    "another encoding": (
        lambda: told((PLAIN + ROWS).replace(",7,0", ",ż,0").encode("windows-1250")),
        "line 3: it is no text in utf-8: declare encoding",
    ),
    "an empty file": (lambda: told(b""), "the file is empty"),
    "no days": (
        lambda: told((PLAIN + ROWS).encode(), name="bookings.csv"),
        "nothing says which days it covers",
    ),
    "fewer rows than the sidecar says": (
        lambda: told((PLAIN + ROWS).rpartition("2026-10-04")[0].encode(), name="a.csv", beside=SIDECAR),
        "it has 2 rows, and its sidecar says 3",
    ),
    "another sum than the total row": (
        lambda: told(
            (PLAIN + ROWS + "Total,,6,1334.49,1515\n").encode(), declared(columns="total_row=Total")
        ),
        "line 5, column reservations: its rows add up to 5, the row of the total says 6",
    ),
    "a workbook with two sheets": (
        lambda: told(workbook(TYPED, ("Notes", "Data")), name=SHEET),
        "it has the sheets Notes, Data: declare sheet",
    ),
    "a cut workbook": (
        lambda: told(workbook(TYPED)[:-200], name=SHEET),
        "it is no workbook that can be read",
    ),
    "a cut Parquet file": (
        lambda: told(parquet()[:-9], name="b_2026-10-01_2026-10-04.parquet"),
        "it is no Parquet file that can be read",
    ),
}


@pytest.mark.parametrize("broken", REFUSED)
def test_a_broken_file_is_refused_with_line_column_and_reason(broken: str) -> None:
    read_it, reason = REFUSED[broken]
    with pytest.raises(RefusedError) as refused:
        read_it()
    assert str(refused.value).startswith(reason)


def test_a_date_is_the_same_in_every_format() -> None:
    assert declared(date_format="DD.MM.YYYY").day("24.11.2026") == date(2026, 11, 24)
    assert declared(date_format="%d/%m/%y").day("24/11/26") == date(2026, 11, 24)
