"""Meta's API: what it answers, what it hides, what it refuses."""

import json
from decimal import Decimal

import pytest
import requests

from sandbox import credentials
from sandbox.process import SandboxProcess
from tests.python.sandbox.clients import EVERY_STATUS, Meta

SINCE, UNTIL = "2026-09-01", "2026-11-23"


def test_pages_are_the_same_whatever_their_size(meta: Meta, named: dict[str, str]) -> None:
    whole = meta.insights(named["meta"], SINCE, UNTIL, limit=5000)
    assert meta.insights(named["meta"], SINCE, UNTIL, limit=37) == whole
    assert len(whole) > 200


def test_last_page_has_cursors_and_no_next(meta: Meta, named: dict[str, str]) -> None:
    page = meta.ok(f"act_{named['meta']}/insights", date_preset="last_7d", limit=5000)
    assert "after" in page["paging"]["cursors"]
    assert "next" not in page["paging"]


def test_page_before_a_cursor(meta: Meta, named: dict[str, str]) -> None:
    asked = {"date_preset": "last_30d", "time_increment": 1, "limit": 10}
    first = meta.ok(f"act_{named['meta']}/insights", **asked)
    second = meta.session.get(first["paging"]["next"], timeout=30).json()
    back = meta.session.get(second["paging"]["previous"], timeout=30).json()
    assert back["data"] == first["data"]


def test_a_day_without_delivery_is_no_row_and_no_paging(meta: Meta, named: dict[str, str]) -> None:
    assert meta.ok(
        f"act_{named['meta new']}/insights",
        time_range={"since": "2026-11-01", "until": "2026-11-16"},
        level="campaign",
    ) == {"data": []}


def test_every_metric_is_a_string_and_absent_actions_are_no_key(meta: Meta, named: dict[str, str]) -> None:
    rows = meta.insights(named["meta untracked"], SINCE, UNTIL)
    assert all(
        isinstance(row[name], str) for row in rows for name in ("spend", "impressions", "clicks", "reach")
    )
    assert any("actions" not in row for row in rows)
    assert all(row["actions"] for row in rows if "actions" in row)
    assert all(row["account_id"] == named["meta untracked"] for row in rows)


def test_zero_decimal_currencies_have_no_minor_units(meta: Meta, named: dict[str, str]) -> None:
    rows = meta.insights(named["meta yen"], "2026-11-01", "2026-11-20")
    assert {row["account_currency"] for row in rows} == {"JPY"}
    assert all("." not in row["spend"] for row in rows)


def test_overlapping_action_types_count_the_same_event(meta: Meta, named: dict[str, str]) -> None:
    counts: dict[str, int] = {}
    for row in meta.insights(named["meta"], SINCE, UNTIL):
        for action in row.get("actions", []):
            counts[action["action_type"]] = counts.get(action["action_type"], 0) + int(action["value"])
    assert counts["lead"] == counts["offsite_conversion.fb_pixel_lead"] == counts["onsite_web_lead"] > 0
    assert (
        counts["purchase"] == counts["omni_purchase"] == counts["offsite_conversion.custom.4815162342001"] > 0
    )


def test_deleted_campaigns_are_only_in_totals_until_asked_for(meta: Meta, named: dict[str, str]) -> None:
    since, until = "2025-12-01", "2026-11-23"
    account = named["meta chain"]
    total = sum(Decimal(row["spend"]) for row in meta.insights(account, since, until, level="account"))
    shown = meta.insights(account, since, until, limit=5000)
    everything = meta.insights(
        account,
        since,
        until,
        limit=5000,
        filtering=[{"field": "campaign.effective_status", "operator": "IN", "value": EVERY_STATUS}],
    )
    assert sum(Decimal(row["spend"]) for row in shown) < total
    assert sum(Decimal(row["spend"]) for row in everything) == total
    hidden = {row["campaign_id"] for row in everything} - {row["campaign_id"] for row in shown}
    listed = meta.everything(meta.ok(f"act_{account}/campaigns", fields="effective_status", limit=500))
    assert hidden and not hidden & {campaign["id"] for campaign in listed}
    by_id = meta.insights(
        account,
        since,
        until,
        limit=5000,
        filtering=[{"field": "campaign.id", "operator": "IN", "value": sorted(hidden)}],
    )
    assert {row["campaign_id"] for row in by_id} == hidden
    one = sorted(hidden)[0]
    node = meta.ok(f"{one}/insights", time_range={"since": since, "until": until}, fields="campaign_id,spend")
    assert node["data"][0]["campaign_id"] == one
    gone = meta.ok(f"act_{account}/campaigns", effective_status=["DELETED", "ARCHIVED"], limit=500)
    assert hidden <= {campaign["id"] for campaign in gone["data"]}


