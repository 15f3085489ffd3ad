"""Google's figures: conversions mature for 30 days, invalid clicks are credited back within 34."""

import numpy as np

from sandbox.data import seeds
from sandbox.data.calendar import Ages, Floats, Ints
from sandbox.data.campaigns import Campaign
from sandbox.data.demand import demand
from sandbox.data.noise import counts, drifting
from sandbox.data.schema import google_actions, rows
from sandbox.data.shape import minor_units, per_euro
from sandbox.data.timeline import Timeline

IMPRESSIONS, CLICKS, SPEND, EVENTS = 0, 1, 2, 3
SETTLED_DAYS = 34
"""Age from which nothing changes."""
WHOLE = 1_000_000
"""One conversion, in the units of the conversion rows."""
_CREDITS = np.array([250_000, 333_333, 500_000, 666_667, 750_000, 830_000, 910_000])


def timeline(seed: int, campaign: Campaign) -> Timeline:
    """Return the life of ``campaign``; its lag rows are those of ``_credits``."""
    account = campaign.account
    actions = google_actions(account)
    days = campaign.last - campaign.first + 1
    rng = seeds.generator(seed, "figures", "google", account.account_id, campaign.campaign_id)
    shared = demand(seed, account)[campaign.first : campaign.last + 1]
    dips = np.where(rng.random(days) < 0.05, rng.uniform(0.02, 0.5, days), 1.0)
    level = shared * dips * np.exp(drifting(rng, days, 0.62, 0.28))
    rate = np.minimum(campaign.ctr * np.exp(drifting(rng, days, 0.4, 0.15)), 0.3)
    impressions = rng.poisson(campaign.daily * level / campaign.cpc / rate)
    clicks = rng.binomial(impressions, rate)
    price = campaign.cpc * np.exp(drifting(rng, days, 0.5, 0.12))
    final = np.zeros((len(rows(account)), days), dtype=np.int64)
    final[IMPRESSIONS] = impressions
    final[CLICKS] = clicks
    final[SPEND] = np.maximum(np.rint(clicks * price * minor_units(account.currency)), clicks)
    shape = (len(actions), days)
    units = np.zeros((2 * len(actions), days), dtype=np.int64)
    if actions:
        swing = campaign.cvr * np.exp(drifting(rng, days, 0.7, 0.18))
        shared_credit = rng.random(shape) < 0.3
        credit = np.where(shared_credit, rng.choice(_CREDITS, shape), WHOLE)
        worth = rng.lognormal(0.0, 0.3, shape) * per_euro(account.currency)
        for index, action in enumerate(actions):
            events = np.minimum(counts(rng, clicks * action.rate * swing), clicks)
            units[index] = credit[index] if action.primary else WHOLE
            units[len(actions) + index] = np.rint(action.value * worth[index] * 100) * (units[index] // 100)
            final[EVENTS + index] = events * units[index]
            final[EVENTS + len(actions) + index] = events * units[len(actions) + index]
    return Timeline(
        first=campaign.first,
        final=final,
        rounding=rng.random(days),
        late=rng.random(shape),
        lag=_credits(rng, final),
        unit=units,
    )


def seen(part: Timeline, age: Ages) -> Ints:
    """Return the figures of ``part`` at the ages ``age``."""
    impressions, clicks, spend, credited = part.lag
    pending = age.days < credited
    values = np.zeros_like(part.final)
    for row, extra in ((IMPRESSIONS, impressions), (CLICKS, clicks), (SPEND, spend)):
        values[row] = np.floor((part.final[row] + extra * pending) * age.elapsed + part.rounding)
    values *= values[IMPRESSIONS] > 0
    values[SPEND] *= values[CLICKS] > 0
    kinds = len(part.late)
    if kinds:
        events = part.final[EVENTS : EVENTS + kinds] // np.maximum(part.unit[:kinds], 1)
        arrived = np.floor(events * (age.elapsed * _matured(age.days)) + part.late).astype(np.int64)
        arrived = np.minimum(arrived, values[CLICKS])
        values[EVENTS : EVENTS + kinds] = arrived * part.unit[:kinds]
        values[EVENTS + kinds :] = arrived * part.unit[kinds:]
    return values


def _matured(age: Floats) -> Floats:
    """Return the share of a day's conversions that has happened and is attributed at ``age`` days."""
    open_share = 1.0 - np.minimum(age, 30.0) / 30.0
    return np.asarray(1.0 - 0.3 * open_share**12 - 0.12 * open_share**3)


def _credits(rng: np.random.Generator, final: Ints) -> Floats:
    """Return, per day, the impressions, clicks and spend that are taken back, and at what age."""
    days = final.shape[1]
    impressions, clicks, spend = final[IMPRESSIONS], final[CLICKS], final[SPEND]
    share = np.clip(rng.lognormal(np.log(0.011), 0.8, days), 0.002, 0.12)
    taken = np.maximum(1.0, np.rint(clicks * share)) * (rng.random(days) < 0.3) * (clicks >= 5)
    taken = np.minimum(taken, impressions - clicks)
    money = taken * (spend // np.maximum(clicks, 1))
    shown = np.ceil(impressions * 3e-4) * (rng.random(days) < 0.15) * (impressions > 0)
    when = rng.choice(4, days, p=(0.17, 0.67, 0.115, 0.045))
    starts, widths = np.array([0.5, 1.0, 2.0, 3.0]), np.array([0.5, 1.0, 1.0, 30.5])
    return np.stack([shown, taken, money, starts[when] + widths[when] * rng.random(days)])
