"""Collections end to end: the sandbox on one side, the ledger on the other, nothing replaced in between."""

import json
from dataclasses import replace
from datetime import date

import pytest

from ingest.collect.collection import BackfillRequest
from tests.python.ingest.ledger_of import Warehouse

GOOGLE, OTHER_GOOGLE, META = "9100000003", "9100000004", "9100000001"
SERVER_ERROR = {
    "status": 500,
    "body": {"error": {"code": 500, "message": "Internal error encountered.", "status": "INTERNAL"}},
}


def test_a_first_collection_lands_every_day_once(warehouse: Warehouse) -> None:
    warehouse.sandbox.forget()
    summary = warehouse.collect()
    assert (summary.accounts_asked, summary.accounts_failed, summary.problems) == (5, 0, ())
    assert summary.requests == len(warehouse.sandbox.requests())
    days = (date(2026, 11, 24) - date(2026, 9, 10)).days + 1
    counted = warehouse.query(
        "select platform, account_id, count(*), count(distinct date), min(date), max(date),"
        " count(distinct version_id) from ledger.account_days group by all"
    )
    whole = (days, days, date(2026, 9, 10), date(2026, 11, 24), days)
    assert [row[2:] for row in counted] == [whole] * 5
    assert summary.days_stored == 5 * days
    assert warehouse.query("select distinct outcome, failed_answer from ledger.collections") == [
        ("collected", None)
    ]


def test_what_a_clock_that_was_ahead_has_written_is_not_relied_on(warehouse: Warehouse) -> None:
    ahead, right = "2026-11-25T06:00:00+00:00", "2026-11-24T06:00:00+00:00"
    warehouse.collect(now=ahead)
    summary = warehouse.collect(now=right)
    assert (summary.days_stored > 5 * 28, summary.days_sighted) == (True, 0)
    known = "select count(distinct date) from ledger.account_days where account_id = ? and finished_at <= ?"
    assert warehouse.query(known, META, right) == [((date(2026, 11, 24) - date(2026, 9, 10)).days + 1,)]


def test_the_ledger_has_the_types_that_staging_reads(warehouse: Warehouse) -> None:
    warehouse.collect()
    types = dict(
        warehouse.query(
            "select column_name, data_type from duckdb_columns()"
            " where schema_name = 'ledger' and table_name = 'account_days'"
        )
    )
    assert {types[name] for name in ("delivery", "conversions", "control_totals")} == {"JSON"}
    assert (types["date"], types["pages"], types["started_at"]) == (
        "DATE",
        "BIGINT",
        "TIMESTAMP WITH TIME ZONE",
    )
    assert "_dlt_load_id" in types
    tables = {name for (name,) in warehouse.query("select table_name from duckdb_tables()")}
    assert {"account_days", "sightings", "collections", "accounts", "campaigns"} <= tables
    assert warehouse.query("select count(*) from ledger.sightings") == [(0,)]


def test_what_lands_is_what_the_platform_has(warehouse: Warehouse) -> None:
    warehouse.collect()
    for platform, account in (("meta", META), ("google", GOOGLE)):
        truth = warehouse.sandbox.truth(platform, account, "2026-11-01", "2026-11-20")
        landed = warehouse.query(
            "select date::varchar, delivery, control_totals from ledger.account_days"
            " where account_id = ? and date between '2026-11-01' and '2026-11-20' order by date",
            account,
        )
        impressions = [
            sum(
                int((row if platform == "meta" else row["metrics"])["impressions"])
                for row in json.loads(rows)
            )
            for _, rows, _ in landed
        ]
        assert impressions == [day["impressions"] for day in truth]
        assert sum(impressions) > 0


def test_unchanged_days_are_only_sighted(warehouse: Warehouse) -> None:
    warehouse.collect()
    before = warehouse.versions()
    summary = warehouse.collect()
    assert warehouse.versions() == before
    sighted = warehouse.query("select count(*), count(distinct version_id) from ledger.sightings")
    assert sighted == [(summary.days_sighted, summary.days_sighted)]
    assert summary.days_sighted == 2 * 29 + 3 * 36
    assert warehouse.query("select count(*) from ledger.accounts") == [(5,)]
    assert warehouse.query(
        "select max(n) from (select count(*) as n from ledger.campaigns group by account_id, campaign_id)"
    ) == [(1,)]


