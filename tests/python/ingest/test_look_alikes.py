"""Answers that look like data and are none, and odd ones that are: over HTTP, from a server of our own."""

import asyncio
import json
import resource
import threading
import zlib
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from aiohttp import web

from ingest.agency.registrations import Registration
from ingest.client import http
from ingest.client.caller import Caller
from ingest.client.errors import AnswerError, ErrorClass, Failure
from ingest.client.paging import EMPTY_IN_A_ROW
from ingest.collect import collection as collect
from ingest.collect.days import DayColumns
from ingest.google import source as google
from ingest.ledger.landing import Landing
from ingest.meta import source as meta
from ingest.meta.rows import Rows, take_campaigns
from ingest.platform_api import AccountFacts, CampaignFacts, WindowAnswers
from tests.python.ingest.ledger_of import Warehouse
from tests.python.ingest.misbehaving import Handler, caller_of, platform, says
from tests.python.ingest.test_wild_answers import TRUTH, google_action, google_row, meta_row

DAY = date(2026, 11, 20)
FACTS = AccountFacts("1", None, "EUR", "Europe/Berlin", None, manager=False)
IN_LEVA = Registration("meta", "1", "dune", "BGN", "Europe/Berlin", date(2026, 1, 1), None)
META_DAY = meta_row(DAY, campaign_id="7")
GOOGLE_DAY = google_row(DAY, campaign={"id": "7"})
TOKEN = says(json.loads(TRUTH["google"][0]))


def sends(body: bytes, status: int = 200, **headers: str) -> Handler:
    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=status, headers=headers, content_type="application/json")

    return handler


def window(
    name: str, *script: Handler, then: Callable[[Caller], Awaitable[Any]] | None = None, **changes: Any
) -> Any:
    """Return what the source makes of a day whose answers are those of ``script``, or why it takes none."""

    async def asked() -> Any:
        async with (
            platform(*script) as server,
            caller_of(server, name, **{"retry_attempts": 1, **changes}) as caller,
        ):
            source: Any = meta.Source(caller) if name == "meta" else google.Source(caller)
            try:
                if then is not None:
                    return await then(source)
                answers = await source.window("1", DAY, DAY, everything=False)
                answers.agree_with(FACTS)
                return answers
            except AnswerError as problem:
                return problem.failure

    return asyncio.run(asked())


def meta_window(*rows: dict[str, Any]) -> Any:
    return window("meta", says({"data": list(rows)}), says({"data": [meta_row(DAY)]}))


def google_window(delivery: Any, conversions: Any, totals: Any) -> Any:
    return window("google", TOKEN, *(says({"results": rows}) for rows in (delivery, conversions, totals)))


@pytest.mark.parametrize("status", [202, 203, 206, 207])
@pytest.mark.parametrize("name", ["meta", "google"])
def test_an_answer_that_is_not_all_of_it_is_none(name: str, status: int) -> None:
    empty = {"data": []} if name == "meta" else {"fieldMask": "campaign.id"}
    came = window(name, *([TOKEN] if name == "google" else []), says(empty, status))
    assert (came.error_class, came.message) == (
        ErrorClass.TRANSIENT,
        f"HTTP {status} is no complete answer",
    )


@pytest.mark.parametrize("body", [{"data": []}, {"partialFailureError": {"code": 3}}, {"rows": []}])
def test_what_says_nothing_of_results_is_no_empty_result(body: dict[str, Any]) -> None:
    assert window("google", TOKEN, says(body)).message.endswith("is no answer to a query")


def test_a_result_without_rows_is_one() -> None:
    nothing = {"fieldMask": "campaign.id", "requestId": "x", "queryResourceConsumption": "1"}
    assert window("google", TOKEN, says(nothing), says({}), says([])).days[str(DAY)].rows == 0


def test_rows_in_another_currency_are_refused() -> None:
    assert "'USD', the account 'EUR'" in meta_window(META_DAY | {"account_currency": "USD"}).message
    assert isinstance(meta_window(META_DAY), WindowAnswers)
    for other in ({"currencyCode": "USD"}, {"timeZone": "Asia/Tokyo"}):
        row = GOOGLE_DAY | {"customer": {"id": "1"} | other}
        came = google_window([row], [google_action(DAY)], [google_row(DAY)])
        assert came.error_class is ErrorClass.REFUSED
        assert next(iter(other.values())) in came.message


def test_old_days_may_be_told_in_the_registered_currency() -> None:
    """A platform that adopts a currency for new days only tells each day as it was."""
    old, new = DAY - timedelta(days=1), DAY
    rows = [meta_row(old, account_currency="BGN"), meta_row(new, account_currency="EUR")]
    answers = WindowAnswers.over(old, new)
    take_campaigns(answers, "1", Rows().taken({"data": rows})[0])
    with pytest.raises(AnswerError, match="'BGN', the account 'EUR'"):
        answers.agree_with(FACTS)
    answers.agree_with(FACTS, IN_LEVA)
    columns = DayColumns.of(answers, FACTS)
    assert columns.currency == ["BGN", "EUR"]
    assert columns.timezone == [FACTS.timezone] * 2
    answers.agree_with(FACTS, as_told=True)
    assert DayColumns.of(answers, FACTS).currency == ["BGN", "EUR"], "what stays so is landed as it is told"


