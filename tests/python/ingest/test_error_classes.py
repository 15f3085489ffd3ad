"""Every row of both platforms' error catalogues, as an answer over the wire, falls into its class."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.client.errors import (
    ACTIONS,
    Cause,
    ErrorClass,
    Scope,
)
from ingest.client.http import Request, judge
from ingest.collect.summary import CAUSE_REMEDIES, REMEDIES
from ingest.google import errors as google_errors
from ingest.google import source as google
from ingest.meta import errors as meta_errors
from ingest.meta import source as meta

CATALOGUES: dict[str, list[dict[str, Any]]] = json.loads(
    Path(__file__).with_name("error_catalogues.json").read_text(encoding="utf-8")
)
READERS: dict[str, tuple[Callable[..., Any], Callable[[Any], str | None]]] = {
    "meta": (meta_errors.failure_in, meta.is_list),
    "google": (google_errors.failure_in, google.is_result),
}
HEADERS = {"X-Business-Use-Case-Usage": "", "X-Ad-Account-Usage": ""}


def judged(
    platform: str, body: bytes, status: int, asked: str = "delivery", headers: dict[str, str] | None = None
) -> tuple[Any, Any]:
    failure_in, shape = READERS[platform]
    lowered = {name.lower(): value for name, value in (headers or {}).items()}
    return judge(body, status, lowered, Request("GET", "http://platform", asked, shape), failure_in)


@pytest.mark.parametrize(
    ("platform", "row"),
    [(platform, row) for platform, rows in CATALOGUES.items() for row in rows],
    ids=[row["id"] for rows in CATALOGUES.values() for row in rows],
)
def test_catalogue(platform: str, row: dict[str, Any]) -> None:
    failure, _ = judged(platform, row["body"].encode(), row["status"], row["asked"])
    assert (failure.error_class.value if failure else "ok") == row["class"], failure


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-Business-Use-Case-Usage": '{"1":[{"estimated_time_to_regain_access":19}]}'}, 19 * 60),
        ({"X-Ad-Account-Usage": '{"acc_id_util_pct":99,"reset_time_duration":100}'}, 100),
        ({"X-Ad-Account-Usage": "not json", "X-Business-Use-Case-Usage": "[1]"}, None),
        ({"X-Business-Use-Case-Usage": '{"1":[{"estimated_time_to_regain_access":"soon"}]}'}, None),
        ({}, None),
    ],
)
def test_meta_says_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    body = b'{"error":{"code":17,"error_subcode":2446079,"message":"User request limit reached"}}'
    failure, _ = judged("meta", body, 400, headers=headers)
    assert (failure.error_class, failure.wait_seconds) == (ErrorClass.THROTTLE, seconds)


@pytest.mark.parametrize(("delay", "seconds"), [("40591s", 40591), ("5.5s", 5.5), ("soon", None)])
def test_google_says_how_long_to_wait(delay: str, seconds: float | None) -> None:
    entry = {
        "errorCode": {"quotaError": "RESOURCE_EXHAUSTED"},
        "details": {"quotaErrorDetails": {"retryDelay": delay}},
    }
    body = json.dumps({"error": {"code": 429, "details": [{"errors": [entry]}]}}).encode()
    failure, _ = judged("google", body, 429)
    assert (failure.wait_seconds, failure.lost) == (seconds, Scope.PLATFORM)


def google_body(*errors: dict[str, Any], **error: Any) -> bytes:
    return json.dumps({"error": {**error, "details": [{"errors": list(errors)}]}}).encode()


def coded(family: str, name: str, **more: Any) -> dict[str, Any]:
    return {"errorCode": {family: name}, "message": "Retry in 90 seconds.", **more}


def scoped(scope: str) -> dict[str, Any]:
    return {"details": {"quotaErrorDetails": {"rateScope": scope, "retryDelay": "7200s"}}}


@pytest.mark.parametrize(
    ("body", "status", "error_class", "lost"),
    [
        # A family that nobody has heard of is what its status says.
        (google_body(coded("newError", "X"), status="UNAVAILABLE"), 503, "transient", "window"),
        (google_body(coded("newError", "X"), status="INVALID_ARGUMENT"), 400, "bad_request", "window"),
        (google_body(coded("newError", "X"), status="RESOURCE_EXHAUSTED"), 429, "throttle", "platform"),
        (google_body(coded("newError", "X")), 500, "transient", "window"),
        (google_body(coded("requestError", "UNKNOWN"), status="INTERNAL"), 500, "transient", "window"),
        # An unknown name of a known family is of its family.
        (google_body(coded("quotaError", "NEW_QUOTA")), 429, "throttle", "platform"),
        (google_body(coded("authorizationError", "NEW_REASON")), 403, "permission", "account"),
        (google_body(coded("authenticationError", "NEW_REASON")), 401, "auth", "platform"),
        # Of several errors the one that is known decides.
        (google_body(coded("newError", "X"), coded("internalError", "X")), 400, "transient", "window"),
        (
            google_body(coded("quotaError", "RESOURCE_EXHAUSTED", **scoped("ACCOUNT"))),
            429,
            "throttle",
            "account",
        ),
        (google_body(coded("quotaError", "NEW", **scoped("DEVELOPER"))), 429, "throttle", "platform"),
        (
            json.dumps([{"results": []}, {"error": {"status": "INTERNAL"}}]).encode(),
            200,
            "transient",
            "window",
        ),
        (b"<html>404</html>", 404, "permanent", "platform"),
    ],
)
def test_google_by_structure(body: bytes, status: int, error_class: str, lost: str) -> None:
    failure, _ = judged("google", body, status)
    assert (failure.error_class.value, failure.lost.value) == (error_class, lost)


def meta_body(**error: Any) -> bytes:
    return json.dumps({"error": {"message": "?", **error}}).encode()


@pytest.mark.parametrize(
    ("body", "status", "error_class", "cause"),
    [
        (meta_body(code=99999), 400, "bad_request", None),
        (meta_body(code=99999, is_transient=True), 400, "transient", None),
        (meta_body(code=99999), 500, "transient", None),
        (meta_body(code="190", error_subcode=999), 400, "auth", Cause.LOGIN_DEAD),
        (meta_body(code=80999), 400, "throttle", None),
        (meta_body(message="Too many API requests, slow down"), 400, "throttle", None),
        (meta_body(code=270), 403, "permission", Cause.APP_RIGHTS),
        (meta_body(code=200), 403, "permission", Cause.ACCESS_LOST),
        (
            meta_body(code=100, message="The ad account is disabled"),
            400,
            "permission",
            Cause.ACCOUNT_DISABLED,
        ),
        (meta_body(code=2635), 400, "permanent", Cause.VERSION_RETIRED),
        (b'{"data":[],"error":{"code":2}}', 200, "transient", None),
        (b'{"error":"busy"}', 200, "transient", None),
        (b'{"error":[]}', 500, "transient", None),
    ],
)
def test_meta_by_structure(body: bytes, status: int, error_class: str, cause: Cause | None) -> None:
    failure, _ = judged("meta", body, status)
    assert (failure.error_class.value, failure.cause) == (error_class, cause)


@pytest.mark.parametrize("platform", READERS)
def test_an_error_that_is_cut_short_may_have_been_any(platform: str) -> None:
    for status in (200, 400, 401, 403, 500):
        failure, _ = judged(platform, b'{"error":{"code":', status)
        assert failure.error_class is ErrorClass.TRANSIENT
    failure, _ = judged(platform, b'{"error":{"code":', 429)
    assert failure.error_class is ErrorClass.THROTTLE


def test_a_google_refusal_without_words_is_worth_a_new_token() -> None:
    assert judged("google", b"<html>", 401)[0].refresh
    assert not judged("google", b"<html>", 401, "token")[0].refresh


def test_every_class_and_cause_has_an_action_and_a_remedy() -> None:
    assert set(ACTIONS) == set(REMEDIES) == set(ErrorClass)
    assert set(CAUSE_REMEDIES) == set(Cause)


def test_a_secret_in_a_message_is_scrubbed() -> None:
    body = b'{"error":{"code":190,"message":"Bad access_token=EAAB123 here"}}'
    failure, _ = judged("meta", body, 400)
    assert "EAAB123" not in failure.message


@pytest.mark.parametrize("platform", READERS)
def test_a_redirect_is_no_data(platform: str) -> None:
    failure, _ = judged(platform, b'{"data":[],"results":[]}', 302)
    assert failure.error_class is ErrorClass.TRANSIENT


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["error", "data", "results", "code", "message", "details", "errors", "errorCode", "status"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    platform=st.sampled_from(sorted(READERS)),
    body=st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()),
    status=st.integers(100, 599),
    usage=st.text(max_size=20),
)
def test_wild_answers_are_judged(platform: str, body: bytes, status: int, usage: str) -> None:
    failure, data = judged(platform, body, status, headers={"X-Business-Use-Case-Usage": usage})
    assert (failure is None) != (data is None) or data == []
    if not 200 <= status < 300:
        assert failure is not None