@pytest.mark.parametrize("level", ["adset", "ad"])
def test_lower_levels_sum_to_campaigns(meta: Meta, named: dict[str, str], level: str) -> None:
    fields = f"campaign_id,{level}_id,spend,impressions,actions"
    below = meta.insights(named["meta"], "2026-11-01", "2026-11-20", level=level, fields=fields)
    above = meta.insights(named["meta"], "2026-11-01", "2026-11-20")
    assert len(below) > len(above)
    for name in ("spend", "impressions"):
        assert sum(Decimal(row[name]) for row in below) == sum(Decimal(row[name]) for row in above)
    piece = below[0][f"{level}_id"]
    own = meta.ok(
        f"{piece}/insights", time_range={"since": "2026-11-01", "until": "2026-11-20"}, fields=fields
    )
    assert {row[f"{level}_id"] for row in own["data"]} == {piece}


def test_breakdowns_sum_to_the_whole(meta: Meta, named: dict[str, str]) -> None:
    whole = meta.insights(named["meta"], "2026-11-01", "2026-11-20")
    split = meta.insights(named["meta"], "2026-11-01", "2026-11-20", breakdowns=["age", "gender"])
    assert sum(int(row["impressions"]) for row in split) == sum(int(row["impressions"]) for row in whole)
    assert {row["gender"] for row in split} == {"female", "male", "unknown"}


@pytest.mark.parametrize(("increment", "rows"), [(7, 3), ("monthly", 1), ("all_days", 1), (1, 20)])
def test_increments_sum_to_the_same(
    meta: Meta, named: dict[str, str], increment: int | str, rows: int
) -> None:
    asked = {"level": "account", "time_increment": increment}
    found = meta.insights(named["meta"], "2026-11-01", "2026-11-20", **asked)
    days = meta.insights(named["meta"], "2026-11-01", "2026-11-20", level="account")
    assert len(found) == rows
    assert sum(Decimal(row["spend"]) for row in found) == sum(Decimal(row["spend"]) for row in days)
    assert (found[0]["date_start"], found[-1]["date_stop"]) == ("2026-11-01", "2026-11-20")


def test_time_ranges_are_one_row_each(meta: Meta, named: dict[str, str]) -> None:
    ranges = [{"since": "2026-11-01", "until": "2026-11-03"}, {"since": "2026-11-10", "until": "2026-11-10"}]
    rows = meta.ok(f"act_{named['meta']}/insights", time_ranges=ranges, time_increment=1)["data"]
    assert [(row["date_start"], row["date_stop"]) for row in rows] == [
        ("2026-11-01", "2026-11-03"),
        ("2026-11-10", "2026-11-10"),
    ]


@pytest.mark.parametrize(
    ("preset", "first", "last"),
    [
        ("today", "2026-11-24", "2026-11-24"),
        ("last_7d", "2026-11-17", "2026-11-23"),
        ("last_month", "2026-10-01", "2026-10-31"),
        ("this_quarter", "2026-10-01", "2026-11-24"),
        ("last_quarter", "2026-07-01", "2026-09-30"),
        ("last_week_mon_sun", "2026-11-16", "2026-11-22"),
    ],
)
def test_date_presets(meta: Meta, named: dict[str, str], preset: str, first: str, last: str) -> None:
    row = meta.ok(f"act_{named['meta']}/insights", date_preset=preset)["data"][0]
    assert (row["date_start"], row["date_stop"]) == (first, last)


