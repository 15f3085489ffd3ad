"""Which campaigns an account runs, when, and under which name: planned once for the whole horizon."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from sandbox.data import seeds
from sandbox.data.accounts import Account
from sandbox.data.calendar import DAYS, Floats, Ints, day_number, day_of
from sandbox.data.names import campaign_name
from sandbox.data.shape import per_euro


@dataclass(frozen=True)
class Channel:
    """The rates of one kind of campaign: click-through, EUR per click, conversions, share of budget."""

    name: str
    ctr: float
    cpc: float
    cvr: float
    weight: float


META_CHANNELS = (
    Channel("OUTCOME_SALES", 0.0180, 0.30, 1.3, 1.0),
    Channel("OUTCOME_LEADS", 0.0200, 0.27, 1.1, 0.7),
    Channel("OUTCOME_TRAFFIC", 0.0230, 0.21, 0.7, 0.55),
    Channel("OUTCOME_ENGAGEMENT", 0.0200, 0.24, 0.6, 0.4),
    Channel("OUTCOME_AWARENESS", 0.0160, 0.32, 0.5, 0.4),
)
GOOGLE_CHANNELS = (
    Channel("SEARCH", 0.1050, 0.30, 1.7, 0.8),
    Channel("PERFORMANCE_MAX", 0.0125, 0.42, 0.9, 1.0),
    Channel("SEARCH", 0.0700, 0.62, 1.0, 0.9),
    Channel("DISPLAY", 0.0065, 0.22, 0.3, 0.3),
    Channel("DEMAND_GEN", 0.0110, 0.26, 0.4, 0.3),
)
ATTRIBUTION = (("7d_click_1d_view", 0.84), ("7d_click", 0.94), ("1d_click", 1.0))
META_FATES = (("PAUSED", 0.62), ("ARCHIVED", 0.82), ("DELETED", 1.0))
GOOGLE_FATES = (("PAUSED", 0.65), ("DELETED", 1.0))
"""What becomes of campaigns that have ended, with cumulated shares."""
LASTING_DAYS = 60
"""The shortest life of a campaign in a chain without gaps."""
PROMO_WEIGHT = 0.35
"""A short campaign's share of the budget, on the scale of the channels' weights."""


@dataclass(frozen=True)
class Campaign:
    """One campaign; ``first`` and ``last`` are the day numbers between which it can have delivery."""

    account: Account
    campaign_id: str
    name: str
    channel: Channel
    first: int
    last: int
    fate: str
    """Its effective status once ``fate_from`` has come."""
    fate_from: int
    daily: float
    """Money per day at an average demand, in the account's currency."""
    ctr: float
    cpc: float
    """In the account's currency."""
    cvr: float
    """Its conversion rates relative to the platform's usual ones."""
    attribution: str
    told_status: str = ""
    """The status that the platform tells instead, in Meta's words."""

    def status(self, today: int) -> str:
        """Return the effective status on the day ``today``, in Meta's words."""
        if self.told_status:
            return self.told_status
        if today <= self.last:
            return "ACTIVE"
        return self.fate if today >= self.fate_from else "PAUSED"

    @property
    def budget(self) -> float:
        """The daily budget, in the account's currency."""
        return self.daily * 1.25


def campaigns(seed: int, account: Account, today: int) -> list[Campaign]:
    """Return the campaigns of ``account`` that have begun by the day ``today``, oldest first."""
    return [campaign for campaign in plan(seed, account, day_of(today).year) if campaign.first <= today]


@lru_cache(maxsize=4096)
def plan(seed: int, account: Account, year: int) -> tuple[Campaign, ...]:
    """Return the campaigns that begin up to the end of ``year``; a later year only adds some."""
    through = min(DAYS - 1, day_number(date(year, 12, 31)))
    chains = account.scale.lasting + account.scale.promos
    planned = [campaign for chain in range(chains) for campaign in _chain(seed, account, chain, through)]
    return tuple(sorted(planned, key=lambda campaign: (campaign.first, campaign.campaign_id)))


@dataclass(frozen=True)
class _Draws:
    """What chance decides for the campaigns of one chain, in the order in which they follow one another."""

    life: Floats
    """Days."""
    gap: Floats
    """Days until the next campaign."""
    start: float
    """Where in its first campaign or gap the chain stands when the account begins, 0 to 1."""
    fate: Floats
    """Uniform, for the status after the end."""
    wait: Ints
    """Days until that status."""
    level: Floats
    ctr: Floats
    cpc: Floats
    cvr: Floats
    """Relative to the channel's rates."""
    attribution: Floats
    """Uniform."""


