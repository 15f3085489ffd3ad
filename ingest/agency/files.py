"""Reading one of the agency's CSV files: rows with their line numbers, and what is wrong with each.

The models read what counts of the files, which is written for them (``ingest/agency/folder.py``). By hand dbt
reads the files themselves (``models/staging/agency/_agency.yml``); what is let through here, both read alike.
"""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the agency's files: where, why, and what counts ``instead``.

    A ``fatal`` one is the whole file's, which cannot be read. One that is ``bearable`` is a line that is
    understood and counts as nothing. Any other is a line that does not count as it is written, for the
    client and the account it names, as far as they are known; ``key`` says what the line is about.
    """

    file: str
    line: int
    reason: str
    fatal: bool = False
    bearable: bool = False
    instead: str = ""
    key: str = ""
    client_id: str = ""
    platform: str = ""
    account_id: str = ""
    since: datetime | None = None

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}: {self.reason}" + (f"; {self.instead}" if self.instead else "")


@dataclass(frozen=True)
class Column:
    """One column: ``parse`` turns its text into a value or raises ``ValueError`` with the reason.

    A column that is not ``needed`` may be missing; an empty cell is ``default``, unless the column is
    ``filled``.
    """

    parse: Callable[[str], Any] = str
    needed: bool = True
    filled: bool = False
    default: Any = None


@dataclass(frozen=True, eq=False)
class File:
    """One file of the agency and its columns.

    One that is not ``needed`` may be missing; one that is ``filled`` has at least one row. ``identity`` are
    the columns that say what a row is about.
    """

    name: str
    columns: dict[str, Column]
    needed: bool = True
    filled: bool = False
    identity: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One parsed row and the line it begins on."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


@dataclass(frozen=True)
class Row:
    """One row as it stands in a file: its cells by column, and its values unless there are ``reasons``.

    Which cell belongs to which column is a guess where their number is not that of the columns
    (``is_split``: false).
    """

    number: int
    text: str
    cells: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    is_split: bool = True


@dataclass(frozen=True)
class Contents:
    """What a file says: its rows; or, if it cannot be read as a whole, the ``problems`` that it has.

    ``is_bare``: the problem is that it has no row, and needs one.
    """

    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()
    is_bare: bool = False

    @property
    def lines(self) -> list[Line]:
        """The rows that can be understood by themselves."""
        return [Line(row.number, row.values) for row in self.rows if not row.reasons]

    @property
    def mistaken(self) -> list[dict[str, str]]:
        """The cells of the rows that cannot be understood by themselves."""
        return [row.cells for row in self.rows if row.reasons]

    def texts(self, column: str) -> frozenset[str]:
        """Return what stands in ``column``, in rows with a mistake too."""
        return frozenset(row.cells[column] for row in self.rows if row.cells.get(column))


def read(folder: Path, file: File) -> tuple[list[Line], list[Problem]]:
    """Return the rows of ``file`` that can be understood, and everything that cannot."""
    contents = read_all(folder, file)
    told = [Problem(file.name, row.number, why) for row in contents.rows for why in row.reasons]
    return contents.lines, [*contents.problems, *told]


def read_all(folder: Path, file: File) -> Contents:
    """Return everything that ``file`` says."""
    text, problems = content(folder, file)
    return Contents(problems=problems) if problems else parse(file, text)


def content(folder: Path, file: File) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the text of ``file``, None if there is none; and why it cannot be read, if it cannot."""
    try:
        with (folder / file.name).open(encoding="utf-8-sig", newline="") as handle:
            return handle.read(), ()
    except FileNotFoundError:
        return None, ()
    except UnicodeDecodeError:
        why = "the file is not UTF-8: save it as CSV UTF-8"
    except OSError as problem:
        why = f"the file cannot be read ({problem.strerror})"
    return None, (Problem(file.name, 0, why, fatal=True),)


