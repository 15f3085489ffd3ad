"""What the platforms count, day by day, and what the agency must be shown of it."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from benchmarks.chaos.facts.plan import ACCOUNTS, META
from benchmarks.chaos.facts.world import STARTED, World, platform_of
from sandbox.process import SandboxProcess

_NAMES = {"email_contacts": "Contact form", "click_to_call": "Calls from ads"}
_TYPES = {
    "email_contacts": "offsite_conversion.fb_pixel_lead",
    "click_to_call": "click_to_call_call_confirm",
}


@dataclass(frozen=True)
class Day:
    """The figures of one account on one day, in ``currency``."""

    currency: str
    figures: dict[str, Decimal]


def told(sandbox: SandboxProcess, world: World, today: date) -> dict[tuple[str, str], Day]:
    """Return, by account and date, what is counted now of every closed day."""
    found = {}
    currencies = {(one["platform"], one["account"]): one["currency"] for one in sandbox.accounts()}
    for name in ACCOUNTS:
        platform, account_id = platform_of(name), world.ids[name]
        for day in sandbox.truth(platform, account_id, STARTED, today - timedelta(days=1)):
            found[name, day["date"]] = Day(
                currencies[platform, account_id], _day(name, day, world.counted[name])
            )
    return found


def _day(name: str, day: dict[str, Any], reservations: list[str]) -> dict[str, Decimal]:
    figures = {
        "total_spend": Decimal(day["spend"]),
        "total_impressions": Decimal(day["impressions"]),
        "total_clicks": Decimal(day["clicks"]),
    }
    actions = day["actions"]
    if name == META:
        types = [f"offsite_conversion.custom.{one}" for one in reservations]
        figures |= {kpi: Decimal(actions.get(kind, 0)) for kpi, kind in _TYPES.items()}
        figures["reservations"] = _sum(actions.get(kind, 0) for kind in types)
        figures["reservation_value"] = _sum(day["action_values"].get(kind, 0) for kind in types)
        return figures
    own = [one for one in actions.values() if one["id"] in reservations]
    figures |= {
        kpi: _sum(one["conversions"] for key, one in actions.items() if key == action)
        for kpi, action in _NAMES.items()
    }
    figures["reservations"] = _sum(one["conversions"] for one in own)
    figures["reservation_value"] = _sum(one["value"] for one in own)
    return figures


def _sum(values: Any) -> Decimal:
    return sum((Decimal(value) for value in values), Decimal(0))
