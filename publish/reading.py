"""Reading the picture out of a DuckDB file."""

import json
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from publish import sources
from publish.picture import Check, Client, Gap, Picture, RunRow, Score
from publish.verify import at, opened
from publish.words import Span

_RUNS = """
select
    run_id, epoch_us(started_at), verdict, epoch_us(published_at), api, versions,
    run_id = (select any_value(run_id) from staging.stg_run) as is_own
from health.runs
order by is_own desc, started_at desc, run_id desc
limit 15
"""

_CHECKS = """
select
    name, status, severity, observed, expected, message, runbook, details,
    to_json(checks) -> 'follows_from' -- an older wholeday's table lacks it
from health.checks
order by
    case status when 'fail' then 1 when 'warn' then 2 else 3 end,
    case severity when 'critical' then 1 when 'high' then 2 when 'medium' then 3 else 4 end,
    name
"""

# The most points of a part are its weight, which is the agency's own.
_SCORE = """
select
    arg_max(columns(['score', 'completeness', 'split', 'freshness', 'consistency', 'reconciliation']), date),
    (
        select [
            parameters[part]
            for part in ['completeness', 'split', 'freshness', 'consistency', 'reconciliation']
        ]
        from intermediate.int_rules
        where rule = 'quality_score' and client_id = ''
    )
from health.scores
where client_id = ''
"""

_CLIENT_SCORES = (
    "select client_id, arg_max(score, date) from health.scores where client_id <> '' group by all"
)

_NAMES = "select client_id, any_value(client_name) from marts.clients group by all"

# An account's last closed day is its newest in the calendar, which ends where its own time zone says. An
# account whose calendar ended before everyone else's is no longer collected. A client's last closed day is
# the oldest of its accounts'; what one of them closed after it is judged with it.
_LAST_DAYS = """
with days as (
    select *, max(date) over (partition by platform, account_id) as last_date, max(date) over () as newest
    from health.account_days
),

accounts as (
    select client_id, platform, account_id, last_date, last_date >= newest - 1 as is_active
    from days
    where date = last_date and status <> 'not_expected'
),

clients as (
    select client_id, coalesce(min(last_date) filter (where is_active), max(last_date)) as last_day
    from accounts
    group by client_id
),

judged as (
    select
        *,
        case when status = 'whole' then 'whole' when waived then 'waived' else status end as told,
        (status <> 'whole', not waived, coalesce(reason, '') <> 'queued', date, account_id) as weight
    from days
    inner join accounts using (client_id, platform, account_id)
    inner join clients using (client_id)
    where date >= last_day and status <> 'not_expected'
)

select
    client_id, platform, bool_or(is_active), arg_max(told, weight), arg_max(coalesce(reason, ''), weight),
    any_value(last_day)
from judged
group by all
order by all
"""

# Days that follow one another share the number that is left when their rank is taken off. An account that was
# refused when it was asked last needs a person before any command can heal its days.
_GAPS = """
with refused as (
    select platform, account_id, true as is_refused
    from health.collections
    group by all
    having arg_max(coalesce(error_class, ''), (started_at, run_id)) in ('auth', 'permission')
),

gaps as (
    select
        client_id, platform, date, status, coalesce(reason, '') as reason, waived,
        coalesce(bool_or(is_refused), false) as is_refused
    from health.account_days
    left join refused using (platform, account_id)
    where status not in ('whole', 'not_expected')
    group by all
),

ranked as (
    select
        *,
        date - row_number() over (
            partition by client_id, platform, status, reason, waived, is_refused order by date
        )::integer as stretch
    from gaps
)

select client_id, platform, status, reason, waived, is_refused, min(date), max(date), count(*)
from ranked
group by client_id, platform, status, reason, waived, is_refused, stretch
order by max(date) desc, client_id, platform
"""

# A client is as fresh as the account that was not collected for the longest time.
_COLLECTED = """
with accounts as (
    select platform, account_id, max(epoch_us(finished_at)) as collected_at
    from health.collections
    where outcome = 'collected'
    group by all
),

current as (
    select distinct client_id, platform, account_id
    from health.account_days
    where date >= (select max(date) - 1 from health.account_days)
)

select current.client_id, min(accounts.collected_at)
from current
left join accounts using (platform, account_id)
group by current.client_id
having count(*) = count(accounts.collected_at)
"""

