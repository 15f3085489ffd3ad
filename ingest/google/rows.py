"""Rows of Google's answers into account-days: without names, added up."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

import msgspec

from core.measures import on_wire
from ingest.platform_api import (
    Allowance,
    CampaignFacts,
    Chunk,
    DayAnswers,
    Row,
    Sums,
    WindowAnswers,
    refused,
)


def _spelled(field: str) -> str:
    """Return a field of a request as answers spell it: ``metrics.cost_micros`` is ``costMicros``."""
    first, *rest = field.removeprefix("metrics.").split("_")
    return first + "".join(part.capitalize() for part in rest)


DELIVERED, CONVERTED = on_wire("google", "delivery"), on_wire("google", "conversions")
# Metrics by their key on the wire, under the name of what they are compared as: the customer's own total is
# compared with the campaigns' sum, and with that of the conversion actions.
_BY_ACTION = {_spelled(field): f"{field} by action" for field in CONVERTED}
_PLAIN = {_spelled(field): field for field in (*DELIVERED, *CONVERTED)}
MEASURES = {field: Allowance.of(measure, "google") for field, measure in (DELIVERED | CONVERTED).items()}
MEASURES |= {f"{field} by action": MEASURES[field] for field in CONVERTED}
_NOTHING = (None, 0, "0", "0.0")
_canonical = msgspec.json.Encoder(order="sorted").encode


def campaign_of(campaign: Row) -> CampaignFacts:
    """Return what a row says of its campaign."""
    return CampaignFacts.of(
        campaign["id"],
        campaign.get("name"),
        campaign.get("status"),
        campaign.get("advertisingChannelType"),
    )


def take_delivery(answers: WindowAnswers, day: DayAnswers, rows: list[Row]) -> None:
    """Add the rows of campaigns to their day."""
    _add(day, day.campaigns, rows, _PLAIN)
    kept = []
    for row in rows:
        campaign = row["campaign"]
        if campaign["id"] not in answers.campaigns:
            answers.campaigns[campaign["id"]] = campaign_of(campaign)
        kept.append((campaign["id"], {"campaign": {"id": campaign["id"]}, "metrics": row.get("metrics", {})}))
    day.delivery.append(_chunk(kept))


def take_conversions(answers: WindowAnswers, day: DayAnswers, rows: list[Row]) -> None:
    """Add the rows of campaigns and conversion actions to their day."""
    del answers
    _add(day, day.campaigns, rows, _BY_ACTION)
    day.converted |= {row["campaign"]["id"] for row in rows if _converts(row.get("metrics", {}))}
    kept = []
    for row in rows:
        campaign_id, segments = row["campaign"]["id"], row["segments"]
        converted = {"campaign": {"id": campaign_id}, "segments": segments, "metrics": row.get("metrics", {})}
        kept.append(((campaign_id, segments["conversionAction"]), converted))
    day.conversions.append(_chunk(kept))


def take_totals(answers: WindowAnswers, day: DayAnswers, rows: list[Row]) -> None:
    """Add the customer's own rows to their day."""
    del answers
    for names in (_PLAIN, _BY_ACTION):
        _add(day, day.account, rows, names)
    day.control_totals += [_canonical({"metrics": row.get("metrics", {})}) for row in rows]


def refuse_unknown_campaigns(answers: WindowAnswers) -> None:
    """Refuse conversions of a campaign without a row of delivery where others have one: it is asked for.

    A day without any delivery is for the control totals to judge.
    """
    for text, day in answers.days.items():
        known = {key for chunk in day.delivery for key in chunk.keys}
        for campaign_id in sorted(day.converted - known) if known else ():
            raise refused("conversions", f"campaign {campaign_id!r} converted on {text} and had no delivery")


def _chunk(kept: list[tuple[Any, Row]]) -> Chunk:
    kept.sort(key=itemgetter(0))
    return Chunk.of([key for key, _ in kept], _canonical([row for _, row in kept]))


def _converts(metrics: Row) -> bool:
    return any(metrics.get(key) not in _NOTHING for key in _BY_ACTION)


def _add(day: DayAnswers, sums: Sums, rows: list[Row], names: Mapping[str, str]) -> None:
    metrics = [row.get("metrics", {}) for row in rows]
    try:
        for key, name in names.items():
            sums[name][""] += sum([float(of_row.get(key, 0)) for of_row in metrics])
    except (TypeError, ValueError):
        day.comparable = False
