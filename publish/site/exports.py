"""Clients' figures as files of their own: CSV, Parquet and XLSX, the status in every row."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

GRAINS = ("months", "campaigns", "days")

# Instants are written in UTC; CSV and XLSX have no type for them.
_INSTANTS = {"TIMESTAMP WITH TIME ZONE": "strftime({0} at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ') as {0}"}

_RECENT = "and month >= (select max(month) - interval 1 month from report_months)"

# A spreadsheet runs text that begins so, in wide letters too, and passes over what cannot be seen before it.
# Others wrote it: a quote in front keeps it text.
_UNSEEN = (
    r"\pZ\pC\x{34F}\x{115F}\x{1160}\x{17B4}\x{17B5}\x{180B}-\x{180F}\x{2800}\x{3164}\x{FE00}-\x{FE0F}\x{FFA0}"
)
_FORMULA = rf"'^[{_UNSEEN}]*[=+\-@\x{{FF1D}}\x{{FF0B}}\x{{FF0D}}\x{{FF20}}]|^[\t\r\n]'"
_TEXTS = {"VARCHAR": "if(regexp_matches({0}, {1}), chr(39) || {0}, {0}) as {0}"}


def write(file: duckdb.DuckDBPyConnection, clients: Sequence[str], folder: Path) -> dict[str, Path]:
    """Write all files of ``clients`` below the empty ``folder``; return the folder of each.

    The views are those of ``reports.sql``. The files carry the client's id in their names, since they are
    handed over.
    """
    # One statement writes a file for every client; with more threads it would write several.
    file.execute("set threads = 1")
    for grain in GRAINS:
        for kind, options, cells in (
            ("parquet", "format parquet", {}),
            ("csv", "format csv, header", _INSTANTS | _TEXTS),
        ):
            place = folder / f".{kind}-{grain}"
            target = str(place).replace("'", "''")
            file.execute(
                f"copy ({_select(file, grain, cells, 'client_id as of_client')}) to '{target}'"
                f" ({options}, partition_by (of_client))",
                [clients],
            )
            for found in place.rglob(f"*.{kind}"):
                client_id = found.parent.name.partition("=")[2]
                (folder / client_id).mkdir(exist_ok=True)
                found.rename(folder / client_id / f"{client_id}-{grain}.{kind}")
    file.execute("reset threads")
    for client_id in clients:
        _workbook(file, client_id, folder / client_id / f"{client_id}.xlsx")
    return {client_id: folder / client_id for client_id in clients}


def _select(
    file: duckdb.DuckDBPyConnection, grain: str, cells: dict[str, str], *more: str, where: str = ""
) -> str:
    """Return the statement of some clients' rows; ``cells`` says how columns of a type are written."""
    described = file.execute(f"describe report_{grain}").fetchall()
    columns = [cells.get(kind, "{0}").format(name, _FORMULA) for name, kind, *_ in described]
    return (
        f"select {', '.join((*more, *columns))} from report_{grain}"  # noqa: S608 - names of our own
        f" where client_id in (select unnest(?)) {where} order by all"
    )


def _workbook(file: duckdb.DuckDBPyConnection, client_id: str, path: Path) -> None:
    """Write the months, and the campaigns of the last two; text as text, never as a formula.

    A workbook takes as long as all the rest of a client together, so older campaigns are in the other files
    only.
    """
    # A tenth of a second that only a run with changed figures needs.
    from xlsxwriter import Workbook

    with Workbook(str(path), {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        # Without it the hour of writing would be in a file whose figures have not changed.
        book.set_properties({"title": f"{client_id}: figures by month", "created": datetime(2026, 1, 1)})
        bold = book.add_format({"bold": True, "bottom": 1})
        for grain, recent in (("months", ""), ("campaigns", _RECENT)):
            asked = file.execute(_select(file, grain, _INSTANTS, where=recent), [[client_id]])
            names = [name for name, *_ in asked.description]
            sheet = book.add_worksheet("campaigns, last 2 months" if recent else grain)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(names) - 1, 16)
            for column, name in enumerate(names):
                sheet.write_string(0, column, name.replace("_", " "), bold)
            for number, row in enumerate(asked.fetchall(), start=1):
                _write_row(sheet, number, row)


def _write_row(sheet: Any, number: int, row: Iterable[Any]) -> None:
    for column, value in enumerate(row):
        match value:
            case None:
                continue
            case str():
                sheet.write_string(number, column, value)
            case bool():
                sheet.write_boolean(number, column, value)
            case date():
                sheet.write_datetime(number, column, value)
            case _:
                sheet.write_number(number, column, float(value))
