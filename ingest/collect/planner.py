"""Which account-days are needed, in which order, in how few windows: pure functions over sets in DuckDB.

``plan`` reads these relations of the connection it is given, and nothing else:

- ``registrations`` (registration, account, platform, account_id, client_id, currency, timezone,
  started_on, ended_on):
  the expected calendar; ``account`` is a number for (platform, account_id)
- ``policies`` (platform, lookback_days, settling, window_days, max_requests, account_requests,
  window_requests)
- ``zones`` (platform, timezone, today, due): the running day there, and the newest day whose settling time is
  over
- ``seen`` (account, date, seen_at): when landed days were seen, changed or not; any number of rows a day
- ``attempts`` (account, from_date, to_date, asked_at): what was asked for, and when
- ``kept`` (account, kept_days, seen_on): how many days before its running day the platform keeps of an
  account, found on ``seen_on``; accounts without a row or a number are kept as long as usual
- ``restated`` (account, days, seen_on, seen_at): how long the days of an account can change, where that is
  not ``lookback_days``, as it was found on ``seen_on``
- ``unconfirmed`` (account, date, judged_at): whole days that the published release does not show as final,
  and the instant that it knows
- ``judged`` (account, date): days that the published release shows as not whole, and that asking can mend
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from core.platforms import kept_months
from ingest.agency.registrations import Registration
from ingest.client.sources import SourceSettings
from ingest.collect.edges import TRIED_AGAIN_DAYS

# A gap up to this long between two needed days is asked for along with them.
BRIDGE_DAYS = 7

_SQL = (Path(__file__).with_name("sql") / "planner.sql").read_text(encoding="utf-8")
_REGISTRATIONS = pa.schema(
    [
        ("registration", pa.int32()),
        ("account", pa.int32()),
        ("platform", pa.string()),
        ("account_id", pa.string()),
        ("client_id", pa.string()),
        ("currency", pa.string()),
        ("timezone", pa.string()),
        ("started_on", pa.date32()),
        ("ended_on", pa.date32()),
    ]
)


@dataclass(frozen=True)
class BackfillRequest:
    """Days that a person wants to be collected again, both ends included; ``platform`` None: all of them."""

    client_id: str
    from_date: date
    to_date: date
    platform: str | None = None


@dataclass(frozen=True)
class Window:
    """Days of one account that are asked for together, from ``from_date`` to ``to_date``, both included.

    ``priority`` is that of its most urgent day: 0 asked for by a person, 1 yesterday, 2 the running day, 3
    the daily looks, 4 days that are not whole, 5 weekly looks and the last unclosed month, 6 history.
    ``today`` is the account's running day, ``restatement_days`` is how long its days can change; ``healing``
    are the days that were asked for before and are not whole.
    """

    registration: Registration
    from_date: date
    to_date: date
    priority: int
    today: date
    restatement_days: int
    healing: frozenset[date] = frozenset()

    @property
    def days(self) -> int:
        """The number of days in it."""
        return (self.to_date - self.from_date).days + 1

    def __str__(self) -> str:
        return f"{self.from_date}/{self.to_date}"

    def data_source(self, day: date) -> str:
        """Say why ``day`` is collected: ``heal``, ``daily``, ``lookback`` or ``backfill``."""
        if day in self.healing:
            return "heal"
        age = (self.today - day).days
        return "daily" if age <= 1 else "lookback" if age <= self.restatement_days else "backfill"


def local_days(now: datetime, timezone: str, settling_hours: float) -> tuple[date, date]:
    """Return (the running day, the newest day whose end and settling time have passed) in ``timezone``.

    Hours are those of the world's clock, not of a wall: a day with 23 hours settles as late as any other.
    """
    zone = ZoneInfo(timezone)
    settled = (now.astimezone(UTC) - timedelta(hours=settling_hours)).astimezone(zone).date()
    return now.astimezone(zone).date(), settled - timedelta(days=1)


def put_calendar(
    db: duckdb.DuckDBPyConnection,
    registrations: Iterable[Registration],
    sources: dict[str, SourceSettings],
    now: datetime,
) -> None:
    """Create ``registrations``, ``policies``, ``zones`` and ``clock`` (now) in ``db``."""
    db.execute("create or replace temp table clock as select ?::timestamptz as now", [now])
    listed = list(registrations)
    numbers = {key: n for n, key in enumerate(sorted({(r.platform, r.account_id) for r in listed}))}
    table = pa.Table.from_pylist(
        [
            {"registration": n, "account": numbers[r.platform, r.account_id], **vars(r)}
            for n, r in enumerate(listed)
        ],
        schema=_REGISTRATIONS,
    )
    db.register("registered", table)
    db.execute("create or replace temp table registrations as from registered")
    db.unregister("registered")
    db.execute(
        "create or replace temp table policies (platform varchar, lookback_days int, settling interval,"
        " window_days int, max_requests int, account_requests int, window_requests int)"
    )
    for name, source in sources.items():
        platform = source.platform
        db.execute(
            "insert into policies values (?, ?, ?, ?, ?, ?, ?)",
            [
                name,
                source.lookback_days,
                timedelta(hours=source.settling_hours),
                platform.window_days,
                source.max_requests,
                platform.account_requests,
                platform.window_requests,
            ],
        )
    db.execute(
        "create or replace temp table zones (platform varchar, timezone varchar, today date, due date)"
    )
    for name, timezone in sorted({(r.platform, r.timezone) for r in listed if r.platform in sources}):
        days = local_days(now, timezone, sources[name].settling_hours)
        db.execute("insert into zones values (?, ?, ?, ?)", [name, timezone, *days])


def put_windows(
    db: duckdb.DuckDBPyConnection, registrations: Iterable[Registration], windows: Iterable[Window]
) -> None:
    """Let ``windows`` be those that were planned, for what is read of the past."""
    number = {registration: n for n, registration in enumerate(registrations)}
    rows = [(number[one.registration], one.from_date, one.to_date) for one in windows]
    db.execute("create or replace temp table windows (registration int, from_date date, to_date date)")
    if rows:
        db.executemany("insert into windows values (?, ?, ?)", rows)


def plan(
    db: duckdb.DuckDBPyConnection,
    registrations: Iterable[Registration],
    request: BackfillRequest | None = None,
) -> list[Window]:
    """Return the windows to ask for, the most urgent first; with ``request`` those of its days alone."""
    listed = list(registrations)
    parameters = {
        "forced": request is not None,
        "client_id": request.client_id if request else None,
        "platform": request.platform if request else None,
        "from_date": request.from_date if request else None,
        "to_date": request.to_date if request else None,
        "bridge_days": BRIDGE_DAYS,
        "retention_months": kept_months(),
        "tried_again_days": TRIED_AGAIN_DAYS,
    }
    for statement in duckdb.extract_statements(_SQL):
        db.execute(statement, {name: parameters[name] for name in statement.named_parameters})
    rows = db.execute(
        "select w.registration, w.from_date, w.to_date, w.priority, z.today,"
        " greatest(p.lookback_days, coalesce(k.days, 0)), w.healing"
        " from windows as w inner join registrations as r using (registration)"
        " inner join zones as z using (platform, timezone) inner join policies as p using (platform)"
        " left join (select account, arg_max(days, seen_at) as days from restated group by account) as k"
        " using (account)"
        " order by w.priority, w.to_date desc, r.client_id, r.platform, r.account_id, w.from_date"
    ).fetchall()
    return [
        Window(listed[n], since, until, priority, today, restatement_days, frozenset(healing))
        for n, since, until, priority, today, restatement_days, healing in rows
    ]
