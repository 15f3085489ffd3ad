"""Which accounts an onboarding is about: the chosen, else those registered or called like the client."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.errors import UserError
from ingest.access import ReachedAccount
from ingest.agency.registrations import Registration
from ingest.onboarding.match import POSSIBLE, Match, matches


@dataclass(frozen=True)
class Candidate:
    """A reached account: how like the client's its name is, whom it is registered for, whether it is taken.

    ``taken`` says that the onboarding is about it: it was chosen by a person, is the client's already, or is
    called like the client and free. ``because`` says which, or why nothing can be proposed for it.
    """

    account: ReachedAccount
    likeness: float
    registered: tuple[Registration, ...]
    taken: bool
    because: str

    def free_from(self, client_id: str) -> date | None:
        """Return the first day that a new row for ``client_id`` can have, None if it has a row."""
        if any(r.client_id == client_id for r in self.registered):
            return None
        ends = [r.ended_on for r in self.registered if r.ended_on]
        return max(ends) + timedelta(days=1) if ends else date.min


@dataclass(frozen=True)
class Choice:
    """How to tell a client's accounts: by ``chosen`` ids (digits) alone, if a person gave any.

    ``registered`` are the lines of accounts.csv, ``mistaken`` the account ids of those that cannot be read.
    """

    client_id: str
    names: Sequence[str]
    chosen: frozenset[str]
    registered: Sequence[Registration]
    mistaken: frozenset[str] = frozenset()

    def check(self, accounts: Sequence[ReachedAccount]) -> None:
        """Raise ``UserError`` for a chosen id that the credentials do not reach."""
        unreached = self.chosen - {account.account_id for account in accounts}
        if unreached:
            raise UserError(
                f"account {', '.join(sorted(unreached))} is not among the {len(accounts)} accounts that the"
                " credentials reach, so it cannot be collected: give the login access to it on the platform"
                " (docs/runbooks/access_lost.md), then run make onboard again"
            )

    def candidates(self, accounts: Sequence[ReachedAccount]) -> list[Candidate]:
        """Return all ``accounts``: the taken first, then those most alike."""
        found = [self._candidate(match) for match in matches(self.names, accounts)]
        return sorted(found, key=lambda one: (not one.taken, bool(one.registered), -one.likeness))

    def _candidate(self, match: Match) -> Candidate:
        account = match.account
        registered = tuple(
            r for r in self.registered if (r.platform, r.account_id) == (account.platform, account.account_id)
        )
        taken, because = self._judge(match, registered)
        return Candidate(account, match.likeness, registered, taken, because)

    def _judge(self, match: Match, registered: tuple[Registration, ...]) -> tuple[bool, str]:
        account = match.account
        own = any(r.client_id == self.client_id for r in registered)
        others = [r for r in registered if r.client_id != self.client_id and r.ended_on is None]
        wanted = account.account_id in self.chosen if self.chosen else own or match.is_likely
        if account.manager:
            return False, "a manager account: it has no figures of its own"
        if own:
            return wanted, "registered for this client already"
        if not wanted:
            alike = match.likeness >= POSSIBLE and not registered and not self.chosen
            return False, "perhaps: choose it with ACCOUNT=… if it is the client's" if alike else ""
        if account.account_id in self.mistaken:
            return False, "its line in accounts.csv has a mistake: correct it"
        if others:
            return False, f"set ended_on in its line for {others[0].client_id} first: one client at a time"
        if account.closed:
            return False, f"the platform says it is {account.closed}"
        if not account.currency or not account.timezone:
            return False, "the platform names no currency or time zone, so no row can be proposed"
        return True, "chosen" if self.chosen else "its name is like the client's: check that it is"