def test_attribution_windows_are_parts_and_dead_ones_are_empty(meta: Meta, named: dict[str, str]) -> None:
    rows = meta.insights(
        named["meta chain"],
        "2026-11-01",
        "2026-11-20",
        action_attribution_windows=["1d_click", "7d_click", "1d_view", "7d_view", "28d_view"],
    )
    leads = [a for row in rows for a in row.get("actions", []) if a["action_type"] == "lead"]
    assert leads
    for action in leads:
        assert int(action.get("7d_click", 0)) + int(action.get("1d_view", 0)) == int(action["value"])
        assert int(action.get("1d_click", 0)) <= int(action.get("7d_click", 0))
        assert not {"7d_view", "28d_view"} & set(action)


@pytest.mark.parametrize(
    ("operator", "value", "kept"),
    [
        ("GREATER_THAN", 1000, lambda row: int(row["impressions"]) > 1000),
        ("LESS_THAN", 1000, lambda row: int(row["impressions"]) < 1000),
    ],
)
def test_filters_on_figures(
    meta: Meta, named: dict[str, str], operator: str, value: int, kept: object
) -> None:
    condition = [{"field": "impressions", "operator": operator, "value": value}]
    found = meta.insights(named["meta"], SINCE, UNTIL, filtering=condition)
    assert callable(kept)
    assert found == [row for row in meta.insights(named["meta"], SINCE, UNTIL) if kept(row)]


def test_ratios_and_lists(meta: Meta, named: dict[str, str]) -> None:
    fields = (
        "spend,impressions,clicks,reach,ctr,cpc,cpm,frequency,inline_link_clicks,cost_per_inline_link_click,actions,"
        "action_values,outbound_clicks,purchase_roas,cost_per_action_type,objective,buying_type,created_time,"
        "account_name,unique_clicks,video_p25_watched_actions"
    )
    rows = meta.insights(named["meta"], SINCE, UNTIL, fields=fields)
    for row in rows:
        if row["clicks"] != "0":
            assert float(row["cpc"]) == pytest.approx(float(row["spend"]) / int(row["clicks"]), abs=1e-6)
        assert float(row["ctr"]) == pytest.approx(
            100 * int(row["clicks"]) / int(row["impressions"]), abs=1e-6
        )
        assert float(row["frequency"]) >= 1
        assert "video_p25_watched_actions" not in row
        counts = {action["action_type"]: int(action["value"]) for action in row.get("actions", [])}
        for action in row.get("cost_per_action_type", []):
            cost = float(row["spend"]) / counts[action["action_type"]]
            assert float(action["value"]) == pytest.approx(cost, abs=1e-6)
        if "purchase_roas" in row:
            worth = next(a["value"] for a in row["action_values"] if a["action_type"] == "omni_purchase")
            assert float(row["purchase_roas"][0]["value"]) == pytest.approx(
                float(worth) / float(row["spend"]), abs=1e-6
            )
    assert any("purchase_roas" in row and "outbound_clicks" in row for row in rows)


def test_objects_below_an_account(meta: Meta, named: dict[str, str]) -> None:
    campaign = meta.ok(f"act_{named['meta']}/campaigns", limit=1)["data"][0]["id"]
    adset = meta.ok(f"{campaign}/adsets", fields="name")["data"][0]
    ad = meta.ok(f"{campaign}/ads", fields="name,adset_id")["data"][0]
    assert meta.ok(adset["id"], fields="campaign_id,name")["campaign_id"] == campaign
    assert meta.ok(ad["id"], fields="adset_id")["adset_id"] == ad["adset_id"]
    assert meta.ok(campaign, fields="daily_budget,objective")["objective"].startswith("OUTCOME_")
    assert meta.error(f"{campaign}/wishes")["code"] == 2500


def test_filters_on_names(meta: Meta, named: dict[str, str]) -> None:
    name = meta.insights(named["meta"], SINCE, UNTIL)[0]["campaign_name"]
    for operator, value in (("EQUAL", name), ("CONTAIN", name[2:8].upper()), ("IN", [name])):
        condition = [{"field": "campaign.name", "operator": operator, "value": value}]
        found = meta.insights(named["meta"], SINCE, UNTIL, filtering=condition)
        assert name in {row["campaign_name"] for row in found}
    condition = [{"field": "campaign.name", "operator": "NOT_EQUAL", "value": name}]
    assert name not in {
        row["campaign_name"] for row in meta.insights(named["meta"], SINCE, UNTIL, filtering=condition)
    }


