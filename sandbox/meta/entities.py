"""What has figures on each level: account, campaigns, and the ad sets and ads that share a campaign's."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from sandbox.data import seeds
from sandbox.data.accounts import Account
from sandbox.data.book import Cube
from sandbox.data.calendar import Ints
from sandbox.data.campaigns import Campaign
from sandbox.meta import errors
from sandbox.meta.query import Filter

HIDDEN = frozenset({"DELETED", "ARCHIVED"})
"""Meta leaves campaigns in these states out of campaign rows and listings, but not out of account totals."""
BREAKDOWNS: dict[str, tuple[tuple[str, int], ...]] = {
    "publisher_platform": (("facebook", 55), ("instagram", 42), ("audience_network", 3)),
    "age": (("18-24", 8), ("25-34", 24), ("35-44", 29), ("45-54", 21), ("55-64", 12), ("65+", 6)),
    "gender": (("female", 58), ("male", 40), ("unknown", 2)),
    "country": (("PL", 70), ("DE", 18), ("GB", 12)),
    "device_platform": (("mobile_app", 82), ("desktop", 14), ("mobile_web", 4)),
}


@dataclass(frozen=True)
class Piece:
    """An ad set or an ad: a campaign's figures from ``begins`` to ``ends`` percent."""

    id: str
    name: str
    adset_id: str
    adset_name: str
    begins: int
    ends: int


@dataclass(frozen=True)
class Entity:
    """What one row of insights is about."""

    account: Account
    campaign: Campaign | None = None
    piece: Piece | None = None
    breakdown: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=20_000)
def ads(campaign_id: str) -> tuple[Piece, ...]:
    """Return the ads of a campaign, two to each of its one or two ad sets."""
    number = seeds.number("ads", campaign_id)
    pieces = []
    cuts = (0, 40, 100) if number % 3 == 0 else (0, 34, 58, 81, 100)
    for index, (begins, ends) in enumerate(pairwise(cuts)):
        adset = index // 2
        pieces.append(
            Piece(
                id=_derived_id(campaign_id, 200 + index),
                name=f"Ad {index + 1}",
                adset_id=_derived_id(campaign_id, 100 + adset),
                adset_name=f"Ad set {adset + 1}",
                begins=begins,
                ends=ends,
            )
        )
    return tuple(pieces)


@lru_cache(maxsize=20_000)
def adsets(campaign_id: str) -> tuple[Piece, ...]:
    """Return the ad sets of a campaign."""
    found: dict[str, Piece] = {}
    for ad in ads(campaign_id):
        first = found.get(ad.adset_id)
        found[ad.adset_id] = Piece(
            ad.adset_id,
            ad.adset_name,
            ad.adset_id,
            ad.adset_name,
            first.begins if first else ad.begins,
            ad.ends,
        )
    return tuple(found.values())


def status_of_piece(campaign: Campaign, today: int) -> str:
    """Return the effective status of the ad sets and ads of ``campaign``."""
    status = campaign.status(today)
    return "CAMPAIGN_PAUSED" if status == "PAUSED" else status


def spread(cube: Cube, level: str) -> tuple[list[Entity], Ints]:
    """Return the entities of ``level`` and their figures: entities by rows by days."""
    account = cube.account
    if level == "account":
        return [Entity(account)], cube.values.sum(axis=0, keepdims=True)
    if level == "campaign":
        return [Entity(account, campaign) for campaign in cube.campaigns], cube.values
    pieces_of = adsets if level == "adset" else ads
    entities, parts = [], []
    for index, campaign in enumerate(cube.campaigns):
        for piece in pieces_of(campaign.campaign_id):
            entities.append(Entity(account, campaign, piece))
            parts.append(_share(cube.values[index], piece.begins, piece.ends))
    values = np.stack(parts) if parts else np.zeros((0, *cube.values.shape[1:]), dtype=np.int64)
    return entities, values


def broken_down(entities: list[Entity], values: Ints, names: tuple[str, ...]) -> tuple[list[Entity], Ints]:
    """Split every entity by the breakdowns ``names``; raises MetaError for an unknown one."""
    for name in names:
        if name not in BREAKDOWNS:
            raise errors.not_valid_for("breakdowns", [name])
        entities, values = _by(entities, values, name)
    return entities, values


