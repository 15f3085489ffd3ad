"""Slowing down before the platform says no: what the usage headers say, and what is made of it."""

import asyncio
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.client.caller import EFFORT, Effort
from ingest.client.errors import AnswerError, ErrorClass, Scope
from ingest.client.http import retry_after
from ingest.client.throttle import Throttle, Usage, spacing_seconds
from ingest.meta import source as meta
from ingest.meta.usage import usage_in, wait_seconds
from tests.python.ingest.misbehaving import Platform, caller_of, platform, says

APP, ACCOUNT = "x-app-usage", "x-ad-account-usage"
BUSINESS, INSIGHTS = "x-business-use-case-usage", "x-fb-ads-insights-throttle"


def told(**headers: Any) -> dict[str, str]:
    names = {"app": APP, "account": ACCOUNT, "business": BUSINESS, "insights": INSIGHTS}
    return {
        names[name]: value if isinstance(value, str) else json.dumps(value) for name, value in headers.items()
    }


USES = [
    {"type": "ads_management", "call_count": 10, "total_time": 12},
    {"type": "ads_insights", "call_count": 95, "total_cputime": 118, "estimated_time_to_regain_access": 19},
]


@pytest.mark.parametrize(
    ("headers", "usage", "wait"),
    [
        ({}, Usage(), None),
        (told(app={"call_count": 28, "total_time": 80, "total_cputime": 25}), Usage(80, 0, told=True), None),
        (told(account={"acc_id_util_pct": 9.67, "reset_time_duration": 100}), Usage(0, 9.67, told=True), 100),
        (told(insights={"app_id_util_pct": 100, "acc_id_util_pct": 76}), Usage(100, 76, told=True), None),
        (told(business={"111": USES}), Usage(0, 118, told=True), 19 * 60),
        (told(business={"111": USES[:1], "222": USES[1:]}), Usage(0, 118, told=True), 19 * 60),
        (told(business={"111": [None, *USES, "x"]}, app="[]"), Usage(0, 118, told=True), 19 * 60),
        (told(app="not json", account="[1]", business='{"1": 3}', insights="null"), Usage(), None),
        (
            told(app={"call_count": "80", "total_time": None, "total_cputime": "x"}),
            Usage(80, 0, told=True),
            None,
        ),
        (told(app={"call_count": 0}), Usage(told=True), None),
        (told(app={"call_count": -5, "total_time": "inf"}), Usage(), None),
    ],
)
def test_what_the_headers_say(headers: dict[str, str], usage: Usage, wait: float | None) -> None:
    assert usage_in(headers) == usage
    assert wait_seconds(headers) == wait


wild = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["call_count", "acc_id_util_pct", "estimated_time_to_regain_access", "1"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([APP, ACCOUNT, BUSINESS, INSIGHTS]), wild.map(json.dumps) | st.text()))
def test_wild_headers_say_something_or_nothing(headers: dict[str, str]) -> None:
    usage, wait = usage_in(headers), wait_seconds(headers)
    for value in (usage.platform, usage.account, wait or 0.0):
        assert 0.0 <= value < float("inf")
        assert spacing_seconds(value, 2.0) <= 10.0


def test_spacing_begins_at_75_percent_and_grows() -> None:
    assert [spacing_seconds(percent, 2.0) for percent in (0, 74.9, 75, 100, 150, 1000)] == [0, 0, 1, 2, 4, 10]


def test_the_highest_share_that_was_told_is_kept_and_silence_is_no_share() -> None:
    throttle = Throttle(2.0)
    throttle.heard("1", Usage())
    assert throttle.highest is None
    throttle.heard("1", Usage(told=True))
    assert throttle.highest == 0
    for usage in (Usage(10, 42.5, told=True), Usage(12, 3, told=True), Usage()):
        throttle.heard("", usage)
    assert throttle.highest == 42.5


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_account_that_is_near_its_quota_waits_and_the_others_do_not() -> None:
    clock = Clock()
    throttle = Throttle(2.0, clock)
    assert throttle.reserve("1") == 0
    throttle.heard("1", Usage(10, 100))
    assert [throttle.reserve("1"), throttle.reserve("1"), throttle.reserve("2")] == [2, 4, 0]
    clock.now += 4
    throttle.heard("1", Usage(10, 20))
    clock.now += 2
    assert [throttle.reserve("1"), throttle.reserve("1")] == [0, 0], "the quota is free again"


