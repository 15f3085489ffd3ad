"""A day that is too much for one answer: reports and smaller pages bring the same day, byte for byte."""

import asyncio
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from aiohttp import web

from ingest.client.errors import (
    AnswerError,
    ErrorClass,
    Failure,
    Scope,
)
from ingest.collect.days import DayColumns
from ingest.meta import source as meta
from ingest.platform_api import AccountFacts
from sandbox.process import SandboxProcess
from tests.python.ingest.misbehaving import caller_of, platform, sandbox_caller, says

NOW = "2026-11-24T06:00:00+00:00"
ACCOUNT, DAY = "9100000001", date(2026, 11, 20)
FACTS = AccountFacts(ACCOUNT, None, "EUR", "Europe/Berlin", None, manager=False)
TOO_MUCH = {"error": {"code": 100, "error_subcode": 1487534, "message": "Please reduce the amount of data"}}
DIRECT = {"platform": "meta", "method": "GET", "path": "/act_.*/insights"}
STATE = {"platform": "meta", "method": "GET", "path": r"/v26\.0/\d+$"}
RESULT = {"platform": "meta", "method": "GET", "path": r"/v26\.0/\d+/insights"}
CREATION = {"platform": "meta", "method": "POST"}


@pytest.fixture
def box(sandbox: SandboxProcess) -> Iterator[SandboxProcess]:
    sandbox.set_clock(NOW)
    sandbox.forget()
    yield sandbox
    sandbox.clear()
    sandbox.set_clock(None)


def collected(box: SandboxProcess, *, everything: bool = False) -> DayColumns:
    async def scenario() -> DayColumns:
        async with sandbox_caller(box, "meta") as caller:
            answers = await meta.Source(caller).window(ACCOUNT, DAY, DAY, everything=everything)
            return DayColumns.of(answers, FACTS)

    return asyncio.run(scenario())


def asked(box: SandboxProcess) -> dict[str, int]:
    """Return how many requests created a report, asked for its state, read one, or asked directly."""
    counts = {"created": 0, "polled": 0, "read": 0, "direct": 0}
    for request in box.requests():
        way = "read" if request["path"].endswith("/insights") else "polled"
        way = "direct" if "/act_" in request["path"] else way
        counts["created" if request["method"] == "POST" else way] += 1
    return counts


def too_much(match: dict[str, Any]) -> dict[str, Any]:
    return {"match": match, "effect": {"status": 400, "body": TOO_MUCH}}


def failing(box: SandboxProcess) -> ErrorClass:
    with pytest.raises(AnswerError) as problem:
        collected(box)
    return problem.value.failure.error_class


@pytest.mark.parametrize("everything", [False, True])
def test_a_report_brings_the_same_day_as_the_direct_way(box: SandboxProcess, everything: bool) -> None:
    direct = collected(box, everything=everything)
    assert asked(box) == {"created": 0, "polled": 0, "read": 0, "direct": 2}
    box.forget()
    box.faults(too_much(DIRECT))
    assert collected(box, everything=everything) == direct
    counts = asked(box)
    assert (counts["direct"], counts["created"], counts["read"]) == (2, 2, 2)
    assert counts["polled"] >= 4
    assert b'"spend"' in direct.delivery[0]


def test_a_report_that_is_too_much_to_read_is_read_in_smaller_pages(box: SandboxProcess) -> None:
    direct = collected(box)
    box.faults([too_much(DIRECT), too_much(RESULT) | {"times": {"first": 2}}])
    box.forget()
    assert collected(box) == direct
    assert asked(box)["read"] == 4, "campaigns by 500, 100 and 25, and the account"
    assert asked(box)["created"] == 2


def test_a_day_that_is_too_much_for_a_report_is_asked_for_in_smaller_pages(box: SandboxProcess) -> None:
    direct = collected(box)
    failed = {
        "async_status": "Job Failed",
        "error_code": 100,
        "error_subcode": 1487534,
        "error_message": "Please reduce the amount of data you're asking for",
    }
    box.faults([too_much(DIRECT) | {"times": {"first": 1}}, {"match": STATE, "effect": {"job": failed}}])
    box.forget()
    assert collected(box) == direct
    assert asked(box) == {"created": 1, "polled": 1, "read": 0, "direct": 3}


def test_what_is_too_much_in_every_way_is_given_up(box: SandboxProcess) -> None:
    box.faults([too_much(DIRECT), too_much(RESULT)])
    assert failing(box) is ErrorClass.TOO_MUCH_DATA
    assert asked(box)["direct"] == 1
    assert (asked(box)["created"], asked(box)["read"]) == (1, 3)


