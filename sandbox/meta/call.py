"""One request to Meta's API with everything its answer depends on."""

from dataclasses import dataclass
from urllib.parse import urlencode

from sandbox import credentials
from sandbox.data.accounts import Account
from sandbox.data.calendar import today
from sandbox.faults.spoil import Spoil
from sandbox.http import Ask
from sandbox.state import Sandbox


@dataclass(frozen=True)
class Route:
    """The parts of a path."""

    version: str
    node: str
    edge: str

    @property
    def account_id(self) -> str:
        """The digits of an ``act_`` node, or nothing."""
        return self.node.removeprefix("act_") if self.node.startswith("act_") else ""


@dataclass(frozen=True)
class Call:
    """A checked request."""

    sandbox: Sandbox
    ask: Ask
    path: Route
    spoil: Spoil

    @property
    def now(self) -> float:
        """The sandbox's clock, POSIX seconds."""
        return self.sandbox.clock.now()

    def today(self, account: Account) -> int:
        """Return the day that is running in ``account``."""
        return today(account.timezone, self.now)

    def link(self) -> str:
        """Return the address of this request without cursors; the token is in it, as in Meta's links."""
        cursors = ("after", "before", "access_token")
        kept = {name: value for name, value in self.ask.params.items() if name not in cursors}
        query = urlencode({"access_token": credentials.META_TOKEN} | kept)
        return f"{self.ask.origin}{self.ask.path.rstrip('/')}?{query}"
