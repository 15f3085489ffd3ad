"""Meta's figures: delivery settles within three days, always upward; conversions within seven."""

import numpy as np

from sandbox.data import seeds
from sandbox.data.calendar import Ages, Floats, Ints
from sandbox.data.campaigns import Campaign
from sandbox.data.demand import demand
from sandbox.data.noise import counts, drifting
from sandbox.data.schema import META_ROWS
from sandbox.data.shape import minor_units, per_euro
from sandbox.data.timeline import Timeline

ROW = {name: index for index, name in enumerate(META_ROWS)}
DELIVERY = (
    "spend", "impressions", "clicks", "link_clicks", "reach", "landing_page_views", "reactions", "comments",
    "video_views", "messages",
)  # fmt: skip
EVENTS = ("calls", "leads", "purchases")
RATES = {"calls": 0.008, "leads": 0.014, "purchases": 0.011}
"""Conversions per click at usual rates."""
SETTLED_DAYS = 8
"""Age from which nothing changes."""
_DELIVERY_ROWS = np.array([ROW[name] for name in DELIVERY])
_EVENT_ROWS = np.array([ROW[name] for name in EVENTS])


def timeline(seed: int, campaign: Campaign) -> Timeline:
    """Return the life of ``campaign``."""
    account = campaign.account
    days = campaign.last - campaign.first + 1
    rng = seeds.generator(seed, "figures", "meta", account.account_id, campaign.campaign_id)
    minor = minor_units(account.currency)
    spend = campaign.daily * minor * _level(seed, campaign, rng, days)
    cost = campaign.ctr * campaign.cpc * 1000 * np.exp(drifting(rng, days, 0.6, 0.2))
    impressions = np.rint(spend / minor / cost * 1000).astype(np.int64)
    rate = np.minimum(campaign.ctr * np.exp(drifting(rng, days, 0.45, 0.16)), 0.085)
    clicks = np.minimum(rng.poisson(impressions * rate), impressions)
    link_clicks = rng.binomial(clicks, 0.61)
    final = np.zeros((len(META_ROWS), days), dtype=np.int64)
    final[ROW["spend"]] = np.maximum(np.rint(spend), clicks) * (impressions > 0)
    final[ROW["impressions"]] = impressions
    final[ROW["clicks"]] = clicks
    final[ROW["link_clicks"]] = link_clicks
    final[ROW["reach"]] = np.ceil(impressions / rng.uniform(1.05, 1.28, days))
    final[ROW["landing_page_views"]] = rng.binomial(link_clicks, 0.93)
    final[ROW["reactions"]] = rng.binomial(clicks, 0.12)
    final[ROW["comments"]] = rng.binomial(clicks, 0.015)
    final[ROW["video_views"]] = rng.binomial(impressions, 0.06) if _has_video(campaign) else 0
    final[ROW["messages"]] = rng.binomial(link_clicks, 0.008)
    unit = np.rint(rng.lognormal(np.log(190.0), 0.3, days) * per_euro(account.currency) * minor)
    if account.tracking:
        swing = campaign.cvr * np.exp(drifting(rng, days, 0.7, 0.18))
        for name in EVENTS:
            final[ROW[name]] = np.minimum(counts(rng, clicks * RATES[name] * swing), link_clicks)
    late = rng.random((2, days))
    return Timeline(
        first=campaign.first,
        final=_derived(final, unit.astype(np.int64)),
        rounding=rng.random(days),
        late=late[[0, 0, 1]],
        lag=np.stack([_shortfall(rng, days), rng.uniform(1.0, 2.7, days)]),
        unit=unit.astype(np.int64)[None, :],
    )


def seen(part: Timeline, age: Ages) -> Ints:
    """Return the figures of ``part`` at the ages ``age``."""
    shortfall, settles = part.lag
    reported = age.elapsed * (1.0 - shortfall * np.maximum(0.0, 1.0 - age.days / settles) ** 2)
    attributed = age.elapsed * (1.0 - 0.03 * np.maximum(0.0, 1.0 - age.days / 7.0) ** 2)
    values = np.zeros_like(part.final)
    values[_DELIVERY_ROWS] = np.floor(part.final[_DELIVERY_ROWS] * reported + part.rounding)
    values *= values[ROW["impressions"]] > 0
    values[_EVENT_ROWS] = np.floor(part.final[_EVENT_ROWS] * attributed + part.late)
    values[_EVENT_ROWS] = np.minimum(values[_EVENT_ROWS], values[ROW["link_clicks"]])
    return _derived(values, part.unit[0])


def _level(seed: int, campaign: Campaign, rng: np.random.Generator, days: int) -> Floats:
    """Return each day's spend relative to the campaign's own level, with slow first days and rare dips."""
    shared = demand(seed, campaign.account)[campaign.first : campaign.last + 1]
    dips = np.where(rng.random(days) < 0.05, rng.uniform(0.04, 0.5, days), 1.0)
    ramp = np.minimum(1.0, 0.45 + 0.3 * np.arange(days))
    return np.asarray(shared * np.exp(drifting(rng, days, 0.62, 0.3)) * dips * ramp)


def _derived(values: Ints, unit: Ints) -> Ints:
    """Fill the rows that follow from others, in place."""
    parts = values[ROW["link_clicks"]] + values[ROW["reactions"]] + values[ROW["comments"]]
    values[ROW["engagement"]] = parts + values[ROW["video_views"]]
    values[ROW["page_engagement"]] = values[ROW["engagement"]] + values[ROW["reactions"]] // 4
    values[ROW["checkouts"]] = values[ROW["purchases"]] * 2
    values[ROW["purchase_value"]] = values[ROW["purchases"]] * unit
    return values


def _shortfall(rng: np.random.Generator, days: int) -> Floats:
    """Return the share of each day that is reported late: 0.6 % at the median, none on one day in seven."""
    late = np.clip(rng.lognormal(np.log(0.006), 0.7, days), 0.0, 0.03)
    return np.where(rng.random(days) < 0.14, 0.0, late)


def _has_video(campaign: Campaign) -> bool:
    return campaign.channel.name in ("OUTCOME_ENGAGEMENT", "OUTCOME_AWARENESS")
