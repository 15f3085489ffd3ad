"""Accounts, campaigns, ad sets, ads and users as objects with fields."""

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.credentials import META_APP_ID
from sandbox.data import seeds
from sandbox.data.accounts import Account
from sandbox.data.calendar import day_of, midnight
from sandbox.data.campaigns import Campaign
from sandbox.data.schema import CustomConversion
from sandbox.data.shape import minor_units
from sandbox.meta import errors
from sandbox.meta.entities import Piece, status_of_piece

USER_ID = "100000000000001"
_TIMEZONE_IDS = {
    "America/New_York": 7, "Europe/Prague": 41, "Europe/Berlin": 46, "Europe/Madrid": 55, "Europe/London": 58,
    "Europe/Budapest": 66, "Asia/Tokyo": 83, "Europe/Warsaw": 106,
}  # fmt: skip


@lru_cache(maxsize=1)
def _known() -> dict[str, frozenset[str]]:
    """Return the documented fields of every node type, from ``node_fields.txt``."""
    found: dict[str, set[str]] = {}
    node = ""
    for line in (Path(__file__).parent / "node_fields.txt").read_text(encoding="ascii").split():
        if line.startswith("["):
            node = line.strip("[]")
        else:
            found.setdefault(node, set()).add(line)
    return {name: frozenset(fields) for name, fields in found.items()}


def chosen(node: dict[str, Any], kind: str, fields: str) -> dict[str, Any]:
    """Return the asked fields of ``node`` and its id; raises MetaError for fields ``kind`` lacks."""
    names = _top_level(fields) or ["id"]
    for name in names:
        if name not in _known()[kind]:
            raise errors.no_such_field(name, kind)
    return {name: node[name] for name in dict.fromkeys((*names, "id")) if node.get(name) is not None}


def _top_level(fields: str) -> list[str]:
    """Return the names of a field list, without the nested fields and limits that may follow them."""
    names, depth, name = [], 0, ""
    for letter in fields.strip().removeprefix("[").removesuffix("]"):
        depth += (letter in "{(") - (letter in "})")
        if letter == "," and depth == 0:
            names.append(name)
            name = ""
        elif depth == 0 and letter not in "})":
            name += letter
    return [found.strip().strip('"').partition(".")[0] for found in [*names, name] if found.strip()]


def account_node(account: Account, now: float) -> dict[str, Any]:
    """Return an ad account."""
    zone = ZoneInfo(account.timezone)
    offset = datetime.fromtimestamp(now, UTC).astimezone(zone).utcoffset()
    return {
        "id": f"act_{account.account_id}",
        "account_id": account.account_id,
        "name": account.name,
        "currency": account.currency,
        "timezone_name": account.timezone,
        "timezone_id": _TIMEZONE_IDS.get(account.timezone, 1),
        "timezone_offset_hours_utc": offset.total_seconds() / 3600 if offset else 0,
        "account_status": int((account.told.status if account.told else "") or 1),
        "disable_reason": 0,
        "age": 500.0,
        "amount_spent": "0",
        "balance": "0",
        "created_time": _time(account, max(0, (account.since.toordinal() - day_of(0).toordinal()))),
        "owner": "900000000000002",
        "business": {"id": "900000000000003", "name": "Example Agency"},
        "funding_source": "900000000000004",
        "is_personal": 0,
        "user_tasks": ["ANALYZE"],
    }


def campaign_node(campaign: Campaign, today: int) -> dict[str, Any]:
    """Return a campaign."""
    status = campaign.status(today)
    over = today > campaign.last
    return {
        "id": campaign.campaign_id,
        "account_id": campaign.account.account_id,
        "name": campaign.name,
        "status": status,
        "configured_status": status,
        "effective_status": status,
        "objective": campaign.channel.name,
        "buying_type": "AUCTION",
        "bid_strategy": "LOWEST_COST_WITHOUT_CAP",
        "daily_budget": str(round(campaign.budget * minor_units(campaign.account.currency))),
        "budget_remaining": "0",
        "special_ad_categories": [],
        "created_time": _time(campaign.account, campaign.first),
        "start_time": _time(campaign.account, campaign.first),
        "stop_time": _time(campaign.account, campaign.last + 1) if over else None,
        "updated_time": _time(campaign.account, campaign.last + 1 if over else campaign.first),
    }


def adset_node(campaign: Campaign, piece: Piece, today: int) -> dict[str, Any]:
    """Return an ad set."""
    parent = campaign_node(campaign, today)
    return {
        **{name: parent[name] for name in ("account_id", "created_time", "start_time", "updated_time")},
        "id": piece.adset_id,
        "name": piece.adset_name,
        "campaign_id": campaign.campaign_id,
        "campaign": {"id": campaign.campaign_id},
        "status": "PAUSED" if today > campaign.last else "ACTIVE",
        "effective_status": status_of_piece(campaign, today),
        "optimization_goal": "LINK_CLICKS",
        "billing_event": "IMPRESSIONS",
    }


def ad_node(campaign: Campaign, piece: Piece, today: int) -> dict[str, Any]:
    """Return an ad."""
    parent = adset_node(campaign, piece, today)
    return {
        **{
            name: parent[name]
            for name in ("account_id", "created_time", "updated_time", "campaign_id", "campaign")
        },
        **{name: parent[name] for name in ("status", "effective_status")},
        "id": piece.id,
        "name": piece.name,
        "adset_id": piece.adset_id,
        "adset": {"id": piece.adset_id},
        "creative": {"id": str(seeds.number("creative", piece.id) % 10**15)},
    }


def custom_conversion_node(account: Account, custom: CustomConversion) -> dict[str, Any]:
    """Return a custom conversion."""
    return {
        "id": custom.custom_id,
        "account_id": account.account_id,
        "name": custom.name,
        "custom_event_type": "PURCHASE" if custom.row == "purchases" else "LEAD",
        "is_archived": custom.archived,
        "is_unavailable": False,
        "rule": '{"and":[{"event":{"eq":"PageView"}}]}',
        "retention_days": 0,
        "creation_time": _time(account, max(0, account.since.toordinal() - day_of(0).toordinal())),
    }


def token_info(now: float) -> dict[str, Any]:
    """Return what the token debug call says of the sandbox's token."""
    return {
        "app_id": META_APP_ID,
        "type": "SYSTEM_USER",
        "application": "Example Agency Reporting",
        "data_access_expires_at": int(now) + 60 * 86_400,
        "expires_at": int(now) + 60 * 86_400,
        "is_valid": True,
        "issued_at": int(now) - 86_400,
        "scopes": ["ads_read", "business_management", "public_profile"],
        "user_id": USER_ID,
    }


def _time(account: Account, number: int) -> str:
    moment = datetime.fromtimestamp(midnight(account.timezone, number), ZoneInfo(account.timezone))
    return moment.strftime("%Y-%m-%dT%H:%M:%S%z")
