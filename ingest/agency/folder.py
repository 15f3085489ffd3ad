"""What counts of the agency's files, written for the models: a folder in the warehouse."""

import csv
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from core.settings import Settings
from ingest.agency.columns import CONVERSION_ACTIONS
from ingest.agency.files import (
    Column,
    Contents,
    cell,
    content,
    parse,
)
from ingest.agency.resolve import FILES, State, resolve
from ingest.spelling import links

PROBLEMS = (
    *("line_key", "file", "line", "client_id", "platform", "account_id", "reason", "instead"),
    "since",
)


def write(settings: Settings, state: State, since: Sequence[datetime | None]) -> None:
    """Replace the folder by what counts in ``state``; ``since`` belongs to the lines of the actions.

    Only a build reads it, and only after this. A folder that a killed command left half made is removed.
    """
    folder, made = settings.agency_read, settings.agency_read.with_suffix(".new")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(mode=0o700, parents=True)
    for file in FILES:
        rows = [line.values for line in state.lines(file)]
        columns = [*file.columns]
        if file is CONVERSION_ACTIONS:
            columns.append("line_since")
            rows = [{**row, "line_since": at} for row, at in zip(rows, since, strict=True)]
        _write(made / file.name, columns, rows)
    told = [problem for problem in state.problems if not problem.bearable]
    _write(made / "problems.csv", PROBLEMS, [{**vars(problem), "line_key": problem.key} for problem in told])
    _write(made / "zones.csv", ("name", "zone"), [{"name": n, "zone": z} for n, z in sorted(links().items())])
    shutil.rmtree(folder, ignore_errors=True)
    made.replace(folder)


def read(settings: Settings) -> State:
    """Return what counted in the last build; nothing if there was none, or its folder cannot be read."""
    contents = {}
    for file in FILES:
        known = replace(file, columns={**file.columns, "line_since": Column(needed=False)})
        text, problems = content(settings.agency_read, file)
        contents[file.name] = Contents() if problems or text is None else parse(known, text)
    return resolve(contents)


def _write(path: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([cell(row.get(name)) for name in columns] for row in rows)