def test_a_platform_that_is_near_its_quota_makes_everybody_wait_in_turn() -> None:
    clock = Clock()
    throttle = Throttle(2.0, clock)
    throttle.heard("1", Usage(75, 0))
    assert [throttle.reserve("1"), throttle.reserve("2"), throttle.reserve("3")] == [1, 2, 3]
    clock.now += 400
    assert [throttle.reserve("1"), throttle.reserve("2")] == [0, 0], "nothing was heard for minutes"


def test_a_refusal_lets_its_account_or_the_platform_rest() -> None:
    throttle = Throttle(2.0, Clock())
    throttle.refused("1", Scope.ACCOUNT, 30)
    assert (throttle.reserve("1"), throttle.reserve("2")) == (30, 0)
    throttle.refused("1", Scope.PLATFORM, 40)
    assert (throttle.reserve("1"), throttle.reserve("2"), throttle.reserve("")) == (40, 40, 40)


@pytest.mark.parametrize("status", [200, 500])
def test_usage_is_heard_on_every_answer_and_slows_the_next(status: int) -> None:
    full = {"X-Business-Use-Case-Usage": json.dumps({"1": [{"call_count": 100}]})}
    body = {"id": "act_1", "account_id": "1"} if status == 200 else {"error": {"code": 2}}

    async def waits(server: Platform) -> float:
        async with caller_of(server, retry_base_seconds=60, retry_attempts=1) as caller:
            EFFORT.set(Effort(account_id="1"))
            try:
                await meta.Source(caller).account("1")
            except AnswerError as problem:
                assert problem.failure.error_class is ErrorClass.TRANSIENT
            return caller.throttle.reserve("1")

    async def scenario() -> None:
        async with platform(says(body, status, full)) as server:
            assert await waits(server) > 50
        async with platform(says(body, status)) as server:
            assert await waits(server) == 0

    asyncio.run(scenario())


def test_retry_after_is_a_number_or_a_date_or_nothing() -> None:
    assert retry_after({"retry-after": "7"}) == 7
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    for nothing in ("", "soon", "-1", "Wed, 99 Oct 2015", "²"):
        assert retry_after({"retry-after": nothing}) is None


def test_a_told_wait_is_kept_and_a_long_one_is_not_sat_out() -> None:
    busy = {"error": {"code": 2, "message": "Service temporarily unavailable"}}

    async def attempts(seconds: str) -> tuple[int, float]:
        told_to_wait = says(busy, 503, {"Retry-After": seconds})
        good = says({"id": "act_1"})
        async with platform(told_to_wait, good) as server, caller_of(server) as caller:
            began = time.monotonic()
            try:
                await meta.Source(caller).account("1")
            except AnswerError as problem:
                assert not problem.failure.passing
            return len(server.seen), time.monotonic() - began

    count, seconds = asyncio.run(attempts("1"))
    assert (count, seconds >= 1.0) == (2, True)
    assert asyncio.run(attempts("3600"))[0] == 1


def test_an_application_limit_rests_the_whole_platform_instead_of_failing_account_after_account() -> None:
    limit = says({"error": {"code": 4, "message": "(#4) Application request limit reached"}}, 400)

    async def scenario() -> None:
        async with platform(limit) as server, caller_of(server, breaker_seconds=60) as caller:
            source = meta.Source(caller)
            failed = await asyncio.gather(*(source.account(str(n)) for n in range(8)), return_exceptions=True)
            assert len(server.seen) == 5
            assert all(isinstance(problem, AnswerError) and problem.failure.passing for problem in failed)
            assert caller.lost is None

    asyncio.run(scenario())