def test_a_later_collection_stores_what_was_restated(warehouse: Warehouse) -> None:
    warehouse.collect(now="2026-11-23T15:00:00+00:00")
    summary = warehouse.collect(now="2026-11-24T06:00:00+00:00")
    twice = warehouse.query(
        "select date, count(*), list(data_source order by started_at) from ledger.account_days"
        " where account_id = ? group by date having count(*) > 1 order by date desc",
        META,
    )
    assert twice[0] == (date(2026, 11, 23), 2, ["daily", "daily"]), "the day was seen before it ended"
    assert 0 < summary.days_stored < summary.days_stored + summary.days_sighted
    assert all(day >= date(2026, 10, 26) for day, *_ in twice)


def test_a_failing_answer_costs_its_account_the_window_and_no_other(warehouse: Warehouse) -> None:
    match = {"platform": "google", "kind": "conversions", "account": GOOGLE}
    warehouse.sandbox.faults({"match": match, "effect": SERVER_ERROR})
    summary = warehouse.collect()
    accounts = [
        account for (account,) in warehouse.query("select distinct account_id from ledger.account_days")
    ]
    assert GOOGLE not in accounts
    assert (OTHER_GOOGLE in accounts, len(accounts)) == (True, 4)
    failed = warehouse.query(
        "select account_id, outcome, failed_answer, error_class, attempts, message from ledger.collections"
        " where outcome <> 'collected'"
    )
    assert failed == [
        (GOOGLE, "failed", "conversions", "transient", 8, "Internal error encountered. [INTERNAL]")
    ]
    assert summary.accounts_failed == 1
    assert len(summary.problems) == 1
    assert "make backfill CLIENT=fjord FROM=2026-09-10 TO=2026-11-24 PLATFORM=google" in summary.problems[0]
    warehouse.sandbox.clear()
    assert warehouse.collect(now="2026-11-24T07:00:00+00:00").problems == ()
    healed = warehouse.query(
        "select data_source, count(*) from ledger.account_days where account_id = ?"
        " group by all order by all",
        GOOGLE,
    )
    assert healed == [("daily", 1), ("heal", 75)]


def test_an_account_without_access_and_a_platform_without_token(warehouse: Warehouse) -> None:
    denied = {"error": {"code": 200, "message": "(#200) Requires ads_read", "type": "OAuthException"}}
    dead = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
    warehouse.sandbox.faults(
        [
            {"match": {"platform": "meta", "account": META}, "effect": {"status": 403, "body": denied}},
            {"match": {"kind": "token"}, "effect": {"status": 400, "body": dead}},
        ]
    )
    summary = warehouse.collect()
    outcomes = warehouse.query(
        "select platform, outcome, failed_answer, error_class, count(*) from ledger.collections"
        " group by all order by all"
    )
    assert outcomes == [
        ("google", "failed", "account", "auth", 1),
        ("google", "skipped", "account", "auth", 2),
        ("meta", "collected", None, None, 1),
        ("meta", "failed", "account", "permission", 1),
    ]
    assert summary.accounts_failed == 4
    assert any("give the login access" in problem for problem in summary.problems)


def test_too_much_data_is_asked_for_in_halves(warehouse: Warehouse) -> None:
    """The platform answers 20 days at a time: more are refused on whichever day they begin."""
    too_much = {
        "error": {"code": 100, "error_subcode": 1487534, "message": "Please reduce the amount of data"}
    }
    match = {"platform": "meta", "kind": "delivery", "account": META}
    whole = warehouse.collect()
    versions = [version for version in warehouse.versions() if version[1] == META]
    again = replace(warehouse, settings=replace(warehouse.settings, warehouse=warehouse.settings.site))
    again.sandbox.faults({"match": match, "times": {"first": 2}, "effect": {"status": 400, "body": too_much}})
    summary = again.collect()
    assert summary.problems == ()
    assert summary.days_stored == whole.days_stored
    assert [version for version in again.versions() if version[1] == META] == versions
    windows = again.query("select count(*) from ledger.collections where account_id = ?", META)
    assert windows == [(3,)], "one half in one piece, the other in two"


def test_a_day_that_disagrees_is_asked_for_again_in_full(warehouse: Warehouse) -> None:
    match = {"platform": "google", "kind": "delivery", "account": GOOGLE}
    warehouse.sandbox.faults({"match": match, "times": {"first": 1}, "effect": {"scale": {"clicks": 2}}})
    warehouse.sandbox.forget()
    warehouse.collect()
    asked = [r for r in warehouse.sandbox.requests() if r["account"] == GOOGLE]
    kinds = [request["kind"] for request in asked]
    assert kinds.count("delivery") == 2, "once more, with conversions and totals"
    assert (kinds.count("conversions"), kinds.count("control_totals")) == (2, 2)
    spoiled = warehouse.versions()
    warehouse.sandbox.clear()
    warehouse.collect()
    assert warehouse.versions() == spoiled, "what landed is what the platform says without the fault"