def _draws(seed: int, account: Account, chain: int, lasting: bool) -> _Draws:
    rng = seeds.generator(seed, "plan", account.platform, account.account_id, chain)
    life, gap, spread = (240.0, 8.0, 0.5) if lasting else (5.0, 16.0, 0.95)
    if account.platform == "google" and not lasting:
        life, gap = 34.0, 22.0
    count = DAYS // (LASTING_DAYS if lasting else 3) + 2 * len(account.breaks) + 2
    return _Draws(
        life=np.clip(rng.lognormal(np.log(life), spread, count), LASTING_DAYS if lasting else 1, 800),
        gap=np.zeros(count) if lasting else np.clip(rng.lognormal(np.log(gap), 0.6, count), 2, 90),
        start=float(rng.random()),
        fate=rng.random(count),
        wait=rng.integers(2, 40, count),
        level=rng.lognormal(0.0, 0.22, count),
        ctr=rng.lognormal(0.0, 0.22, count),
        cpc=rng.lognormal(0.0, 0.25, count),
        cvr=rng.lognormal(0.0, 0.25, count),
        attribution=rng.random(count),
    )


def _spans(account: Account, draws: _Draws, lasting: bool, through: int) -> Iterator[tuple[int, int, int]]:
    """Yield place, first and last day of a chain's campaigns, cut at the account's breaks."""
    begin = day_number(account.since)
    end = min(DAYS - 1, day_number(account.until) if account.until else DAYS - 1)
    breaks = sorted((day_number(first), day_number(last)) for first, last in account.breaks)
    day = begin - int(draws.start * draws.life[0]) if lasting else begin + int(draws.start * draws.gap[0])
    for place, (life, gap) in enumerate(zip(draws.life.tolist(), draws.gap.tolist(), strict=True)):
        if day > min(end, through):
            return
        last = day + int(life) - 1
        met = next(
            ((first, until) for first, until in breaks if max(day, begin) <= until and last >= first), None
        )
        if met:
            last = met[0] - 1
        if last >= begin and day <= last:
            yield place, max(day, begin), min(last, end)
        day = (met[1] if met else last) + 1 + int(gap)


def _chain(seed: int, account: Account, chain: int, through: int) -> Iterator[Campaign]:
    """Yield the campaigns of one chain; a chain keeps its channel, so an account keeps its mix."""
    size, meta = account.scale, account.platform == "meta"
    lasting = chain < size.lasting
    channels = META_CHANNELS if meta else GOOGLE_CHANNELS
    channel = channels[chain % len(channels)]
    draws = _draws(seed, account, chain, lasting)
    total = sum(one.weight for one in channels[: size.lasting]) + PROMO_WEIGHT * size.promos
    share = (channel.weight if lasting else PROMO_WEIGHT) / total
    drift = float(seeds.generator(seed, "level", account.platform, account.account_id).lognormal(0.0, 0.2))
    money = per_euro(account.currency)
    daily = (size.meta_daily if meta else size.google_daily) * money * share * drift
    for place, first, last in _spans(account, draws, lasting, through):
        yield Campaign(
            account=account,
            campaign_id=_campaign_id(account, chain, place),
            name=campaign_name(seed, account, channel.name, lasting, chain, place, first),
            channel=channel,
            first=first,
            last=last,
            fate=_picked(META_FATES if meta else GOOGLE_FATES, draws.fate[place]),
            fate_from=last + int(draws.wait[place]),
            daily=daily * float(draws.level[place]),
            ctr=channel.ctr * float(draws.ctr[place]),
            cpc=channel.cpc * money * float(draws.cpc[place]),
            cvr=channel.cvr * float(draws.cvr[place]),
            attribution=_picked(ATTRIBUTION, draws.attribution[place]),
        )


def _picked(choices: tuple[tuple[str, float], ...], uniform: float) -> str:
    """Return the choice whose cumulated share is the first above ``uniform``."""
    return next(name for name, bound in choices if uniform < bound)


def _campaign_id(account: Account, chain: int, index: int) -> str:
    """Return a number that no other campaign has: 18 digits on Meta, 11 on Google."""
    number = seeds.number("campaign", account.platform, account.account_id, chain, index)
    return f"1202{number % 10**14:014d}" if account.platform == "meta" else f"2{number % 10**10:010d}"
