"""The fields that queries can name, what they belong to, and what may not stand together."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sandbox.data.accounts import Account
from sandbox.data.calendar import day_of
from sandbox.data.campaigns import Campaign
from sandbox.data.schema import GoogleAction
from sandbox.google.errors import query_error
from sandbox.google.gaql import Statement

RESOURCES = ("campaign", "customer", "customer_client", "conversion_action")
ATTRIBUTED = {
    "campaign": ("campaign", "customer"),
    "customer": ("customer",),
    "customer_client": ("customer_client", "customer"),
    "conversion_action": ("conversion_action", "customer"),
}
"""The resources whose attributes a query from each resource can select."""
REPORTING = ("campaign", "customer")
"""The resources that have metrics here."""
TIME_SEGMENTS = ("segments.date", "segments.week", "segments.month", "segments.quarter", "segments.year",
                 "segments.day_of_week")  # fmt: skip
ACTION_SEGMENTS = ("segments.conversion_action", "segments.conversion_action_name",
                   "segments.conversion_action_category")  # fmt: skip
METRICS = {
    "metrics.impressions": "int64",
    "metrics.clicks": "int64",
    "metrics.interactions": "int64",
    "metrics.cost_micros": "int64",
    "metrics.ctr": "double",
    "metrics.average_cpc": "double",
    "metrics.average_cpm": "double",
    "metrics.average_cost": "double",
    "metrics.cost_per_conversion": "double",
    "metrics.conversions_from_interactions_rate": "double",
    "metrics.conversions": "double",
    "metrics.conversions_value": "double",
    "metrics.all_conversions": "double",
    "metrics.all_conversions_value": "double",
    "metrics.view_through_conversions": "int64",
    "metrics.video_trueview_views": "int64",
}
BY_ACTION = frozenset(
    f"metrics.{name}"
    for name in ("conversions", "conversions_value", "all_conversions", "all_conversions_value")
)
"""The metrics that can be segmented by conversion action."""


@dataclass(frozen=True)
class Customer:
    """An account or the manager account as Google describes it."""

    account_id: str
    name: str
    currency: str
    timezone: str
    manager: bool = False
    tracking: bool = True
    level: int = 0
    status: str = "ENABLED"

    @classmethod
    def of(cls, account: Account, level: int = 0) -> "Customer":
        """Return the customer that ``account`` is."""
        return cls(
            account.account_id,
            account.name,
            account.currency,
            account.timezone,
            False,
            account.tracking,
            level,
            (account.told.status if account.told else "") or "ENABLED",
        )


CUSTOMER: dict[str, Callable[[Customer], Any]] = {
    "resource_name": lambda customer: f"customers/{customer.account_id}",
    "id": lambda customer: customer.account_id,
    "descriptive_name": lambda customer: customer.name,
    "currency_code": lambda customer: customer.currency,
    "time_zone": lambda customer: customer.timezone,
    "manager": lambda customer: customer.manager,
    "test_account": lambda customer: False,
    "status": lambda customer: customer.status,
    "auto_tagging_enabled": lambda customer: True,
    "conversion_tracking_setting.conversion_tracking_status": lambda customer: (
        "CONVERSION_TRACKING_MANAGED_BY_SELF" if customer.tracking else "NOT_CONVERSION_TRACKED"
    ),
}
CUSTOMER_CLIENT: dict[str, Callable[[Customer], Any]] = {
    "resource_name": lambda customer: (
        f"customers/{customer.account_id}/customerClients/{customer.account_id}"
    ),
    "client_customer": lambda customer: f"customers/{customer.account_id}",
    "id": lambda customer: customer.account_id,
    "descriptive_name": lambda customer: customer.name,
    "currency_code": lambda customer: customer.currency,
    "time_zone": lambda customer: customer.timezone,
    "manager": lambda customer: customer.manager,
    "level": lambda customer: str(customer.level),
    "hidden": lambda customer: False,
    "test_account": lambda customer: False,
    "status": lambda customer: customer.status,
}
CAMPAIGN: dict[str, Callable[[Campaign, str], Any]] = {
    "resource_name": lambda c, status: f"customers/{c.account.account_id}/campaigns/{c.campaign_id}",
    "id": lambda c, status: c.campaign_id,
    "name": lambda c, status: c.name,
    "status": lambda c, status: status,
    "serving_status": lambda c, status: "SERVING" if status == "ENABLED" else "NONE",
    "advertising_channel_type": lambda c, status: c.channel.name,
    "start_date": lambda c, status: day_of(c.first).isoformat(),
    "bidding_strategy_type": lambda c, status: "MAXIMIZE_CONVERSIONS",
}
CONVERSION_ACTION: dict[str, Callable[[GoogleAction, str], Any]] = {
    "resource_name": lambda action, customer: f"customers/{customer}/conversionActions/{action.action_id}",
    "id": lambda action, customer: action.action_id,
    "name": lambda action, customer: action.name,
    "category": lambda action, customer: action.category,
    "type": lambda action, customer: action.kind,
    "status": lambda action, customer: action.status,
    "primary_for_goal": lambda action, customer: action.primary,
    "click_through_lookback_window_days": lambda action, customer: str(action.click_days),
    "view_through_lookback_window_days": lambda action, customer: str(action.view_days),
}
ATTRIBUTES: dict[str, frozenset[str]] = {
    "campaign": frozenset(CAMPAIGN),
    "customer": frozenset(CUSTOMER),
    "customer_client": frozenset(CUSTOMER_CLIENT),
    "conversion_action": frozenset(CONVERSION_ACTION),
}
_STATUS = {"ACTIVE": "ENABLED", "PAUSED": "PAUSED", "ARCHIVED": "REMOVED", "DELETED": "REMOVED"}


def campaign_status(campaign: Campaign, today: int) -> str:
    """Return a campaign's status in Google's words."""
    return _STATUS[campaign.status(today)]


@lru_cache(maxsize=256)
def camel(name: str) -> str:
    """Return a field's name as JSON spells it."""
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def mask(fields: tuple[str, ...]) -> str:
    """Return the field mask of a query's fields."""
    return ",".join(".".join(camel(part) for part in field.split(".")) for field in fields)


