"""What passes is asked for once more, what is down is left alone, what stays as it is is not asked again."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings
from ingest.client.caller import TRIALS
from sandbox.process import SandboxProcess
from tests.python.ingest.ledger_of import NOW, Warehouse
from tests.python.installation import write_small_agency

GOOGLE, OTHER_GOOGLE, META = "9100000003", "9100000004", "9100000001"
DOWN = {"status": 503, "body": "down"}
ACCOUNTS, STARTED = 40, date(2026, 11, 11)


def google_error(status: int, family: str, name: str, **more: Any) -> dict[str, Any]:
    entry = {"errorCode": {family: name}, "message": name, **more}
    return {"status": status, "body": {"error": {"code": status, "details": [{"errors": [entry]}]}}}


def meta_error(status: int, code: int, message: str) -> dict[str, Any]:
    return {"status": status, "body": {"error": {"code": code, "message": message}}}


EVERYWHERE: list[dict[str, Any]] = [
    DOWN, {"status": 502, "body": "<html>Bad Gateway</html>"}, {"status": 200, "body": ""},
    {"status": 200, "body": []}, {"status": 302, "redirect": "http://example.invalid/"},
    {"cut": -1}, {"cut": 40}, {"truncate": 60},
]  # fmt: skip
MIXED: dict[str, list[dict[str, Any]]] = {
    "meta": [
        *EVERYWHERE,
        meta_error(500, 2, "Service temporarily unavailable"),
        meta_error(200, 1, "An unknown error occurred"),
        meta_error(400, 17, "User request limit reached"),
        meta_error(400, 4, "Application request limit reached"),
        {"drop_rows": 0.5},
    ],
    "google": [
        *EVERYWHERE,
        google_error(500, "internalError", "TRANSIENT_ERROR"),
        google_error(504, "internalError", "DEADLINE_EXCEEDED"),
        google_error(401, "authenticationError", "OAUTH_TOKEN_EXPIRED"),
        google_error(400, "requestError", "EXPIRED_PAGE_TOKEN"),
        google_error(429, "quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED"),
        {"duplicate": 0.3},
    ],
}


def failing(share: float, seed: int) -> list[dict[str, Any]]:
    """Return faults of which ``share`` of all requests meet at least one."""
    return [
        {
            "name": f"{platform} {n}",
            "match": {"platform": platform},
            "times": {"probability": 1 - (1 - share) ** (1 / len(effects)), "seed": seed + n},
            "effect": effect,
        }
        for platform, effects in MIXED.items()
        for n, effect in enumerate(effects)
    ]


@pytest.fixture(scope="module")
def many_accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, SandboxProcess]]:
    """Twenty accounts of each platform, with a sandbox of their own."""
    folder = write_small_agency(tmp_path_factory.mktemp("many"), STARTED)
    rows = list(csv.DictReader((folder / "accounts.csv").open(encoding="utf-8")))
    by_platform = {row["platform"]: row for row in rows if row["client_id"] == "dune"}
    with (folder / "accounts.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        for n in range(ACCOUNTS):
            writer.writerow(by_platform["meta" if n % 2 else "google"] | {"account_id": 9200000000 + n})
    with SandboxProcess(agency=folder, now=NOW) as box:
        yield folder, box


def test_nearly_everything_comes_though_30_percent_of_all_requests_fail(
    many_accounts: tuple[Path, SandboxProcess], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exact share, at least 99 % over many runs, is measured by ``make chaos``."""
    folder, box = many_accounts
    for name, value in box.env.items():
        monkeypatch.setenv(name, value)
    for section in ("META", "GOOGLE"):
        monkeypatch.setenv(f"SOURCES__{section}_ADS__RETRY_BASE_SECONDS", "0.001")
        monkeypatch.setenv(f"SOURCES__{section}_ADS__BREAKER_SECONDS", "0.2")
    truth = Warehouse(Settings(tmp_path / "truth", tmp_path / "site", folder), box)
    assert truth.collect().problems == ()
    days = ACCOUNTS * ((date(2026, 11, 24) - STARTED).days + 1)
    hashes = "select distinct platform, account_id, date, content_hash from ledger.account_days"
    true_days = set(truth.query(hashes))
    assert len(true_days) == days
    faulty = Warehouse(Settings(tmp_path / "faulty", tmp_path / "site", folder), box)
    box.faults(failing(0.3, seed=1))
    faulty.collect()
    came = set(faulty.query(hashes))
    assert len(came) >= 0.95 * days
    assert len(came & true_days) >= 0.95 * days
    windows = faulty.query("select count(*), count(distinct collection_id) from ledger.collections")
    assert windows[0][0] == windows[0][1], "a window is recorded once, however often it was asked for"


def test_what_passes_is_asked_for_once_more_and_recorded_once_with_all_it_cost(
    warehouse: Warehouse,
) -> None:
    warehouse.sandbox.faults(
        [
            {"match": {"kind": "account", "account": GOOGLE}, "times": {"first": 4}, "effect": DOWN},
            {"match": {"kind": "control_totals", "account": META}, "effect": DOWN},
        ]
    )
    assert warehouse.collect().accounts_failed == 1
    recorded = warehouse.query(
        "select account_id, outcome, failed_answer, error_class, attempts, requests from ledger.collections"
        " where account_id in (?, ?) order by account_id",
        META,
        GOOGLE,
    )
    assert recorded == [
        (META, "failed", "control_totals", "transient", 8, 10),
        (GOOGLE, "collected", None, None, 5, 7),
    ]


