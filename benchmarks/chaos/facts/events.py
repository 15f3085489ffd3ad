"""From a drawn change to what the sandbox is told, what the agency writes, and which settings hold."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from benchmarks.chaos.facts.plan import META, Change
from benchmarks.chaos.facts.world import CUSTOM_ID, CUSTOM_NAME, LINKS, STARTED, World, platform_of
from sandbox.process import SandboxProcess

EUR_PER_PLN = 0.2338
_VERSIONS = {"meta": ("v26.0", "v25.0"), "google": ("v26", "v25")}
_SOURCES = {"meta": "META_ADS", "google": "GOOGLE_ADS"}
_ACTIVE = {"meta": "1", "google": "ENABLED"}
_SETTINGS = ("28d_click", "1d_click_1d_view")
"""Attribution settings that no campaign has in the beginning."""
_ZONES = ("Europe/Lisbon", "Europe/Athens")
_DOWN: dict[str, dict[str, dict[str, Any]]] = {
    "error": {"": {"status": 500, "body": "Internal Server Error"}},
    "overload": {"": {"status": 503, "body": "overloaded"}},
    "login": {
        "meta": {"status": 401, "body": {"error": {"message": "Session has expired", "code": 190}}},
        "google": {
            "status": 401,
            "body": {"error": {"code": 401, "message": "bad credentials", "status": "UNAUTHENTICATED"}},
        },
    },
    "permission": {
        "meta": {"status": 403, "body": {"error": {"message": "(#200) no permission", "code": 200}}},
        "google": {
            "status": 403,
            "body": {
                "error": {
                    "code": 403,
                    "status": "PERMISSION_DENIED",
                    "message": "The caller does not have permission",
                    "details": [
                        {
                            "@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure",
                            "errors": [
                                {
                                    "errorCode": {"authorizationError": "USER_PERMISSION_DENIED"},
                                    "message": "User doesn't have permission to access customer.",
                                }
                            ],
                        }
                    ],
                }
            },
        },
    },
    "cut": {"": {"cut": -1}},
    "empty": {"": {"empty": True}},
}


@dataclass
class Stage:
    """The sandbox under the facts so far; ``settings`` are variables of the next run."""

    sandbox: SandboxProcess
    world: World
    facts: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    """Campaigns that a change was about: the next change takes another one."""
    suspended: set[str] = field(default_factory=set)
    number: int = 0

    def begin(self) -> None:
        """Let the platforms tell what they tell before anything changes."""
        own = {"platform": "meta", "account": self.world.ids[META], "action": CUSTOM_ID}
        self.facts = [
            {
                "match": own,
                "from": datetime.combine(STARTED, datetime.min.time(), UTC).isoformat(),
                "change": {"of": "purchases", "name": CUSTOM_NAME},
            }
        ]
        self.sandbox.clear()
        self.sandbox.facts(self.facts)

    def happen(self, change: Change, at: datetime) -> None:
        """Let ``change`` happen at ``at``; an outage lasts until ``calm``."""
        self.number += 1
        _HAPPENS[change.kind](self, change, at)
        self.sandbox.facts(self.facts)

    def calm(self, at: datetime) -> None:
        """End what lasts for one run only."""
        self.sandbox.clear()
        for account in sorted(self.suspended):
            self.tell(account, at, {"status": _ACTIVE[platform_of(account)]})
        self.suspended.clear()
        self.sandbox.facts(self.facts)

    def tell(self, account: str, at: datetime, change: dict[str, Any], **match: str) -> None:
        """Add a fact."""
        own = {"platform": platform_of(account), "account": self.world.ids[account], **match}
        self.facts.append({"match": own, "from": at.isoformat(), "change": change})

    def reservation_id(self, account: str) -> str:
        """Return the id that counts the account's reservations now."""
        return self.world.counted[account][-1]

    def campaign(self, account: str, day: date) -> str | None:
        """Return a campaign that runs and that no change was about; not the largest, if there is another."""
        running = [one for one in self.world.running_campaigns(account, day) if one not in self.touched]
        chosen = running[1:2] or running[:1]
        self.touched |= set(chosen)
        return chosen[0] if chosen else None


