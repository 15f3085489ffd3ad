"""Every row of both platforms' error catalogues, as an answer over the wire, falls into its class."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import google, google_errors, meta, meta_errors
from ingest.errors import ErrorClass, Scope
from ingest.http import Request, judge

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
