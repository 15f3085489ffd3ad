"""What the credentials reach: accounts, the conversion actions they count, and how long the token holds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from ingest.client.breaker import Breaker
from ingest.client.caller import Caller
from ingest.client.http import http_session
from ingest.client.sources import SourceSettings
from ingest.registry import api_of


@dataclass(frozen=True)
class ReachedAccount:
    """An account that the credentials reach, as the platform lists it.

    ``closed`` says in words why nothing can be collected from it now ("" for an account in use), ``via``
    names the manager account it is reached through ("" for none).
    """

    platform: str
    account_id: str
    name: str
    currency: str
    timezone: str
    closed: str = ""
    manager: bool = False
    via: str = ""


@dataclass(frozen=True)
class SeenAction:
    """A conversion action and what was counted of it, in the platform's own attribution.

    ``action_id`` is what a line of ``conversion_actions.csv`` may name besides ``name``; ``category`` and
    ``primary`` are what the advertiser said of it, where the platform knows that ("" and None elsewhere).
    ``value`` is in the account's currency; None: it has none.
    """

    name: str
    conversions: Decimal
    value: Decimal | None = None
    action_id: str = ""
    category: str = ""
    primary: bool | None = None
    all_conversions: Decimal | None = None


@dataclass(frozen=True)
class TokenFacts:
    """What a platform says of the credentials; an instant is None where they never expire, or it is not told.

    ``scopes`` is None where the platform does not list them, ``problem`` what is wrong with a token that does
    not hold. ``told`` is False when the platform would not say anything of a token that otherwise works.
    """

    valid: bool
    expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None
    scopes: frozenset[str] | None = None
    problem: str = ""
    told: bool = True

    @property
    def ends_at(self) -> datetime | None:
        """When they stop working: the token and its access to data expire apart, the earlier counts."""
        known = (self.expires_at, self.data_access_expires_at)
        return min((instant for instant in known if instant is not None), default=None)


class Access(Protocol):
    """One platform, asked about the credentials; every method raises ``AnswerError``."""

    caller: Caller
    notes: list[str]
    """Sentences about what could not be looked into, for a person."""

    async def accounts(self) -> list[ReachedAccount]:
        """Return every account that the credentials reach, managers and closed ones included."""

    async def one(self, account_id: str) -> ReachedAccount:
        """Return the account, asked for by its id."""

    async def actions(self, account_id: str, since: date, until: date) -> list[SeenAction]:
        """Return the conversion actions counted from ``since`` to ``until``, both included."""

    async def delivering(
        self, account_id: str, since: date, until: date, *, monthly: bool
    ) -> list[tuple[date, date]]:
        """Return the first and last days of the months with delivery, or the days (each twice)."""

    async def tracking(self, account_id: str) -> bool | None:
        """Return whether the account tracks conversions, None where the platform does not say."""

    async def token(self) -> TokenFacts:
        """Return what there is to know of the credentials; a token that does not hold is no error here."""


@asynccontextmanager
async def reaching(settings: SourceSettings) -> AsyncIterator[Access]:
    """Open the way to one platform: the same client as in a collection, so that nothing is asked in vain."""
    platform, api = settings.platform, api_of(settings.platform)
    async with http_session(settings) as session:
        breaker = Breaker(platform.name, settings.breaker_failures, settings.breaker_seconds)
        yield api.access(Caller(settings, session, breaker, api.failure_in, api.usage_in))
