"""Which campaigns an account runs, when, and under which name: planned once for the whole horizon."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sandbox.data import seeds
from sandbox.data.accounts import Account
from sandbox.data.calendar import DAYS, day_number
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
ATTRIBUTION = ("7d_click_1d_view", "7d_click", "1d_click")


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

    def status(self, today: int) -> str:
        """Return the effective status on the day ``today``, in Meta's words."""
        if today <= self.last:
            return "ACTIVE"
        return self.fate if today >= self.fate_from else "PAUSED"

    @property
    def budget(self) -> float:
        """The daily budget, in the account's currency."""
        return self.daily * 1.25


@lru_cache(maxsize=4096)
def plan(seed: int, account: Account) -> tuple[Campaign, ...]:
    """Return every campaign of ``account`` over the horizon, in the order of their first days."""
    chains = account.scale.lasting + account.scale.promos
    campaigns = [campaign for chain in range(chains) for campaign in _chain(seed, account, chain)]
    return tuple(sorted(campaigns, key=lambda campaign: (campaign.first, campaign.campaign_id)))


def _spans(account: Account, rng: np.random.Generator, lasting: bool) -> Iterator[tuple[int, int]]:
    """Yield the first and last day of the campaigns of one chain, cut at the account's breaks."""
    begin = day_number(account.since)
    end = min(DAYS - 1, day_number(account.until) if account.until else DAYS - 1)
    medians = (240.0, 8.0) if lasting else ((5.0, 16.0) if account.platform == "meta" else (34.0, 22.0))
    shape = (0.5, 0.3) if lasting else (0.95, 0.6)
    count = (end - begin) // 4 + 2
    lives = np.clip(rng.lognormal(np.log(medians[0]), shape[0], count), 60 if lasting else 1, 800)
    gaps = np.zeros(count) if lasting else np.clip(rng.lognormal(np.log(medians[1]), shape[1], count), 2, 90)
    breaks = sorted((day_number(first), day_number(last)) for first, last in account.breaks)
    day = begin - int(rng.uniform(0, lives[0])) if lasting else begin + int(rng.uniform(0, gaps[0]))
    for life, gap in zip(lives.astype(int), gaps.astype(int), strict=True):
        last = day + int(life) - 1
        stop = next((first for first, until in breaks if max(day, begin) <= until and last >= first), None)
        if stop is not None:
            last = stop - 1
        if last >= begin and day <= last:
            yield max(day, begin), min(last, end)
        if stop is not None:
            last = next(until for first, until in breaks if first == stop)
        day = last + 1 + int(gap)
        if day > end:
            return


def _chain(seed: int, account: Account, chain: int) -> Iterator[Campaign]:
    """Yield the campaigns of one chain; a chain keeps its channel, so an account keeps its mix."""
    lasting = chain < account.scale.lasting
    meta = account.platform == "meta"
    channels = META_CHANNELS if meta else GOOGLE_CHANNELS
    channel = channels[chain % len(channels)]
    rng = seeds.generator(seed, "plan", account.platform, account.account_id, chain)
    spans = list(_spans(account, rng, lasting))
    fates = ("PAUSED", "ARCHIVED", "DELETED") if meta else ("PAUSED", "DELETED")
    weights = (0.62, 0.2, 0.18) if meta else (0.65, 0.35)
    fate = rng.choice(len(fates), len(spans), p=weights)
    wait = rng.integers(2, 40, len(spans))
    level = rng.lognormal(0.0, 0.22, len(spans))
    ctr = rng.lognormal(np.log(channel.ctr), 0.22, len(spans))
    cpc = rng.lognormal(np.log(channel.cpc), 0.25, len(spans)) * per_euro(account.currency)
    cvr = channel.cvr * rng.lognormal(0.0, 0.25, len(spans))
    attribution = rng.choice(len(ATTRIBUTION), len(spans), p=(0.84, 0.1, 0.06))
    size = account.scale
    daily = (size.meta_daily if meta else size.google_daily) * per_euro(account.currency)
    total = sum(c.weight for c in channels[: size.lasting]) + 0.35 * size.promos
    share = (channel.weight if lasting else 0.35) / total
    drift = float(seeds.generator(seed, "level", account.platform, account.account_id).lognormal(0.0, 0.2))
    for index, (first, last) in enumerate(spans):
        yield Campaign(
            account=account,
            campaign_id=_campaign_id(account, chain, index),
            name=campaign_name(seed, account, channel.name, lasting, chain, index, first),
            channel=channel,
            first=first,
            last=last,
            fate=fates[int(fate[index])],
            fate_from=last + int(wait[index]),
            daily=daily * share * drift * float(level[index]),
            ctr=float(ctr[index]),
            cpc=float(cpc[index]),
            cvr=float(cvr[index]),
            attribution=ATTRIBUTION[int(attribution[index])],
        )


def _campaign_id(account: Account, chain: int, index: int) -> str:
    """Return a number that no other campaign has: 18 digits on Meta, 11 on Google."""
    number = seeds.number("campaign", account.platform, account.account_id, chain, index)
    return f"1202{number % 10**14:014d}" if account.platform == "meta" else f"2{number % 10**10:010d}"