def test_a_report_that_fails_once_is_made_again(box: SandboxProcess) -> None:
    direct = collected(box)
    for status in ("Job Failed", "Job Skipped"):
        box.clear()
        job = {"match": STATE, "times": {"first": 1}, "effect": {"job": {"async_status": status}}}
        box.faults([too_much(DIRECT) | {"times": {"first": 1}}, job])
        box.forget()
        assert collected(box) == direct
        assert asked(box)["created"] == 2


def test_a_report_that_keeps_failing_may_be_too_large_but_one_that_is_skipped_says_nothing(
    box: SandboxProcess,
) -> None:
    direct = collected(box)
    refused = too_much(DIRECT) | {"times": {"first": 1}}
    box.faults([refused, {"match": STATE, "effect": {"job": {"async_status": "Job Failed"}}}])
    box.forget()
    assert collected(box) == direct
    assert asked(box) == {"created": 2, "polled": 2, "read": 0, "direct": 3}
    box.clear()
    box.faults([refused, {"match": STATE, "effect": {"job": {"async_status": "Job Skipped"}}}])
    box.forget()
    assert failing(box) is ErrorClass.TRANSIENT
    assert asked(box) == {"created": 2, "polled": 2, "read": 0, "direct": 1}


def test_a_hundred_percent_of_a_running_job_is_not_done(box: SandboxProcess) -> None:
    direct = collected(box)
    running = {"async_status": "Job Running", "async_percent_completion": 100, "is_running": True}
    body = {"match": STATE, "times": {"first": 3}, "effect": {"status": 200, "body": running}}
    box.faults([too_much(DIRECT) | {"times": {"first": 1}}, body])
    box.forget()
    assert collected(box) == direct
    assert asked(box)["read"] == 1
    assert asked(box)["polled"] >= 4


def test_a_report_that_is_not_found_yet_is_asked_for_again(box: SandboxProcess) -> None:
    direct = collected(box)
    body = {"error": {"code": 100, "error_subcode": 33, "message": "Unsupported get request."}}
    early = {"match": STATE, "times": {"first": 2}, "effect": {"status": 400, "body": body}}
    box.faults([too_much(DIRECT) | {"times": {"first": 1}}, early])
    assert collected(box) == direct


def test_a_report_may_be_named_by_a_number_and_is_read_without_the_token_in_an_address() -> None:
    row = {"date_start": "2026-11-20", "date_stop": "2026-11-20", "account_id": ACCOUNT, "campaign_id": "7"}
    rows = says({"data": [row]})
    total = says({"data": [{key: row[key] for key in list(row)[:3]}]})
    refusal, run = says(TOO_MUCH, 400), says({"report_run_id": 6023920149050})
    done = says({"async_status": "Job Completed", "account_id": ACCOUNT})
    bodies = []

    async def created(request: web.Request) -> web.StreamResponse:
        bodies.append(dict(await request.post()))
        return await run(request)

    async def scenario() -> None:
        script = (refusal, created, done, rows, total)
        async with platform(*script) as server, caller_of(server) as caller:
            answers = await meta.Source(caller).window(ACCOUNT, DAY, DAY, everything=True)
            assert DayColumns.of(answers, FACTS).delivery == [b'[{"campaign_id":"7"}]']
            assert [request.path for request in server.seen][2:4] == [
                "/v26.0/6023920149050",
                "/v26.0/6023920149050/insights",
            ]
            assert all("meta-secret" not in str(request.rel_url) for request in server.seen)

    asyncio.run(scenario())
    (form,) = bodies
    assert json.loads(str(form["time_range"])) == {"since": "2026-11-20", "until": "2026-11-20"}
    assert "DELETED" in str(form["filtering"])


def failing_report(state: dict[str, Any]) -> Failure:
    """Return why a day that is too much to be asked for directly, and whose report is in ``state``, fails."""
    script = (says(TOO_MUCH, 400), says({"report_run_id": "5"}), says(state))

    async def scenario() -> Failure:
        async with platform(*script) as server, caller_of(server, retry_attempts=1) as caller:
            with pytest.raises(AnswerError) as problem:
                await meta.Source(caller).window(ACCOUNT, DAY, DAY, everything=False)
            return problem.value.failure

    return asyncio.run(scenario())


def test_a_report_about_another_account_is_refused() -> None:
    for account, about_another in (("1", True), (f"act_{ACCOUNT}", False)):
        failure = failing_report({"async_status": "Job Completed", "account_id": account})
        assert ("about another account" in failure.message) is about_another


def test_what_fails_a_report_fails_no_other_account() -> None:
    failure = failing_report({"async_status": "Job Failed", "error_code": 190, "error_message": "expired"})
    assert (failure.error_class, failure.lost) == (ErrorClass.AUTH, Scope.ACCOUNT)