def test_a_version_ago(meta: Meta) -> None:
    assert meta.get("me", version="v25.0").status_code == 200
    assert meta.error("me", version="v24.0")["code"] == 2635
    assert meta.error("me", version="v27.0")["code"] == 2500


@pytest.mark.parametrize("token", ["", "EAAwrong"])
def test_a_token_is_needed(meta: Meta, token: str) -> None:
    answer = meta.get("me", access_token=token)
    assert answer.status_code == 400
    assert (answer.json()["error"]["code"], answer.json()["error"]["type"]) == (190, "OAuthException")
    assert "OAuth" in answer.headers["WWW-Authenticate"]
    assert "X-App-Usage" in answer.headers


def test_a_token_may_be_a_bearer(box: SandboxProcess) -> None:
    bearer = {"Authorization": f"Bearer {credentials.META_TOKEN}"}
    assert requests.get(f"{box.url}/v26.0/me", headers=bearer, timeout=30).status_code == 200


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        ({"time_range": {"since": "2026-11-05", "until": "2026-11-01"}}, 100, "Invalid parameter"),
        ({"time_range": {"since": "2026-12-05", "until": "2026-12-06"}}, 100, "Invalid parameter"),
        ({"time_range": {"since": "2023-10-23", "until": "2026-11-01"}}, 3018, "37 months"),
        ({"time_range": "yesterday"}, 100, "time_range"),
        ({"time_ranges": []}, 100, "time_ranges"),
        ({"level": "keyword"}, 100, "level must be one of"),
        ({"fields": "spend,spendd,clickss"}, 100, "spendd, clickss are not valid for fields param"),
        ({"action_attribution_windows": ["3d_click"]}, 100, "action_attribution_windows[0]"),
        ({"time_increment": "91"}, 100, "time_increment"),
        ({"date_preset": "lifetime"}, 100, "date_preset"),
        ({"limit": "0"}, 100, "limit"),
        ({"limit": "many"}, 100, "limit"),
        ({"after": "???"}, 100, "cursors"),
        ({"filtering": "campaign.id=1"}, 100, "filtering"),
        (
            {"filtering": [{"field": "campaign.wealth", "operator": "IN", "value": []}]},
            100,
            "campaign.wealth",
        ),
        ({"filtering": [{"field": "campaign.id", "operator": "NEAR", "value": 1}]}, 100, "NEAR"),
        ({"breakdowns": ["dma"]}, 100, "dma is not valid for breakdowns"),
    ],
)
def test_refuses_what_it_cannot_read(
    meta: Meta, named: dict[str, str], params: dict[str, object], code: int, text: str
) -> None:
    error = meta.error(f"act_{named['meta']}/insights", **params)
    assert error["code"] == code
    assert text in error["message"]


@pytest.mark.parametrize("path", ["act_1/insights", "act_1", "77", "act_1/campaigns"])
def test_what_does_not_exist(meta: Meta, path: str) -> None:
    error = meta.error(path)
    assert (error["code"], error["error_subcode"], error["type"]) == (100, 33, "GraphMethodException")


def test_unknown_edges_and_fields(meta: Meta, named: dict[str, str]) -> None:
    assert meta.error(f"act_{named['meta']}/wishes")["code"] == 2500
    assert meta.error("me/wishes")["code"] == 2500
    assert meta.ok("me/business_users") == meta.ok(f"act_{named['meta']}/customaudiences") == {"data": []}
    assert "nonexisting field (wish)" in meta.error(f"act_{named['meta']}", fields="name,wish")["message"]


def test_token_debug_call(meta: Meta) -> None:
    found = meta.ok("debug_token", input_token=credentials.META_TOKEN)["data"]
    assert found["is_valid"] is True
    assert "ads_read" in found["scopes"]
    assert found["expires_at"] > 1795500000


def test_usage_headers(meta: Meta, named: dict[str, str]) -> None:
    headers = meta.get(f"act_{named['meta']}").headers
    for name in (
        "X-App-Usage",
        "X-Ad-Account-Usage",
        "X-Business-Use-Case-Usage",
        "X-FB-Ads-Insights-Throttle",
    ):
        assert isinstance(json.loads(headers[name]), dict)
    assert named["meta"] in json.loads(headers["X-Business-Use-Case-Usage"])
