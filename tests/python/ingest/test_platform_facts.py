"""What a run notes of a platform beside its days: it costs no day, no breaker and no exit status."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest

from core.log import hide
from ingest.client.caller import Caller
from ingest.client.errors import ErrorClass, Failure
from ingest.collect import platform_facts
from ingest.collect.platform_facts import platform_row
from ingest.google import source as google
from ingest.meta import source as meta
from tests.python.ingest.ledger_of import NOW, Warehouse
from tests.python.ingest.misbehaving import BUSY, breaks_off, caller_of, drips, platform, says

INSTANT = datetime.fromisoformat(NOW).astimezone(UTC)
ACCOUNT = says({"id": "act_1"}, headers={"X-App-Usage": '{"call_count": 41}'})
HIDDEN = "EAAhiddenTokenOfATest"
FACTS = "select token_valid, token_told, token_expires_at, token_problem from ledger.platforms"


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHOLEDAY_NOW", NOW)


def described(**facts: Any) -> Any:
    return says({"data": {"is_valid": True} | facts})


async def row_of(caller: Caller, *, asks: bool = True) -> tuple[Any, ...]:
    row = await platform_row("run", caller, asks=asks)
    return tuple(value for name, value in row.items() if name.startswith("token_"))


def noted(*script: Any, asks: bool = True) -> tuple[tuple[Any, ...], Caller, int]:
    """What is noted of Meta after one answer about an account, and the requests that were sent."""

    async def scenario() -> tuple[tuple[Any, ...], Caller, int]:
        async with platform(ACCOUNT, *script) as server, caller_of(server) as caller:
            await meta.Source(caller).account("1")
            return await row_of(caller, asks=asks), caller, len(server.seen)

    return asyncio.run(scenario())


def after(days: int) -> int:
    return int((INSTANT + timedelta(days=days)).timestamp())


def test_the_earlier_end_is_noted_and_the_request_counted() -> None:
    facts, caller, sent = noted(described(expires_at=after(60), data_access_expires_at=after(20)))
    assert facts == (True, True, INSTANT + timedelta(days=20), None)
    assert (sent, caller.sent) == (2, 2)
    assert caller.throttle.highest == 41


def test_a_token_without_an_end_never_expires() -> None:
    assert noted(described(expires_at=0))[0] == (True, True, None, None)


def test_a_token_that_does_not_hold_is_noted_without_its_secret() -> None:
    hide(HIDDEN)
    facts, _, _ = noted(described(is_valid=False, error={"message": f"Session {HIDDEN} has expired"}))
    assert facts[:3] == (False, True, None)
    assert "has expired" in facts[3]
    assert HIDDEN not in facts[3]


@pytest.mark.parametrize("trouble", [BUSY, breaks_off, drips, says("nonsense"), says({"data": []})])
def test_trouble_with_that_request_is_only_logged(trouble: Any) -> None:
    facts, caller, sent = noted(trouble)
    assert facts == (None, None, None, None)
    assert sent == 2, "nobody asks twice"
    assert (caller.lost, caller.breaker.openings, caller.breaker.seconds_left) == (None, 0, 0)


def test_a_defect_is_only_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    async def defect(_: Caller) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(platform_facts, "_ask", defect)
    assert noted()[0] == (None, None, None, None)


def test_the_time_for_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform_facts, "TOKEN_SECONDS", 0.05)
    began = datetime.now(UTC)
    assert noted(drips)[0] == (None, None, None, None)
    assert datetime.now(UTC) - began < timedelta(seconds=0.45), "the time limit of a request is 0.5 s"


def test_nobody_asks_twice_a_day_nor_a_platform_that_is_down_or_used_up() -> None:
    assert noted(described(), asks=False)[::2] == ((None, None, None, None), 1)

    async def scenario() -> None:
        async with platform(described()) as server, caller_of(server) as caller:
            assert await row_of(caller) == (None, None, None, None), "it never answered"
            caller.answered = 1
            down = replace(caller, lost=Failure.of(ErrorClass.PERMANENT, "the API version is retired"))
            assert await row_of(down) == (None, None, None, None)
            used_up = replace(caller, settings=replace(caller.settings, max_requests=0))
            assert await row_of(used_up) == (None, None, None, None)
            caller.breaker.openings = 1
            assert await row_of(caller) == (None, None, None, None), "the breaker is open"
            assert server.seen == []

    asyncio.run(scenario())


def test_a_refusal_of_the_collection_is_noted_without_a_request() -> None:
    async def scenario() -> None:
        async with platform(described()) as server, caller_of(server) as caller:
            caller.lost = Failure.of(ErrorClass.AUTH, "Session has expired")
            assert await row_of(caller, asks=False) == (False, True, None, "Session has expired")
            assert server.seen == []

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("left", "facts"),
    [({}, (True, False, None, None)),
     ({"refresh_token_expires_in": 604_800}, (True, True, INSTANT + timedelta(days=7), None)),
     ({"refresh_token_expires_in": "soon"}, (True, False, None, None)),
     ({"refresh_token_expires_in": 10**15}, (True, True, INSTANT + timedelta(seconds=10**8), None))],
)  # fmt: skip
def test_google_is_not_asked_and_what_its_answers_tell_is_noted(
    left: dict[str, Any], facts: tuple[Any, ...]
) -> None:
    token = says({"access_token": "ya29.x", "expires_in": 3600} | left)

    async def scenario() -> None:
        rows = says({"results": [{"customer": {"id": "1", "currencyCode": "EUR", "timeZone": "UTC"}}]})
        async with platform(token, rows) as server, caller_of(server, "google") as caller:
            await google.Source(caller).account("1")
            assert await row_of(caller) == facts
            assert (len(server.seen), caller.throttle.highest) == (2, None)

    asyncio.run(scenario())


def test_a_collection_notes_each_platform_and_asks_once_a_day(warehouse: Warehouse) -> None:
    warehouse.sandbox.forget()
    warehouse.collect(now="2026-11-24T06:00:00+00:00")
    warehouse.collect(now="2026-11-24T23:00:00+00:00")
    asked = [r for r in warehouse.sandbox.requests() if (r["platform"], r["kind"]) == ("meta", "token")]
    assert len(asked) == 1
    warehouse.collect(now="2026-11-25T06:00:00+00:00")
    rows = warehouse.query(
        "select platform, api_version, usage_percent is not null, token_valid, token_told, token_expires_at"
        " from ledger.platforms order by seen_at, platform"
    )
    google_says, meta_says = ("google", "v26", False, True, False, None), ("meta", "v26.0", True, True, True)
    ends = [INSTANT + timedelta(days=60), INSTANT + timedelta(days=61)]
    later = ("meta", "v26.0", True, None, None, None)
    nothing = ("google", "v26", False, None, None, None)
    assert rows == [
        google_says, (*meta_says, ends[0]), nothing, later, google_says, (*meta_says, ends[1]),
    ]  # fmt: skip


def test_credentials_that_were_renewed_are_asked_about_on_the_same_day(warehouse: Warehouse) -> None:
    dead = {"error": {"code": 190, "message": "Session has expired", "type": "OAuthException"}}
    warehouse.sandbox.faults({"match": {"platform": "meta"}, "effect": {"status": 400, "body": dead}})
    warehouse.collect()
    warehouse.sandbox.clear()
    warehouse.collect(now="2026-11-24T07:00:00+00:00")
    found = warehouse.query(f"{FACTS} where platform = 'meta' order by seen_at")
    assert [valid for valid, *_ in found] == [False, True]
    assert "Session has expired" in found[0][3]


def test_credentials_that_end_soon_are_asked_about_in_each_run(warehouse: Warehouse) -> None:
    soon = {"status": 200, "body": {"data": {"is_valid": True, "expires_at": after(5)}}}
    warehouse.sandbox.faults({"match": {"platform": "meta", "kind": "token"}, "effect": soon})
    warehouse.collect()
    warehouse.sandbox.clear()
    warehouse.collect(now="2026-11-24T07:00:00+00:00")
    found = warehouse.query(f"{FACTS} where platform = 'meta' order by seen_at")
    assert [(ends_at - INSTANT).days for _, _, ends_at, _ in found] == [5, 60]


def test_a_token_request_that_fails_costs_nothing(warehouse: Warehouse) -> None:
    down = {"status": 503, "body": "down"}
    warehouse.sandbox.faults({"match": {"platform": "meta", "kind": "token"}, "effect": down})
    warehouse.sandbox.forget()
    summary = warehouse.collect()
    assert (summary.problems, summary.accounts_failed) == ((), 0)
    assert summary.requests == len(warehouse.sandbox.requests())
    assert warehouse.query(f"{FACTS} where platform = 'meta'") == [(None, None, None, None)]


def test_a_ledger_from_before_goes_on(warehouse: Warehouse) -> None:
    warehouse.collect()
    with duckdb.connect(str(warehouse.settings.landing)) as ledger:
        ledger.execute("drop table ledger.platforms")
        # dlt keeps what it knows of its tables in the ledger as well as beside it.
        ledger.execute("delete from ledger._dlt_version")
    assert warehouse.collect(now="2026-11-24T07:00:00+00:00").problems == ()
    assert warehouse.query("select count(*) from ledger.platforms") == [(2,)]
