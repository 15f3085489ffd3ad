"""``make onboard``: from access to an account to rows that a person can paste."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from rich.console import Console

from ingest import agency
from ingest.agency_columns import CLIENTS, CONVERSION_ACTIONS, account_id
from ingest.agency_files import read
from ingest.onboarding import show
from ingest.onboarding.choice import Candidate, Choice
from ingest.onboarding.estimate import estimate
from ingest.onboarding.proposal import Known, Proposal, propose
from ingest.onboarding.survey import Survey, survey
from ingest.reach import ReachedAccount
from ingest.source_spec import load_settings
from ingest.sources import SourceSettings, api_mode
from wholeday import clock
from wholeday.errors import UserError
from wholeday.log import silence
from wholeday.platforms import platforms
from wholeday.settings import Settings


def onboard(settings: Settings, client_id: str, chosen: Sequence[str], since: date | None) -> int:
    """Print what registers ``client_id``; the exit status is 1 when nothing could be asked, or nothing found.

    ``chosen`` are the account ids that a person names, as they stand on the platform. Raises ``UserError``
    before any request when these or the settings cannot be used.
    """
    silence()
    _said("CLIENT", client_id, CLIENTS.columns["client_id"].parse)
    ids = frozenset(_said("ACCOUNT", text, account_id) for text in chosen)
    registered, problems = agency.examine(settings)
    for problem in problems:
        print(f"the agency's files: {problem}", file=sys.stderr)
    known = _known(settings, client_id)
    choice = Choice(client_id, (client_id, known.name), ids, registered)
    now, api, screen = clock.now(), api_mode(), show.console()
    with platforms(settings, api):
        sources = load_settings(api)
        reachable = _reachable(sources)
        _head(screen, api, client_id, sources)
        candidates, found = _ask(choice, reachable, now)
    for sentence in (*found.problems, *found.notes):
        print(f"wholeday: {sentence}", file=sys.stderr)
    choice.check(found.accounts)
    if not candidates:
        return 1
    taken = [one for one in candidates if one.taken]
    first_day = since or _first_day(registered, known, now)
    proposal = propose(known, taken, found.counted, first_day, now.date())
    proposal.remarks += _through_managers(taken, sources)
    show.accounts(screen, candidates)
    for one in taken:
        if judged := proposal.judged.get((one.account.platform, one.account.account_id)):
            show.actions(screen, one, judged)
    show.proposal(screen, settings.agency, proposal)
    if proposal.registrations:
        show.estimates(screen, estimate(proposal.registrations, sources, now))
    screen.print(f"\n{_next(known, taken, proposal)}", soft_wrap=True)
    return 0 if taken else 1


def _ask(choice: Choice, sources: dict[str, SourceSettings], now: datetime) -> tuple[list[Candidate], Survey]:
    candidates: list[Candidate] = []

    def choose(reached: list[ReachedAccount]) -> list[ReachedAccount]:
        candidates.extend(choice.candidates(reached))
        return [one.account for one in candidates if one.taken]

    found = asyncio.run(survey(sources, choose, now))
    return candidates, found


def _head(screen: Console, api: str, client_id: str, sources: dict[str, SourceSettings]) -> None:
    if api == "sandbox":
        screen.print(
            "This is the sandbox, whose accounts are invented; for real ones set credentials (README.md,"
            " 'With real accounts').",
            soft_wrap=True,
        )
    for source in sources.values():
        if source.missing:
            title, missing = source.platform.title, ", ".join(source.missing)
            screen.print(f"{title} is not configured, so none of its accounts are below: set {missing}")
    screen.print(f"Onboarding {client_id}.")


def _reachable(sources: dict[str, SourceSettings]) -> dict[str, SourceSettings]:
    """Return the platforms whose credentials are configured; raises ``UserError`` if there is none."""
    reachable = {name: source for name, source in sources.items() if not source.missing}
    if not reachable:
        missing = "; ".join(f"{s.platform.title}: {', '.join(s.missing)}" for s in sources.values())
        raise UserError(
            f"no platform is configured, so no account can be listed: set the credentials ({missing}) in"
            " .dlt/secrets.toml or the environment"
        )
    return reachable


def _known(settings: Settings, client_id: str) -> Known:
    clients, _ = read(settings.agency, CLIENTS)
    lines, _ = read(settings.agency, CONVERSION_ACTIONS)
    name = next((line["client_name"] for line in clients if line["client_id"] == client_id), "")
    return Known(client_id, name, lines)


def _first_day(registered: agency.Agency, known: Known, now: datetime) -> date:
    """Return the day the client's other accounts start, or the first of this month a year ago."""
    own = [r.started_on for r in registered.registrations if r.client_id == known.client_id]
    today = now.date()
    return min(own, default=date(today.year - 1, today.month, 1))


def _said(name: str, text: str, parse: Callable[[str], str]) -> str:
    try:
        return parse(text)
    except ValueError as problem:
        raise UserError(f"{name}={text!r} {problem}") from None


def _through_managers(taken: Sequence[Candidate], sources: dict[str, SourceSettings]) -> Iterator[str]:
    """Say which manager account a collection has to go through, where another one is configured."""
    for one in taken:
        source = sources[one.account.platform]
        configured = source.credentials.get("login_customer_id", "").replace("-", "")
        if one.account.via and one.account.via != configured:
            (variable,) = source.platform.variables(("login_customer_id",))
            yield (
                f"account {one.account.account_id} is reached through the manager account {one.account.via}:"
                f" set {variable}={one.account.via}, or it cannot be collected"
            )


def _next(known: Known, taken: Sequence[Candidate], proposal: Proposal) -> str:
    if not taken:
        return (
            f"No account that is free carries the name {known.client_id!r}: choose from the list with"
            f" make onboard CLIENT={known.client_id} ACCOUNT=… (several: ACCOUNT='1 2')."
        )
    if proposal.accounts:
        return (
            "Next: append the rows, then make run; it collects the newest days first. What is mapped to"
            " nothing is told by the rule unmapped_action_types."
        )
    return f"All of these accounts are registered for {known.client_id}: make run collects them."
