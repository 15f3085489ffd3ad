"""The way of one request: read, identify, strike with faults, answer, remember, send."""

from typing import Protocol

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from sandbox import control
from sandbox.faults import wire
from sandbox.faults.spoil import Spoil
from sandbox.google import api as google
from sandbox.http import Answer, Ask, read
from sandbox.meta import api as meta
from sandbox.meta import batch
from sandbox.state import Sandbox
from sandbox.target import Target


class Handler(Protocol):
    """Answers a request under the faults that strike it."""

    def __call__(self, spoil: Spoil) -> Answer:
        """Return the answer."""


class App:
    """The ASGI application."""

    def __init__(self, sandbox: Sandbox, controllable: bool) -> None:
        self.sandbox = sandbox
        self.controllable = controllable

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        ask = await read(Request(scope, receive))
        if self.controllable and ask.path.startswith(control.PREFIX):
            await wire.Outgoing(control.respond(self.sandbox, ask), [])(scope, receive, send)
            return
        if batch.is_batch(ask):
            answer = batch.respond(ask, lambda one: self.exchange(one)[0])
            await wire.Outgoing(answer, [])(scope, receive, send)
            return
        answer, outgoing = self.exchange(ask)
        await outgoing(scope, receive, send)

    def exchange(self, ask: Ask) -> tuple[Answer, wire.Outgoing]:
        """Return the answer to ``ask`` and the way it goes out."""
        target, handle = self._routed(ask)
        rules = self.sandbox.faults.striking(ask.method, ask.path, target)
        answer = wire.replaced(rules)
        if answer is None:
            answer = wire.paged(rules, handle(Spoil(tuple(rules))), target.platform)
        outgoing = wire.Outgoing(answer, rules)
        status = 0 if outgoing.cut is not None else answer.status
        self.sandbox.log.add(ask.method, ask.path, target, status, [rule.name for rule in rules])
        return answer, outgoing

    def _routed(self, ask: Ask) -> tuple[Target, Handler]:
        meta_path = meta.route(ask)
        if meta_path is not None:
            target = meta.identify(self.sandbox, ask, meta_path)
            return target, lambda spoil: meta.respond(self.sandbox, ask, meta_path, spoil)
        google_path = google.route(ask)
        target = google.identify(self.sandbox, ask, google_path)
        return target, lambda spoil: google.respond(self.sandbox, ask, google_path, spoil)
