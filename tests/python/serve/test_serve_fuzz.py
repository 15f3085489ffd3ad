"""What no program sends: odd headers, days at both ends, bodies of any shape. None of it is a defect."""

import gzip
import json
import re
import socket
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serve import openapi
from tests.python.hostile import NAMES
from tests.python.serve.conftest import BOUND, DAY, OPERATOR, VIEWER, Served

pytestmark = [pytest.mark.slow, pytest.mark.attack]
FUZZ = settings(database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
DESCRIBED = {
    (method.upper(), path): {int(status) for status in operation["responses"]}
    for path, operations in json.loads(openapi.document())["paths"].items()
    for method, operation in operations.items()
}
ANYWHERE = {int(status) for status in json.loads(openapi.document())["components"]["responses"]}
# Pages and files, and methods that an address does not have.
OF_PAGES = ANYWHERE | {200, 206, 303, 304, 307, 404, 416}
OF_METHODS = ANYWHERE | {204, 404, 405}
ADDRESSES = (
    *("/api/kpi", "/api/health", "/api/health/dune", "/metrics", "/badge.svg", "/api/backfill", "/login"),
    *("/", "/health.json", "/reports/dune/index.html", "/reports/dune/dune-days.csv", "/api/backfill/x"),
    *("/api/backfill/x/events", "/nowhere", "/_serve/heal.js", "/logout", "/api/openapi.json"),
)
METHODS = (
    "GET",
    "GET",
    "GET",
    "HEAD",
    "POST",
    "OPTIONS",
    "PUT",
    "DELETE",
    "PATCH",
    "TRACE",
    "PROPFIND",
    "get",
)
HEADERS = (
    *(
        "Authorization",
        "Cookie",
        "Accept",
        "Accept-Encoding",
        "If-None-Match",
        "If-Match",
        "If-Range",
        "Range",
    ),
    *("Origin", "Referer", "Sec-Fetch-Site", "X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Expect"),
    *(
        "Content-Type",
        "Content-Encoding",
        "X-HTTP-Method-Override",
        "If-Modified-Since",
        "Via",
        "TE",
        "X-\u00e4",
    ),
    *("Last-Event-ID", "Content-Language", "Max-Forwards", "Accept-Language", "Host", "Transfer-Encoding"),
)
VALUES = (
    *(
        "",
        " ",
        "*",
        "*/*",
        "a/b;q=x",
        "text/csv;q=0",
        "application/json;q=1e999",
        "gzip;q=nan",
        ",,,",
        ";;;=",
    ),
    *("bytes=0-", "bytes=-1", "bytes=9-1", "bytes=0-0,2-2", "bytes=99999999999999999999-", "bytes=a-b"),
    *("bytes=" + ",".join(f"{n}-{n}" for n in range(500)), "http://[", "null", "http://127.0.0.1", "data:,"),
    *(
        "Bearer",
        "Bearer ",
        f"Bearer {VIEWER}x",
        "Basic Og==",
        "Digest x",
        f"bearer\t{VIEWER}",
        "Bearer \u00e4",
    ),
    *("wholeday_session=", "wholeday_session=\u00e4; ;=;", "a=b; wholeday_session", '"', 'W/"', '"x", *'),
    *("chunked", "gzip, chunked", "100-continue", "for=[::1", "127.0.0.1, unknown", "9" * 400, "a" * 4000),
    *(
        "Thu, 99 Foo 99999 99:99:99 GMT",
        "-1",
        "localhost:99999",
        "[::1",
        "127.0.0.1:x",
        "\xff\xfe",
        "%00",
        "{}",
    ),
)
ENDS = (
    *("0001-01-01", "0001-01-03", "0001-12-31", "0004-02-29", "1900-02-29", "1969-12-31", "1970-01-01"),
    *(
        "2026-11-09",
        "2026-02-30",
        "2038-01-19",
        "9999-12-27",
        "9999-12-31",
        "10000-01-01",
        "0000-00-00",
        "-1",
    ),
    *(
        "20261109",
        "2026-W46-1",
        "2026-313",
        "2026-11-09T00:00",
        "\u0662\u0660\u0662\u0666-11-09",
        "now",
        " ",
        "null",
    ),
)
DAYS = st.sampled_from(ENDS) | st.dates().map(str)


def talk(served: Served, head: str, body: bytes = b"") -> tuple[int, bytes]:
    """Send a request as it is written; return the status, and everything that came."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=15) as client:
        client.sendall(head.encode("latin-1") + body)
        found = b""
        while part := client.recv(65536):
            found += part
    found = found.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    status = re.match(rb"HTTP/1\.1 (\d{3}) ", found)
    assert status, (head, found[:200])
    return int(status[1]), found


def test_odd_headers_are_no_defect(held: Served, attempts: list[object]) -> None:
    @given(
        st.sampled_from(METHODS),
        st.sampled_from(ADDRESSES),
        st.sampled_from(("", OPERATOR, VIEWER, BOUND)),
        st.lists(st.tuples(st.sampled_from(HEADERS), st.sampled_from(VALUES)), max_size=6),
    )
    @settings(FUZZ, max_examples=400)
    def check(method: str, path: str, token: str, odd: list[tuple[str, str]]) -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
        lines += [f"Authorization: Bearer {token}"] if token else []
        lines += [f"{name}: {value}" for name, value in odd]
        attempts.append(lines)
        status, _ = talk(held, "\r\n".join(lines) + "\r\n\r\n")
        assert status in allowed(method, path), (status, lines)

    check()


def allowed(method: str, path: str) -> set[int]:
    described = path.replace("/x", "/{id}").replace("/dune", "/{client}")
    if method == "HEAD":
        method = "GET"
    if (method, described) in DESCRIBED:
        return DESCRIBED[method, described]
    return OF_PAGES | OF_METHODS if method in ("GET", "POST") else OF_METHODS


def test_days_at_both_ends_are_no_defect(held: Served, attempts: list[object]) -> None:
    names = st.sampled_from(("from", "to"))

    @given(st.dictionaries(names, DAYS, min_size=1), st.sampled_from(("day", "week", "month")))
    @settings(FUZZ, max_examples=200)
    def check(days: dict[str, str], grain: str) -> None:
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in days.items())
        attempts.append(query)
        for token in (VIEWER, BOUND):
            answer = held.ask(f"/api/kpi?grain={grain}&{query}", token)
            assert answer.status in DESCRIBED["GET", "/api/kpi"], (query, answer)
            if answer.status == 400:
                assert answer.sentence

    check()


JSON: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from((*ENDS, *NAMES, "dune", "meta")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("client", "a")), inner),
    max_leaves=4,
)
WANTED = st.fixed_dictionaries(
    {"client": st.just("dune") | JSON, "from": DAYS | JSON, "to": st.just(DAY) | DAYS | JSON},
    optional={"platform": st.sampled_from(("meta", "google", "bing", None)) | JSON, "do": JSON},
)


def test_bodies_of_any_shape_are_no_defect(held: Served, attempts: list[object]) -> None:
    @given((WANTED | JSON).map(json.dumps).map(str.encode) | st.binary(max_size=300))
    @settings(FUZZ, max_examples=300)
    def check(body: bytes) -> None:
        attempts.append(body)
        answer = held.ask("/api/backfill", OPERATOR, "POST", body)
        assert answer.status in DESCRIBED["POST", "/api/backfill"], (body, answer)
        assert answer.status == 202 or answer.sentence
        entered = held.ask("/login", None, "POST", body, origin=held.url)
        assert entered.status in (303, 401, 429), (body, entered)

    check()


@pytest.mark.parametrize("packed", ["gzip", "deflate", "br", "zstd"])
def test_packed_body_is_never_unpacked(held: Served, packed: str, attempts: list[object]) -> None:
    """Ten gigabytes in ten kilobytes: what is packed is no JSON."""
    body = gzip.compress(gzip.compress(b"0" * 10_000_000))[: 16 * 1024]
    answer = held.ask("/api/backfill", OPERATOR, "POST", body, content_encoding=packed)
    attempts.append(packed)
    assert answer.status == 400


@pytest.mark.parametrize("depth", [100, 1000, 8000])
def test_deep_json_is_no_defect(held: Served, depth: int, attempts: list[object]) -> None:
    for opening in (b"[", b'{"client":'):
        attempts.append(opening)
        answer = held.ask("/api/backfill", OPERATOR, "POST", (opening * depth)[: 16 * 1024])
        assert answer.status == 400
