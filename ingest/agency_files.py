"""Reading one of the agency's CSV files: rows with their line numbers, and what is wrong with the file."""

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the agency's files: where, and why."""

    file: str
    line: int
    reason: str

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
    """One file of the agency and its columns; one that is not ``needed`` may be missing."""

    name: str
    columns: dict[str, Column]
    needed: bool = True


@dataclass(frozen=True)
class Line:
    """One parsed row and the line it stands on."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


def read(folder: Path, file: File) -> tuple[list[Line], list[Problem]]:
    """Return the rows of ``file`` that can be understood, and everything that cannot."""
    path = folder / file.name
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            text = handle.read()
    except FileNotFoundError:
        return [], [Problem(file.name, 0, "the file is missing")] if file.needed else []
    except UnicodeDecodeError:
        return [], [Problem(file.name, 0, "the file is not UTF-8: save it as CSV UTF-8")]
    except OSError as problem:
        return [], [Problem(file.name, 0, f"the file cannot be read ({problem.strerror})")]
    if "\0" in text:
        return [], [Problem(file.name, 0, "the file holds binary data: save it as CSV UTF-8")]
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error as problem:
        return [], [Problem(file.name, 1, f"it is not CSV ({problem})")]
    problems = _header_problems(file, header)
    if problems:
        return [], problems
    lines: list[Line] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                values, found = _parse(file, header, cells, reader.line_num)
                problems += found
                if values is not None:
                    lines.append(Line(reader.line_num, values))
    except csv.Error as problem:
        problems.append(Problem(file.name, reader.line_num, f"it is not CSV ({problem})"))
    return lines, problems


def _header_problems(file: File, header: list[str]) -> list[Problem]:
    if len(header) == 1 and ";" in header[0]:
        return [Problem(file.name, 1, "its columns are separated by semicolons: separate them by commas")]
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


def _parse(
    file: File, header: list[str], cells: list[str], number: int
) -> tuple[dict[str, Any] | None, list[Problem]]:
    if len(cells) != len(header):
        return None, [Problem(file.name, number, f"it has {len(cells)} values for {len(header)} columns")]
    raw = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
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
    return (None if problems else values), problems
