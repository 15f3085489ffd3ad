"""Asking the platforms what an onboarding has to know; what cannot be asked becomes a sentence."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ingest.asking import shaped
from ingest.errors import AnswerError
from ingest.planner import local_days
from ingest.reach import Reach, ReachedAccount, SeenAction, reaching
from ingest.runbooks import page
from ingest.sources import SourceSettings

# So many days back are the actions counted.
DAYS = 30

# Picks from all reached accounts those whose actions are looked into.
Choose = Callable[[list[ReachedAccount]], Sequence[ReachedAccount]]


@dataclass(frozen=True)
class Counted:
    """What an account counted in the last 30 days, and whether it tracks conversions (None: nobody says)."""

    actions: list[SeenAction]
    tracking: bool | None


@dataclass
class Survey:
    """Everything the platforms said; ``problems`` and ``notes`` are sentences for a person."""

    accounts: list[ReachedAccount] = field(default_factory=list)
    counted: dict[tuple[str, str], Counted] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def survey(sources: dict[str, SourceSettings], choose: Choose, now: datetime) -> Survey:
    """List the accounts of all platforms, then count the actions of those that ``choose`` picks."""
    found = Survey()
    async with AsyncExitStack() as stack:
        reaches = {
            name: await stack.enter_async_context(reaching(source)) for name, source in sources.items()
        }
        await asyncio.gather(*(_list(found, reach) for reach in reaches.values()))
        chosen = choose(found.accounts)
        await asyncio.gather(*(_count(found, reaches[one.platform], one, now) for one in chosen))
    return found


async def _list(found: Survey, reach: Reach) -> None:
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


async def _count(found: Survey, reach: Reach, account: ReachedAccount, now: datetime) -> None:
    today, _ = local_days(now, account.timezone or "UTC", 0)
    try:
        with shaped("actions"):
            actions = await reach.actions(
                account.account_id, today - timedelta(days=DAYS), today - timedelta(days=1)
            )
            tracking = await reach.tracking(account.account_id)
    except AnswerError as problem:
        title = reach.caller.settings.platform.title
        found.problems.append(
            f"{title} account {account.account_id} ({account.name}): its actions could not be read"
            f" ({said(problem)}), so nothing is proposed for them;"
            f" what helps: docs/runbooks/{page(problem.failure)}.md"
        )
        return
    found.counted[account.platform, account.account_id] = Counted(actions, tracking)


def said(problem: AnswerError) -> str:
    """Return the class of a failure and what the platform said."""
    return f"{problem.failure.error_class}: {problem.failure.message}"
