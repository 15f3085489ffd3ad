"""Google's API: queries, the errors of the query language, tokens and access."""

from decimal import Decimal

import pytest
import requests

from sandbox import credentials
from sandbox.google.errors import GoogleError
from sandbox.google.gaql import Condition, parse
from sandbox.process import SandboxProcess
from tests.python.sandbox.clients import Google

DELIVERY = (
    "SELECT campaign.id, campaign.name, campaign.status, segments.date, metrics.impressions, metrics.clicks, "
    "metrics.cost_micros, metrics.conversions, metrics.conversions_value, metrics.all_conversions, "
    "metrics.all_conversions_value FROM campaign WHERE segments.date BETWEEN '2026-09-01' AND '2026-11-23' "
    "ORDER BY segments.date"
)
CONVERSIONS = (
    "SELECT campaign.id, segments.date, segments.conversion_action, segments.conversion_action_name, "
    "segments.conversion_action_category, metrics.conversions, metrics.all_conversions, "
    "metrics.all_conversions_value FROM campaign WHERE segments.date BETWEEN '2026-09-01' AND '2026-11-23'"
)
TOTALS = (
    "SELECT segments.date, metrics.impressions, metrics.clicks, metrics.cost_micros, metrics.conversions, "
    "metrics.all_conversions FROM customer WHERE segments.date BETWEEN '2026-09-01' AND '2026-11-23'"
)


def _sum(rows: list[dict[str, dict[str, str]]], metric: str) -> Decimal:
    return sum((Decimal(str(row["metrics"][metric])) for row in rows), Decimal())


def test_campaigns_sum_to_the_customer(google: Google, named: dict[str, str]) -> None:
    campaigns, totals = google.rows(named["google"], DELIVERY), google.rows(named["google"], TOTALS)
    for metric in ("impressions", "clicks", "costMicros"):
        assert _sum(campaigns, metric) == _sum(totals, metric) > 0
    for metric in ("conversions", "allConversions"):
        assert abs(_sum(campaigns, metric) - _sum(totals, metric)) < Decimal("0.0001")


def test_actions_sum_to_their_campaigns(google: Google, named: dict[str, str]) -> None:
    delivery, actions = google.rows(named["google"], DELIVERY), google.rows(named["google"], CONVERSIONS)
    for metric in ("conversions", "allConversions"):
        by_campaign = _sum(delivery, metric)
        assert by_campaign > 0
        assert abs(by_campaign - _sum(actions, metric)) < Decimal("0.0001")


def test_types_on_the_wire(google: Google, named: dict[str, str]) -> None:
    rows = google.rows(named["google"], DELIVERY)
    metrics = rows[0]["metrics"]
    assert isinstance(metrics["impressions"], str) and isinstance(metrics["costMicros"], str)
    assert isinstance(metrics["conversions"], float)
    assert any(row["metrics"]["conversions"] % 1 for row in rows)
    assert [row["segments"]["date"] for row in rows] == sorted(row["segments"]["date"] for row in rows)
    assert (
        {"ENABLED", "REMOVED"}
        <= {row["campaign"]["status"] for row in rows}
        <= {"ENABLED", "PAUSED", "REMOVED"}
    )


def test_only_primary_actions_are_conversions(google: Google, named: dict[str, str]) -> None:
    calls = [
        row["metrics"]
        for row in google.rows(named["google"], CONVERSIONS)
        if row["segments"]["conversionActionName"] == "Połączenia z reklam"
    ]
    assert calls
    assert all(row["conversions"] == 0 and row["allConversions"] >= 1 for row in calls)


def test_rows_without_any_selected_metric_are_dropped_only_when_segmented(
    google: Google, named: dict[str, str]
) -> None:
    where = "WHERE segments.date BETWEEN '2026-11-01' AND '2026-11-20'"
    listed = google.rows(named["google"], "SELECT campaign.id FROM campaign")
    whole = google.rows(named["google"], f"SELECT campaign.id, metrics.clicks FROM campaign {where}")
    daily = google.rows(
        named["google"], f"SELECT campaign.id, segments.date, metrics.clicks FROM campaign {where}"
    )
    assert len(whole) == len(listed)
    assert any(row["metrics"]["clicks"] == "0" for row in whole)
    assert all(row["metrics"]["clicks"] != "0" for row in daily)


def test_an_account_without_conversion_tracking(google: Google, named: dict[str, str]) -> None:
    assert google.rows(named["google untracked"], CONVERSIONS) == []
    page = google.post(named["google untracked"], CONVERSIONS).json()
    assert "results" not in page and page["fieldMask"].startswith("campaign.id,segments.date")
    status = "customer.conversion_tracking_setting.conversion_tracking_status"
    row = google.rows(named["google untracked"], f"SELECT {status} FROM customer")[0]
    assert row["customer"]["conversionTrackingSetting"] == {
        "conversionTrackingStatus": "NOT_CONVERSION_TRACKED"
    }