def test_an_account_whose_facts_come_cut_is_asked_again_and_loses_nothing(warehouse: Warehouse) -> None:
    cut = {"body": {"results": [], "totalResultsCount": "1"}}
    match = {"kind": "account", "account": GOOGLE}
    warehouse.sandbox.faults({"match": match, "times": {"first": 2}, "effect": cut})
    assert warehouse.collect().problems == ()


def test_what_had_to_be_refused_all_along_is_asked_for_once_more_at_the_end(warehouse: Warehouse) -> None:
    cut = {"body": {"results": [], "totalResultsCount": "1"}}
    match = {"kind": "conversions", "account": GOOGLE}
    warehouse.sandbox.faults({"match": match, "times": {"first": 4}, "effect": cut})
    assert warehouse.collect().problems == ()


def test_what_does_not_pass_is_not_asked_again(warehouse: Warehouse) -> None:
    effects = {
        GOOGLE: google_error(403, "authorizationError", "CUSTOMER_NOT_ENABLED"),
        OTHER_GOOGLE: google_error(400, "queryError", "UNRECOGNIZED_FIELD"),
        META: meta_error(403, 200, "(#200) Ad account owner has NOT grant ads_read permission"),
    }
    warehouse.sandbox.faults(
        [
            {"match": {"kind": "delivery", "account": account}, "effect": effect}
            for account, effect in effects.items()
        ]
    )
    summary = warehouse.collect()
    assert [rule["struck"] for rule in warehouse.sandbox.struck()] == [1, 1, 1]
    disabled, lost = (
        next(problem for problem in summary.problems if account in problem) for account in (GOOGLE, META)
    )
    assert "the account is disabled: CUSTOMER_NOT_ENABLED" in disabled
    assert "ended_on in agency/accounts.csv" in disabled
    assert "the login has no access to the account: (#200) Ad account owner" in lost


def test_a_quota_that_is_used_up_for_hours_stops_the_platform_and_nobody_sleeps(
    warehouse: Warehouse,
) -> None:
    details = {"quotaErrorDetails": {"rateScope": "DEVELOPER", "retryDelay": "40591s"}}
    effect = google_error(429, "quotaError", "RESOURCE_EXHAUSTED", details=details)
    warehouse.sandbox.faults({"match": {"kind": "delivery", "platform": "google"}, "effect": effect})
    warehouse.sandbox.forget()
    assert warehouse.collect().accounts_failed == 3
    asked = [request for request in warehouse.sandbox.requests() if request["fault"]]
    assert 1 <= len(asked) <= 3, "accounts that were asked for side by side, and none after them"
    collected = warehouse.query(
        "select platform, count(distinct account_id) from ledger.account_days group by 1"
    )
    assert collected == [("meta", 2)]


def test_a_platform_that_goes_down_is_tried_once_per_pause_and_given_up(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__GOOGLE_ADS__BREAKER_SECONDS", "0.3")
    # One at a time: another account's answer that arrives late would count as a sign of life.
    monkeypatch.setenv("SOURCES__GOOGLE_ADS__PARALLEL_ACCOUNTS", "1")
    warehouse.sandbox.faults({"match": {"platform": "google"}, "times": {"after": 7}, "effect": DOWN})
    warehouse.sandbox.forget()
    warehouse.collect()
    assert sum(bool(request["fault"]) for request in warehouse.sandbox.requests()) == 5 + TRIALS
    failed = warehouse.query("select distinct platform from ledger.collections where outcome <> 'collected'")
    assert failed == [("google",)]


def test_a_platform_that_comes_back_is_collected_in_the_same_run(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__GOOGLE_ADS__BREAKER_SECONDS", "0.3")
    times = {"after": 6, "first": 6}
    warehouse.sandbox.faults({"match": {"platform": "google"}, "times": times, "effect": DOWN})
    assert warehouse.collect().problems == ()


def test_the_last_of_the_budget_finishes_what_it_begins(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three accounts of 5 requests, one of them failing twice: side by side none of them would be done."""
    monkeypatch.setenv("SOURCES__GOOGLE_ADS__MAX_REQUESTS_PER_RUN", "17")
    monkeypatch.setenv("SOURCES__GOOGLE_ADS__BREAKER_FAILURES", "100")
    warehouse.sandbox.faults(
        [
            {"match": {"kind": "delivery", "account": account}, "times": {"first": 2}, "effect": DOWN}
            for account in ("9100000002", GOOGLE, OTHER_GOOGLE)
        ]
    )
    warehouse.sandbox.forget()
    warehouse.collect()
    collected = warehouse.query(
        "select count(*) from ledger.collections where platform = 'google' and outcome = 'collected'"
    )
    assert collected == [(2,)]
    asked = [request for request in warehouse.sandbox.requests() if request["platform"] == "google"]
    assert len(asked) <= 17


def test_the_budget_ends_the_second_round_too(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__GOOGLE_ADS__MAX_REQUESTS_PER_RUN", "20")
    monkeypatch.setenv("SOURCES__GOOGLE_ADS__BREAKER_FAILURES", "100")
    warehouse.sandbox.faults({"match": {"platform": "google", "kind": "delivery"}, "effect": DOWN})
    warehouse.sandbox.forget()
    warehouse.collect()
    asked = [request for request in warehouse.sandbox.requests() if request["platform"] == "google"]
    assert len(asked) == 20
    classes = warehouse.query("select distinct error_class from ledger.collections where platform = 'google'")
    assert classes == [("transient",)], "why it failed says more than that nobody asked again"
