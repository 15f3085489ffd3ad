"""``make onboard``: from access to an account to rows that a person can paste."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from rich.console import Console

from core import clock
from core.errors import UserError
from core.log import silence
from core.settings import Settings
from ingest.access import ReachedAccount
from ingest.agency.columns import CLIENTS, account_id
from ingest.client.reachable import platforms
from ingest.client.source_spec import load_settings
from ingest.client.sources import SourceSettings, api_mode
from ingest.onboarding import show
from ingest.onboarding.choice import Candidate, Choice
from ingest.onboarding.estimate import estimate
from ingest.onboarding.files import Files
from ingest.onboarding.proposal import Proposal, propose
from ingest.onboarding.survey import Survey, Wanted, survey


def onboard(settings: Settings, client_id: str, chosen: Sequence[str], since: date | None) -> int:
    """Print what registers ``client_id``; the exit status is 1 when nothing could be asked, or nothing found.

    ``chosen`` are the account ids that a person names, as they stand on the platform. Raises ``UserError``
    before any request when these or the settings cannot be used.
    """
    silence()
    _said("CLIENT", client_id, CLIENTS.columns["client_id"].parse)
    ids = frozenset(_said("ACCOUNT", text, account_id) for text in chosen)
    files = Files.read(settings)
    for problem in files.problems:
        print(f"the agency's files: {problem}", file=sys.stderr)
    known = files.known(client_id, since)
    choice = Choice(client_id, (client_id, known.name), ids, files.registered, files.mistaken)
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
    proposal = propose(known, taken, found, now.date())
    proposal.remarks += _through_managers(taken, sources)
    show.accounts(screen, candidates)
    for one in taken:
        if judged := proposal.judged.get((one.account.platform, one.account.account_id)):
            show.actions(screen, one, judged)
    show.proposal(screen, settings.agency, proposal)
    if proposal.registrations:
        show.estimates(screen, estimate(proposal.registrations, sources, now))
    screen.print(f"\n{_next(client_id, taken, proposal)}", soft_wrap=True)
    return 0 if taken else 1


def _ask(choice: Choice, sources: dict[str, SourceSettings], now: datetime) -> tuple[list[Candidate], Survey]:
    candidates: list[Candidate] = []

    def choose(reached: list[ReachedAccount]) -> list[Wanted]:
        candidates.extend(choice.candidates(reached))
        return [Wanted(one.account, one.free_from(choice.client_id)) for one in candidates if one.taken]

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
    # What comes as files lists no accounts.
    asked = {name: source for name, source in sources.items() if not source.platform.tells_days}
    reachable = {name: source for name, source in asked.items() if not source.missing}
    if not reachable:
        missing = "; ".join(f"{s.platform.title}: {', '.join(s.missing)}" for s in asked.values())
        raise UserError(
            f"no platform is configured, so no account can be listed: set the credentials ({missing}) in"
            " .dlt/secrets.toml or the environment"
        )
    return reachable


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


def _next(client_id: str, taken: Sequence[Candidate], proposal: Proposal) -> str:
    if not taken:
        return (
            f"No account that is free carries the name {client_id!r}: choose from the list with"
            f" make onboard CLIENT={client_id} ACCOUNT=… (several: ACCOUNT='1 2')."
        )
    if proposal.client or proposal.accounts:
        return (
            "Next: append the rows, then make run; it collects the newest days first. What is mapped to"
            " nothing is told by the rule unmapped_action_types."
        )
    return f"All of these accounts are registered for {client_id}: make run collects them."