def _rename(stage: Stage, change: Change, at: datetime) -> None:
    account = change.account
    if change.detail == "action":
        stage.tell(account, at, {"name": f"Booking {stage.number}"}, action=stage.reservation_id(account))
    elif change.detail == "account":
        stage.tell(account, at, {"name": f"Hotel {stage.number}"})
    elif campaign := stage.campaign(account, at.date()):
        stage.tell(account, at, {"name": f"Campaign {stage.number}"}, campaign=campaign)


def _recreation(stage: Stage, change: Change, at: datetime) -> None:
    old, new = stage.reservation_id(change.account), str(810_000_000 + stage.number)
    name = {"id": new} | ({"old_name": f"Old {stage.number}"} if change.detail == "renamed" else {})
    stage.tell(change.account, at, {"recreate": name}, action=old)
    stage.world.counted[change.account].append(new)


def _spelling(stage: Stage, change: Change, at: datetime) -> None:
    if change.detail == "agency":
        stage.world.respell(change.account)
    else:
        zone = stage.world.planned(change.account).timezone
        stage.tell(change.account, at, {"timezone": LINKS[zone]})


def _currency(stage: Stage, change: Change, at: datetime) -> None:
    stage.tell(change.account, at, {"currency": "EUR", "rate": EUR_PER_PLN})


def _basis(stage: Stage, change: Change, at: datetime) -> None:
    stage.tell(change.account, at, {"primary": False}, action=stage.reservation_id(change.account))


def _window(stage: Stage, change: Change, at: datetime) -> None:
    late = {"share": 0.5, "first_day": 3, "last_day": 55}
    stage.tell(
        change.account,
        at,
        {"click_window_days": 60, "late": late},
        action=stage.reservation_id(change.account),
    )


def _status(stage: Stage, change: Change, at: datetime) -> None:
    if change.detail == "account":
        status = "3" if platform_of(change.account) == "meta" else "SUSPENDED"
        stage.tell(change.account, at, {"status": status})
        stage.suspended.add(change.account)
    elif campaign := stage.campaign(change.account, at.date()):
        stage.tell(change.account, at, {"status": "PAUSED"}, campaign=campaign)


def _deletion(stage: Stage, change: Change, at: datetime) -> None:
    if campaign := stage.campaign(change.account, at.date()):
        stage.tell(change.account, at, {"status": "DELETED"}, campaign=campaign)


def _setting(stage: Stage, change: Change, at: datetime) -> None:
    if change.detail == "zone":
        told = sum(fact["change"].get("timezone") in _ZONES for fact in stage.facts)
        stage.tell(change.account, at, {"timezone": _ZONES[told % 2]})
        return
    if change.account:
        told = sum("attribution" in fact["change"] for fact in stage.facts)
        stage.tell(change.account, at, {"attribution": _SETTINGS[told % 2]})
        return
    variable = f"SOURCES__{_SOURCES[change.platform]}__API_VERSION"
    usual, other = _VERSIONS[change.platform]
    stage.settings[variable] = usual if stage.settings.get(variable) == other else other


def _outage(stage: Stage, change: Change, at: datetime) -> None:
    platform = change.platform or platform_of(change.account)
    ways = _DOWN[change.detail]
    match: dict[str, Any] = {"platform": platform}
    if change.account:
        match["account"] = [stage.world.ids[change.account]]
    if change.detail == "empty":
        match["kind"] = ["delivery", "conversions", "control_totals"]
    elif not change.account and change.detail in ("login", "permission") and platform == "google":
        match["kind"] = ["account", "campaigns", "delivery", "conversions", "control_totals"]
    stage.sandbox.faults({"name": str(change), "match": match, "effect": ways.get(platform) or ways[""]})


_HAPPENS: dict[str, Callable[[Stage, Change, datetime], None]] = {
    "rename": _rename,
    "recreation": _recreation,
    "spelling": _spelling,
    "currency": _currency,
    "basis": _basis,
    "window": _window,
    "status": _status,
    "deletion": _deletion,
    "setting": _setting,
    "outage": _outage,
}


def between(before: datetime, days: int) -> datetime:
    """Return when a change happens that the run ``days`` after ``before`` meets: halfway, at night."""
    return (before + timedelta(days=(days + 1) // 2)).replace(hour=2)
