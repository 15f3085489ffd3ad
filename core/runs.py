"""The run: one identity from collect to report, and what the ledger remembers of it."""

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from core import clock
from core.errors import UserError
from core.settings import Settings

# The version of the ledger's tables; a file of another version is refused, never guessed at.
FORMAT_VERSION = 1

_JOURNAL = """
create schema if not exists journal;
create table if not exists journal.format (format_version integer not null, ledger_id varchar not null);
create table if not exists journal.runs (
    run_id varchar not null, number integer not null, started_at timestamptz not null,
    command varchar not null, api varchar not null, versions json not null
);
create table if not exists journal.policies (
    run_id varchar not null, platform varchar not null,
    lookback_days integer not null, settling_hours double not null
);
-- Every content of the agency's files that a run has read; no text: there was no such file.
create table if not exists journal.agency_files (
    name varchar not null, hash varchar not null, text varchar,
    run_id varchar not null, read_at timestamptz not null
);
create table if not exists journal.verdicts (
    run_id varchar not null, verdict varchar not null, decided_at timestamptz not null, reason varchar
);
-- What readers were shown. A release that became the published one is a publication, a rollback too; of each
-- the figures that it changed, one typed row per client-day and client-month. Columns follow the marts: a new
-- measure adds one. A row with a gap_reason says that readers see it no longer.
create table if not exists journal.publications (
    publication integer not null, run_id varchar not null,
    published_at timestamptz not null, kind varchar not null
);
create table if not exists journal.figures (
    publication integer not null, client_id varchar not null, platform varchar not null, date date not null,
    currency varchar not null, gap_reason varchar
);
create table if not exists journal.monthly_figures (
    publication integer not null, client_id varchar not null, platform varchar not null, month date not null,
    currency varchar not null, gap_reason varchar
);
-- Revisions of closed months: the row that readers had, with its kind, who closed it and why.
create table if not exists journal.closed (
    publication integer not null, client_id varchar not null, platform varchar not null, month date not null,
    currency varchar not null, revision bigint not null, kind varchar not null, closed_by varchar,
    reason varchar
);
"""


@dataclass(frozen=True)
class Run:
    """One run: ``run_id`` is unique and sorts by time, then by number; ``api`` is ``sandbox`` or ``live``."""

    run_id: str
    started_at: datetime
    api: str
    command: str

    @classmethod
    def begin(cls, settings: Settings, command: str, api: str, versions: dict[str, str]) -> "Run":
        """Record a new run in the ledger and make it the current one. Needs the warehouse lock."""
        open_ledger(settings)
        started_at = clock.now()
        with duckdb.connect(str(settings.landing)) as ledger:
            newest = ledger.execute("select coalesce(max(number), 0) + 1 from journal.runs").fetchone()
            number = max(newest[0] if newest else 1, _next_release_number(settings))
            run = cls(f"{started_at:%Y%m%dT%H%M%SZ}-{number:06d}", started_at, api, command)
            ledger.execute(
                "insert into journal.runs values (?, ?, ?, ?, ?, ?)",
                [run.run_id, number, started_at, command, api, json.dumps(versions)],
            )
        run._make_current(settings)
        return run

    @classmethod
    def current(cls, settings: Settings) -> "Run | None":
        """Return the run that the single steps continue, if there is one."""
        try:
            state = json.loads((settings.warehouse / "run.json").read_text())
            return cls(**(state | {"started_at": datetime.fromisoformat(state["started_at"])}))
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None

    @classmethod
    def of_release(cls, release: Path) -> tuple["Run", str]:
        """Return the run that built the file ``release``, and the fingerprint of what it was built with."""
        with duckdb.connect(str(release), read_only=True) as file:
            found = file.execute(
                "select run_id, started_at, api, command, fingerprint from staging.stg_run"
            ).fetchone()
        if found is None:
            raise UserError(f"{release} does not say which run built it: make rollback, or make run")
        return cls(*found[:4]), found[4]

    def _make_current(self, settings: Settings) -> None:
        state = settings.warehouse / "run.json"
        state.with_suffix(".tmp").write_text(json.dumps(asdict(self), default=str))
        state.with_suffix(".tmp").replace(state)


def open_ledger(settings: Settings) -> None:
    """Create the ledger's journal if there is none; raise ``UserError`` for a file of another format."""
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    try:
        with duckdb.connect(str(settings.landing)) as ledger:
            ledger.execute(_JOURNAL)
            known = ledger.execute("select max(format_version) from journal.format").fetchone()
            found = known[0] if known else None
            if found is None:
                ledger.execute("insert into journal.format values (?, ?)", [FORMAT_VERSION, uuid.uuid4().hex])
    except duckdb.Error as problem:
        raise UserError(
            f"{settings.landing} cannot be opened ({str(problem).splitlines()[0]}):"
            " close the program that has it open, or restore the file"
        ) from problem
    if found not in (None, FORMAT_VERSION):
        raise UserError(
            f"{settings.landing} has format version {found}, this wholeday reads {FORMAT_VERSION}:"
            " use the wholeday that wrote it, or another WHOLEDAY_WAREHOUSE"
        )


def ledger_id(settings: Settings) -> str:
    """Return the identity of the ledger, so that a release is never continued with another one."""
    with duckdb.connect(str(settings.landing), read_only=True) as ledger:
        found = ledger.execute("select any_value(ledger_id) from journal.format").fetchone()
        return str(found[0]) if found else ""


def _next_release_number(settings: Settings) -> int:
    """Releases outlive a lost ledger: never reuse the number of one that is kept."""
    numbers = [path.stem.rpartition("-")[2] for path in settings.releases.glob("*.duckdb")]
    return 1 + max((int(number) for number in numbers if number.isdigit()), default=0)


def record_policy(settings: Settings, run_id: str, platform: str, lookback: int, settling: float) -> None:
    """Append what ``run_id`` was told of a platform: days that it restates, hours until a day has settled."""
    with duckdb.connect(str(settings.landing)) as ledger:
        ledger.execute(
            "insert into journal.policies values (?, ?, ?, ?)", [run_id, platform, lookback, settling]
        )


def record_verdict(
    settings: Settings, run_id: str, verdict: str, decided_at: datetime, reason: str | None
) -> None:
    """Append the gate's decision on a run: ``published``, ``refused``, ``held`` (a rollback is pinned)."""
    with duckdb.connect(str(settings.landing)) as ledger:
        ledger.execute(
            "insert into journal.verdicts values (?, ?, ?, ?)", [run_id, verdict, decided_at, reason]
        )
