"""What the ledger keeps of the agency's files: every content that a run has read, and what counted when."""

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from core.runs import open_ledger
from core.settings import Settings
from ingest.agency.columns import CONVERSION_ACTIONS
from ingest.agency.files import (
    Contents,
    File,
    Line,
    cell,
    parse,
)
from ingest.agency.resolve import (
    FILES,
    NOTHING,
    State,
    resolve,
)

Texts = Mapping[str, str | None]

_NEWEST = """
select name, hash
from journal.agency_files
where read_at <= ?
qualify row_number() over (partition by name order by read_at desc, rowid desc) = 1
"""
_HELD = "select name, rowid, run_id, read_at from journal.agency_files order by read_at, rowid"
# Without a parameter: DuckDB imports pandas to bind one, which a build would wait for.
_LAST = """
select rowid, text
from journal.agency_files
qualify row_number() over (partition by name order by read_at desc, rowid desc) = 1
"""
_TABLE = "select 1 from duckdb_tables() where schema_name = 'journal' and table_name = 'agency_files'"


def adopt(settings: Settings) -> None:
    """Let a ledger from before it kept these files begin with what the last release was built from.

    Else a line that cannot be understood today would count as nothing, though it was understood then. Needs
    the warehouse lock.
    """
    if not (settings.landing.exists() and settings.release.exists()):
        return
    open_ledger(settings)
    with duckdb.connect(str(settings.landing)) as ledger:
        if ledger.execute("from journal.agency_files limit 1").fetchone():
            return
        # A release that cannot be read is the publishing step's to report.
        with suppress(duckdb.Error):
            for file, text, run_id, as_of in _released(settings):
                row = [file.name, _hash(text), text, run_id, as_of]
                ledger.execute("insert into journal.agency_files values (?, ?, ?, ?, ?)", row)


def _released(settings: Settings) -> list[tuple[File, str, str, datetime]]:
    """Return the files as the last release has them, and the run and the instant it was built for."""
    found = []
    with duckdb.connect(str(settings.release), read_only=True) as release:
        release.execute("set timezone = 'UTC'")
        run = release.execute("select run_id, as_of from staging.stg_run").fetchone()
        for file in FILES:
            try:
                table = release.table(f"staging.stg_agency__{Path(file.name).stem}")
            except duckdb.CatalogException:
                continue  # the release is older than the file
            rows = table.select(*(duckdb.ColumnExpression(column) for column in file.columns)).fetchall()
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(file.columns)
            writer.writerows([_cell(value) for value in row] for row in rows)
            if run is not None:
                found.append((file, text.getvalue(), *run))
    return found


def _cell(value: Any) -> str:
    # What the models put where a mapping has no first or last day.
    return "" if value in (date.min, date(9999, 12, 31)) else cell(value)


def keep(settings: Settings, run_id: str, texts: Texts, at: datetime) -> None:
    """Append each file's content that is not its newest one; that a file is gone is a content too.

    Needs the warehouse lock and an open ledger.
    """
    with duckdb.connect(str(settings.landing)) as ledger:
        newest = dict(ledger.execute(_NEWEST, [at]).fetchall())
        for name, text in texts.items():
            # One that was never there is none: most agencies have no use for the files they may leave out.
            if newest.get(name, _hash(None)) != (found := _hash(text)):
                ledger.execute(
                    "insert into journal.agency_files values (?, ?, ?, ?, ?)", [name, found, text, run_id, at]
                )


def _hash(text: str | None) -> str:
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Moment:
    """The contents of all files from ``read_at`` on, each by the row of the ledger that holds it."""

    read_at: datetime | None
    rows: dict[str, int]


