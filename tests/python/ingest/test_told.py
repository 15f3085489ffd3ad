"""Days that were told in another currency: asked for again only where that can mend them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import duckdb
import pytest

from ingest.agency.registrations import Registration
from ingest.collect import planner
from ingest.ledger import past as ledger
from tests.python.ingest.test_planner import SOURCES

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
DAY = date(2026, 9, 15)  # long out of the restatement window
_TABLES = """
attach ':memory:' as landing;
attach ':memory:' as release;
create schema landing.ledger;
create schema release.health;
create table landing.ledger._dlt_loads as select 'load' as load_id, 0 as status;
create table landing.ledger.account_days (platform varchar, account_id varchar, date date, currency varchar,
    timezone varchar, started_at timestamptz, finished_at timestamptz, _dlt_load_id varchar);
create table landing.ledger.sightings as from landing.ledger.account_days;
create table landing.ledger.collections (platform varchar, account_id varchar, from_date date, to_date date,
    outcome varchar, started_at timestamptz, finished_at timestamptz, _dlt_load_id varchar);
create table landing.ledger.accounts (platform varchar, account_id varchar, currency varchar,
    timezone varchar, run_id varchar, seen_at timestamptz, _dlt_load_id varchar);
create table release.health.account_days (platform varchar, account_id varchar, date date, status varchar,
    reason varchar);
"""


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(_TABLES)
        yield connection


def told(db: duckdb.DuckDBPyConnection, currency: str, at: str) -> None:
    """Let the platform tell ``DAY`` in ``currency``, and the account if that is new."""
    db.execute(
        "insert into landing.ledger.account_days"
        " values ('meta', '1', ?, ?, 'Europe/Sofia', ?::timestamptz, ?::timestamptz, 'load')",
        [DAY, currency, at, at],
    )
    db.execute(
        "insert into landing.ledger.accounts"
        " values ('meta', '1', ?, 'Europe/Sofia', ?, ?::timestamptz - interval 1 second, 'load')",
        [currency, at, at],
    )


def shown(db: duckdb.DuckDBPyConnection, status: str, reason: str | None = None) -> None:
    db.execute("insert into release.health.account_days values ('meta', '1', ?, ?, ?)", [DAY, status, reason])


def asked(db: duckdb.DuckDBPyConnection, currency: str) -> bool:
    """Say whether a run that knows the account in ``currency`` asks for the day once more."""
    registration = Registration("meta", "1", "dune", currency, "Europe/Sofia", DAY, DAY)
    planner.put_calendar(db, [registration], SOURCES, NOW)
    ledger.put_past(db)
    return db.execute("select count(*) from judged where date = ?", [DAY]).fetchone() == (1,)


def test_a_day_that_cannot_come_is_not_asked_for(db: duckdb.DuckDBPyConnection) -> None:
    told(db, "BGN", "2026-09-15 12:00:00+00")
    told(db, "EUR", "2026-09-16 06:00:00+00")
    shown(db, "invalid", "registered: the platform says currency EUR, agency/accounts.csv says BGN")
    db.execute("delete from landing.ledger.account_days where currency = 'BGN'")
    assert not asked(db, "BGN")


def test_a_day_of_another_reason_is_asked_for(db: duckdb.DuckDBPyConnection) -> None:
    told(db, "EUR", "2026-09-16 06:00:00+00")
    shown(db, "unreconciled", "reconciliation: the totals differ")
    assert asked(db, "BGN")


def test_a_currency_that_was_put_right_is_asked_for(db: duckdb.DuckDBPyConnection) -> None:
    told(db, "EUR", "2026-09-16 06:00:00+00")
    shown(db, "invalid", "registered: the platform says currency EUR, agency/accounts.csv says BGN")
    db.execute(
        "insert into landing.ledger.accounts"
        " values ('meta', '1', 'BGN', 'Europe/Sofia', 'r', '2026-11-20 06:00:00+00', 'load')"
    )
    assert asked(db, "BGN")


def test_a_past_in_the_former_currency_is_asked_for_once(db: duckdb.DuckDBPyConnection) -> None:
    """The agency registers the whole past in the new currency, and the release has it in the old one."""
    told(db, "BGN", "2026-09-16 06:00:00+00")
    shown(db, "whole")
    assert not asked(db, "BGN")
    db.execute(
        "insert into landing.ledger.accounts"
        " values ('meta', '1', 'EUR', 'Europe/Sofia', 'r', '2026-11-20 06:00:00+00', 'load')"
    )
    assert not asked(db, "BGN")
    assert asked(db, "EUR")
    told(db, "EUR", "2026-11-24 05:00:00+00")
    assert not asked(db, "EUR")
