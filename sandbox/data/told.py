"""What a platform tells of an account instead of what was planned: the figures and campaigns in its words.

A platform that changes a fact (a name, a currency, which actions count) tells the new one for all days, the
past included. The plan stays; ``figures`` and ``campaign`` turn it into what is told.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from sandbox.data import seeds
from sandbox.data.accounts import Account
from sandbox.data.calendar import DAYS, Floats, Ints, ages
from sandbox.data.campaigns import Campaign
from sandbox.data.schema import GOOGLE_ROWS, META_ROWS, CustomConversion, GoogleAction, rows
from sandbox.data.shape import minor_units

GOOGLE_UNIT = 1_000_000
"""One Google conversion in the units of its row."""


@dataclass(frozen=True)
class Late:
    """Conversions that come late: ``share`` of them is unseen up to the age ``first``, none from ``last`` on.

    Ages are days after the day's end; in between, the unseen share falls evenly. ``since``: day number of the
    first day that is concerned.
    """

    share: float
    first: float
    last: float
    since: int


@dataclass(frozen=True)
class Counter:
    """One action that is told: it shows the planned ``source`` on the days ``since`` to ``until``."""

    action: GoogleAction | CustomConversion
    source: tuple[str, str]
    """The planned rows of counts and of values; the second is empty where there are no values."""
    since: int = 0
    until: int = DAYS
    late: Late | None = None

    @property
    def id(self) -> str:
        """The platform's id."""
        return self.action.action_id if isinstance(self.action, GoogleAction) else self.action.custom_id

    @property
    def target(self) -> tuple[str, str]:
        """The told rows of counts and of values."""
        return f"conversions:{self.id}", f"value:{self.id}"


@dataclass(frozen=True)
class ToldCampaign:
    """What is told of one campaign; a status is in Meta's words and holds from its day number on."""

    campaign_id: str
    name: str = ""
    statuses: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Told:
    """What the platform tells of one account."""

    origin: Account
    """The account as it was planned, in the time zone that is told."""
    rate: float = 1.0
    """Units of the told currency per unit of the planned one."""
    counters: tuple[Counter, ...] = ()
    campaigns: tuple[ToldCampaign, ...] = ()
    attribution: str = ""
    status: str = ""
    """The account's status in the platform's own word or number."""
    kept_days: int = 0

    @property
    def actions(self) -> tuple[GoogleAction, ...]:
        """The conversion actions of a Google account."""
        return tuple(one.action for one in self.counters if isinstance(one.action, GoogleAction))

    @property
    def customs(self) -> tuple[CustomConversion, ...]:
        """The custom conversions of a Meta account, each with figures of its own."""
        return tuple(
            replace(one.action, row=one.target[0], value_row=one.target[1])
            for one in self.counters
            if isinstance(one.action, CustomConversion)
        )


@lru_cache(maxsize=20_000)
def campaign(account: Account, planned: Campaign) -> Campaign:
    """Return ``planned`` as the platform tells it of ``account``."""
    told = account.told
    if told is None:
        return planned
    own = _of(told, planned.campaign_id)
    return replace(
        planned,
        account=account,
        name=own.name or planned.name,
        attribution=told.attribution or planned.attribution,
        daily=planned.daily * told.rate,
        cpc=planned.cpc * told.rate,
        told_status=own.statuses[-1][1] if own.statuses else "",
    )


def figures(account: Account, shown: tuple[Campaign, ...], planned: Ints, first: int, now: float) -> Ints:
    """Return the figures ``planned`` of the campaigns ``shown`` (by rows by days from ``first``) as told."""
    told = account.told
    assert told is not None, "only an account of which something is told differs from its plan"
    names, found = rows(told.origin), rows(account)
    values = np.zeros((len(shown), len(found), planned.shape[2]), dtype=np.int64)
    fixed = META_ROWS if account.platform == "meta" else GOOGLE_ROWS
    values[:, : len(fixed)] = planned[:, : len(fixed)]
    numbers = np.arange(first, first + planned.shape[2])
    money = told.rate * minor_units(account.currency) / minor_units(told.origin.currency)
    for name in ("spend", "purchase_value"):
        if name in fixed:
            row = fixed.index(name)
            values[:, row] = _times(planned[:, row], money)
    for counter in told.counters:
        counts = planned[:, names.index(counter.source[0])]
        within = (numbers >= counter.since) & (numbers <= counter.until)
        seen = np.where(within, counts, 0)
        if counter.late is not None and len(numbers):
            unit = GOOGLE_UNIT if account.platform == "google" else 1
            seen = seen - _unseen(account, shown, counter, seen // unit, first, now) * unit
        share = np.divide(seen, counts, out=np.zeros(counts.shape), where=counts > 0)
        factor = told.rate if account.platform == "google" else money
        values[:, found.index(counter.target[0])] = seen
        if counter.source[1]:
            worth = planned[:, names.index(counter.source[1])]
            values[:, found.index(counter.target[1])] = _times(worth, share * factor)
    for index, one in enumerate(shown):
        values[index] *= _delivers(_of(told, one.campaign_id), numbers)
    return values


def _times(values: Ints, factor: Floats | float) -> Ints:
    return np.asarray(np.rint(values * factor).astype(np.int64))


def _of(told: Told, campaign_id: str) -> ToldCampaign:
    return next((one for one in told.campaigns if one.campaign_id == campaign_id), ToldCampaign(campaign_id))


def _delivers(own: ToldCampaign, numbers: Ints) -> Ints:
    """Return 1 for each day with delivery, else 0: a campaign delivers until the end of its last day."""
    delivers = np.ones(len(numbers), dtype=np.int64)
    for day, status in own.statuses:
        if status == "ACTIVE":
            delivers[numbers >= day] = 1
        else:
            delivers[numbers > day] = 0
    return delivers


def _unseen(
    account: Account, shown: tuple[Campaign, ...], counter: Counter, counts: Ints, first: int, now: float
) -> Ints:
    """Return how many conversions of ``counts`` (campaigns by days) are still to come; it never grows."""
    late = counter.late
    assert late is not None, "the caller has looked"
    days = counts.shape[1]
    age = ages(account.timezone, first, first + days - 1, now).days
    if late.last > late.first:
        came = np.clip((age - late.first) / (late.last - late.first), 0.0, 1.0)
    else:
        came = (age >= late.last).astype(np.float64)
    open_share = late.share * (1.0 - came) * (np.arange(first, first + days) >= late.since)
    chance = np.array([_chance(counter.id, one.campaign_id)[first : first + days] for one in shown])
    if not len(shown):
        return counts
    unseen = np.floor(counts * open_share + chance * (open_share > 0)).astype(np.int64)
    return np.asarray(np.minimum(counts, unseen))


@lru_cache(maxsize=1024)
def _chance(action_id: str, campaign_id: str) -> Floats:
    """Return one number per day of the horizon that decides, for good, how its share is rounded."""
    return seeds.generator("late", action_id, campaign_id).random(DAYS)
