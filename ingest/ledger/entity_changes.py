"""Names and statuses land apart from the days, and only when they are not those that were seen last."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from ingest.collect.days import content_hash
from ingest.ledger.past import Named
from ingest.platform_api import AccountFacts, ActionFacts, CampaignFacts

Rows = list[dict[str, Any]]


def changed_account(
    platform: str, account: AccountFacts, known: Named, run_id: str, seen_at: datetime
) -> Rows:
    """Return the row of ``account``, unless it was the same when it was seen last."""
    row = _row({"platform": platform, **asdict(account)}, run_id, seen_at)
    return [] if known.accounts.get((platform, account.account_id)) == row["content_hash"] else [row]


def changed_campaigns(
    platform: str,
    account_id: str,
    campaigns: Iterable[CampaignFacts],
    known: Named,
    run_id: str,
    seen_at: datetime,
) -> Rows:
    """Return the rows of the campaigns that are new or changed.

    A campaign of which a row told only the name never replaces what a list once said of it.
    """
    rows = []
    for campaign in campaigns:
        last = known.campaigns.get((platform, account_id, campaign.campaign_id))
        row = _row({"platform": platform, "account_id": account_id, **asdict(campaign)}, run_id, seen_at)
        if last is None or (campaign.status is not None and last != row["content_hash"]):
            rows.append(row)
    return rows


def changed_actions(
    platform: str,
    account_id: str,
    actions: Iterable[ActionFacts],
    known: Named,
    run_id: str,
    seen_at: datetime,
) -> Rows:
    """Return the rows of the conversion actions that are new or changed."""
    rows = []
    for action in actions:
        last = known.actions.get((platform, account_id, action.action_id))
        row = _row({"platform": platform, "account_id": account_id, **asdict(action)}, run_id, seen_at)
        if last is None or last != row["content_hash"]:
            rows.append(row)
    return rows


def _row(facts: dict[str, Any], run_id: str, seen_at: datetime) -> dict[str, Any]:
    digest = content_hash((orjson.dumps(facts, option=orjson.OPT_SORT_KEYS), b"", b""))
    return {**facts, "content_hash": digest, "run_id": run_id, "seen_at": seen_at}
