"""Rows of Google's answers into account-days: without names, added up."""

from collections.abc import Mapping

import orjson

from ingest.answers import (
    CONVERSIONS,
    COUNT,
    MONEY,
    MONEY_MICROS,
    CampaignFacts,
    DayAnswers,
    Row,
    Sums,
    WindowAnswers,
)

# Metrics by their key on the wire, under the name of what they are compared as: the customer's own total is
# compared with the campaigns' sum, and with that of the conversion actions.
_BY_ACTION = {
    "conversions": "conversions by action",
    "conversionsValue": "conversions value by action",
    "allConversions": "all conversions by action",
    "allConversionsValue": "all conversions value by action",
}
_PLAIN = {
    "costMicros": "cost",
    "impressions": "impressions",
    "clicks": "clicks",
    **{key: key for key in _BY_ACTION},
}
MEASURES = {
    "cost": MONEY_MICROS,
    "impressions": COUNT,
    "clicks": COUNT,
    "conversions": CONVERSIONS,
    "allConversions": CONVERSIONS,
    "conversionsValue": MONEY,
    "allConversionsValue": MONEY,
    "conversions by action": CONVERSIONS,
    "all conversions by action": CONVERSIONS,
    "conversions value by action": MONEY,
    "all conversions value by action": MONEY,
}


def campaign_of(campaign: Row) -> CampaignFacts:
    """Return what a row says of its campaign."""
    return CampaignFacts(
        str(campaign["id"]),
        campaign.get("name"),
        campaign.get("status"),
        campaign.get("advertisingChannelType"),
    )


def take_delivery(answers: WindowAnswers, day: DayAnswers, row: Row) -> None:
    """Add a campaign's row to its day."""
    campaign, metrics = row["campaign"], row.get("metrics", {})
    campaign_id = campaign["id"]
    if campaign_id not in answers.campaigns:
        answers.campaigns[campaign_id] = campaign_of(campaign)
    _add(day, day.campaigns, metrics, _PLAIN)
    day.delivery.append((campaign_id, _canonical({"campaign": {"id": campaign_id}, "metrics": metrics})))


def take_conversions(answers: WindowAnswers, day: DayAnswers, row: Row) -> None:
    """Add a row of a campaign and a conversion action to its day."""
    del answers
    campaign_id, segments, metrics = row["campaign"]["id"], row["segments"], row.get("metrics", {})
    _add(day, day.campaigns, metrics, _BY_ACTION)
    converted = {"campaign": {"id": campaign_id}, "segments": segments, "metrics": metrics}
    day.conversions.append(((campaign_id, segments["conversionAction"]), _canonical(converted)))


def take_totals(answers: WindowAnswers, day: DayAnswers, row: Row) -> None:
    """Add the customer's own row to its day."""
    del answers
    metrics = row.get("metrics", {})
    for names in (_PLAIN, _BY_ACTION):
        _add(day, day.account, metrics, names)
    day.control_totals.append(_canonical({"metrics": metrics}))


def _canonical(row: Row) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS)


def _add(day: DayAnswers, sums: Sums, metrics: Row, names: Mapping[str, str]) -> None:
    try:
        for key, name in names.items():
            sums[name][""] += float(metrics.get(key, 0))
    except (TypeError, ValueError):
        day.comparable = False