def test_a_day_that_keeps_disagreeing_lands_as_it_came_last(warehouse: Warehouse) -> None:
    match = {"platform": "google", "kind": "delivery", "account": GOOGLE}
    warehouse.sandbox.faults({"match": match, "effect": {"scale": {"clicks": 2}}})
    warehouse.sandbox.forget()
    summary = warehouse.collect()
    kinds = [r["kind"] for r in warehouse.sandbox.requests() if r["account"] == GOOGLE]
    assert (kinds.count("delivery"), summary.problems) == (3, ())


@pytest.mark.parametrize("is_listed", [True, False])
def test_a_deleted_campaign_is_asked_for_by_its_status(warehouse: Warehouse, is_listed: bool) -> None:
    warehouse.collect()
    before = warehouse.versions()
    [(campaign,)] = warehouse.query(
        "select any_value(delivery::json->>'$[0].campaign_id') from ledger.account_days"
        " where account_id = ? and date = '2026-11-20'",
        META,
    )
    warehouse.sandbox.facts(
        {
            "match": {"platform": "meta", "account": META, "campaign": campaign},
            "change": {"status": "DELETED"},
            "from": "2026-11-24T05:00:00+00:00",
        }
    )
    if not is_listed:
        match = {"platform": "meta", "kind": "campaigns"}
        warehouse.sandbox.faults({"match": match, "effect": {"empty": True}})
    warehouse.sandbox.forget()
    warehouse.collect()
    assert warehouse.sandbox.requests()
    assert [row for row in warehouse.versions() if row[2] < date(2026, 11, 24)] == [
        row for row in before if row[2] < date(2026, 11, 24)
    ]


def test_a_page_that_comes_twice_is_refused(warehouse: Warehouse) -> None:
    match = {"platform": "meta", "kind": "delivery", "account": META}
    warehouse.sandbox.faults({"match": match, "effect": {"duplicate": 1.0}})
    summary = warehouse.collect()
    failed = warehouse.query(
        "select failed_answer, error_class, message from ledger.collections where outcome = 'failed'"
    )
    assert failed == [("delivery", "refused", "the answer was refused: the same row came twice")]
    assert summary.accounts_failed == 1


