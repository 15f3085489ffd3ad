"""The list of conversion actions: what lands of it, when it is asked for, and that it costs no day."""

from typing import Any

import pytest

from ingest.platform_api import ActionFacts
from tests.python.ingest.ledger_of import NOW, Warehouse

GOOGLE, META, CUSTOM_META = "9100000003", "9100000001", "321851044557173"
CUSTOM = "offsite_conversion.custom.4815162342001"
NEXT_DAY = "2026-11-25T06:00:00+00:00"
LANDED = "select action_id, name from ledger.actions where account_id = ? order by seen_at, action_id"


def listing(platform: str, effect: dict[str, Any], **match: Any) -> dict[str, Any]:
    return {"match": {"platform": platform, "kind": "conversion_actions"} | match, "effect": effect}


def asked(warehouse: Warehouse, platform: str) -> list[str]:
    listed = (r for r in warehouse.sandbox.requests() if r["kind"] == "conversion_actions")
    return [request["account"] for request in listed if request["platform"] == platform]


def days(warehouse: Warehouse) -> int:
    assert warehouse.query("select count(*) from ledger.collections where outcome <> 'collected'") == [(0,)]
    return int(warehouse.query("select count(*) from ledger.account_days")[0][0])


@pytest.fixture
def with_custom_event(warehouse: Warehouse, tmp_path: Any) -> Warehouse:
    """The small agency and an account whose reservations a custom conversion counts."""
    folder = tmp_path / "agency"
    folder.mkdir()
    for file in warehouse.settings.agency.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    with (folder / "accounts.csv").open("a") as file:
        file.write(f"act_{CUSTOM_META},meta,grove,PLN,Europe/Warsaw,true,2026-11-01,2026-11-30\n")
    text = (folder / "accounts.csv").read_text()
    (folder / "accounts.csv").write_text(text.replace("meta,grove,USD", "meta,dune,EUR"))
    return Warehouse(
        type(warehouse.settings)(warehouse.settings.warehouse, warehouse.settings.site, folder),
        warehouse.sandbox,
    )


def test_google_actions_land_only_when_they_change(warehouse: Warehouse) -> None:
    warehouse.sandbox.forget()
    warehouse.collect()
    assert sorted(asked(warehouse, "google")) == ["9100000002", GOOGLE, "9100000004"]
    first = warehouse.query(
        "select name, status, primary_for_goal, click_window_days, view_window_days from ledger.actions"
        " where account_id = ? order by name",
        GOOGLE,
    )
    assert ("Reservation", "ENABLED", True, 30, 1) in first
    assert ("Calls from ads", "ENABLED", False, 30, 1) in first
    warehouse.sandbox.faults(
        listing("google", {"rewrite": {"conversionAction.name": ["^Reservation$", "Old"]}}, account=GOOGLE)
    )
    warehouse.collect(now=NEXT_DAY)
    warehouse.collect(now=NEXT_DAY)
    landed = warehouse.query(LANDED, GOOGLE)
    assert [name for _, name in landed[len(first) :]] == ["Old"]
    assert landed[-1][0] in [action_id for action_id, name in landed if name == "Reservation"]


def test_metas_custom_conversions_are_asked_where_they_count(with_custom_event: Warehouse) -> None:
    with_custom_event.sandbox.forget()
    with_custom_event.collect()
    assert asked(with_custom_event, "meta") == [CUSTOM_META]
    with_custom_event.collect(now=NEXT_DAY)
    assert with_custom_event.query(LANDED, CUSTOM_META) == [(CUSTOM, "Booking confirmed")]


def refusal(name: str) -> dict[str, Any]:
    return {
        "error": {
            "code": 400,
            "status": "INVALID_ARGUMENT",
            "message": "Request contains an invalid argument.",
            "details": [
                {
                    "@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure",
                    "errors": [{"errorCode": {"queryError": name}, "message": "unknown field"}],
                }
            ],
        }
    }


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, refusal("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE")),
        (404, "<html>not found</html>"),
        (500, "down"),
        (401, "who are you"),
        (429, "slow down"),
        (200, {"results": [{"conversionAction": "640"}]}),
        (200, {"results": 3}),
    ],
)
def test_a_list_that_fails_costs_one_request(warehouse: Warehouse, status: int, body: Any) -> None:
    effect = {"status": status, "body": body}
    warehouse.sandbox.faults(listing("google", effect))
    warehouse.sandbox.forget()
    summary = warehouse.collect(now=NOW)
    assert (summary.accounts_failed, summary.problems) == (0, ())
    assert days(warehouse) > 0
    assert warehouse.query("select count(*) from ledger.actions") == [(0,)]
    assert len(asked(warehouse, "google")) <= 3


def test_a_version_without_a_field_still_tells_the_names(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__GOOGLE_ADS__PARALLEL_ACCOUNTS", "1")
    warehouse.sandbox.faults(
        listing("google", {"status": 400, "body": refusal("UNRECOGNIZED_FIELD")}) | {"times": {"first": 1}}
    )
    warehouse.sandbox.forget()
    warehouse.collect()
    assert len(asked(warehouse, "google")) == 4, "the larger query is put once"
    told = warehouse.query("select count(*), count(name), count(click_window_days) from ledger.actions")
    assert told == [(15, 15, 0)]


def test_a_list_of_metas_that_fails_costs_nothing(with_custom_event: Warehouse) -> None:
    denied = {"error": {"message": "(#200) Requires ads_management", "type": "OAuthException", "code": 200}}
    with_custom_event.sandbox.faults(listing("meta", {"status": 403, "body": denied}))
    with_custom_event.sandbox.forget()
    summary = with_custom_event.collect()
    assert (summary.accounts_failed, len(asked(with_custom_event, "meta"))) == (0, 1)


def test_facts_of_an_action_are_typed() -> None:
    assert ActionFacts.of(640, "Calls", "ENABLED", True, "90", 1) == ActionFacts(
        "640", "Calls", "ENABLED", True, 90, 1
    )
    assert ActionFacts.of("640", None, 2, "yes", "soon", None) == ActionFacts("640", None, "2")