def cell(value: Any) -> str:
    """Return ``value`` as it is written in a file of the agency's."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)


# A run reads the same contents when it collects and when it builds.
@lru_cache(maxsize=16)
def parse(file: File, text: str | None) -> Contents:
    """Return everything that ``text``, the content of ``file``, says."""
    if text is None:
        return _unreadable(file, 0, "the file is missing") if file.needed else Contents()
    if "\0" in text:
        return _unreadable(file, 0, "the file holds binary data: save it as CSV UTF-8")
    # They end at CR and LF alone (str.splitlines knows more); a row with a line break in a cell has several.
    lines = list(io.StringIO(text, newline=""))
    header: list[str] = []
    rows: list[Row] = []
    ends: set[str] = set()
    for number, taken, cells, reason in _raw_rows(lines):
        ends.add(lines[number + taken - 2][-1])
        if header:
            if reason or any(cell.strip() for cell in cells) or len(cells) > len(header):
                text = lines[number - 1].strip() if reason else ",".join(map(str.strip, cells))
                rows.append(_row(file, number, header, cells, text, reason))
            continue
        if reason:
            return _unreadable(file, 1, reason)
        header = [name.strip() for name in cells]
        if problems := _header_problems(file, header):
            return Contents(problems=tuple(problems))
    if not header:
        return Contents(problems=tuple(_header_problems(file, header)))
    if ends >= {"\r", "\n"}:
        # DuckDB takes one of them for the end, and loses the letter after the other.
        return _unreadable(file, 0, "its lines end in two ways: save it as CSV UTF-8 once more")
    if file.filled and not rows:
        return replace(_unreadable(file, 0, _NO_ROW), is_bare=True)
    return Contents(tuple(rows))


def _unreadable(file: File, line: int, reason: str) -> Contents:
    return Contents(problems=(Problem(file.name, line, reason, fatal=True),))


def _raw_rows(lines: list[str]) -> Iterator[tuple[int, int, list[str], str]]:
    """Yield (number of the first line, lines taken, cells, why there are none) of each row.

    A quote that is never closed takes in lines that have nothing to do with it. So a row of several lines
    that is no row is one bad line, and what follows is read anew from the next line on.
    """
    begun, width = 0, None
    while begun < len(lines):
        reader = csv.reader(_from(lines, begun), strict=True, skipinitialspace=True)
        first, before = begun, 0
        try:
            for cells in reader:
                taken, before = reader.line_num - before, reader.line_num
                width = width or len(cells)
                if taken > 1 and len(cells) != width:
                    yield (
                        first + 1,
                        1,
                        [],
                        f"it is not CSV (a quote that opens here ends {taken} lines later)",
                    )
                    begun = first + 1
                    break
                yield first + 1, taken, cells, ""
                first += taken
            else:
                return
        except csv.Error as problem:
            yield first + 1, 1, [], f"it is not CSV ({problem})"
            begun = first + 1


def _from(lines: list[str], begun: int) -> Iterator[str]:
    return (lines[number] for number in range(begun, len(lines)))


_NO_ROW = (
    "it has no row below its header, so nothing would be collected, and an empty release be shown: put its"
    " rows back (make onboard CLIENT=… proposes the first ones)"
)
# Other separators: where a comma is the decimal mark, and in tables that were pasted.
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def _header_problems(file: File, header: list[str]) -> list[Problem]:
    for mark, called in _SEPARATORS.items():
        if len(header) == 1 and mark in header[0]:
            return [_header(file, f"its columns are separated by {called}: separate them by commas")]
    problems = [
        _header(file, f"the column {name!r} is missing")
        for name, column in file.columns.items()
        if column.needed and name not in header
    ]
    problems += [
        _header(file, f"the column {name!r} is unknown; it knows {', '.join(file.columns)}")
        for name in header
        if name not in file.columns
    ]
    twice = sorted({name for name in header if header.count(name) > 1})
    return problems + [_header(file, f"the column {name!r} stands there twice") for name in twice]


def _header(file: File, reason: str) -> Problem:
    return Problem(file.name, 1, reason, fatal=True)


def _row(file: File, number: int, header: list[str], cells: list[str], text: str, reason: str) -> Row:
    by_column = dict(zip(header, map(str.strip, cells or text.split(",")), strict=False))
    if not reason and len(cells) != len(header):
        reason = f"it has {len(cells)} values for {len(header)} columns"
    if reason:
        return Row(number, text, by_column, reasons=(reason,), is_split=False)
    values, reasons = _parse(file, by_column)
    return Row(number, text, by_column, values, tuple(reasons))


def _parse(file: File, raw: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    reasons = []
    for name, column in file.columns.items():
        text = raw.get(name, "")
        if not text:
            values[name] = column.default
            if column.filled:
                reasons.append(f"{name} is empty")
            continue
        try:
            values[name] = column.parse(text)
        except ValueError as problem:
            reasons.append(f"{name} {text[:60]!r} {problem}")
    return values, reasons
