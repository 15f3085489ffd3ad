"""Accounts as the platforms know them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

from sandbox.data import seeds
from sandbox.data.shape import SIZES, Size

if TYPE_CHECKING:
    from sandbox.data.told import Told

Platform = Literal["meta", "google"]


@dataclass(frozen=True)
class Account:
    """One ad account with the traits that shape its figures; all dates are inclusive."""

    platform: Platform
    account_id: str
    """Digits only."""
    name: str
    currency: str
    timezone: str
    size: str
    since: date
    """First day that can have delivery."""
    until: date | None = None
    """Last day that can have delivery, when the account has left."""
    tracking: bool = True
    """Whether conversions are tracked."""
    breaks: tuple[tuple[date, date], ...] = ()
    """Days on which no campaign runs; those before a break never run again."""
    custom_event: str = ""
    """Number of a custom pixel event that reports reservations, on Meta."""
    own_actions: bool = False
    """Whether the account names its Google conversion actions in its own way."""
    direct: bool = False
    """Whether Google's user reaches it without the manager account."""
    told: "Told | None" = None
    """What the platform tells now instead of what the account was planned with; see ``facts.py``."""

    @property
    def kept_days(self) -> int:
        """Days before today that the platform keeps of this account, 0 for the usual ones."""
        return self.told.kept_days if self.told else 0

    @property
    def scale(self) -> Size:
        """The size class."""
        return SIZES[self.size]


def _planned(account: Account) -> Account:
    return account


@dataclass
class Registry:
    """All accounts that the sandbox serves, by platform and id."""

    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    view: Callable[[Account], Account] = field(default=_planned)
    """Returns an account as its platform tells it now."""

    def add(self, account: Account) -> None:
        """Add ``account`` unless its platform and id are known."""
        self.accounts.setdefault((account.platform, account.account_id), account)

    def find(self, platform: str, account_id: str) -> Account | None:
        """Return the account, or None when the platform does not know it."""
        account = self.accounts.get((platform, account_id))
        return self.view(account) if account else None

    def planned(self, platform: str) -> list[Account]:
        """Return the accounts of ``platform`` as they were planned, in the order of their ids."""
        return sorted(
            (account for account in self.accounts.values() if account.platform == platform),
            key=lambda account: account.account_id,
        )

    def of(self, platform: str) -> list[Account]:
        """Return the accounts of ``platform`` in the order of their ids."""
        return [self.view(account) for account in self.planned(platform)]


def drawn_size(seed: int, platform: str, account_id: str) -> str:
    """Return the size class of an account that the world does not describe: many small, few chains."""
    share = seeds.uniform(seed, "size", platform, account_id)
    bounds = (("tiny", 0.15), ("small", 0.5), ("medium", 0.82), ("large", 0.96), ("chain", 1.0))
    return next(size for size, bound in bounds if share < bound)