@dataclass
class History:
    """The contents that the ledger knows, oldest first; ``is_later`` says that all of them came later."""

    moments: list[Moment]
    is_later: bool = False
    _ledger: duckdb.DuckDBPyConnection | None = None
    _texts: dict[int, str | None] = field(default_factory=dict)
    _contents: dict[int, Contents] = field(default_factory=dict)

    def now(self, texts: Texts, at: datetime) -> None:
        """Add the contents of this moment, which the ledger does not know yet."""
        before = self.moments[-1].rows if self.moments else {}
        rows = dict(before)
        for name, text in texts.items():
            if (self._text(before[name]) if name in before else None) != text:
                rows[name] = -1 - len(self._texts)
                self._texts[rows[name]] = text
        if rows != before:
            self.moments.append(Moment(at, rows))

    def state(self) -> State:
        """Return what counts in the end.

        What counted earlier only matters back to the last contents of which every line counted.
        """
        contents = [self._all(len(self.moments) - 1)] if self.moments else []
        found = resolve(contents[0], at=self.moments[-1].read_at) if contents else NOTHING
        first = len(self.moments) - 1
        alone = found
        while not alone.is_clean and first > 0:
            first -= 1
            contents.append(self._all(first))
            alone = resolve(contents[-1], at=self.moments[first].read_at)
        if first < len(self.moments) - 1:
            found = alone
            for moment, content in zip(self.moments[first + 1 :], reversed(contents[:-1]), strict=True):
                found = resolve(content, found, moment.read_at)
        return found

    def since(self, lines: list[Line]) -> list[datetime | None]:
        """Return since when each of the ``lines`` of conversion_actions.csv was never gone.

        None: as long as the ledger knows the file. A line may get other dates, KPI or basis meanwhile.
        """
        versions = self._versions(CONVERSION_ACTIONS)
        since: list[datetime | None] = [None] * len(lines)
        tracked = dict(enumerate(lines))
        begun = {n: at for n in tracked for at, _ in versions[-1:]}
        for at, content in reversed(versions):
            matched = _matched(tracked, content.lines)
            for n in list(tracked):
                if n in matched:
                    tracked[n], begun[n] = matched[n], at
                elif not any(row.reasons for row in content.rows):
                    # It is not in a content that can be understood to its last line.
                    since[n] = begun[n]
                    del tracked[n]
        for n in tracked:
            since[n] = None if versions and begun[n] == versions[0][0] else begun[n]
        return since

    def _versions(self, file: File) -> list[tuple[datetime | None, Contents]]:
        """Return the contents of ``file`` that can be read, each with when it came, oldest first."""
        found: dict[int, datetime | None] = {}
        for moment in self.moments:
            if file.name in moment.rows:
                found.setdefault(moment.rows[file.name], moment.read_at)
        listed = [(at, self._content(file, row)) for row, at in found.items()]
        return [(at, content) for at, content in listed if not content.problems]

    def _all(self, number: int) -> dict[str, Contents]:
        """Return the contents of all files at a moment; of one that cannot be read, those before it."""
        found = {}
        for file in FILES:
            for moment in reversed(self.moments[: number + 1]):
                if file.name in moment.rows:
                    content = self._content(file, moment.rows[file.name])
                    if not content.problems:
                        found[file.name] = content
                        break
        return found

    def _content(self, file: File, row: int) -> Contents:
        if row not in self._contents:
            self._contents[row] = parse(file, self._text(row))
        return self._contents[row]

    def _text(self, row: int) -> str | None:
        if row not in self._texts:
            assert self._ledger is not None
            found = self._ledger.execute(
                "select text from journal.agency_files where rowid = ?", [row]
            ).fetchone()
            self._texts[row] = found[0] if found else None
        return self._texts[row]


@contextmanager
def history(settings: Settings, instant: datetime) -> Iterator[History]:
    """Open what the ledger knew at ``instant``; if it knew nothing then, what it came to know first.

    Needs the warehouse lock: an open ledger keeps others out.
    """
    if not settings.landing.exists():
        yield History([])
        return
    with duckdb.connect(str(settings.landing), read_only=True) as ledger:
        ledger.execute("set timezone = 'UTC'")
        held = ledger.execute(_HELD).fetchall() if ledger.execute(_TABLE).fetchone() else []
        moments = _moments(held)
        known = [moment for moment in moments if moment.read_at is None or moment.read_at <= instant]
        if known or not moments:
            yield History(
                known, _ledger=ledger, _texts=dict(ledger.execute(_LAST).fetchall()) if held else {}
            )
        else:
            yield History(moments[:1], is_later=True, _ledger=ledger)


def _moments(held: list[tuple[str, int, str, datetime]]) -> list[Moment]:
    """Return the moments at which contents changed: what one reading appended is one moment."""
    moments: list[Moment] = []
    last: tuple[str, datetime] | None = None
    changed: set[str] = set()
    for name, row, run_id, read_at in held:
        before = moments[-1].rows if moments else {}
        if last == (run_id, read_at) and name not in changed:
            before[name] = row
        else:
            moments.append(Moment(read_at, {**before, name: row}))
            changed = set()
        last = (run_id, read_at)
        changed.add(name)
    return moments


def _matched(tracked: Mapping[int, Line], lines: list[Line]) -> dict[int, Line]:
    """Return, for lines of a later content, the lines of an earlier one that they were.

    The same action of the same client with the same first day; else with another one, if neither has a line
    of its own there.
    """
    found: dict[int, Line] = {}
    free: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in lines:
        free[_action(line)].append(line)
    for same_day in (True, False):
        for n, line in tracked.items():
            if n in found:
                continue
            for one in free[_action(line)]:
                if same_day and one["valid_from"] != line["valid_from"]:
                    continue
                found[n] = one
                free[_action(line)].remove(one)
                break
    return found


def _action(line: Line) -> tuple[str, ...]:
    return line["platform"], (line["client_id"] or "").casefold(), line["action_type"]
