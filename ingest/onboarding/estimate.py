"""What the first backfill of new accounts will take, by the planner that will plan it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from ingest.agency.registrations import Registration
from ingest.client.sources import SourceSettings
from ingest.collect import planner
from ingest.ledger import past as ledger


@dataclass(frozen=True)
class Estimate:
    """One platform's first backfill: account-days, requests, and the runs its budget spreads them over."""

    platform: str
    days: int
    requests: int
    runs: int


def estimate(
    registrations: Sequence[Registration], sources: dict[str, SourceSettings], now: datetime
) -> list[Estimate]:
    """Return one estimate per platform of ``registrations``, none of which was ever collected."""
    with duckdb.connect(":memory:") as db:
        db.execute("set timezone = 'UTC'")
        wanted = [r for r in registrations if r.platform in sources]
        unlimited = {name: replace(source, max_requests=None) for name, source in sources.items()}
        planner.put_calendar(db, wanted, unlimited, now)
        ledger.put_past(db)
        windows = planner.plan(db, wanted)
    found = []
    for name, source in sources.items():
        own = [window for window in windows if window.registration.platform == name]
        accounts = {window.registration.account_id for window in own}
        requests = source.platform.account_requests * len(accounts) + source.platform.window_requests * len(
            own
        )
        if own:
            runs = 1 if source.max_requests is None else -(-requests // source.max_requests)
            found.append(Estimate(name, sum(window.days for window in own), requests, runs))
    return found