# Account-days that were not whole and were asked for again in this run, and those of them that are whole now.
_HEALED = """
select count(*), count(*) filter (where healed)
from health.healing
where last_attempt_at >= (select any_value(started_at) from staging.stg_run)
"""

# What is known of a file that cannot be read.
NOTHING = Picture(None, (), (), None, (), (), (), missing=("the whole file",))


def read(path: Path) -> Picture:
    """Read ``path``; a table it lacks leaves its part of the picture empty. Raises ``UnverifiedError``."""
    with opened(path) as file:
        return _Reader(file).picture()


class _Reader:
    """Asks one file, and remembers which tables a build that failed did not come to."""

    def __init__(self, file: duckdb.DuckDBPyConnection) -> None:
        self._file = file
        self._missing: list[str] = []

    def picture(self) -> Picture:
        runs = tuple(_run(row) for row in self._ask("runs", _RUNS))
        own = next((run for run, is_own in runs if is_own), None)
        last_days = self._ask("clients", _LAST_DAYS)
        names = dict(self._ask("names", _NAMES))
        checks = tuple(_check(row) for row in self._ask("checks", _CHECKS))
        return Picture(
            run=own,
            runs=tuple(run for run, _ in runs),
            checks=checks,
            score=self._score(),
            clients=self._clients(last_days, names),
            gaps=_gaps(self._ask("account-days", _GAPS), names),
            sources=sources.read(
                self._ask("collections", sources.ASKED), self._ask(None, sources.NOTED), checks
            ),
            healing=next(iter(self._ask("healing", _HEALED)), (0, 0)),
            missing=tuple(self._missing),
        )

    def _ask(self, what: str | None, sql: str) -> list[tuple[Any, ...]]:
        """Ask the file; ``what`` is missing where it lacks a table, None for what is not missed."""
        try:
            return self._file.execute(sql).fetchall()
        except (duckdb.CatalogException, duckdb.BinderException):  # an older wholeday's table or column
            self._missing += [what] if what else []
            return []

    def _score(self) -> Score | None:
        rows = self._ask("scores", _SCORE)
        if not rows or rows[0][0] is None:
            return None
        names = ("completeness", "split", "freshness", "consistency", "reconciliation")
        score, *points, weights = rows[0]
        return Score(score, tuple(zip(names, points, weights, strict=True)))

    def _clients(self, last_days: list[tuple[Any, ...]], names: dict[str, str]) -> tuple[Client, ...]:
        scores = dict(self._ask("scores", _CLIENT_SCORES))
        collected = dict(self._ask("collections", _COLLECTED))
        platforms: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for row in last_days:
            platforms[row[0]].append(row)
        clients = [
            Client(
                client_id,
                names.get(client_id, client_id),
                rows[0][5],
                tuple((row[1], row[3], row[4]) for row in rows if row[2]),
                scores.get(client_id),
                _instant(collected.get(client_id)),
                any(row[2] for row in rows),
            )
            for client_id, rows in platforms.items()
        ]
        return tuple(sorted(clients, key=lambda client: (not client.needs_someone, client.name.casefold())))


def _run(row: tuple[Any, ...]) -> tuple[RunRow, bool]:
    run_id, started_at, verdict, decided_at, api, versions, is_own = row
    known = RunRow(run_id, at(started_at), verdict, _instant(decided_at), api, json.loads(versions or "{}"))
    return known, bool(is_own)


def _check(row: tuple[Any, ...]) -> Check:
    name, status, severity, observed, expected, message, runbook, details, follows_from = row
    known, causes = json.loads(details or "{}"), tuple(json.loads(follows_from or "[]"))
    return Check(name, status, severity, observed, expected, message, runbook, known, causes)


def _instant(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else at(microseconds)


def _gaps(rows: list[tuple[Any, ...]], names: dict[str, str]) -> tuple[Gap, ...]:
    stretches: dict[tuple[str, str, str, str, bool, bool], list[tuple[Span, int]]] = defaultdict(list)
    for client_id, platform, status, reason, waived, refused, first, last, days in rows:
        span: tuple[date, date] = (first, last)
        stretches[client_id, platform, status, reason, bool(waived), refused].append((span, days))
    return tuple(
        Gap(
            client_id,
            names.get(client_id, client_id),
            platform,
            status,
            reason or status,
            waived,
            tuple(span for span, _ in found),
            sum(days for _, days in found),
            refused,
        )
        for (client_id, platform, status, reason, waived, refused), found in stretches.items()
    )
