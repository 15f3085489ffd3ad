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
    score, completeness, split, freshness, consistency, reconciliation,
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
order by date desc
limit 1
"""

_CLIENTS = """
select client_id, client_name, last_day, platforms, score, epoch_us(collected_at), is_active
from reports.client_health
where last_day is not null
order by client_id
"""

_GAPS = """
select
    client_id, client_name, platform, status, coalesce(reason, ''), waived, is_refused,
    from_date, to_date, days
from reports.gaps
left join marts.clients using (client_id)
order by to_date desc, client_id, platform, status, reason
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
        requests = self._ask("collections", sources.ASKED)
        checks = tuple(_check(row) for row in self._ask("checks", _CHECKS))
        return Picture(
            run=own,
            runs=tuple(run for run, _ in runs),
            checks=checks,
            score=self._score(),
            clients=_clients(self._ask("clients", _CLIENTS)),
            gaps=_gaps(self._ask("account-days", _GAPS)),
            sources=sources.read(requests, checks),
            healing=sources.healing(requests),
            missing=tuple(self._missing),
        )

    def _ask(self, what: str, sql: str) -> list[tuple[Any, ...]]:
        """Ask the file; ``what`` is missing where it lacks a table."""
        try:
            return self._file.execute(sql).fetchall()
        except (duckdb.CatalogException, duckdb.BinderException):  # an older wholeday's table or column
            self._missing.append(what)
            return []

    def _score(self) -> Score | None:
        rows = self._ask("scores", _SCORE)
        if not rows or rows[0][0] is None:
            return None
        names = ("completeness", "split", "freshness", "consistency", "reconciliation")
        score, *points, weights = rows[0]
        return Score(score, tuple(zip(names, points, weights, strict=True)))


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


def _clients(rows: list[tuple[Any, ...]]) -> tuple[Client, ...]:
    clients = [
        Client(
            client_id,
            name,
            last_day,
            tuple(
                (one["platform"], one["status"], one["reason"] or "") for one in platforms if one["is_active"]
            ),
            score,
            _instant(collected_at) if is_active else None,
            is_active,
        )
        for client_id, name, last_day, platforms, score, collected_at, is_active in rows
    ]
    return tuple(sorted(clients, key=lambda client: (not client.needs_someone, client.name.casefold())))


def _gaps(rows: list[tuple[Any, ...]]) -> tuple[Gap, ...]:
    stretches: dict[tuple[str, str, str, str, str, bool, bool], list[tuple[Span, int]]] = defaultdict(list)
    for *key, first, last, days in rows:
        client_id, name, platform, status, reason, waived, refused = key
        span: tuple[date, date] = (first, last)
        stretches[client_id, name or client_id, platform, status, reason, waived, refused].append(
            (span, days)
        )
    return tuple(
        Gap(
            client_id,
            name,
            platform,
            status,
            reason or status,
            waived,
            tuple(span for span, _ in found),
            sum(days for _, days in found),
            refused,
        )
        for (client_id, name, platform, status, reason, waived, refused), found in stretches.items()
    )
