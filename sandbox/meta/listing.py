"""Campaigns, ad sets and ads of an account or of a campaign, page by page."""

from typing import Any

from sandbox.data import schema
from sandbox.data.accounts import Account
from sandbox.data.campaigns import Campaign
from sandbox.http import Answer, listed
from sandbox.meta import entities, insights, nodes, query
from sandbox.meta.call import Call

EDGES = {"campaigns": "Campaign", "adsets": "AdSet", "ads": "Ad"}
"""Edges and the node type that each lists."""


def edge(call: Call, account: Account, campaign: Campaign | None) -> Answer:
    """Return a page of an edge; without a condition on statuses, deleted and archived ones are hidden."""
    params, kind = call.ask.params, EDGES[call.path.edge]
    running = call.today(account)
    conditions = list(query.filters(params.get("filtering", "")))
    if params.get("effective_status"):
        wanted = listed(params["effective_status"])
        conditions.append(query.Filter(f"{kind.lower()}.effective_status", "IN", wanted))
    asked = campaign is not None or entities.names_statuses(conditions)
    found = [
        one
        for one in ([campaign] if campaign else call.sandbox.book.campaigns(account, call.now))
        if (asked or one.status(running) not in entities.HIDDEN)
        and all(entities.admits(condition, one, running) for condition in conditions)
    ]
    made = [node | _status(call, node) for one in found for node in _nodes(kind, one, running)]
    return page(call, call.spoil.rows([nodes.chosen(node, kind, params.get("fields", "")) for node in made]))


def _nodes(kind: str, campaign: Campaign, running: int) -> list[dict[str, Any]]:
    if kind == "Campaign":
        return [nodes.campaign_node(campaign, running)]
    if kind == "AdSet":
        return [nodes.adset_node(campaign, piece, running) for piece in entities.adsets(campaign.campaign_id)]
    return [nodes.ad_node(campaign, piece, running) for piece in entities.ads(campaign.campaign_id)]


def _status(call: Call, node: dict[str, Any]) -> dict[str, str]:
    status = call.spoil.status(node["effective_status"], node.get("campaign_id", node["id"]))
    return {} if status == node["effective_status"] else {"effective_status": status, "status": status}


def custom_conversions(call: Call, account: Account) -> Answer:
    """Return a page of the account's custom conversions."""
    made = [nodes.custom_conversion_node(account, custom) for custom in schema.custom_conversions(account)]
    fields = call.ask.params.get("fields", "")
    return page(call, call.spoil.rows([nodes.chosen(node, "CustomConversion", fields) for node in made]))


def page(call: Call, made: list[dict[str, Any]]) -> Answer:
    """Return the page of a listing that the cursors ask for, with the total count if wanted."""
    params = call.ask.params
    size = query.limit(params, 25)
    begin = query.offset(params, size)
    payload = insights.paged(made[begin : begin + size], begin, len(made), call.link())
    if params.get("summary", "").lower() in ("true", "1", "total_count"):
        payload["summary"] = {"total_count": len(made)}
    return Answer(payload=payload)