def test_an_account_has_only_its_time(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__META_ADS__ACCOUNT_SECONDS", "1")
    warehouse.sandbox.faults(
        {"match": {"platform": "meta", "kind": "delivery", "account": META}, "effect": {"delay": 5}}
    )
    warehouse.collect()
    failed = warehouse.query(
        "select account_id, outcome, error_class from ledger.collections where outcome <> 'collected'"
    )
    assert failed == [(META, "failed", "deadline")]


def test_a_platform_that_is_down_costs_the_other_nothing(warehouse: Warehouse) -> None:
    warehouse.sandbox.faults({"match": {"platform": "google"}, "effect": {"status": 503, "body": "down"}})
    warehouse.sandbox.forget()
    summary = warehouse.collect()
    asked = [request for request in warehouse.sandbox.requests() if request["platform"] == "google"]
    assert len(asked) == 5
    assert summary.accounts_failed == 3
    outcomes = warehouse.query("select distinct platform, outcome from ledger.collections order by all")
    assert ("meta", "collected") in outcomes
    assert ("meta", "failed") not in outcomes


def test_a_backfill_asks_for_its_days_again(warehouse: Warehouse) -> None:
    request = BackfillRequest("fjord", date(2026, 10, 1), date(2026, 10, 7), "google")
    summary = warehouse.collect(request)
    assert (summary.accounts_asked, summary.days_stored) == (2, 14)
    assert warehouse.collect(request).days_sighted == 14
    assert warehouse.query("select min(date), max(date) from ledger.account_days") == [
        (date(2026, 10, 1), date(2026, 10, 7))
    ]


def test_a_platform_that_is_not_configured(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCES__META_ADS__ACCESS_TOKEN")
    summary = warehouse.collect()
    assert len(summary.problems) == summary.accounts_failed == 2
    for problem in summary.problems:
        assert "auth: the platform is not configured: set SOURCES__META_ADS__ACCESS_TOKEN" in problem
    assert warehouse.query(
        "select distinct platform, outcome, error_class, requests from ledger.collections order by all"
    ) == [("google", "collected", None, 3), ("meta", "failed", "auth", 0)]


TOO_OLD = {"error": {"message": "(#3018) The start date of the time range cannot be beyond 37 months from the current date", "type": "OAuthException", "code": 3018}}  # fmt: skip  # noqa: E501
UNCLEAR = {"error": {"message": "(#100) Invalid parameter", "type": "OAuthException", "code": 100}}


def _refusing(first: str, last: str, body: object, kind: str = "delivery") -> dict[str, object]:
    match = {"platform": "meta", "kind": kind, "account": META, "date": [first, last]}
    return {"match": match, "effect": {"status": 400, "body": body}}


def _insights(warehouse: Warehouse) -> int:
    asked = warehouse.sandbox.requests()
    return sum(r["account"] == META and r["kind"] not in ("account", "campaigns") for r in asked)


def _days(warehouse: Warehouse) -> tuple[date, date, int]:
    query = "select min(date), max(date), count(distinct date) from ledger.account_days where account_id = ?"
    return warehouse.query(query, META)[0]  # type: ignore[return-value]


@pytest.mark.parametrize(("body", "requests"), [(TOO_OLD, 3), (UNCLEAR, 5)])
def test_a_day_too_old_costs_itself(warehouse: Warehouse, body: object, requests: int) -> None:
    warehouse.sandbox.faults(_refusing("2026-01-01", "2026-09-10", body))
    warehouse.sandbox.forget()
    summary = warehouse.collect()
    assert (summary.accounts_failed, summary.days_failed, summary.problems) == (0, 0, ())
    assert _days(warehouse) == (date(2026, 9, 11), date(2026, 11, 24), 75)
    told = [remark for remark in summary.told if "keeps no days before 2026-09-11" in remark]
    assert len(told) == 1
    edges = "select account_id, kept_days, kept_from, seen_on from ledger.retention_edges"
    assert warehouse.query(edges) == [(META, 74, date(2026, 9, 11), date(2026, 11, 24))]
    left_out = (
        "select from_date, to_date, outcome, error_class from ledger.collections where outcome <> 'collected'"
    )
    assert warehouse.query(left_out) == [(date(2026, 9, 10), date(2026, 9, 10), "skipped", "boundary")]
    assert _insights(warehouse) == requests, "one refusal, then delivery and totals of all other days"

    warehouse.sandbox.forget()
    again = warehouse.collect(now="2026-11-25T06:00:00+00:00")
    assert again.told == ()
    assert _insights(warehouse) == 2, "the planner does not ask beyond the edge"


def test_a_limit_that_becomes_looser_is_found_a_month_later(warehouse: Warehouse) -> None:
    warehouse.sandbox.faults(_refusing("2026-01-01", "2026-10-20", TOO_OLD))
    warehouse.collect()
    assert _days(warehouse) == (date(2026, 10, 21), date(2026, 11, 24), 35)
    warehouse.sandbox.clear()
    warehouse.collect(now="2026-12-10T06:00:00+00:00")
    assert _days(warehouse)[0] == date(2026, 10, 21)
    warehouse.collect(now="2026-12-25T06:00:00+00:00")
    assert _days(warehouse)[0] == date(2026, 9, 10)
    last = "select arg_max(kept_days is null, seen_at) from ledger.retention_edges"
    assert warehouse.query(last) == [(True,)]


def test_a_running_day_that_is_refused_costs_itself(warehouse: Warehouse) -> None:
    future = {"error": {"message": "(#100) The end date cannot be in the future", "code": 100}}
    warehouse.sandbox.faults(_refusing("2026-11-24", "2026-12-31", future))
    summary = warehouse.collect()
    assert (summary.problems, summary.days_failed) == ((), 0)
    assert _days(warehouse) == (date(2026, 9, 10), date(2026, 11, 23), 75)
    assert warehouse.query("select count(*) from ledger.retention_edges") == [(0,)]


def test_a_refusal_of_every_window_is_no_edge(warehouse: Warehouse) -> None:
    warehouse.sandbox.faults(_refusing("2020-01-01", "2026-12-31", TOO_OLD))
    warehouse.sandbox.forget()
    summary = warehouse.collect()
    assert (summary.accounts_failed, summary.days_failed) == (1, 76)
    assert warehouse.query("select count(*) from ledger.retention_edges") == [(0,)]
    assert _insights(warehouse) <= 5


def test_a_day_that_is_refused_for_itself_stays_missing(warehouse: Warehouse) -> None:
    """Of a window that was whole before its oldest day is refused, and nothing says why."""
    warehouse.collect(now="2026-11-23T06:00:00+00:00")
    warehouse.sandbox.faults(_refusing("2026-10-27", "2026-10-27", UNCLEAR))
    summary = warehouse.collect()
    assert summary.days_failed == 1
    assert warehouse.query("select count(*) from ledger.retention_edges") == [(0,)]
