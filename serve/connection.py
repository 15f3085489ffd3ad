"""One connection: how large a request's head may be, how long it may take, and how many may be open."""

import asyncio
import resource
from typing import Any

import orjson
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from serve.config import CONNECTIONS
from serve.problems import MEDIA_TYPE, problem
from serve.request_guard import MOST_BYTES

# Address and headers of a request; browsers and proxies stay below 8 kB.
MOST_HEAD_BYTES = 16 * 1024
# From a request's first byte to its last, and from opening a connection to the first byte.
REQUEST_SECONDS = 10
# An answer that its client takes nothing of for so long is broken off: it would hold its connection for ever.
ANSWER_SECONDS = 10
# What a refused client still sends is thrown away for so long: closed at once, it would not read the answer.
DRAIN_SECONDS = 2
# Files that the process needs besides its connections.
SPARE_FILES = 128


def room_for(connections: int) -> int:
    """Raise the process's limit of open files as far as needed; return how many ``connections`` fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + SPARE_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(1, min(connections, wanted - SPARE_FILES))


class Connection(HttpToolsProtocol):
    """uvicorn's protocol with limits: it has none for a head's size, a request's time, or silence."""

    most = CONNECTIONS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._received = 0
        self._answering: RequestResponseCycle | None = None
        self._has_head = False
        self._refused = False
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None

    @property
    def is_idle(self) -> bool:
        """Whether no request of this connection is being answered."""
        return self._answering is None or self._answering.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection; where there are too many, the one that has been idle longest goes."""
        super().connection_made(transport)
        self._set_deadline()
        if len(self.connections) > self.most:
            others = (one for one in self.connections if isinstance(one, Connection) and one is not self)
            idle = min((one for one in others if one.is_idle), key=lambda one: one._opened_at, default=None)
            (idle or self).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._clear_deadline()
        self._is_taken()
        self._leave_all()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Begin an answer; of requests that came at once the others wait."""
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def pause_writing(self) -> None:
        """Wait for the client to take what was written, but not for ever."""
        super().pause_writing()
        self._stalled = self.loop.call_later(ANSWER_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on writing."""
        self._is_taken()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        """Pass on what came, unless the request has grown larger than any that is answered."""
        if self._refused:
            return
        self._received += len(data)
        if self._received > MOST_HEAD_BYTES + MOST_BYTES:
            self._refuse(431, f"the request's headers are larger than {MOST_HEAD_BYTES} bytes")
            return
        super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, in the words of all other refusals."""
        self._refuse(400, "the request is not HTTP/1.1")

    def on_message_begin(self) -> None:
        """Begin to count a request's time."""
        super().on_message_begin()
        self._has_head = False
        self._set_deadline()

    def on_headers_complete(self) -> None:
        """Refuse a head that is too large though all of the request came at once."""
        head = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if head > MOST_HEAD_BYTES:
            self._refuse(431, f"the request's headers are larger than {MOST_HEAD_BYTES} bytes")
            return
        super().on_headers_complete()
        self._has_head = True

    def on_body(self, body: bytes) -> None:
        """Take a part of the body, unless its request was refused."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Stop to count; the next request begins with nothing received."""
        self._received = 0
        if not self._refused:
            self._clear_deadline()
            super().on_message_complete()

    def _is_taken(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _set_deadline(self) -> None:
        self._clear_deadline()
        self._opened_at = self.loop.time()
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self._is_late)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _is_late(self) -> None:
        is_answered = self._has_head and self.cycle.response_started
        if self._received and not is_answered:
            self._refuse(408, f"the request was not complete within {REQUEST_SECONDS} s")
        else:
            self.transport.close()

    def _leave_all(self) -> None:
        """Let what is answered, and what waits for it, write nothing more; uvicorn knows of the last only."""
        for cycle in (self._answering, *(waiting for waiting, _ in self.pipeline)):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        self.pipeline.clear()

    def _refuse(self, status: int, sentence: str) -> None:
        """Answer with ``status`` and close; what still comes is thrown away for a moment."""
        if self._refused:
            return
        self._refused = True
        self._clear_deadline()
        if self._answering is not None and not self.is_idle:
            self._leave_all()
            if self._answering.response_started:
                self.transport.abort()
                return
        body = orjson.dumps(problem(status, sentence))
        head = (
            f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
            "cache-control: no-store\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(STATUS_LINE[status] + head.encode() + body)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(DRAIN_SECONDS, self.transport.abort)
