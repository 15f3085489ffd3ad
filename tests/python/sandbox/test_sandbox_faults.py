"""Faults on demand: every way to choose requests, every effect."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import credentials
from sandbox.data.calendar import day_number
from sandbox.faults.rules import Faults
from sandbox.process import SandboxProcess
from sandbox.target import target
from tests.python.sandbox.clients import Google, Meta

SINCE, UNTIL = "2026-11-01", "2026-11-20"
CONVERSIONS = (
    "SELECT campaign.id, segments.date, segments.conversion_action, metrics.conversions, "
    f"metrics.all_conversions FROM campaign WHERE segments.date BETWEEN '{SINCE}' AND '{UNTIL}'"
)
DELIVERY = (
    "SELECT campaign.id, segments.date, metrics.clicks, metrics.cost_micros, metrics.conversions "
    f"FROM campaign WHERE segments.date BETWEEN '{SINCE}' AND '{UNTIL}'"
)
TOTALS = (
    "SELECT segments.date, metrics.clicks, metrics.cost_micros FROM customer "
    f"WHERE segments.date BETWEEN '{SINCE}' AND '{UNTIL}'"
)


def _statuses(meta: Meta, account: str, count: int) -> list[int]:
    return [meta.get(f"act_{account}").status_code for _ in range(count)]


# which requests


@pytest.mark.parametrize(
    ("times", "struck"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"first": 2}, [1, 2]),
        ({"after": 4}, [5, 6]),
        ({"after": 1, "first": 2}, [2, 3]),
        ({"every": 3}, [1, 4]),
        ({"nth": [2, 5]}, [2, 5]),
    ],
)
def test_times(
    box: SandboxProcess, meta: Meta, named: dict[str, str], times: dict[str, Any], struck: list[int]
) -> None:
    box.faults({"match": {"kind": "account"}, "times": times, "effect": {"status": 500, "body": "oops"}})
    statuses = _statuses(meta, named["meta"], 6)
    assert [number for number, status in enumerate(statuses, 1) if status == 500] == struck
    assert box.struck() == [{"name": "rule 1", "met": 6, "struck": len(struck)}]


def test_probability_is_seeded(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    runs = []
    for seed in (1, 1, 2):
        box.clear()
        box.faults({"name": "p", "times": {"probability": 0.4, "seed": seed}, "effect": {"status": 503}})
        runs.append(_statuses(meta, named["meta"], 40))
    assert runs[0] == runs[1] != runs[2]
    assert 6 < runs[0].count(503) < 26


def test_only_the_named_account_platform_kind_and_path(
    box: SandboxProcess, meta: Meta, google: Google, named: dict[str, str]
) -> None:
    box.faults(
        [
            {"match": {"account": f"act_{named['meta']}", "kind": ["account"]}, "effect": {"status": 500}},
            {"match": {"platform": "google", "kind": "conversions"}, "effect": {"status": 503}},
            {"match": {"path": "/campaigns$", "method": "get"}, "effect": {"status": 502}},
        ]
    )
    assert meta.get(f"act_{named['meta']}").status_code == 500
    assert meta.get(f"act_{named['meta yen']}").status_code == 200
    assert meta.get(f"act_{named['meta']}/insights").status_code == 200
    assert meta.get(f"act_{named['meta yen']}/campaigns").status_code == 502
    assert google.post(named["google"], CONVERSIONS).status_code == 503
    assert google.post(named["google"], DELIVERY).status_code == 200


def test_a_date_chooses_the_requests_whose_window_touches_it(
    box: SandboxProcess, meta: Meta, google: Google, named: dict[str, str]
) -> None:
    box.faults({"match": {"date": ["2026-11-20", "2026-11-22"]}, "effect": {"status": 500}})
    window = {"since": "2026-11-01", "until": "2026-11-19"}
    assert meta.get(f"act_{named['meta']}/insights", time_range=window).status_code == 200
    window["until"] = "2026-11-20"
    assert meta.get(f"act_{named['meta']}/insights", time_range=window).status_code == 500
    assert google.post(named["google"], DELIVERY).status_code == 500
    assert google.post(named["google"], DELIVERY.replace("11-20", "11-19")).status_code == 200


def test_kinds_of_requests(box: SandboxProcess, meta: Meta, google: Google, named: dict[str, str]) -> None:
    box.forget()
    run = meta.session.post(
        f"{box.url}/v26.0/act_{named['meta']}/insights",
        data={"access_token": "wrong", "level": "ad", "fields": "spend"},
        timeout=30,
    )
    assert run.status_code == 400
    meta.insights(named["meta"], SINCE, UNTIL)
    meta.insights(named["meta"], SINCE, UNTIL, level="account")
    meta.ok(f"act_{named['meta']}/ads")
    meta.ok("debug_token")
    meta.error(f"act_{named['meta']}/insights", level="wrong")
    google.post(named["google"], "SELECT conversion_action.id FROM conversion_action")
    google.post(named["google"], TOTALS)
    google.post(named["google"], "nonsense")
    assert [request["kind"] for request in box.requests()] == [
        "async+delivery",
        "conversions+delivery",
        "control_totals",
        "campaigns",
        "token",
        "other",
        "conversion_actions",
        "control_totals",
        "other",
    ]


# over the wire


def test_status_body_and_headers(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    body = {"error": {"message": "(#17) User request limit reached", "code": 17, "error_subcode": 2446079}}
    box.faults({"effect": {"status": 400, "body": body, "headers": {"X-App-Usage": '{"call_count":118}'}}})
    answer = meta.get(f"act_{named['meta']}")
    assert (answer.status_code, answer.json()) == (400, body)
    assert answer.headers["X-App-Usage"] == '{"call_count":118}'


def test_headers_alone_leave_the_answer(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    box.faults({"effect": {"headers": {"X-App-Usage": "not json"}}})
    answer = meta.get(f"act_{named['meta']}")
    assert (answer.status_code, answer.headers["X-App-Usage"]) == (200, "not json")


@pytest.mark.parametrize(
    "body", ["", "Service Unavailable", "<html><body>Bad Gateway</body></html>", {"data": None}, []]
)
def test_nonsense_with_status_200(box: SandboxProcess, meta: Meta, named: dict[str, str], body: Any) -> None:
    box.faults({"effect": {"body": body}})
    answer = meta.get(f"act_{named['meta']}")
    assert answer.status_code == 200
    assert answer.text == body if isinstance(body, str) else answer.json() == body
    assert ("html" in answer.headers["Content-Type"]) == (isinstance(body, str) and "<" in body)


def test_content_type(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    box.faults({"effect": {"content_type": "text/plain"}})
    answer = meta.get(f"act_{named['meta']}")
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.json()["id"] == f"act_{named['meta']}"


def test_redirect(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    box.faults({"effect": {"redirect": "http://elsewhere.example/"}})
    answer = meta.session.get(f"{box.url}/v26.0/act_{named['meta']}", allow_redirects=False, timeout=30)
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://elsewhere.example/")


def test_delay_holds_up_nobody_else(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    box.faults({"match": {"account": named["meta"]}, "effect": {"delay": 1.0}})
    began = time.monotonic()
    with ThreadPoolExecutor() as pool:
        late = pool.submit(Meta(box).get, f"act_{named['meta']}")
        assert meta.get(f"act_{named['meta yen']}").status_code == 200
        assert not late.done()
        assert late.result().status_code == 200
    assert time.monotonic() - began >= 1.0


def test_drip_passes_a_timeout_per_read(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    box.faults({"effect": {"drip": 60}})
    began = time.monotonic()
    answer = requests.get(
        f"{box.url}/v26.0/act_{named['meta']}",
        params={"access_token": "wrong"},
        timeout=1.0,
    )
    assert answer.json()["error"]["code"] == 190
    assert time.monotonic() - began > 1.0


def test_cut_in_the_body(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    box.faults({"effect": {"cut": 40}})
    answer = meta.session.get(f"{box.url}/v26.0/act_{named['meta']}", stream=True, timeout=5)
    assert answer.status_code == 400
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        _ = answer.content
    assert box.requests()[-1]["status"] == 0


def test_cut_before_the_headers(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    box.faults({"times": {"first": 1}, "effect": {"cut": -1}})
    with pytest.raises(requests.exceptions.ConnectionError):
        meta.get(f"act_{named['meta']}")
    assert meta.get(f"act_{named['meta']}").status_code == 200


def test_truncate_looks_complete(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    box.faults({"effect": {"truncate": 25}})
    answer = meta.get(f"act_{named['meta']}")
    assert (answer.status_code, len(answer.content)) == (200, 25)
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)


# the page


def test_empty_is_a_valid_answer(
    box: SandboxProcess, meta: Meta, google: Google, named: dict[str, str]
) -> None:
    box.faults({"match": {"kind": ["delivery", "conversions"]}, "effect": {"empty": True}})
    assert meta.insights(named["meta"], SINCE, UNTIL) == []
    assert google.rows(named["google"], DELIVERY) == []
    assert (
        google.post(named["google"], DELIVERY, "searchStream")
        .json()[0]["fieldMask"]
        .startswith("campaign.id")
    )
    assert meta.insights(named["meta"], SINCE, UNTIL, level="account") != []


def test_a_page_cut_short(box: SandboxProcess, meta: Meta, google: Google, named: dict[str, str]) -> None:
    whole, actions = (
        meta.insights(named["meta"], SINCE, UNTIL, limit=30),
        google.rows(named["google"], CONVERSIONS),
    )
    box.faults({"times": {"nth": [2]}, "match": {"platform": "meta"}, "effect": {"cut_page": 4}})
    box.faults({"match": {"kind": "conversions", "platform": "google"}, "effect": {"cut_page": 4}})
    assert meta.insights(named["meta"], SINCE, UNTIL, limit=30) == whole[:56] + whole[60:]
    assert google.rows(named["google"], CONVERSIONS) == actions[:-4]


def test_a_next_page_that_is_denied(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    whole = meta.insights(named["meta"], SINCE, UNTIL, limit=30)
    box.faults({"effect": {"drop_next": True}})
    assert meta.insights(named["meta"], SINCE, UNTIL, limit=30) == whole[:30]


def test_a_page_that_leads_to_itself(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    box.faults({"times": {"first": 2}, "effect": {"repeat_page": True}})
    asked = {"time_range": {"since": SINCE, "until": UNTIL}, "time_increment": 1, "limit": 8}
    first = meta.ok(f"act_{named['meta']}/insights", **asked)
    again = meta.session.get(first["paging"]["next"], timeout=30).json()
    assert again["data"] == first["data"]


# the rows


def test_rows_dropped_and_doubled(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    whole = meta.insights(named["meta"], SINCE, UNTIL)
    box.faults({"match": {"kind": "delivery"}, "effect": {"drop_rows": 0.3}})
    fewer = meta.insights(named["meta"], SINCE, UNTIL, limit=11)
    assert 0.5 < len(fewer) / len(whole) < 0.9
    assert fewer == meta.insights(named["meta"], SINCE, UNTIL) and all(row in whole for row in fewer)
    box.clear()
    box.faults({"match": {"kind": "delivery"}, "effect": {"duplicate": 1}})
    assert meta.insights(named["meta"], SINCE, UNTIL, limit=11) == [row for row in whole for _ in range(2)]


def test_keys_dropped_set_renamed_and_rewritten_on_some_days(
    box: SandboxProcess, meta: Meta, google: Google, named: dict[str, str]
) -> None:
    box.faults(
        [
            {
                "match": {"platform": "meta", "date": "2026-11-05"},
                "effect": {
                    "drop_keys": ["actions"],
                    "set": {"account_currency": "EUR"},
                    "rename": {"clicks": "klicks"},
                    "rewrite": {"spend": ["\\.", ","]},
                },
            },
            {
                "match": {"platform": "google", "date": "2026-11-05"},
                "effect": {"drop_keys": ["metrics.clicks"]},
            },
        ]
    )
    for row in meta.insights(named["meta"], SINCE, UNTIL):
        struck = row["date_start"] == "2026-11-05"
        assert (row["account_currency"] == "EUR") is struck
        assert ("klicks" in row, "clicks" in row) == (struck, not struck)
        assert ("," in row["spend"]) is struck
        assert not struck or "actions" not in row
    for row in google.rows(named["google"], DELIVERY):
        assert ("clicks" in row["metrics"]) is (row["segments"]["date"] != "2026-11-05")


# the data


def _spend(rows: list[dict[str, Any]]) -> dict[str, float]:
    days: dict[str, float] = {}
    for row in rows:
        days[row["date_start"]] = days.get(row["date_start"], 0) + float(row["spend"])
    return days


def test_scale_at_campaigns_only_or_everywhere(
    box: SandboxProcess, meta: Meta, named: dict[str, str]
) -> None:
    before = _spend(meta.insights(named["meta"], SINCE, UNTIL, level="account"))
    for kinds, changed in ((["delivery"], 1.0), (["delivery", "control_totals"], 1.5)):
        box.clear()
        rule = {
            "match": {"kind": kinds, "date": ["2026-11-10", "2026-11-12"]},
            "effect": {"scale": {"spend": 1.5}},
        }
        box.faults(rule)
        total = _spend(meta.insights(named["meta"], SINCE, UNTIL, level="account"))
        for day, value in _spend(meta.insights(named["meta"], SINCE, UNTIL, filtering=_everything())).items():
            struck = "2026-11-10" <= day <= "2026-11-12"
            assert value == pytest.approx(before[day] * (1.5 if struck else 1.0), rel=1e-3)
            assert total[day] == pytest.approx(before[day] * (changed if struck else 1.0), rel=1e-3)


def _everything() -> list[dict[str, Any]]:
    statuses = ["ACTIVE", "PAUSED", "ARCHIVED", "DELETED"]
    return [{"field": "campaign.effective_status", "operator": "IN", "value": statuses}]


def test_conversions_gone_and_one_action_scaled(
    box: SandboxProcess, meta: Meta, google: Google, named: dict[str, str]
) -> None:
    delivery = google.rows(named["google"], DELIVERY)
    box.faults(
        {"match": {"kind": ["delivery", "conversions"]}, "effect": {"scale": {"conversions": 0, "value": 0}}}
    )
    kept = {
        a["action_type"] for row in meta.insights(named["meta"], SINCE, UNTIL) for a in row.get("actions", [])
    }
    assert "link_click" in kept and not kept & {"lead", "purchase", "click_to_call_call_confirm"}
    assert google.rows(named["google"], CONVERSIONS) == []
    assert sum(row["metrics"]["conversions"] for row in google.rows(named["google"], DELIVERY)) == 0
    box.clear()
    box.faults({"effect": {"scale": {"conversions:Rezerwacja (GA4) purchase": 2}}})
    doubled = google.rows(named["google"], DELIVERY)
    gained = sum(row["metrics"]["conversions"] for row in doubled) - sum(
        r["metrics"]["conversions"] for r in delivery
    )
    assert gained > 1


def test_amounts_added(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    before = _spend(meta.insights(named["meta"], SINCE, UNTIL, level="account"))
    box.faults({"match": {"date": "2026-11-10"}, "effect": {"add": {"spend": -10_000}}})
    after = _spend(meta.insights(named["meta"], SINCE, UNTIL, level="account"))
    assert after["2026-11-10"] == pytest.approx(before["2026-11-10"] - 10_000)
    assert after["2026-11-11"] == before["2026-11-11"]


def test_days_shifted_copied_and_seen_earlier(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    before = _spend(meta.insights(named["meta"], SINCE, UNTIL, level="account"))
    box.faults({"match": {"date": ["2026-11-10", "2026-11-12"]}, "effect": {"shift_days": 1}})
    after = _spend(meta.insights(named["meta"], SINCE, UNTIL, level="account"))
    assert [after[f"2026-11-{day:02d}"] for day in (9, 10, 11, 12, 13)] == [
        before[f"2026-11-{day:02d}"] for day in (9, 9, 10, 11, 13)
    ]
    box.clear()
    box.faults({"effect": {"from_day": "2026-11-03"}})
    assert set(_spend(meta.insights(named["meta"], SINCE, UNTIL, level="account")).values()) == {
        before["2026-11-03"]
    }
    box.clear()
    box.faults({"effect": {"as_of": "2026-11-10T11:00:00+00:00"}})
    early = _spend(meta.insights(named["meta"], SINCE, UNTIL, level="account"))
    assert max(early) == "2026-11-10" and 0.4 < early["2026-11-10"] / before["2026-11-10"] < 0.6
    box.clear()
    box.faults({"effect": {"hours_ago": 24 * 14}})
    assert max(_spend(meta.insights(named["meta"], SINCE, UNTIL, level="account"))) == "2026-11-10"


def test_campaigns_hidden(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    box.faults({"match": {"kind": "delivery"}, "effect": {"hide_campaigns": 0.5}})
    rows = meta.insights(named["meta chain"], SINCE, UNTIL, filtering=_everything())
    total = _spend(meta.insights(named["meta chain"], SINCE, UNTIL, level="account"))
    assert 0 < sum(_spend(rows).values()) < sum(total.values())


def test_one_campaign_alone(box: SandboxProcess, meta: Meta, google: Google, named: dict[str, str]) -> None:
    before = meta.insights(named["meta"], SINCE, UNTIL)
    one = before[-1]["campaign_id"]
    match = {"campaign": [one], "date": [UNTIL, UNTIL]}
    box.faults({"match": match, "effect": {"scale": {"spend": 2}, "set": {"reach": "7"}}})
    for old, new in zip(before, meta.insights(named["meta"], SINCE, UNTIL), strict=True):
        struck = old["campaign_id"] == one and old["date_start"] == UNTIL
        assert float(new["spend"]) == pytest.approx(float(old["spend"]) * (2 if struck else 1))
        assert new["reach"] == ("7" if struck else old["reach"])
    box.clear()
    box.faults(
        {"match": {"campaign": one}, "effect": {"campaign_status": "WITH_ISSUES", "hide_campaigns": 1}}
    )
    campaigns = meta.ok(f"act_{named['meta']}/campaigns", fields="effective_status", limit=500)["data"]
    assert [c["id"] for c in campaigns if c["effective_status"] == "WITH_ISSUES"] == [one]
    after = meta.insights(named["meta"], SINCE, UNTIL)
    assert after == [row for row in before if row["campaign_id"] != one]


def test_another_accounts_figures(
    box: SandboxProcess, meta: Meta, google: Google, named: dict[str, str]
) -> None:
    theirs = meta.insights(named["meta yen"], SINCE, UNTIL, level="account")
    clicks = [row["metrics"] for row in google.rows(named["google chain"], TOTALS)]
    box.faults({"match": {"platform": "meta"}, "effect": {"serve_account": named["meta yen"]}})
    box.faults({"match": {"platform": "google"}, "effect": {"serve_account": named["google chain"]}})
    assert meta.insights(named["meta"], SINCE, UNTIL, level="account") == theirs
    assert [row["metrics"] for row in google.rows(named["google"], TOTALS)] == clicks


def test_an_account_that_reports_itself_otherwise(
    box: SandboxProcess, meta: Meta, google: Google, named: dict[str, str]
) -> None:
    box.faults({"effect": {"account": {"currency": "EUR", "timezone": "America/New_York"}}})
    node = meta.ok(f"act_{named['meta']}", fields="currency,timezone_name")
    assert (node["currency"], node["timezone_name"]) == ("EUR", "America/New_York")
    assert {row["account_currency"] for row in meta.insights(named["meta"], SINCE, UNTIL)} == {"EUR"}
    row = google.rows(named["google"], "SELECT customer.currency_code, customer.time_zone FROM customer")[0]
    assert (row["customer"]["currencyCode"], row["customer"]["timeZone"]) == ("EUR", "America/New_York")


def test_campaign_statuses(box: SandboxProcess, meta: Meta, google: Google, named: dict[str, str]) -> None:
    box.faults({"effect": {"campaign_status": "PAUSED"}})
    campaigns = meta.ok(f"act_{named['meta']}/campaigns", fields="effective_status", limit=500)["data"]
    assert {campaign["effective_status"] for campaign in campaigns} == {"PAUSED"}
    rows = google.rows(named["google"], "SELECT campaign.status FROM campaign")
    assert {row["campaign"]["status"] for row in rows} == {"PAUSED"}


def test_async_runs_that_fail(box: SandboxProcess, meta: Meta, named: dict[str, str]) -> None:
    box.faults(
        {
            "match": {"kind": "async", "method": "GET"},
            "effect": {"job": {"async_status": "Job Failed", "error_code": 100, "error_subcode": 1487534}},
        }
    )
    run = meta.session.post(
        f"{box.url}/v26.0/act_{named['meta']}/insights",
        data={"access_token": credentials.META_TOKEN, "date_preset": "last_7d"},
        timeout=30,
    ).json()["report_run_id"]
    for _ in range(5):
        status = meta.ok(f"{run}/")
    assert (status["async_status"], status["error_subcode"]) == ("Job Failed", 1487534)
    assert meta.error(f"{run}/insights")["code"] == 2601


# rules that cannot be read


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"effect": {"explode": True}}, "explode"),
        ({"effect": {}}, "at least one part"),
        ({"effect": {"scale": {"wealth": 2}}}, "effect.scale knows"),
        ({"effect": {"account": {"planet": "x"}}}, "effect.account knows"),
        ({"match": {"planet": 1}, "effect": {"status": 500}}, "planet"),
        ({"match": {"kind": "spend"}, "effect": {"status": 500}}, "match.kind knows"),
        ({"match": {"path": "("}, "effect": {"status": 500}}, "regular expression"),
        ({"times": {"once": True}, "effect": {"status": 500}}, "times knows"),
        ({"when": 1, "effect": {"status": 500}}, "a fault rule knows"),
        ("status 500", "is an object"),
    ],
)
def test_rules_that_cannot_be_read(box: SandboxProcess, rule: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text.replace("(", "\\(")):
        box.faults([{"effect": {"status": 500}}, rule])
    assert box.struck() == []


def test_scenario_files(tmp_path: Path) -> None:
    toml = tmp_path / "scenario.toml"
    toml.write_text(
        '[[rule]]\nname = "calls fail"\nmatch = {kind = "conversions", date = [2026-11-01, 2026-11-03]}\n'
        "times = {first = 2}\neffect = {status = 500}\n"
    )
    faults = Faults()
    faults.load(toml)
    plain = tmp_path / "scenario.json"
    plain.write_text(json.dumps({"match": {"method": "post"}, "effect": {"empty": True}}))
    faults.load(plain)
    assert [rule.name for rule in faults.rules] == ["calls fail", "rule 2"]
    struck = faults.striking(
        "POST", "/", target("google", "conversions", window=(day_number(date(2026, 11, 3)),) * 2)
    )
    assert [rule.name for rule in struck] == ["calls fail", "rule 2"]
    assert faults.striking("GET", "/", target("google", "conversions", window=(1, 2))) == []
