"""Facts that a platform changes: after their instant it tells the new one, of the past days too."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from sandbox.process import SandboxProcess
from tests.python.sandbox.clients import Google, Meta

BEFORE, SINCE, AFTER = "2026-11-24T06:00:00+00:00", "2026-11-25T04:00:00+00:00", "2026-11-25T06:00:00+00:00"
FIRST, LAST = "2026-08-01", "2026-08-20"
CONVERSIONS = (
    "SELECT campaign.id, segments.date, segments.conversion_action, segments.conversion_action_name, "
    "metrics.conversions, metrics.all_conversions, metrics.all_conversions_value FROM campaign WHERE "
    f"segments.date BETWEEN '{FIRST}' AND '{{until}}'"
)
ACTIONS = (
    "SELECT conversion_action.id, conversion_action.name, conversion_action.status, "
    "conversion_action.primary_for_goal, conversion_action.click_through_lookback_window_days, "
    "conversion_action.view_through_lookback_window_days FROM conversion_action"
)


@pytest.fixture(autouse=True)
def _no_facts_left(box: SandboxProcess) -> Iterator[None]:
    box.set_clock(BEFORE)
    yield
    box.facts([])


def _fact(match: dict[str, str], since: str | None = SINCE, **change: Any) -> dict[str, Any]:
    return {"match": match, "change": change} | ({"from": since} if since else {})


def _of_google(named: dict[str, str], **more: str) -> dict[str, str]:
    return {"platform": "google", "account": named["google"], **more}


def _of_meta(named: dict[str, str], **more: str) -> dict[str, str]:
    return {"platform": "meta", "account": named["meta"], **more}


def _actions(google: Google, account: str) -> dict[str, dict[str, Any]]:
    rows = [row["conversionAction"] for row in google.rows(account, ACTIONS)]
    return {row["id"]: row for row in rows}


def _counted(
    google: Google, account: str, until: str = LAST, metric: str = "conversions"
) -> dict[str, float]:
    """Conversions by the id of the action."""
    found: dict[str, float] = {}
    for row in google.rows(account, CONVERSIONS.format(until=until)):
        action = row["segments"]["conversionAction"].rpartition("/")[2]
        found[action] = found.get(action, 0.0) + row["metrics"][metric]
    return found


def _events(meta: Meta, account: str, first: str = FIRST, last: str = LAST) -> dict[str, int]:
    """Actions by type, summed over the campaigns and days."""
    found: dict[str, int] = {}
    for row in meta.insights(account, first, last):
        for action in row.get("actions", []):
            found[action["action_type"]] = found.get(action["action_type"], 0) + int(action["value"])
    return found


def _agree(box: SandboxProcess, google: Google, account: str) -> None:
    """The truth and the answers say the same of every action."""
    told: dict[str, Decimal] = {}
    for day in box.truth("google", account, FIRST, LAST):
        for action in day["actions"].values():
            told[action["id"]] = told.get(action["id"], Decimal(0)) + Decimal(action["conversions"])
    seen = _counted(google, account, metric="allConversions")
    assert {action: float(count) for action, count in told.items()} == pytest.approx(seen)


# accounts


def test_currency_in_place(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    box.facts(_fact(_of_meta(named), currency="EUR", rate=0.25))
    before = meta.insights(named["meta"], FIRST, LAST)
    box.set_clock(AFTER)
    after = meta.insights(named["meta"], FIRST, LAST)
    assert {row["account_currency"] for row in before} == {"PLN"}
    assert {row["account_currency"] for row in after} == {"EUR"}
    assert meta.ok(f"act_{named['meta']}", fields="currency")["currency"] == "EUR"
    for old, new in zip(before, after, strict=True):
        assert Decimal(new["spend"]) == pytest.approx(Decimal(old["spend"]) / 4, abs=Decimal("0.006"))
        assert new["clicks"] == old["clicks"]
        for was, now in zip(old.get("action_values", []), new.get("action_values", []), strict=True):
            assert Decimal(now["value"]) == pytest.approx(Decimal(was["value"]) / 4, abs=Decimal("0.006"))
    truth = box.truth("meta", named["meta"], FIRST, LAST)
    days = meta.insights(named["meta"], FIRST, LAST, level="account")
    assert [day["spend"] for day in truth] == [f"{Decimal(row['spend']):.2f}" for row in days]


def test_currency_without_minor_units(box: SandboxProcess, google: Google, named: dict[str, str]) -> None:
    query = f"SELECT metrics.cost_micros, metrics.clicks FROM customer WHERE segments.date = '{FIRST}'"
    before = google.rows(named["google"], query)[0]["metrics"]
    box.facts(_fact(_of_google(named), None, currency="JPY", rate=40))
    after = google.rows(named["google"], query)[0]["metrics"]
    assert after["clicks"] == before["clicks"]
    assert int(after["costMicros"]) == pytest.approx(40 * int(before["costMicros"]), rel=0.02)
    assert int(after["costMicros"]) % 1_000_000 == 0


def test_time_zone_name_and_status(
    box: SandboxProcess, meta: Meta, google: Google, named: dict[str, str]
) -> None:
    days = meta.insights(named["meta"], FIRST, LAST)
    box.facts(
        [
            _fact(_of_meta(named), timezone="Poland", name="Grand Hotel (new)", status=3),
            _fact(_of_google(named), timezone="Asia/Tokyo", status="SUSPENDED"),
        ]
    )
    asked = {"fields": "name,timezone_name,account_status"}
    assert meta.ok(f"act_{named['meta']}", **asked)["timezone_name"] == "Europe/Warsaw"
    box.set_clock(AFTER)
    shown = meta.ok(f"act_{named['meta']}", **asked)
    assert (shown["name"], shown["timezone_name"]) == ("Grand Hotel (new)", "Poland")
    assert shown["account_status"] == 3
    customer = google.rows(named["google"], "SELECT customer.time_zone, customer.status FROM customer")[0]
    assert customer["customer"]["timeZone"] == "Asia/Tokyo"
    assert customer["customer"]["status"] == "SUSPENDED"
    assert meta.insights(named["meta"], FIRST, LAST) == days


def test_attribution(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    box.facts(_fact(_of_meta(named), None, attribution="1d_click"))
    rows = meta.insights(named["meta"], FIRST, LAST)
    assert {row["attribution_setting"] for row in rows} == {"1d_click"}


def test_retention(box: SandboxProcess, meta: Meta, google: Google, named: dict[str, str]) -> None:
    box.facts([_fact({"platform": "meta"}, None, retention_days=50), _fact({}, None, retention_days=50)])
    window = {"since": "2026-10-05", "until": "2026-10-06"}
    assert meta.get(f"act_{named['meta']}/insights", time_range=window).status_code == 200
    window["since"] = "2026-10-04"
    assert meta.error(f"act_{named['meta']}/insights", time_range=window)["code"] == 3018
    query = "SELECT segments.date, metrics.clicks FROM customer WHERE segments.date BETWEEN '{}' AND '{}'"
    assert google.rows(named["google"], query.format("2026-10-05", "2026-10-06"))
    assert google.error(named["google"], query.format("2026-10-04", "2026-10-06")) == {
        "dateError": "EARLIER_THAN_MINIMUM_DATE"
    }


# campaigns


def test_campaign_renamed(box: SandboxProcess, meta: Meta, google: Google, named: dict[str, str]) -> None:
    campaign = meta.insights(named["meta"], FIRST, LAST)[0]["campaign_id"]
    other = google.rows(named["google"], "SELECT campaign.id FROM campaign")[0]["campaign"]["id"]
    box.facts(
        [
            _fact(_of_meta(named, campaign=campaign), name="New name"),
            _fact(_of_google(named, campaign=other), name="Other name"),
        ]
    )
    box.set_clock(AFTER)
    rows = meta.insights(named["meta"], FIRST, LAST)
    assert {row["campaign_name"] for row in rows if row["campaign_id"] == campaign} == {"New name"}
    assert meta.ok(campaign, fields="name")["name"] == "New name"
    query = f"SELECT campaign.name FROM campaign WHERE campaign.id = {other}"
    assert google.rows(named["google"], query)[0]["campaign"]["name"] == "Other name"


def test_campaign_deleted(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    today = {"since": "2026-11-24", "until": "2026-11-25"}
    campaign = meta.insights(named["meta"], today["since"], today["since"])[0]["campaign_id"]
    box.facts(_fact(_of_meta(named, campaign=campaign), "2026-11-24T12:00:00+00:00", status="DELETED"))
    box.set_clock("2026-11-25T20:00:00+00:00")
    shown = meta.insights(named["meta"], today["since"], today["until"])
    assert campaign not in {row["campaign_id"] for row in shown}
    chosen = [{"field": "campaign.effective_status", "operator": "IN", "value": ["DELETED", "ACTIVE"]}]
    asked = meta.insights(named["meta"], today["since"], today["until"], filtering=chosen)
    own = [row for row in asked if row["campaign_id"] == campaign]
    assert [row["date_start"] for row in own] == ["2026-11-24"]
    total = meta.insights(named["meta"], "2026-11-24", "2026-11-24", level="account")[0]
    assert int(total["clicks"]) > sum(
        int(row["clicks"]) for row in shown if row["date_start"] == "2026-11-24"
    )


def test_campaign_paused_and_enabled(box: SandboxProcess, google: Google, named: dict[str, str]) -> None:
    daily = (
        "SELECT campaign.id, campaign.status, segments.date, metrics.impressions FROM campaign "
        "WHERE segments.date BETWEEN '2026-11-18' AND '2026-11-23'"
    )
    campaign = google.rows(named["google"], daily)[0]["campaign"]["id"]
    match = _of_google(named, campaign=campaign)
    box.facts(
        [
            _fact(match, "2026-11-19T12:00:00+00:00", status="PAUSED"),
            _fact(match, "2026-11-22T12:00:00+00:00", status="ENABLED"),
        ]
    )
    rows = [row for row in google.rows(named["google"], daily) if row["campaign"]["id"] == campaign]
    assert [row["segments"]["date"][-2:] for row in rows] == ["18", "19", "22", "23"]
    assert {row["campaign"]["status"] for row in rows} == {"ENABLED"}
    box.set_clock("2026-11-20T06:00:00+00:00")
    rows = google.rows(
        named["google"], f"SELECT campaign.status FROM campaign WHERE campaign.id = {campaign}"
    )
    assert rows[0]["campaign"]["status"] == "PAUSED"


# conversion actions of Google


def test_action_renamed(box: SandboxProcess, google: Google, named: dict[str, str]) -> None:
    actions = _actions(google, named["google"])
    chosen = next(iter(actions))
    counted = _counted(google, named["google"])
    box.facts(_fact(_of_google(named, action=actions[chosen]["name"]), name="Rezerwacja (stara)"))
    box.set_clock(AFTER)
    rows = google.rows(named["google"], CONVERSIONS.format(until=LAST))
    names = {
        row["segments"]["conversionActionName"]
        for row in rows
        if row["segments"]["conversionAction"].endswith(chosen)
    }
    assert names == {"Rezerwacja (stara)"}
    assert _counted(google, named["google"]) == counted
    _agree(box, google, named["google"])


def test_action_created_again(box: SandboxProcess, google: Google, named: dict[str, str]) -> None:
    before = _actions(google, named["google"])
    chosen, name = next((action, row["name"]) for action, row in before.items())
    box.facts(
        _fact(
            _of_google(named, action=chosen),
            "2026-08-10T12:00:00+00:00",
            recreate={"id": "777", "old_name": f"{name} (old)"},
        )
    )
    now = _actions(google, named["google"])
    assert (now["777"]["name"], now[chosen]["name"]) == (name, f"{name} (old)")
    days: dict[str, set[str]] = {}
    for row in google.rows(named["google"], CONVERSIONS.format(until=LAST)):
        action = row["segments"]["conversionAction"].rpartition("/")[2]
        days.setdefault(action, set()).add(row["segments"]["date"])
    assert max(days[chosen]) < "2026-08-10" <= min(days["777"])
    _agree(box, google, named["google"])


def test_action_removed_when_created_again(
    box: SandboxProcess, google: Google, named: dict[str, str]
) -> None:
    chosen = next(iter(_actions(google, named["google"])))
    box.facts(_fact(_of_google(named, action=chosen), recreate={}))
    box.set_clock(AFTER)
    states = {row["name"]: row["status"] for row in _actions(google, named["google"]).values()}
    old = _actions(google, named["google"])[chosen]
    assert old["status"] == "REMOVED"
    assert states[old["name"]] in ("ENABLED", "REMOVED")
    assert len(_actions(google, named["google"])) == 6


def test_action_secondary(box: SandboxProcess, google: Google, named: dict[str, str]) -> None:
    chosen = next(
        action for action, row in _actions(google, named["google"]).items() if row["primaryForGoal"]
    )
    counted = _counted(google, named["google"])[chosen]
    box.facts(_fact(_of_google(named, action=chosen), primary=False))
    box.set_clock(AFTER)
    assert _actions(google, named["google"])[chosen]["primaryForGoal"] is False
    assert _counted(google, named["google"])[chosen] == 0
    assert _counted(google, named["google"], metric="allConversions")[chosen] == pytest.approx(counted)


def test_action_windows_and_late_conversions(
    box: SandboxProcess, google: Google, named: dict[str, str]
) -> None:
    chosen = next(iter(_actions(google, named["google"])))
    truth = _counted(google, named["google"])[chosen]
    late = {"share": 0.75, "first_day": 50, "last_day": 90}
    box.facts(
        _fact(
            _of_google(named, action=chosen),
            "2026-08-01T12:00:00+00:00",
            click_window_days=90,
            view_window_days=7,
            late=late,
        )
    )
    counted = []
    for day in ("2026-09-15", "2026-10-20", "2026-11-24"):
        box.set_clock(f"{day}T06:00:00+00:00")
        counted.append(_counted(google, named["google"])[chosen])
        _agree(box, google, named["google"])
    assert counted[0] == pytest.approx(truth / 4, rel=0.2)
    assert counted[0] < counted[1] < counted[2] == pytest.approx(truth)
    described = _actions(google, named["google"])[chosen]
    assert described["clickThroughLookbackWindowDays"] == "90"
    assert described["viewThroughLookbackWindowDays"] == "7"


# custom conversions of Meta


def test_custom_conversion_renamed_and_created_again(
    box: SandboxProcess, meta: Meta, named: dict[str, str]
) -> None:
    path = f"act_{named['meta']}/customconversions"
    custom = meta.ok(path, fields="id,name")["data"]
    assert [one["name"] for one in custom] == ["Booking confirmed"]
    old = custom[0]["id"]
    counted = _events(meta, named["meta"])
    box.facts(
        _fact(
            _of_meta(named, action="Booking confirmed"),
            "2026-08-10T12:00:00+00:00",
            recreate={"id": "78", "old_name": "Booking confirmed (old)"},
        )
    )
    names = {one["id"]: one["name"] for one in meta.ok(path, fields="id,name")["data"]}
    assert names == {old: "Booking confirmed (old)", "78": "Booking confirmed"}
    now = _events(meta, named["meta"])
    types = [f"offsite_conversion.custom.{one}" for one in (old, "78")]
    assert min(now[one] for one in types) > 0
    assert sum(now[one] for one in types) == counted[types[0]]
    assert now["purchase"] == counted["purchase"]
    assert types[1] not in _events(meta, named["meta"], last="2026-08-09")


def test_custom_conversion_added(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    match = {"platform": "meta", "account": named["meta chain"], "action": "77"}
    box.facts(_fact(match, None, of="leads", name="Room request"))
    events = _events(meta, named["meta chain"])
    assert events["offsite_conversion.custom.77"] == events["lead"]
    path = f"act_{named['meta chain']}/customconversions"
    assert meta.ok(path, fields="id,name,is_archived")["data"] == [
        {"id": "77", "name": "Room request", "is_archived": False}
    ]


# what cannot be read


@pytest.mark.parametrize(
    "fact",
    [
        {},
        {"change": {}},
        {"change": {"size": "large"}},
        {"match": {"campaign": "1"}, "change": {"name": "x"}},
        {"match": {"account": "1", "campaign": "1", "action": "2"}, "change": {"name": "x"}},
        {"match": {"account": "1", "campaign": "1"}, "change": {"status": "GONE"}},
        {"match": {"account": "1", "action": "1"}, "change": {"of": "leads"}},
        {"change": {"rate": 2}},
        {"change": {"timezone": "Europe/Atlantis"}},
        {"from": "2026-11-24", "change": {"name": "x"}},
    ],
)
def test_unreadable_fact(box: SandboxProcess, fact: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        box.facts(fact)
