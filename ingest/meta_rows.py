"""Rows of Meta's insights, page by page, into account-days: split, ordered, added up."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

import orjson

from ingest.answers import (
    CONVERSIONS,
    COUNT,
    MONEY,
    CampaignFacts,
    DayAnswers,
    Row,
    Sums,
    WindowAnswers,
    refused,
)

# Unique people cannot be summed over days or campaigns, so no reach and no frequency.
_PLAIN = ("spend", "impressions", "clicks", "inline_link_clicks")
_BY_ACTION = ("actions", "action_values")
METRICS = (*_PLAIN, *_BY_ACTION)
MEASURES = {
    "spend": MONEY,
    "impressions": COUNT,
    "clicks": COUNT,
    "inline_link_clicks": COUNT,
    "actions": CONVERSIONS,
    "action_values": MONEY,
}
_DATE, _ACTION = itemgetter("date_start"), itemgetter("action_type")
_canonical, _SORTED = orjson.dumps, orjson.OPT_SORT_KEYS


def take_campaigns(answers: WindowAnswers, account_id: str, rows: list[Row]) -> None:
    """Sort a page of campaigns' rows into their days: delivery, and apart from it the actions."""
    campaigns = answers.campaigns
    for day, group in _by_day("delivery", answers, account_id, rows):
        _add(day, day.campaigns, group)
        for row in group:
            campaign_id, name = row["campaign_id"], row.pop("campaign_name", None)
            if campaign_id not in campaigns:
                campaigns[campaign_id] = CampaignFacts(campaign_id, name, None, None)
            converted = {key: row.pop(key) for key in _BY_ACTION if key in row}
            if converted:
                converted["campaign_id"] = campaign_id
                day.conversions.append((campaign_id, _canonical(converted, option=_SORTED)))
            if "attribution_setting" in row:
                day.attribution.add(row["attribution_setting"])
            day.delivery.append((campaign_id, _canonical(row, option=_SORTED)))


def take_totals(answers: WindowAnswers, account_id: str, rows: list[Row]) -> None:
    """Sort a page of the account's own rows into their days."""
    for day, group in _by_day("control_totals", answers, account_id, rows):
        _add(day, day.account, group)
        for row in group:
            total = {key: row[key] for key in METRICS if key in row}
            day.control_totals.append(_canonical(total, option=_SORTED))


def _by_day(
    answer: str, answers: WindowAnswers, account_id: str, rows: list[Row]
) -> Iterator[tuple[DayAnswers, list[Row]]]:
    """Yield the rows day by day, without the keys that say what was asked for; refuses what was not."""
    answers.rows += len(rows)
    for text, rows_of_day in groupby(rows, _DATE):
        group = list(rows_of_day)
        if {row.pop("date_stop", text) for row in group} != {text}:
            raise refused(answer, "a row covers more than one day")
        if {row.pop("account_id", account_id) for row in group} != {account_id}:
            raise refused(answer, "a row is about another account")
        if text not in answers.days:
            raise answers.outside(answer, text)
        for row in group:
            del row["date_start"]
        yield answers.days[text], group


def _add(day: DayAnswers, sums: Sums, rows: list[Row]) -> None:
    """Add up what the rows measured, and put their actions in order: Meta's own means nothing."""
    try:
        for name in _PLAIN:
            sums[name][""] += sum(map(float, [row.get(name, 0) for row in rows]))
        for name in _BY_ACTION:
            by_action = sums[name]
            for row in rows:
                if actions := row.get(name):
                    if len(actions) > 1:
                        actions.sort(key=_ACTION)
                    for action in actions:
                        by_action[action["action_type"]] += float(action["value"])
    except (TypeError, ValueError, KeyError):
        day.comparable = False
