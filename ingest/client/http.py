"""One request, judged: a total deadline, no redirects, and no body is data before it has been looked at."""

import codecs
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import orjson

from core.log import scrub
from ingest.client.errors import (
    ACTIONS,
    ErrorClass,
    Failure,
    RequestError,
)
from ingest.client.sources import SourceSettings

# Finds the failure that a parsed body is, if it is one, from (body, HTTP status, headers, what was asked).
FailureIn = Callable[[Any, int, Mapping[str, str], str], Failure | None]
# Takes note of the headers of an answer, whatever comes of it.
Hears = Callable[[Mapping[str, str]], None]
# Says what is wrong with the shape of a body that holds no error, or nothing.
WrongShape = Callable[[Any], str | None]
# Reads a healthy body straight into objects; None for any other, which is parsed and judged.
Reader = Callable[[bytes], Any | None]

MESSAGE_LIMIT = 500
# Larger than any real answer: a page of Google's has 10,000 rows of about 500 bytes.
BODY_LIMIT_BYTES = 64 * 2**20
CUT_SHORT = "the answer is cut short: its JSON does not end"
BROKEN = "the answer is broken: its JSON cannot be read"
TOO_MANY_REQUESTS = 429
# Of the statuses that tell of success, those whose answer is there in full.
COMPLETE = (200, 201)
# Above this the connection is paused until it is read; a page of 500 rows should come without a pause.
READ_BUFFER_BYTES = 2**20


@dataclass(frozen=True)
class Request:
    """One request: ``asked`` names the answer it is for; secrets belong into ``headers`` or ``form`` only.

    An ``optional`` one is sent once, and its failure costs nothing but its answer.
    """

    method: str
    url: str
    asked: str
    shape: WrongShape
    read: Reader | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Mapping[str, Any] | None = None
    form: Mapping[str, str] | None = field(default=None, repr=False)
    optional: bool = False


@asynccontextmanager
async def http_session(settings: SourceSettings) -> AsyncIterator[aiohttp.ClientSession]:
    """Open the session for one platform: bounded in time per request, and without cookies."""
    timeout = aiohttp.ClientTimeout(total=settings.timeout_seconds)
    # A proxy of the environment is for the world outside, not for a server on this machine.
    async with aiohttp.ClientSession(
        timeout=timeout,
        trust_env=not settings.loopback,
        cookie_jar=aiohttp.DummyCookieJar(),
        read_bufsize=READ_BUFFER_BYTES,
    ) as session:
        # aiohttp would send a GET twice, behind our back, when a connection that was open breaks: a platform
        # that is down would be asked more often than the breaker counts, and so would a run's budget.
        session._retry_connection = False
        yield session


async def fetch(session: aiohttp.ClientSession, request: Request, failure_in: FailureIn, hears: Hears) -> Any:
    """Send ``request`` once and return its parsed body, or raise ``RequestError``."""
    try:
        async with session.request(
            request.method,
            request.url,
            params=request.params or None,
            headers=request.headers,
            json=request.json,
            data=request.form,
            allow_redirects=False,
        ) as response:
            status, headers = response.status, response.headers
            hears(headers)
            content = await _read(response)
    except TimeoutError:
        raise RequestError(_transient("no complete answer within the time limit of a request")) from None
    except (aiohttp.ClientError, OSError) as problem:
        raise RequestError(_transient(f"the connection failed: {_text(problem)}")) from None
    if content is None:
        too_much = f"the answer is larger than {BODY_LIMIT_BYTES // 2**20} MB"
        raise RequestError(Failure.of(ErrorClass.TOO_MUCH_DATA, too_much, status=status))
    failure, body = judge(content, status, headers, request, failure_in)
    if failure is not None:
        raise RequestError(failure)
    return body


async def _read(response: aiohttp.ClientResponse) -> bytes | None:
    """Return the body, unpacked, or None for one that is larger than any answer."""
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > BODY_LIMIT_BYTES:
            return None
    return bytes(content)


def judge(
    content: bytes, status: int, headers: Mapping[str, str], request: Request, failure_in: FailureIn
) -> tuple[Failure | None, Any]:
    """Return (failure, None) or (None, body) for one answer; never raises, whatever the bytes are."""
    if 300 <= status < 400:
        return _transient("the platform answered with a redirect, which is never followed", status), None
    if status == 200 and request.read is not None and (read := request.read(content)) is not None:
        return None, read
    body, problem = _parsed(content)
    if problem in (CUT_SHORT, BROKEN) and status != TOO_MANY_REQUESTS:
        # What the error was is lost with its end: only the whole answer says whether to ask again.
        return _transient(problem, status), None
    try:
        failure = failure_in(body, status, headers, request.asked)
    except (TypeError, ValueError, AttributeError, KeyError):
        failure = _transient("the error that the platform sent has an unknown shape", status)
    if failure is None and problem:
        failure = _transient(problem, status)
    if failure is None and status not in COMPLETE:
        failure = _transient(f"HTTP {status} is no complete answer", status)
    if failure is None:
        wrong = request.shape(body)
        failure = _transient(f"the answer has the wrong shape: {wrong}", status) if wrong else None
    if failure is None:
        return None, body
    wait_seconds = failure.wait_seconds
    if wait_seconds is None and ACTIONS[failure.error_class].again:
        wait_seconds = retry_after(headers)
    return replace(failure, wait_seconds=wait_seconds, message=scrub(failure.message)[:MESSAGE_LIMIT]), None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of the header ``Retry-After`` (RFC 9110: a number of them, or a date), or None."""
    text = (headers.get("retry-after") or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        then = parsedate_to_datetime(text)
        return max((then - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def _parsed(content: bytes) -> tuple[Any, str | None]:
    """Return (body, None), or (None, what is wrong with the bytes)."""
    if not content.strip():
        return None, "the answer is empty"
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return orjson.loads(content), None
    except orjson.JSONDecodeError as problem:
        start = content.lstrip()[:1]
        if start not in (b"{", b"["):
            return None, "the answer is a page, not JSON" if start == b"<" else "the answer is not JSON"
        if 0 < len(problem.doc.rstrip()) <= problem.pos:
            return None, CUT_SHORT
        mended = _with_whole_characters(content)
        return (mended, None) if mended is not None else (None, BROKEN)


def _with_whole_characters(content: bytes) -> Any | None:
    """Return the body if all that is wrong with it is half a character in a name, or None.

    Such a surrogate can be written as text nowhere: it becomes a question mark.
    """
    if b"\\ud" not in content.lower():
        return None
    try:
        text = json.dumps(json.loads(content), ensure_ascii=False)
        return orjson.loads(text.encode(errors="replace"))
    except (ValueError, RecursionError):
        return None


def _transient(message: str, status: int = 0) -> Failure:
    return Failure.of(ErrorClass.TRANSIENT, message, status=status)


def _text(problem: BaseException) -> str:
    """Return the exception's name, and the first line of what it says, without the address that it names."""
    said = str(problem).partition("\n")[0].partition(", url=")[0]
    return scrub(f"{type(problem).__name__} {said}".strip())[:MESSAGE_LIMIT]
