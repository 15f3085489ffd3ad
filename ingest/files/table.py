"""A file as a table: a header and rows, each with the number that a person finds it by."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.files.format import Cell, Format

KINDS = (".csv", ".xlsx", ".parquet")
# Encodings that say so themselves in their first bytes.
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


class RefusedError(Exception):
    """Why a file is not read: ``line`` (0: the whole file) and ``column`` say where."""

    def __init__(self, reason: str, line: int = 0, column: str = "") -> None:
        where = [f"line {line}"] if line else []
        where += [f"column {column}"] if column else []
        super().__init__(f"{', '.join(where)}: {reason}" if where else reason)


@dataclass(frozen=True)
class Row:
    """The cells of one row and the line, or the row of the sheet, that it begins on."""

    line: int
    cells: list[Cell]


@dataclass(frozen=True)
class Table:
    """What a file holds; rows without any cell are left out."""

    header: list[str]
    rows: list[Row]


def read(name: str, content: bytes, declared: Format) -> Table:
    """Return the table in ``content``; raises ``RefusedError``."""
    if not content:
        raise RefusedError("the file is empty")
    if name.lower().endswith(".csv"):
        rows = _csv(content, declared)
    elif name.lower().endswith(".xlsx"):
        rows = _workbook(content, declared)
    else:
        return _parquet(content)
    return _headed(rows, declared)


def _headed(rows: Iterator[Row], declared: Format) -> Table:
    header = list(declared.columns.values()) if not declared.header_row else []
    body: list[Row] = []
    for number, row in enumerate(rows, start=1):
        if number < declared.header_row:
            continue
        if number == declared.header_row:
            header = [str("" if cell is None else cell).strip() for cell in row.cells]
        elif any(cell is not None and str(cell).strip() for cell in row.cells):
            body.append(_fitted(row, len(header)))
    if not any(header):
        raise RefusedError(f"there is no header in row {declared.header_row}", declared.header_row)
    return Table(header, body)


def _fitted(row: Row, width: int) -> Row:
    cells = list(row.cells)
    while len(cells) > width and (cells[-1] is None or not str(cells[-1]).strip()):
        cells.pop()
    if len(cells) != width:
        raise RefusedError(f"it has {len(cells)} values for {width} columns", row.line)
    return Row(row.line, cells)


def _csv(content: bytes, declared: Format) -> Iterator[Row]:
    text = _text(content, declared)
    first = text.partition("\n")[0]
    if declared.separator is None and "," not in first:
        for mark, called in _SEPARATORS.items():
            if mark in first:
                raise RefusedError(
                    f"its columns are separated by {called}: declare separator in files.csv", 1
                )
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=declared.separator or ",", strict=True, skipinitialspace=True
    )
    before = 0
    try:
        for cells in reader:
            yield Row(before + 1, list(cells))
            before = reader.line_num
    except csv.Error as problem:
        raise RefusedError(f"it is no CSV ({problem})", before + 1) from None


def _text(content: bytes, declared: Format) -> str:
    told = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    encoding = told or declared.encoding or "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        advice = "" if declared.encoding else ": declare encoding in files.csv"
        raise RefusedError(f"it is no text in {encoding}{advice}", line) from None
    if "\0" in text or "\ufffd" in text:
        raise RefusedError("it holds bytes that are no text")
    return text


def _workbook(content: bytes, declared: Format) -> Iterator[Row]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
        if declared.sheet is None and len(names) != 1:
            raise RefusedError(f"it has the sheets {', '.join(names)}: declare sheet in files.csv")
        if declared.sheet is not None and declared.sheet not in names:
            raise RefusedError(f"it has no sheet {declared.sheet!r}, but {', '.join(names)}")
        sheet = book.get_sheet_by_name(declared.sheet or names[0])
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as problem:
        raise RefusedError(f"it is no workbook that can be read ({problem})") from None
    for number, cells in enumerate(rows, start=1):
        yield Row(number, [None if cell == "" else cell for cell in cells])


def _parquet(content: bytes) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table: Any = pq.read_table(pa.BufferReader(content))
        columns = [column.to_pylist() for column in table.columns]
    except (pa.ArrowException, OSError, ValueError, ArithmeticError) as problem:
        raise RefusedError(f"it is no Parquet file that can be read ({str(problem)[:120]})") from None
    rows = [Row(number, list(cells)) for number, cells in enumerate(zip(*columns, strict=True), start=1)]
    return Table([str(name) for name in table.column_names], rows)