def checked(statement: Statement) -> None:
    """Raise the GoogleError that a statement deserves for its resource and fields."""
    if statement.resource not in RESOURCES:
        raise query_error(
            "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE",
            f"Error in query: the resource type in the FROM clause '{statement.resource}' is invalid.",
        )
    used = [
        *statement.fields,
        *(condition.field for condition in statement.conditions),
        *(field for field, _ in statement.order),
    ]
    for field in used:
        _field(field, statement.resource)
    by_action = any(field in ACTION_SEGMENTS for field in used)
    for field in used:
        if by_action and field in METRICS and field not in BY_ACTION:
            raise query_error(
                "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE",
                "Cannot select or filter on the following segments: 'segments.conversion_action', since "
                f"segments are incompatible with the metric: '{field}'.",
            )
    for condition in statement.conditions:
        segment = condition.field.startswith("segments.") and condition.field != "segments.date"
        if segment and condition.field not in statement.fields:
            raise query_error(
                "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE",
                f"The following field must be present in SELECT clause: '{condition.field}'.",
            )


_INCOMPATIBLE = (
    "Cannot select or filter on the {what}, since they are incompatible with the resource in the FROM clause."
)


def _field(field: str, resource: str) -> None:
    owner, _, name = field.partition(".")
    known = (
        field in METRICS
        or field in TIME_SEGMENTS
        or field in ACTION_SEGMENTS
        or (owner in ATTRIBUTES and name in ATTRIBUTES[owner])
    )
    if not known:
        raise query_error("UNRECOGNIZED_FIELD", f"Unrecognized field in the query: '{field}'.")
    if owner in ("metrics", "segments") and resource not in REPORTING:
        code = f"PROHIBITED_{owner.removesuffix('s').upper()}_IN_SELECT_OR_WHERE_CLAUSE"
        raise query_error(code, _INCOMPATIBLE.format(what=f"following {owner}: '{field}'"))
    if owner in ATTRIBUTES and owner not in ATTRIBUTED[resource]:
        what = f"following resources: '{owner.upper()}'"
        raise query_error("PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE", _INCOMPATIBLE.format(what=what))
