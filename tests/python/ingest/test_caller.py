"""One request over HTTP, against a server that misbehaves: what is asked again, and what is given up."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from ingest.client.caller import EFFORT, Caller, Effort
from ingest.client.errors import (
    AnswerError,
    Cause,
    ErrorClass,
    RequestError,
    Scope,
)
from ingest.client.http import Request
from ingest.collect.account import collectable
from ingest.google import source as google
from ingest.meta import source as meta
from sandbox.credentials import GOOGLE_MANAGER
from sandbox.process import SandboxProcess
from tests.python.ingest.misbehaving import (
    BUSY,
    GOOD,
    ROWS,
    Handler,
    breaks_off,
    caller_of,
    drips,
    platform,
    sandbox_caller,
    says,
)


def asks(caller: Caller) -> Awaitable[Any]:
    return caller.ask(Request("GET", caller.settings.base_url + "/x", "delivery", meta.is_list))


async def failing(caller: Caller) -> ErrorClass:
    with pytest.raises(RequestError) as problem:
        await asks(caller)
    return problem.value.failure.error_class


RECOVERED = {
    "server error": BUSY,
    "cut connection": breaks_off,
    "drip of bytes": drips,
    "page instead of JSON": says("<html>busy</html>"),
    "page with an error status": says("<html>Service Unavailable error</html>", 502),
    "empty body": says(""),
    "cut JSON": says('{"data":[{"campaign_id":"1"}'),
    "error on a 200": says({"error": {"code": 1, "message": "An unknown error occurred"}}),
    "wrong shape": says({"data": None}),
    "array": says([1]),
    "redirect": says("", 302, {"Location": "http://example.invalid/"}),
    "throttle": says({"error": {"code": 17, "message": "User request limit reached"}}, 400),
}


@pytest.mark.parametrize("fault", RECOVERED.values(), ids=RECOVERED)
def test_what_passes_is_asked_again(fault: Handler) -> None:
    async def scenario() -> None:
        async with platform(fault, fault, GOOD) as server, caller_of(server) as caller:
            effort = Effort()
            EFFORT.set(effort)
            assert await asks(caller) == ROWS
            assert (len(server.seen), effort.requests, effort.attempts) == (3, 3, 3)

    asyncio.run(scenario())


@pytest.mark.parametrize("fault", RECOVERED.values(), ids=RECOVERED)
def test_what_does_not_pass_is_given_up_after_four_times(fault: Handler) -> None:
    async def scenario() -> None:
        async with platform(fault) as server, caller_of(server, timeout_seconds=0.4) as caller:
            assert await failing(caller) in (ErrorClass.TRANSIENT, ErrorClass.THROTTLE)
            assert len(server.seen) == 4

    asyncio.run(scenario())


HOPELESS = {
    "bad request": ({"error": {"code": 100, "message": "(#100) bad parameter"}}, 400, ErrorClass.BAD_REQUEST),
    "permission": ({"error": {"code": 200, "message": "(#200) no"}}, 403, ErrorClass.PERMISSION),
    "dead token": ({"error": {"code": 190, "message": "Session has expired"}}, 400, ErrorClass.AUTH),
    "too much": ({"error": {"code": 100, "error_subcode": 1487534}}, 400, ErrorClass.TOO_MUCH_DATA),
    "dead version": ({"error": {"code": 2635, "message": "deprecated"}}, 400, ErrorClass.PERMANENT),
}


@pytest.mark.parametrize(("body", "status", "error_class"), HOPELESS.values(), ids=HOPELESS)
def test_what_cannot_be_helped_is_asked_once(body: Any, status: int, error_class: ErrorClass) -> None:
    async def scenario() -> None:
        async with platform(says(body, status), GOOD) as server, caller_of(server) as caller:
            assert await failing(caller) is error_class
            assert len(server.seen) == 1
            if error_class in (ErrorClass.AUTH, ErrorClass.PERMANENT):
                assert await failing(caller) is error_class
                assert len(server.seen) == 1, "the whole platform is left alone"

    asyncio.run(scenario())


def test_a_long_throttle_is_not_slept_through() -> None:
    usage = {"X-Business-Use-Case-Usage": '{"1":[{"estimated_time_to_regain_access":19}]}'}
    throttled = says({"error": {"code": 17, "message": "User request limit reached"}}, 400, usage)

    async def scenario() -> None:
        async with platform(throttled) as server, caller_of(server) as caller:
            began = time.monotonic()
            assert await failing(caller) is ErrorClass.THROTTLE
            assert (len(server.seen), time.monotonic() - began < 5) == (1, True)

    asyncio.run(scenario())


def test_the_breaker_lets_five_failures_through_and_one_trial() -> None:
    async def scenario() -> None:
        async with (
            platform(BUSY) as server,
            caller_of(server, breaker_seconds=1, retry_attempts=3) as caller,
        ):
            classes = await asyncio.gather(*(failing(caller) for _ in range(20)))
            assert len(server.seen) == 5
            assert ErrorClass.BREAKER in classes
            await asyncio.sleep(1.1)
            await asyncio.gather(*(failing(caller) for _ in range(5)))
            assert len(server.seen) == 6, "one trial while it is half open"
            await asyncio.sleep(1.1)
            server.script = [GOOD]
            assert await asks(caller) == ROWS
            assert await asyncio.gather(*(asks(caller) for _ in range(5))) == [ROWS] * 5

    asyncio.run(scenario())


def test_answers_that_are_errors_do_not_open_the_breaker() -> None:
    bad = says({"error": {"code": 100, "message": "(#100) bad parameter"}}, 400)

    async def scenario() -> None:
        async with platform(bad) as server, caller_of(server) as caller:
            assert {await failing(caller) for _ in range(8)} == {ErrorClass.BAD_REQUEST}
            assert len(server.seen) == 8

    asyncio.run(scenario())


def test_the_budget_of_requests_is_kept() -> None:
    async def scenario() -> None:
        async with platform(GOOD) as server, caller_of(server, max_requests=2) as caller:
            await asks(caller)
            await asks(caller)
            assert await failing(caller) is ErrorClass.BUDGET
            assert len(server.seen) == 2

    asyncio.run(scenario())


def test_a_redirect_is_never_followed_with_the_token() -> None:
    async def scenario() -> None:
        async with platform(GOOD) as elsewhere:
            away = says("", 302, {"Location": f"{elsewhere.url}/x"})
            async with platform(away) as server, caller_of(server) as caller:
                assert await failing(caller) is ErrorClass.TRANSIENT
                assert (len(server.seen), elsewhere.seen) == (4, [])

    asyncio.run(scenario())


def test_a_server_that_is_not_there() -> None:
    async def scenario() -> None:
        async with platform(GOOD) as server, caller_of(server, base_url="http://127.0.0.1:9") as caller:
            assert await failing(caller) is ErrorClass.TRANSIENT
            assert server.seen == []

    asyncio.run(scenario())


def test_a_proxy_of_the_environment_does_not_come_between(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    async def scenario() -> None:
        async with platform(GOOD) as server, caller_of(server) as caller:
            assert await asks(caller) == ROWS

    asyncio.run(scenario())


def paged(token: str | None, host: str = "http://graph.example") -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        after = request.query.get("after", "0")
        following = f"{host}/v26.0/act_1/campaigns?access_token={token}&after={int(after) + 1}&limit=500"
        paging = {"cursors": {"after": str(int(after) + 1)}}
        body = {"data": [{"id": after}], "paging": paging | ({"next": following} if int(after) < 2 else {})}
        return web.json_response(body)

    return handler


def test_meta_pages_are_followed_without_the_token_in_an_address() -> None:
    async def scenario() -> None:
        async with platform(paged("meta-secret")) as server, caller_of(server) as caller:
            campaigns = await meta.Source(caller).campaigns("1")
            assert [campaign.campaign_id for campaign in campaigns] == ["0", "1", "2"]
            assert all("meta-secret" not in str(request.rel_url) for request in server.seen)
            assert {request.headers["Authorization"] for request in server.seen} == {"Bearer meta-secret"}

    asyncio.run(scenario())


def test_meta_pages_in_a_circle_are_refused() -> None:
    empty = {"data": [], "paging": {"next": "http://x/?after=A"}}

    async def scenario() -> None:
        async with platform(says(empty)) as server, caller_of(server) as caller:
            with pytest.raises(AnswerError, match="in a circle"):
                await meta.Source(caller).campaigns("1")
            assert len(server.seen) == 2


async def again_and_again(request: web.Request) -> web.StreamResponse:
    """Send the same page for ever, with a new cursor and a new token each time."""
    number = int(request.query.get("after", "0")) + 1
    following = f"http://x/?after={number}"
    row = {"id": "1", "campaign": {"id": "1"}}
    page = {"data": [row], "paging": {"next": following}, "results": [row], "nextPageToken": following}
    return web.json_response(page)


def test_a_page_that_comes_again_under_another_cursor_is_refused() -> None:
    async def scenario() -> None:
        async with platform(again_and_again) as server, caller_of(server) as caller:
            with pytest.raises(AnswerError, match="the same page came twice"):
                await meta.Source(caller).campaigns("1")
            assert len(server.seen) == 2
        async with platform(TOKEN, again_and_again) as server, caller_of(server, "google") as caller:
            with pytest.raises(AnswerError, match="the same page came twice"):
                await google.Source(caller).campaigns("1")
            assert len(server.seen) == 3

    asyncio.run(scenario())


UNAUTHENTICATED = says({"error": {"code": 401, "status": "UNAUTHENTICATED", "message": "expired"}}, 401)
TOKEN = says({"access_token": "ya29.first", "expires_in": 3599})
TOKEN_2 = says({"access_token": "ya29.second", "expires_in": 3599})
META, GOOGLE = "9100000001", "9100000003"
CAMPAIGNS = says({"results": [{"campaign": {"id": "1", "name": "Brand"}}], "totalResultsCount": "1"})


def test_a_refused_google_token_is_renewed_once() -> None:
    async def scenario() -> None:
        script = (TOKEN, UNAUTHENTICATED, says({"access_token": "ya29.second"}), CAMPAIGNS, CAMPAIGNS)
        async with platform(*script) as server, caller_of(server, "google") as caller:
            source = google.Source(caller)
            assert [campaign.name for campaign in await source.campaigns("1")] == ["Brand"]
            assert [request.path for request in server.seen if request.path == "/token"] == ["/token"] * 2
            assert server.seen[-1].headers["Authorization"] == "Bearer ya29.second"

    asyncio.run(scenario())


def test_a_google_token_that_stays_refused_stops_the_platform() -> None:
    async def scenario() -> None:
        script = (TOKEN, UNAUTHENTICATED, TOKEN, UNAUTHENTICATED)
        async with platform(*script) as server, caller_of(server, "google") as caller:
            with pytest.raises(AnswerError) as problem:
                await google.Source(caller).campaigns("1")
            assert (problem.value.failure.error_class, problem.value.failure.lost) == (
                ErrorClass.AUTH,
                Scope.PLATFORM,
            )
            assert caller.lost is problem.value.failure
            assert len(server.seen) == 4

    asyncio.run(scenario())


def test_an_access_token_that_is_told_back_is_hidden() -> None:
    told_back = says({"error": {"code": 400, "message": "no ya29.first, nor 1%2F%2Fre\u2026"}}, 400)

    async def scenario() -> None:
        async with platform(TOKEN, told_back) as server, caller_of(server, "google") as caller:
            with pytest.raises(AnswerError) as problem:
                await google.Source(caller).campaigns("1")
            assert "no ***, nor" in str(problem.value)

    asyncio.run(scenario())


def test_a_platform_that_answered_and_stumbles_over_a_new_token_once_is_not_given_up() -> None:
    async def scenario() -> None:
        script = (TOKEN, CAMPAIGNS, UNAUTHENTICATED, TOKEN_2, UNAUTHENTICATED, CAMPAIGNS)
        async with platform(*script) as server, caller_of(server, "google") as caller:
            source = google.Source(caller)
            await source.campaigns("1")
            with pytest.raises(AnswerError) as problem:
                await source.campaigns("1")
            assert (problem.value.failure.passing, caller.lost) == (True, None)
            await source.campaigns("1")
            for script in (
                [UNAUTHENTICATED, TOKEN, UNAUTHENTICATED],
                [UNAUTHENTICATED, TOKEN_2, UNAUTHENTICATED],
            ):
                server.script, server.seen = script, []
                with pytest.raises(AnswerError):
                    await source.campaigns("1")
            assert caller.lost is not None, "twice in a row is no stumble"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("name", "version", "advice"),
    [
        ("meta", "v24.0", "set SOURCES__META_ADS__API_VERSION=v26.0"),
        ("google", "v21", "set SOURCES__GOOGLE_ADS__API_VERSION=v26"),
        ("google", "v19", "set SOURCES__GOOGLE_ADS__API_VERSION=v26"),
    ],
)
def test_a_retired_version_says_which_to_set(
    sandbox: SandboxProcess, name: str, version: str, advice: str
) -> None:
    async def scenario() -> None:
        async with sandbox_caller(sandbox, name, api_version=version) as caller:
            source: Any = meta.Source(caller) if name == "meta" else google.Source(caller)
            for _ in range(2):
                with pytest.raises(AnswerError) as problem:
                    await source.campaigns(META if name == "meta" else GOOGLE)
                failure = problem.value.failure
                assert (failure.error_class, failure.cause) == (ErrorClass.PERMANENT, Cause.VERSION_RETIRED)
                assert failure.message.endswith(f"(asked with {version}; {advice})")

    asyncio.run(scenario())


def test_the_newest_version_that_the_platform_names_is_the_one_to_set() -> None:
    retired = {"error": {"code": 2635, "message": "Please update to the latest version: v31.0."}}

    async def scenario() -> None:
        async with platform(says(retired, 400)) as server, caller_of(server) as caller:
            with pytest.raises(AnswerError, match=r"asked with v26.0; set \S+API_VERSION=v31.0"):
                await meta.Source(caller).campaigns("1")

    asyncio.run(scenario())


def test_a_manager_account_has_no_figures(sandbox: SandboxProcess) -> None:
    async def scenario() -> None:
        async with sandbox_caller(sandbox, "google") as caller:
            facts = await google.Source(caller).account(GOOGLE_MANAGER)
            with pytest.raises(AnswerError, match="manager account, which has no figures of its own"):
                collectable(facts)

    asyncio.run(scenario())


def test_a_connection_that_breaks_is_not_asked_again_behind_the_callers_back() -> None:
    async def drops(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    async def scenario() -> None:
        async with platform(GOOD, drops) as server, caller_of(server, retry_attempts=1) as caller:
            await asks(caller)
            assert await failing(caller) is ErrorClass.TRANSIENT
            assert len(server.seen) == 2

    asyncio.run(scenario())


def test_a_request_that_is_given_up_does_not_close_the_breaker() -> None:
    async def hangs(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(5)
        return web.Response()

    async def scenario() -> None:
        async with platform(BUSY) as server, caller_of(server, breaker_seconds=0.2) as caller:
            await asyncio.gather(*(failing(caller) for _ in range(3)))
            await asyncio.sleep(0.3)
            server.script, server.seen = [hangs, BUSY], []
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asks(caller), 0.3)
            await asyncio.gather(*(failing(caller) for _ in range(3)))
            assert len(server.seen) == 2, "the next one is the trial, and opens it again"

    asyncio.run(scenario())


def test_a_dead_refresh_token_asks_nothing_further() -> None:
    dead = says({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, 400)

    async def scenario() -> None:
        async with platform(dead) as server, caller_of(server, "google") as caller:
            for _ in range(2):
                with pytest.raises(AnswerError, match="expired or revoked"):
                    await google.Source(caller).campaigns("1")
            assert len(server.seen) == 1

    asyncio.run(scenario())


def test_google_rows_must_be_as_many_as_announced() -> None:
    short = says({"results": [], "totalResultsCount": "3"})

    async def scenario() -> None:
        async with platform(TOKEN, short) as server, caller_of(server, "google") as caller:
            with pytest.raises(AnswerError, match="0 rows came of 3"):
                await google.Source(caller).campaigns("1")

    asyncio.run(scenario())


def test_an_expired_page_token_begins_the_query_anew() -> None:
    first = says({"results": [{"campaign": {"id": "1"}}], "nextPageToken": "T"})
    expired = {"errorCode": {"requestError": "EXPIRED_PAGE_TOKEN"}, "message": "Page token has expired."}
    gone = says({"error": {"code": 400, "details": [{"errors": [expired]}]}}, 400)
    last = says({"results": [{"campaign": {"id": "2"}}]})

    async def scenario() -> None:
        async with (
            platform(TOKEN, first, gone, first, last) as server,
            caller_of(server, "google") as caller,
        ):
            campaigns = await google.Source(caller).campaigns("1")
            assert [campaign.campaign_id for campaign in campaigns] == ["1", "2"]

    asyncio.run(scenario())


def test_google_sends_ids_as_digits_and_no_page_size() -> None:
    bodies = []

    async def campaigns(request: web.Request) -> web.StreamResponse:
        bodies.append(await request.json())
        return web.json_response({})

    async def scenario() -> None:
        async with platform(TOKEN, campaigns) as server, caller_of(server, "google") as caller:
            credentials = caller.settings.credentials | {"login_customer_id": "123-456-7890"}
            caller.settings = replace(caller.settings, credentials=credentials)
            assert await google.Source(caller).campaigns("1") == []
            assert server.seen[1].headers["login-customer-id"] == "1234567890"
            assert "developer-token" not in server.seen[1].headers
            assert list(bodies[0]) == ["query"]

    asyncio.run(scenario())
