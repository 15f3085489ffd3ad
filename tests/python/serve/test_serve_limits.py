"""What one visitor can do to the others: large requests, slow ones, silent connections, many streams."""

import contextlib
import socket
import threading
import time

import pytest

from serve import connection, jobs
from tests.python.serve.conftest import OPERATOR, TOKENS, VIEWER, Served, Server

pytestmark = [pytest.mark.slow, pytest.mark.attack]
POST = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\nSec-Fetch-Site: none\r\n\r\nto"
PIPELINED = 100
BODY = b'{"client": "dune", "from": "2026-11-01", "to": "2026-11-01"}'


def talk(served: Served, sent: bytes, seconds: float = 30) -> bytes:
    """Send bytes as no HTTP library would, and return everything that comes until the server closes."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=seconds) as client:
        found = b""
        # The server may have answered already, and close.
        with contextlib.suppress(OSError):
            client.sendall(sent)
        with contextlib.suppress(ConnectionResetError):
            while part := client.recv(65536):
                found += part
        return found


@pytest.mark.parametrize(
    "head",
    [
        b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Filler: " + b"a" * 1_000_000 + b"\r\n\r\n",
        b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X-Filler: a\r\n" * 100_000 + b"\r\n",
        b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        + b"X-%d: a\r\n" * 2_000 % tuple(range(2_000))
        + b"\r\n",
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ],
    ids=["one large", "many small", "just too many", "address"],
)
def test_request_head_of_any_shape_has_a_limit(served: Served, head: bytes) -> None:
    found = talk(served, head)
    assert found.startswith(b"HTTP/1.1 431 "), found[:100]
    assert b"application/problem+json" in found


def test_large_head_does_not_hold_others_up(served: Served) -> None:
    bomb = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Filler: " + b"a" * 50 * 2**20
    attacker = threading.Thread(target=talk, args=(served, bomb))
    attacker.start()
    waits = []
    while attacker.is_alive():
        began = time.monotonic()
        assert served.ask("/login", None).status == 200
        waits.append(time.monotonic() - began)
    assert waits


@pytest.mark.parametrize("sent", [b"", b"GET /log", POST])
def test_unfinished_request_ends_after_its_time(served: Served, sent: bytes) -> None:
    began = time.monotonic()
    found = talk(served, sent)
    assert time.monotonic() - began >= connection.REQUEST_SECONDS - 1
    assert found == b"" or found.startswith(b"HTTP/1.1 408 "), found[:100]


def test_answer_that_is_not_taken_is_broken_off(held: Served, attempts: list[object]) -> None:
    """A large page is asked for again and again, and nothing of it is read."""
    head = f"GET /dbt/lineage.html HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {VIEWER}\r\n\r\n"
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(30)
        client.connect(("127.0.0.1", held.port))
        client.sendall(head.encode() * PIPELINED)
        time.sleep(connection.ANSWER_SECONDS + 5)
        attempts.append(head)
        received = 0
        with contextlib.suppress(ConnectionResetError):
            while part := client.recv(2**20):
                received += part.count(b"HTTP/1.1 200 OK")
    assert received < PIPELINED // 2


def test_silent_connections_make_room_for_requests(served: Served) -> None:
    """With twice as many silent connections as the limit allows, a request is answered."""
    settings = {"WHOLEDAY_SERVE_CONNECTIONS": "40"}
    with Server(served.installation, **TOKENS, **settings) as own:
        silent = [socket.create_connection(("127.0.0.1", own.port)) for _ in range(80)]
        try:
            assert all(own.ask("/api/health").status == 200 for _ in range(5))
        finally:
            for client in silent:
                client.close()


@pytest.mark.parametrize("at_once", [False, True])
def test_event_streams_have_a_number(held: Served, attempts: list[object], at_once: bool) -> None:
    started = held.ask("/api/backfill", OPERATOR, "POST", BODY)
    events = f"{started.headers['location']}/events"
    head = f"GET {events} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {OPERATOR}\r\n\r\n".encode()
    more = 30
    clients = [
        socket.create_connection(("127.0.0.1", held.port), timeout=30)
        for _ in range(jobs.MOST_STREAMS + more)
    ]
    answers = []
    try:
        for client in clients:
            attempts.append(head)
            client.sendall(head)
            if not at_once:
                answers.append(client.recv(4096)[:12])
        if at_once:
            answers = [client.recv(4096)[:12] for client in clients]
    finally:
        for client in clients:
            client.close()
    assert answers.count(b"HTTP/1.1 429") == more
    assert answers.count(b"HTTP/1.1 200") == jobs.MOST_STREAMS
    # Those who leave make room.
    for _ in range(100):
        with socket.create_connection(("127.0.0.1", held.port), timeout=30) as client:
            client.sendall(head)
            if client.recv(4096).startswith(b"HTTP/1.1 200"):
                return
        time.sleep(0.1)
    pytest.fail("the streams that were left are counted still")


def test_broken_request_is_answered_once(held: Served, attempts: list[object]) -> None:
    """What is no HTTP comes behind a head that is: the answer to the one is not written into the other."""
    token = f"Connection: close\r\nAuthorization: Bearer {OPERATOR}\r\n".encode()
    heads = [
        b"POST /api/backfill HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n",
        b"GET /api/kpi HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n",
    ]
    for head in heads:
        for rest in (b"zz\r\n", b"\x00\x01\x02\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"abcGET \x01"):
            attempts.append(rest)
            found = talk(held, head + token + b"\r\n" + rest)
            assert found.count(b"HTTP/1.1 ") <= 1, found
            assert b"HTTP/1.1 5" not in found
    many = b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for number in (2, 50, 300):
        found = talk(held, many * number + b"\x00\r\n\r\n")
        attempts.append(number)
        assert found.count(b"HTTP/1.1 4") <= 1, found
        assert b"HTTP/1.1 5" not in found
