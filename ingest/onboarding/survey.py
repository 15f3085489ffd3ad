"""Asking the platforms what an onboarding has to know; what cannot be asked becomes a sentence."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ingest.access import (
    Access,
    ReachedAccount,
    SeenAction,
    reaching,
)
from ingest.client.errors import AnswerError
from ingest.client.sources import SourceSettings
from ingest.collect.planner import local_days
from ingest.collect.window_request import shaped
from ingest.doctor.runbooks import page
from ingest.onboarding.began import Began, first_delivery

# So many days back are the actions counted.
DAYS = 30


@dataclass(frozen=True)
class Wanted:
    """An account that is looked into; ``free_from`` is the first day of a new row (None: it has a row)."""

    account: ReachedAccount
    free_from: date | None


# Picks from all reached accounts those that are looked into.
Choose = Callable[[list[ReachedAccount]], Sequence[Wanted]]


@dataclass(frozen=True)
class Counted:
    """What an account counted in the last 30 days, and whether it tracks conversions (None: not told)."""

    actions: list[SeenAction]
    tracking: bool | None


@dataclass
class Survey:
    """Everything the platforms said; ``problems`` and ``notes`` are sentences for a person.

    ``began`` and ``counted`` are by platform and account id, and lack what could not be asked.
    """

    accounts: list[ReachedAccount] = field(default_factory=list)
    counted: dict[tuple[str, str], Counted] = field(default_factory=dict)
    began: dict[tuple[str, str], Began] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def survey(sources: dict[str, SourceSettings], choose: Choose, now: datetime) -> Survey:
    """List the accounts of all platforms, then look into those that ``choose`` picks."""
    found = Survey()
    async with AsyncExitStack() as stack:
        reaches = {
            name: await stack.enter_async_context(reaching(source)) for name, source in sources.items()
        }
        await asyncio.gather(*(_list(found, reach) for reach in reaches.values()))
        chosen = choose(found.accounts)
        await asyncio.gather(*(_look(found, reaches[one.account.platform], one, now) for one in chosen))
    return found


async def _list(found: Survey, reach: Access) -> None:
    title = reach.caller.settings.platform.title
    try:
        with shaped("accounts"):
            found.accounts += await reach.accounts()
    except AnswerError as problem:
        found.problems.append(
            f"{title}: the accounts could not be listed ({said(problem)}), so none of them are below;"
            f" what helps: docs/runbooks/{page(problem.failure)}.md"
        )
    found.notes += [f"{title}: {note}" for note in reach.notes]


async def _look(found: Survey, reach: Access, wanted: Wanted, now: datetime) -> None:
    account = wanted.account
    key = account.platform, account.account_id
    title = f"{reach.caller.settings.platform.title} account {account.account_id} ({account.name})"
    today = _today(now, account.timezone)
    try:
        with shaped("actions"):
            actions = await reach.actions(
                account.account_id, today - timedelta(days=DAYS), today - timedelta(days=1)
            )
            tracking = await reach.tracking(account.account_id)
        found.counted[key] = Counted(actions, tracking)
    except AnswerError as problem:
        found.problems.append(
            f"{title}: its actions could not be read ({said(problem)}), so nothing is proposed for them;"
            f" what helps: docs/runbooks/{page(problem.failure)}.md"
        )
    if wanted.free_from is None:
        return
    try:
        with shaped("delivery"):
            found.began[key] = await first_delivery(reach, account.account_id, today, wanted.free_from)
    except AnswerError as problem:
        found.problems.append(
            f"{title}: its first day with delivery could not be asked ({said(problem)}), so started_on is a"
            f" guess; what helps: docs/runbooks/{page(problem.failure)}.md"
        )


def _today(now: datetime, timezone: str) -> date:
    """Return the running day in ``timezone``, or that of UTC for one that is not known here."""
    try:
        return local_days(now, timezone, 0)[0]
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        return local_days(now, "UTC", 0)[0]


def said(problem: AnswerError) -> str:
    """Return the class of a failure and what the platform said."""
    return f"{problem.failure.error_class}: {problem.failure.message}"
