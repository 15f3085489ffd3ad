"""The figures of an account over a window, at an instant: one cube of campaigns by rows by days."""

from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np

from sandbox.data import google, meta, told
from sandbox.data.accounts import Account
from sandbox.data.calendar import Ints, ages, today
from sandbox.data.campaigns import Campaign, campaigns
from sandbox.data.schema import rows
from sandbox.data.timeline import Seen, Timeline

REFRESH_SECONDS = 900
"""Figures are refreshed every fifteen minutes; within these, the same question has the same answer."""


@dataclass(frozen=True)
class Cube:
    """Figures of several campaigns over consecutive days; ``values[c, r, d]`` are whole numbers."""

    account: Account
    first: int
    campaigns: tuple[Campaign, ...]
    values: Ints

    @property
    def last(self) -> int:
        """The number of the last day."""
        return self.first + int(self.values.shape[2]) - 1

    def row(self, name: str) -> Ints:
        """Return the figures of one row: campaigns by days."""
        return self.values[:, rows(self.account).index(name), :]

    def total(self) -> Ints:
        """Return the account's own figures: rows by days."""
        return np.asarray(self.values.sum(axis=0))

    def of(self, keep: list[bool]) -> "Cube":
        """Return the cube with only the campaigns that ``keep`` marks."""
        chosen = tuple(campaign for campaign, wanted in zip(self.campaigns, keep, strict=True) if wanted)
        return replace(self, campaigns=chosen, values=self.values[np.array(keep, dtype=bool)])


class Book:
    """Figures on demand, kept for the accounts asked for last."""

    def __init__(self, seed: int, keep_accounts: int = 1200) -> None:
        self.seed = seed
        self._keep = keep_accounts
        self._lives: OrderedDict[Account, dict[str, Timeline]] = OrderedDict()
        self._seen: dict[Account, tuple[float, dict[str, Seen]]] = {}

    def campaigns(self, account: Account, now: float) -> list[Campaign]:
        """Return the campaigns of ``account`` that have begun at ``now``."""
        running = today(account.timezone, now)
        if account.told is not None:
            planned = campaigns(self.seed, account.told.origin, running)
            return [told.campaign(account, one) for one in planned]
        return campaigns(self.seed, account, running)

    def cube(self, account: Account, first: int, last: int, now: float) -> Cube:
        """Return the figures of ``first`` to ``last``, up to the running day, as they look at ``now``."""
        if account.told is not None:
            return self._told(account, self.cube(account.told.origin, first, last, now), now)
        refreshed = now // REFRESH_SECONDS * REFRESH_SECONDS
        last = min(last, today(account.timezone, refreshed))
        days = max(0, last - first + 1)
        alive = [c for c in self.campaigns(account, refreshed) if c.first <= last and c.last >= first]
        values = np.zeros((len(alive), len(rows(account)), days), dtype=np.int64)
        for index, campaign in enumerate(alive):
            seen = self._look(campaign, refreshed)
            begin, end = max(first, seen.first), min(last + 1, seen.first + seen.values.shape[1])
            if begin < end:
                values[index, :, begin - first : end - first] = seen.values[
                    :, begin - seen.first : end - seen.first
                ]
        return Cube(account, first, tuple(alive), values)

    @staticmethod
    def _told(account: Account, cube: Cube, now: float) -> Cube:
        """Return ``cube`` as the platform tells it of ``account``, whose plan it follows."""
        shown = tuple(told.campaign(account, one) for one in cube.campaigns)
        return Cube(account, cube.first, shown, told.figures(account, shown, cube.values, cube.first, now))

    def _look(self, campaign: Campaign, now: float) -> Seen:
        """Return the campaign's figures at ``now``, up to the running day."""
        account = campaign.account
        at, seen = self._seen.get(account, (now, {}))
        if at != now:
            seen = {}
        self._seen[account] = (now, seen)
        if campaign.campaign_id not in seen:
            seen[campaign.campaign_id] = _look(self._life(campaign), account, now)
        return seen[campaign.campaign_id]

    def _life(self, campaign: Campaign) -> Timeline:
        account = campaign.account
        lives = self._lives.setdefault(account, {})
        self._lives.move_to_end(account)
        if len(self._lives) > self._keep:
            dropped, _ = self._lives.popitem(last=False)
            self._seen.pop(dropped, None)
        if campaign.campaign_id not in lives:
            source = meta if account.platform == "meta" else google
            lives[campaign.campaign_id] = source.timeline(self.seed, campaign)
        return lives[campaign.campaign_id]


def _look(life: Timeline, account: Account, now: float) -> Seen:
    source = meta if account.platform == "meta" else google
    running = today(account.timezone, now)
    days = min(life.final.shape[1], running - life.first + 1)
    open_from = max(0, min(days, running - source.SETTLED_DAYS - 1 - life.first))
    if open_from == days:
        return Seen(life.first, life.final[:, :days])
    tail = source.seen(
        life.part(open_from, days), ages(account.timezone, life.first + open_from, life.first + days - 1, now)
    )
    return Seen(life.first, np.concatenate([life.final[:, :open_from], tail], axis=1))