def test_time_segments_sum_days(google: Google, named: dict[str, str]) -> None:
    where = "FROM customer WHERE segments.date BETWEEN '2026-09-01' AND '2026-10-31'"
    days = google.rows(named["google"], f"SELECT segments.date, metrics.clicks {where}")
    for segment, count in (("month", 2), ("week", 9), ("quarter", 2), ("year", 1), ("day_of_week", 7)):
        rows = google.rows(named["google"], f"SELECT segments.{segment}, metrics.clicks {where}")
        assert len(rows) == count, segment
        assert _sum(rows, "clicks") == _sum(days, "clicks")


def test_ratios(google: Google, named: dict[str, str]) -> None:
    row = google.rows(
        named["google"],
        "SELECT metrics.clicks, metrics.impressions, metrics.cost_micros, metrics.ctr, metrics.average_cpc, "
        "metrics.conversions, metrics.cost_per_conversion, metrics.view_through_conversions FROM customer "
        "WHERE segments.date DURING LAST_30_DAYS",
    )[0]["metrics"]
    assert row["ctr"] == pytest.approx(int(row["clicks"]) / int(row["impressions"]))
    assert row["averageCpc"] == pytest.approx(int(row["costMicros"]) / int(row["clicks"]))
    assert row["costPerConversion"] == pytest.approx(int(row["costMicros"]) / row["conversions"])


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ("campaign.status = 'ENABLED'", None),
        ("campaign.status IN ('PAUSED', 'REMOVED')", None),
        ("campaign.status NOT IN ('ENABLED')", None),
        ("campaign.name LIKE '%[[]Search]'", None),
        ("campaign.name REGEXP_MATCH '.*Search.*'", None),
        ("campaign.id != 1 AND campaign.name IS NOT NULL", None),
        ("campaign.id = 1", 0),
        ("campaign.name NOT LIKE '%_Search]'", None),
        ("campaign.name NOT REGEXP_MATCH '.*Search.*'", None),
        ("campaign.name IS NULL", 0),
        ("campaign.id BETWEEN 20000000000 AND 25000000000", None),
        ("campaign.name CONTAINS NONE ('Search', 'x')", None),
    ],
)
def test_conditions(google: Google, named: dict[str, str], where: str, count: int | None) -> None:
    everything = google.rows(
        named["google"], "SELECT campaign.id, campaign.status, campaign.name FROM campaign"
    )
    found = google.rows(named["google"], f"SELECT campaign.id FROM campaign WHERE {where}")
    keep = {
        "campaign.status = 'ENABLED'": lambda c: c["status"] == "ENABLED",
        "campaign.name LIKE '%[[]Search]'": lambda c: c["name"].endswith("[Search]"),
        "campaign.name REGEXP_MATCH '.*Search.*'": lambda c: "Search" in c["name"],
        "campaign.id != 1 AND campaign.name IS NOT NULL": lambda c: True,
        "campaign.id = 1": lambda c: False,
        "campaign.name NOT LIKE '%_Search]'": lambda c: not c["name"].endswith("Search]"),
        "campaign.name NOT REGEXP_MATCH '.*Search.*'": lambda c: "Search" not in c["name"],
        "campaign.name IS NULL": lambda c: False,
        "campaign.id BETWEEN 20000000000 AND 25000000000": lambda c: 2e10 <= float(c["id"]) <= 2.5e10,
        "campaign.name CONTAINS NONE ('Search', 'x')": lambda c: True,
    }.get(where, lambda c: c["status"] != "ENABLED")
    wanted = [row["campaign"]["id"] for row in everything if keep(row["campaign"])]
    assert [row["campaign"]["id"] for row in found] == wanted
    assert count is None or len(found) == count


def test_conditions_on_metrics_order_and_limit(google: Google, named: dict[str, str]) -> None:
    rows = google.rows(
        named["google"],
        "SELECT campaign.id, segments.date, metrics.clicks FROM campaign WHERE segments.date >= '2026-11-01' "
        "AND segments.date < '2026-11-20' AND metrics.clicks > 20 ORDER BY metrics.clicks DESC LIMIT 7",
    )
    clicks = [int(row["metrics"]["clicks"]) for row in rows]
    assert len(clicks) == 7 and clicks == sorted(clicks, reverse=True) and clicks[-1] > 20


def test_conversion_actions_are_listed(google: Google, named: dict[str, str]) -> None:
    rows = google.rows(
        named["google"],
        "SELECT conversion_action.id, conversion_action.name, customer.id FROM conversion_action",
    )
    assert len(rows) == 5
    assert all(row["customer"]["id"] == named["google"] for row in rows)


