"""Whatever comes over the wire in place of an answer: a failure, or the true day, never another day."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.client.errors import AnswerError
from ingest.collect.days import DayColumns
from ingest.collect.reconcile import disagreeing
from ingest.google import source as google
from ingest.meta import source as meta
from ingest.platform_api import AccountFacts
from tests.python.ingest.misbehaving import Platform, caller_of

SINCE, UNTIL = date(2026, 11, 20), date(2026, 11, 21)
FACTS = AccountFacts("1", None, "EUR", "Europe/Berlin", None, manager=False)


def meta_row(day: date, **more: Any) -> dict[str, Any]:
    spent = {"spend": "12.34", "impressions": "1000", "clicks": "37", "inline_link_clicks": "30"}
    actions = {"actions": [{"action_type": "lead", "value": "3"}]}
    dates = {"date_start": str(day), "date_stop": str(day), "account_id": "1", "account_currency": "EUR"}
    return dates | spent | actions | more


def google_row(day: date, **more: Any) -> dict[str, Any]:
    metrics = {"costMicros": "12340000", "impressions": "1000", "clicks": "37", "conversions": 3.0}
    return {"customer": {"id": "1"}, "segments": {"date": str(day)}, "metrics": metrics} | more


def google_action(day: date) -> dict[str, Any]:
    segments = {"date": str(day), "conversionAction": "customers/1/conversionActions/2"}
    return {"campaign": {"id": "7"}, "segments": segments, "metrics": {"conversions": 3.0}}


DAYS = (SINCE, UNTIL)
TOKEN = {"access_token": "ya29.x", "expires_in": 3599}
TRUTH: dict[str, list[bytes]] = {
    "meta": [
        json.dumps({"data": [meta_row(day, campaign_id="7") for day in DAYS]}).encode(),
        json.dumps({"data": [meta_row(day) for day in DAYS]}).encode(),
    ],
    "google": [
        json.dumps(TOKEN).encode(),
        json.dumps({"results": [google_row(day, campaign={"id": "7"}) for day in DAYS]}).encode(),
        json.dumps({"results": [google_action(day) for day in DAYS]}).encode(),
        json.dumps({"results": [google_row(day) for day in DAYS]}).encode(),
    ],
}


@dataclass
class WildServer:
    """Sends ``script`` as it is, one element per connection, heads included."""

    script: list[bytes] = field(default_factory=list)
    url: str = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = next((line for line in head.lower().split(b"\r\n") if b"content-length" in line), b":0")
            await reader.readexactly(int(length.partition(b":")[2]))
            writer.write(self.script.pop(0) if self.script else b"")
            await writer.drain()
        writer.close()


def sent(body: bytes, status: int = 200, headers: bytes = b"", length: int | None = None) -> bytes:
    declared = len(body) if length is None else length
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\nConnection: close\r\n%s\r\n%s" % (
        status,
        declared,
        headers,
        body,
    )


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def wild(loop: asyncio.Runner) -> Iterator[WildServer]:
    server = WildServer()
    listening = loop.run(asyncio.start_server(server.answer, "127.0.0.1", 0))
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield server
    listening.close()


async def collected(server: WildServer, platform: str) -> tuple[DayColumns, frozenset[date]] | None:
    """Return what would land, and which of its days would be asked for again; None for a failure."""
    async with caller_of(Platform([], url=server.url), platform, retry_attempts=1) as caller:
        source: Any = meta.Source(caller) if platform == "meta" else google.Source(caller)
        try:
            answers = await source.window("1", SINCE, UNTIL, everything=False)
            columns = DayColumns.of(answers, FACTS)
        except AnswerError as problem:
            assert problem.failure.message
            return None
        except (TypeError, AttributeError, KeyError, ValueError):
            return None  # what collecting an account refuses as an unknown shape
        return columns, disagreeing(source.measures, answers, FACTS.currency)


keys = st.sampled_from(
    ["error", "data", "results", "paging", "next", "code", "message", "details", "errors", "errorCode",
     "status", "campaign", "campaign_id", "segments", "date", "date_start", "metrics", "actions", "id"]
)  # fmt: skip
values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=6)
    | st.sampled_from(["2026-11-20", "1", "7"])
)
documents = st.recursive(
    values | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=14,
)
usage = st.sampled_from(
    ["X-App-Usage", "X-Ad-Account-Usage", "X-Business-Use-Case-Usage", "X-FB-Ads-Insights-Throttle",
     "Retry-After", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Location", "X"]
)  # fmt: skip
header_values = (
    st.binary(max_size=12)
    | documents.map(lambda value: json.dumps(value).encode())
    | st.sampled_from([b"gzip", b"chunked", b"text/html", b"999999", b'{"call_count":"x"}', b'{"1":[{}]}'])
)
heads = st.lists(st.tuples(usage, header_values), max_size=3).map(
    lambda pairs: b"".join(b"%s: %s\r\n" % (name.encode(), value) for name, value in pairs)
)
wild_bodies = st.binary(max_size=80) | documents.map(lambda value: json.dumps(value).encode())


@pytest.fixture(scope="module")
def true_days(loop: asyncio.Runner, wild: WildServer) -> dict[str, DayColumns]:
    """What lands when every answer comes as it should."""
    days = {}
    for platform, truth in TRUTH.items():
        wild.script = [sent(body) for body in truth]
        came = loop.run(collected(wild, platform))
        assert came is not None
        assert came[1] == frozenset()
        days[platform] = came[0]
    return days


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), platform=st.sampled_from(sorted(TRUTH)))
def test_a_wild_answer_is_a_failure_or_the_true_day(
    loop: asyncio.Runner,
    wild: WildServer,
    true_days: dict[str, DayColumns],
    data: st.DataObject,
    platform: str,
) -> None:
    truth = TRUTH[platform]
    place = data.draw(st.integers(0, len(truth) - 1), "which answer")
    body, status = truth[place], 200
    kind = data.draw(st.sampled_from(["body", "cut", "short", "garbage", "status", "headers"]), "kind")
    if kind == "garbage":
        answer = data.draw(st.binary(max_size=80))
    else:
        end = data.draw(st.integers(0, len(body) - 1))
        body = {"body": data.draw(wild_bodies), "cut": body[:end], "short": body[:end]}.get(kind, body)
        status = data.draw(st.integers(100, 599)) if kind == "status" else 200
        length = len(truth[place]) if kind == "short" else None
        answer = sent(body, status, data.draw(heads) if kind == "headers" else b"", length)
    wild.script = [sent(body) for body in truth]
    wild.script[place] = answer
    came = loop.run(collected(wild, platform))
    if came is None:
        return
    columns, again = came
    for n, day in enumerate(columns.dates):
        same = columns.hashes[n] == true_days[platform].hashes[n]
        assert same or day in again, "a day landed that is not the true one, and nothing noticed"
    if kind in ("cut", "short", "garbage"):
        pytest.fail("an answer that was cut was taken")