def test_another_spelling_of_a_zone_is_the_same_zone() -> None:
    facts = AccountFacts.of("1", None, " eur", "Europe/Kiev", None, None)
    assert (facts.currency, facts.timezone) == ("EUR", "Europe/Kyiv")
    answers = WindowAnswers.over(DAY, DAY)
    answers.days[str(DAY)].currencies, answers.days[str(DAY)].timezones = {"EUR", "eur"}, {"europe/kiev"}
    answers.agree_with(facts)
    assert DayColumns.of(answers, facts).timezone == ["Europe/Kyiv"]


def test_a_day_in_two_currencies_is_refused() -> None:
    both = [
        META_DAY | {"account_currency": "BGN"},
        META_DAY | {"account_currency": "EUR", "campaign_id": "8"},
    ]
    answers = WindowAnswers.over(DAY, DAY)
    take_campaigns(answers, "1", Rows().taken({"data": both})[0])
    with pytest.raises(AnswerError, match="'BGN', the account 'EUR'"):
        answers.agree_with(FACTS, IN_LEVA, as_told=True)


def test_conversions_of_a_campaign_without_delivery_are_refused() -> None:
    others = google_action(DAY) | {"campaign": {"id": "007"}}
    came = google_window([GOOGLE_DAY], [others], [google_row(DAY)])
    assert came.message.endswith("campaign '007' converted on 2026-11-20 and had no delivery")
    nothing = others | {"metrics": {"conversions": 0.0, "allConversions": "0"}}
    taken = google_window([GOOGLE_DAY], [google_action(DAY), nothing], [google_row(DAY)])
    assert isinstance(taken, WindowAnswers)


def test_empty_pages_without_end_are_no_way_to_it() -> None:
    seen = iter(range(10_000))

    async def endless(_: web.Request) -> web.StreamResponse:
        return web.json_response({"results": [], "nextPageToken": str(next(seen))})

    assert "were empty" in window("google", TOKEN, endless).message
    assert next(seen) <= EMPTY_IN_A_ROW + 1


@pytest.mark.parametrize("spend", ["1" * 400, '"1e999"', '"-1e999"', '"NaN"'])
def test_a_number_without_bounds_is_no_defect(spend: str) -> None:
    text = json.dumps({"data": [META_DAY]}).replace('"12.34"', spend).encode()
    came = window("meta", sends(text), says({"data": [meta_row(DAY)]}))
    assert isinstance(came, Failure | WindowAnswers)


def test_json_without_bottom_is_no_defect() -> None:
    deep = b'{"data":' + b"[" * 100_000
    assert window("meta", sends(deep)).message == http.BROKEN


@pytest.mark.attack
@pytest.mark.parametrize("megabytes", [65, 400])
def test_a_body_larger_than_any_answer_is_not_read_to_its_end(megabytes: int) -> None:
    """Hundreds of megabytes come in one: it is not unpacked to its end, nor held."""
    packer = zlib.compressobj(wbits=31)
    huge = b"".join([*(packer.compress(b" " * 2**20) for _ in range(megabytes)), packer.flush()])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    came = window("meta", sends(huge, **{"Content-Encoding": "gzip"}), timeout_seconds=10)
    assert (came.error_class, came.shrink) == (ErrorClass.TOO_MUCH_DATA, True)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 300


@pytest.mark.parametrize(("sent", "name"), [(b"\\ud83d\\ude00!", "😀!"), (b"x\\ud800y", "x?y")])
def test_half_a_character_in_a_name_costs_no_figure(sent: bytes, name: str) -> None:
    row = json.dumps({"data": [META_DAY | {"campaign_name": "NAME"}]}).encode().replace(b"NAME", sent)
    came = window("meta", sends(b"\xef\xbb\xbf" + row), says({"data": [meta_row(DAY)]}))
    assert came.campaigns["7"].name == name
    assert b"12.34" in DayColumns.of(came, FACTS).delivery[0]


@pytest.mark.parametrize("name", [12345, True, {"a": 1}, ["x"], None])
def test_a_name_that_is_no_text_costs_no_figure(name: Any) -> None:
    known = "12345" if name == 12345 and name is not True else None
    facts = AccountFacts.of("1", name, "EUR", "Europe/Berlin", name, name)
    assert (facts.name, facts.status) == (known, known)
    assert CampaignFacts.of(7, name, name, name) == CampaignFacts("7", known, known, known)


@pytest.mark.parametrize("token", ["ya29.x\r\nX: y", "ya29.ü", "", 7])
def test_an_access_token_that_cannot_be_sent_is_none(token: Any) -> None:
    assert "access_token" in window("google", says({"access_token": token})).message


def test_a_writer_that_fails_ends_the_collection(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Landing, tables: Iterator[tuple[str, pa.Table]]) -> None:
        next(tables)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Landing, "land", fails)
    monkeypatch.setattr(collect, "QUEUE", 1)
    with pytest.raises(OSError, match="No space"):
        warehouse.collect()
    assert "collection" not in {thread.name for thread in threading.enumerate()}