def test_pages_of_ten_thousand(google: Google, named: dict[str, str]) -> None:
    query = CONVERSIONS.replace("2026-09-01", "2025-06-01")
    first = google.post(named["google chain"], query).json()
    assert len(first["results"]) == 10_000
    rows = google.rows(named["google chain"], query)
    assert len(rows) == int(first["totalResultsCount"]) > 10_000
    assert len(
        {(r["campaign"]["id"], r["segments"]["date"], r["segments"]["conversionAction"]) for r in rows}
    ) == len(rows)
    stream = google.post(named["google chain"], query, "searchStream").json()
    assert [row for batch in stream for row in batch["results"]] == rows
    assert "queryResourceConsumption" in stream[-1] and "queryResourceConsumption" not in stream[0]
    other = google.error(named["google chain"], DELIVERY, pageToken=first["nextPageToken"])
    assert other == {"requestError": "INVALID_PAGE_TOKEN"}


def test_streams_of_nothing_and_of_errors_are_arrays(google: Google, named: dict[str, str]) -> None:
    assert google.post(named["google untracked"], CONVERSIONS, "searchStream").json() == []
    refused = google.post(named["google"], "SELECT", "searchStream")
    assert refused.status_code == 400 and refused.json()[0]["error"]["status"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT metrics.costt_micros FROM campaign", "UNRECOGNIZED_FIELD"),
        ("SELECT campaign.id FROM keyword_view_x", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE"),
        ("SELECT campaign.id", "UNEXPECTED_END_OF_QUERY"),
        ("", "UNEXPECTED_END_OF_QUERY"),
        ("FROM campaign", "EXPECTED_SELECT"),
        ("SELECT campaign.id WHERE campaign.id = 1", "EXPECTED_FROM"),
        ("SELECT campaign.id, FROM campaign", "BAD_FIELD_NAME"),
        ("SELECT campaign.id FROM campaign WHERE campaign.id ~ 1", "UNEXPECTED_INPUT"),
        ("SELECT campaign.id FROM campaign WHERE campaign.id NEAR 1", "BAD_OPERATOR"),
        ("SELECT campaign.id FROM campaign WHERE campaign.id IN 1", "EXPECTED_LIST"),
        ("SELECT campaign.id FROM campaign LIMIT 0", "BAD_LIMIT_VALUE"),
        ("SELECT campaign.id FROM campaign LIMIT 1 2", "UNEXPECTED_INPUT"),
        (
            "SELECT segments.conversion_action, metrics.cost_micros FROM campaign "
            "WHERE segments.date DURING TODAY",
            "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE",
        ),
        ("SELECT campaign.id, metrics.clicks, segments.date FROM campaign", "EXPECTED_FILTERS_ON_DATE_RANGE"),
        (
            "SELECT segments.date FROM campaign WHERE segments.date BETWEEN '2026-02-30' AND '2026-03-01'",
            "INVALID_VALUE_WITH_BETWEEN_OPERATOR",
        ),
        (
            "SELECT segments.date FROM campaign WHERE segments.date BETWEEN '2026-03-02' AND '2026-03-01'",
            "INVALID_VALUE_WITH_BETWEEN_OPERATOR",
        ),
        ("SELECT segments.date FROM campaign WHERE segments.date = 'today'", "BAD_VALUE"),
        (
            "SELECT segments.date FROM campaign WHERE segments.date DURING EVER",
            "INVALID_VALUE_WITH_DURING_OPERATOR",
        ),
        ("SELECT segments.date FROM campaign WHERE segments.date LIKE '2026%'", "INVALID_OPERATOR_FOR_FIELD"),
        ("SELECT metrics.clicks FROM campaign WHERE metrics.clicks > 'many'", "BAD_VALUE"),
        ("SELECT campaign.id FROM customer", "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE"),
        ("SELECT metrics.clicks FROM customer_client", "PROHIBITED_METRIC_IN_SELECT_OR_WHERE_CLAUSE"),
        ("SELECT segments.date FROM customer_client", "PROHIBITED_SEGMENT_IN_SELECT_OR_WHERE_CLAUSE"),
        (
            "SELECT campaign.id FROM campaign WHERE segments.conversion_action_name = 'x'",
            "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE",
        ),
        ("SELECT campaign.id FROM campaign PARAMETERS include_drafts true", "INVALID_PARAMETER_VALUE"),
    ],
)
def test_errors_of_the_query_language(google: Google, named: dict[str, str], query: str, code: str) -> None:
    assert google.error(named["google"], query) == {"queryError": code}


