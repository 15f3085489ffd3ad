"""What the ledger remembers of files: when each content was read first, and what was refused."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from core.settings import Settings
from ingest.files.account import Account, Found

_TABLES = """
create table if not exists journal.inbox_files (
    account_id varchar not null, name varchar not null, content varchar not null, reading varchar,
    columns varchar, from_date date, to_date date, problem varchar,
    run_id varchar not null, read_at timestamptz not null
);
create table if not exists journal.inbox_accounts (
    run_id varchar not null, account_id varchar not null, in_total boolean not null,
    expected_weekday integer, expected_hour integer
);
"""
_COLUMNS = "select account_id, columns from journal.inbox_files where columns is not null and read_at <= ?"
_READ = """
select account_id, content, reading, from_date, to_date, min(read_at)
from journal.inbox_files
where problem is null and read_at <= ?
group by all
"""


@dataclass
class Memory:
    """What earlier runs have read, by account: columns, and when each content and each reading was first.

    ``spans`` are the days of each content: (content, first day, last day).
    """

    columns: dict[str, set[str]] = field(default_factory=dict)
    contents: dict[tuple[str, str], datetime] = field(default_factory=dict)
    readings: dict[tuple[str, str], datetime] = field(default_factory=dict)
    spans: dict[str, set[tuple[str, date, date]]] = field(default_factory=dict)

    def newest(self, account_id: str) -> dict[date, datetime]:
        """Return when the last content that covers a day was read first, by day."""
        found: dict[date, datetime] = {}
        for content, since, until in self.spans.get(account_id, set()):
            at = self.contents[account_id, content]
            for n in range((until - since).days + 1):
                day = since + timedelta(days=n)
                found[day] = max(found.get(day, at), at)
        return found


def recall(settings: Settings, now: datetime) -> Memory:
    """Return what the ledger remembers; needs the warehouse lock."""
    memory = Memory()
    with duckdb.connect(str(settings.landing)) as ledger:
        ledger.execute("set timezone = 'UTC'")
        ledger.execute(_TABLES)
        for account_id, columns in ledger.execute(_COLUMNS, [now]).fetchall():
            memory.columns.setdefault(account_id, set()).update(json.loads(columns))
        for account_id, content, reading, since, until, read_at in ledger.execute(_READ, [now]).fetchall():
            known = memory.contents.get((account_id, content), read_at)
            memory.contents[account_id, content] = min(known, read_at)
            memory.readings[account_id, reading] = read_at
            memory.spans.setdefault(account_id, set()).add((content, since, until))
    return memory


def keep(
    settings: Settings, run_id: str, now: datetime, memory: Memory, looked: Iterable[tuple[Account, Found]]
) -> None:
    """Remember what is new of ``looked``, in the ledger and ``memory``, and what was refused in this run."""
    files: list[tuple[Any, ...]] = []
    accounts: list[tuple[Any, ...]] = []
    for account, found in looked:
        declared = account.declared
        accounts.append(
            (run_id, account.account_id, declared.in_total, declared.expected_weekday, declared.expected_hour)
        )
        for one in found.accepted:
            memory.contents.setdefault((account.account_id, one.content), now)
            if (account.account_id, one.reading) in memory.readings:
                continue
            memory.readings[account.account_id, one.reading] = now
            span = (one.days.since, one.days.until, None, run_id, now)
            columns = json.dumps(one.days.columns)
            files.append((account.account_id, one.file.name, one.content, one.reading, columns, *span))
        for bad in found.refused:
            if not bad.grows:
                told = (None, None, bad.since, bad.until, bad.reason, run_id, now)
                files.append((account.account_id, bad.name, bad.content, *told))
    with duckdb.connect(str(settings.landing)) as ledger:
        ledger.begin()
        for row in accounts:
            ledger.execute("insert into journal.inbox_accounts values (?, ?, ?, ?, ?)", row)
        for row in files:
            ledger.execute("insert into journal.inbox_files values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        ledger.commit()
