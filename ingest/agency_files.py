"""Reading one of the agency's CSV files: rows with their line numbers, and what is wrong with the file.

The models read the same files with DuckDB (``models/staging/agency/_agency.yml``); what is let through here,
both read alike.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the agency's files: where, and why.

    One that is ``bearable`` stops nobody: its line counts as nothing, and somebody has to be told.
    """

    file: str
    line: int
    reason: str
    bearable: bool = False

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


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


@dataclass(frozen=True)
class File:
    """One file of the agency and its columns.

    One that is not ``needed`` may be missing; one that is ``filled`` has at least one row.
    """

    name: str
    columns: dict[str, Column]
    needed: bool = True
    filled: bool = False


@dataclass(frozen=True)
class Line:
    """One parsed row and the line it begins on."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


@dataclass(frozen=True)
class Contents:
    """What a file says: its rows, and everything that cannot be understood.

    ``mistaken`` are the cells of the rows with a mistake. The file is ``readable`` if it has no other rows
    than these.
    """

    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    mistaken: list[dict[str, str]] = field(default_factory=list)
    readable: bool = True

    def texts(self, column: str) -> frozenset[str]:
        """Return what stands in ``column``, in rows with a mistake too; nothing if not every row is known."""
        rows = [*(line.values for line in self.lines), *self.mistaken] if self.readable else []
        return frozenset(row[column] for row in rows if row.get(column))


def read(folder: Path, file: File) -> tuple[list[Line], list[Problem]]:
    """Return the rows of ``file`` that can be understood, and everything that cannot."""
    contents = read_all(folder, file)
    return contents.lines, contents.problems


def read_all(folder: Path, file: File) -> Contents:
    """Return everything that ``file`` says."""
    path = folder / file.name
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            text = handle.read()
    except FileNotFoundError:
        return _unreadable(Problem(file.name, 0, "the file is missing")) if file.needed else Contents()
    except UnicodeDecodeError:
        return _unreadable(Problem(file.name, 0, "the file is not UTF-8: save it as CSV UTF-8"))
    except OSError as problem:
        return _unreadable(Problem(file.name, 0, f"the file cannot be read ({problem.strerror})"))
    if "\0" in text:
        return _unreadable(Problem(file.name, 0, "the file holds binary data: save it as CSV UTF-8"))
    return _rows(file, text)


def _unreadable(*problems: Problem) -> Contents:
    return Contents(problems=list(problems), readable=False)


def _rows(file: File, text: str) -> Contents:
    # They end at CR and LF alone (str.splitlines knows more); a row with a line break in a cell has several.
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, strict=True, skipinitialspace=True)
    begun, ends = 1, set()
    contents = Contents()
    try:
        header = [name.strip() for name in next(reader, [])]
        if problems := _header_problems(file, header):
            return _unreadable(*problems)
        ends.add(lines[reader.line_num - 1][-1])
        begun = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells) or len(cells) > len(header):
                _take(contents, file, begun, header, [cell.strip() for cell in cells])
            ends.add(lines[reader.line_num - 1][-1])
            begun = reader.line_num + 1
    except csv.Error as problem:
        told = Problem(file.name, begun, f"it is not CSV ({problem})")
        return Contents(contents.lines, [*contents.problems, told], readable=False)
    if ends >= {"\r", "\n"}:
        # DuckDB takes one of them for the end, and loses the letter after the other.
        return _unreadable(Problem(file.name, 0, "its lines end in two ways: save it as CSV UTF-8 once more"))
    if file.filled and not contents.lines and not contents.problems:
        contents.problems.append(Problem(file.name, 0, _NO_ROW))
    return contents


_NO_ROW = (
    "it has no row below its header, so nothing would be collected, and an empty release be shown: put its"
    " rows back (make onboard CLIENT=… proposes the first ones)"
)
# What else tables are separated by where a comma is the decimal mark, or by whoever pastes them.
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def _header_problems(file: File, header: list[str]) -> list[Problem]:
    for mark, called in _SEPARATORS.items():
        if len(header) == 1 and mark in header[0]:
            return [Problem(file.name, 1, f"its columns are separated by {called}: separate them by commas")]
    problems = [
        Problem(file.name, 1, f"the column {name!r} is missing")
        for name, column in file.columns.items()
        if column.needed and name not in header
    ]
    problems += [
        Problem(file.name, 1, f"the column {name!r} is unknown; it knows {', '.join(file.columns)}")
        for name in header
        if name not in file.columns
    ]
    twice = sorted({name for name in header if header.count(name) > 1})
    return problems + [Problem(file.name, 1, f"the column {name!r} stands there twice") for name in twice]


def _take(contents: Contents, file: File, number: int, header: list[str], cells: list[str]) -> None:
    """Add one row to ``contents``."""
    raw = dict(zip(header, cells, strict=False))
    if len(cells) != len(header):
        found = [Problem(file.name, number, f"it has {len(cells)} values for {len(header)} columns")]
    else:
        values, found = _parse(file, raw, number)
    if found:
        contents.problems.extend(found)
        contents.mistaken.append(raw)
    else:
        contents.lines.append(Line(number, values))


def _parse(file: File, raw: dict[str, str], number: int) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    problems = []
    for name, column in file.columns.items():
        text = raw.get(name, "")
        if not text:
            values[name] = column.default
            if column.filled:
                problems.append(Problem(file.name, number, f"{name} is empty"))
            continue
        try:
            values[name] = column.parse(text)
        except ValueError as problem:
            problems.append(Problem(file.name, number, f"{name} {text[:60]!r} {problem}"))
    return values, problems