def test_other_errors_of_a_request(google: Google, named: dict[str, str]) -> None:
    assert google.error(named["google"], TOTALS, pageSize=100) == {"requestError": "PAGE_SIZE_NOT_SUPPORTED"}
    assert google.error(named["google"], TOTALS, pageToken="x") == {"requestError": "INVALID_PAGE_TOKEN"}
    assert google.error("123-456-7890", TOTALS) == {"requestError": "INVALID_CUSTOMER_ID"}
    assert google.error(named["google"], TOTALS.replace("2026-09-01", "2022-09-01")) == {
        "dateError": "EARLIER_THAN_MINIMUM_DATE"
    }
    assert google.error(named["google"], TOTALS, version="v21") == {"requestError": "UNSUPPORTED_VERSION"}
    dead = google.post(named["google"], TOTALS, version="v19")
    assert dead.status_code == 404 and dead.headers["Content-Type"].startswith("text/html")


def test_manager_account(google: Google) -> None:
    manager = credentials.GOOGLE_MANAGER
    clients = google.rows(
        manager,
        "SELECT customer_client.id, customer_client.manager, customer_client.level, "
        "customer_client.time_zone FROM customer_client WHERE customer_client.manager = FALSE",
    )
    assert len(clients) == 18
    assert {client["customerClient"]["level"] for client in clients} == {"1"}
    assert google.rows(manager, "SELECT customer.manager FROM customer")[0]["customer"]["manager"] is True
    assert google.error(manager, TOTALS) == {"queryError": "REQUESTED_METRICS_FOR_MANAGER"}


def test_access(google: Google, named: dict[str, str]) -> None:
    query = "SELECT customer.id FROM customer"
    assert google.error("9999999999", query) == {"authorizationError": "USER_PERMISSION_DENIED"}
    google.headers["login-customer-id"] = named["google chain"]
    assert google.error(named["google"], query) == {
        "authorizationError": "INVALID_LOGIN_CUSTOMER_ID_SERVING_CUSTOMER_ID_COMBINATION"
    }
    google.headers["login-customer-id"] = "100-000-0001"
    assert google.error(named["google"], query) == {"headerError": "INVALID_LOGIN_CUSTOMER_ID"}
    del google.headers["login-customer-id"]
    assert google.error(named["google"], query) == {"authorizationError": "USER_PERMISSION_DENIED"}
    assert google.rows(named["google direct"], query)[0]["customer"]["id"] == named["google direct"]
    reachable = google.session.get(
        f"{google.url}/v26/customers:listAccessibleCustomers", headers=google.headers
    ).json()
    assert reachable == {"resourceNames": ["customers/1000000001", f"customers/{named['google direct']}"]}


def test_tokens(google: Google, named: dict[str, str]) -> None:
    granted = google.token().json()
    assert {"Bearer", 3599} <= set(granted.values())
    revoked = google.token(**{"refresh_token": "other"})
    assert (revoked.status_code, revoked.json()["error"]) == (400, "invalid_grant")
    assert google.token(**{"client_secret": "other"}).json()["error"] == "invalid_client"
    assert google.token(client_id="other").status_code == 401
    assert google.token(grant_type="password").json()["error"] == "unsupported_grant_type"
    google.headers["Authorization"] = "Bearer ya29.other"
    answer = google.post(named["google"], TOTALS)
    assert answer.status_code == 401 and answer.json()["error"]["status"] == "UNAUTHENTICATED"
    assert google.error(named["google"], TOTALS) == {"authenticationError": "OAUTH_TOKEN_INVALID"}


def test_a_page_that_is_nobodys(box: SandboxProcess) -> None:
    assert requests.get(f"{box.url}/nowhere", timeout=30).status_code == 404


def test_parser_reads_every_clause() -> None:
    statement = parse(
        'select campaign.id , metrics.clicks from campaign where campaign.name = "It\'s" and segments.date '
        "during last_7_days and campaign.id not in (1,2) order by metrics.clicks desc, campaign.id limit 5 "
        "parameters include_drafts=true"
    )
    assert statement.fields == ("campaign.id", "metrics.clicks")
    assert statement.conditions == (
        Condition("campaign.name", "=", ("It's",)),
        Condition("segments.date", "DURING", ("LAST_7_DAYS",)),
        Condition("campaign.id", "NOT IN", ("1", "2")),
    )
    assert statement.order == (("metrics.clicks", True), ("campaign.id", False))
    assert (statement.limit, statement.parameters) == (5, (("include_drafts", "true"),))


def test_parser_never_fails_otherwise() -> None:
    for query in (
        "'",
        "SELECT 'a",
        "SELECT a FROM b WHERE c IN (",
        "SELECT a FROM b ORDER a",
        "((",
        "SELECT a FROM b WHERE",
    ):
        with pytest.raises(GoogleError):
            parse(query)