def _by(entities: list[Entity], values: Ints, name: str) -> tuple[list[Entity], Ints]:
    found, parts = [], []
    for entity, figures in zip(entities, values, strict=True):
        begins = 0
        for value, share in BREAKDOWNS[name]:
            found.append(replace(entity, breakdown=(*entity.breakdown, (name, value))))
            parts.append(_share(figures, begins, begins + share))
            begins += share
    return found, np.stack(parts) if parts else values


def _share(figures: Ints, begins: int, ends: int) -> Ints:
    """Return the part between two percentages in whole numbers; neighbouring parts sum exactly."""
    return np.asarray(figures * ends // 100 - figures * begins // 100)


def _derived_id(campaign_id: str, salt: int) -> str:
    return f"1202{seeds.number('piece', campaign_id, salt) % 10**14:014d}"


def matching(cube: Cube, filters: tuple[Filter, ...], today: int, level: str) -> Cube:
    """Return the campaigns of ``cube`` that the filters admit and that Meta shows on ``level``.

    Without a condition on ids or statuses, deleted and archived campaigns are only part of account totals.
    """
    asked = names_statuses(filters)
    keep = [
        all(admits(condition, campaign, today) for condition in filters)
        and (asked or level == "account" or campaign.status(today) not in HIDDEN)
        for campaign in cube.campaigns
    ]
    return cube.of(keep)


def names_statuses(filters: Iterable[Filter]) -> bool:
    """Return whether a condition names ids or statuses, so that nothing need be hidden."""
    return any(condition.field.partition(".")[2] in ("id", "effective_status") for condition in filters)


def only_pieces(
    entities: list[Entity], values: Ints, filters: tuple[Filter, ...]
) -> tuple[list[Entity], Ints]:
    """Return the ad sets or ads that conditions on their own id or name admit."""
    own = [f for f in filters if f.field in ("ad.id", "ad.name", "adset.id", "adset.name")]
    keep = [index for index, entity in enumerate(entities) if all(_meets(entity.piece, f) for f in own)]
    return [entities[index] for index in keep], values[keep]


def _meets(piece: Piece | None, condition: Filter) -> bool:
    if piece is None:
        return True
    owner, _, name = condition.field.partition(".")
    prefix = "adset_" if owner == "adset" else ""
    return holds(condition, getattr(piece, prefix + name))


def admits(condition: Filter, campaign: Campaign, today: int) -> bool:
    """Return whether a campaign, or an ad of it, meets a condition; raises MetaError if unknown."""
    owner, _, name = condition.field.partition(".")
    if owner not in ("campaign", "adset", "ad"):
        return True
    if name in ("effective_status", "status", "configured_status", "delivery_status"):
        status = campaign.status(today) if owner == "campaign" else status_of_piece(campaign, today)
        values = [status]
    elif name in ("id", "name"):
        if owner == "campaign":
            values = [campaign.campaign_id if name == "id" else campaign.name]
        else:
            pieces = ads(campaign.campaign_id) if owner == "ad" else adsets(campaign.campaign_id)
            values = [piece.id if name == "id" else piece.name for piece in pieces]
    elif name in ("delivery_info", "objective", "buying_type", "updated_time", "created_time"):
        return True
    else:
        raise errors.bad_param(f"Filtering field {condition.field} is invalid")
    return any(holds(condition, value) for value in values)


def holds(condition: Filter, value: Any) -> bool:
    """Return whether ``value`` meets a condition; raises MetaError for an unknown operator."""
    wanted = condition.value
    several = [str(w) for w in wanted] if isinstance(wanted, list) else [str(wanted)]
    match condition.operator:
        case "IN" | "ANY":
            return str(value) in several
        case "NOT_IN" | "NONE":
            return str(value) not in several
        case "EQUAL":
            return str(value) == several[0]
        case "NOT_EQUAL":
            return str(value) != several[0]
        case "CONTAIN":
            return several[0].lower() in str(value).lower()
        case "NOT_CONTAIN":
            return several[0].lower() not in str(value).lower()
        case "GREATER_THAN":
            return float(value) > float(several[0])
        case "LESS_THAN":
            return float(value) < float(several[0])
    raise errors.bad_param(f"Filtering operator {condition.operator} is invalid")
