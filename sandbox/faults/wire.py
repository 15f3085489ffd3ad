"""How an answer goes out: late, slowly, cut short, or as it should."""

import asyncio
from collections.abc import Iterator
from typing import Any

from starlette.types import Receive, Scope, Send

from sandbox.faults.effect import Effect
from sandbox.faults.rules import Rule
from sandbox.http import Answer

TRANSPORT = "sandbox.transport"
"""Extension of the ASGI scope that holds the connection's transport."""


def replaced(rules: list[Rule]) -> Answer | None:
    """Return the answer that a rule gives in place of the handler's, if one does."""
    for effect in (rule.effect for rule in rules):
        if effect.replaces:
            answer = Answer(status=effect.status or 200, payload=b"" if effect.body is None else effect.body)
            if effect.redirect:
                answer.status = effect.status or 302
                answer.headers["Location"] = effect.redirect
            if isinstance(effect.body, str) and effect.body.lstrip().startswith("<"):
                answer.content_type = "text/html; charset=UTF-8"
            return answer
    return None


def paged(rules: list[Rule], answer: Answer, platform: str) -> Answer:
    """Change the page that ``answer`` carries, as the rules say."""
    for effect in (rule.effect for rule in rules):
        if answer.status != 200 or not isinstance(answer.payload, dict | list):
            continue
        if effect.empty:
            answer.payload = _emptied(answer.payload, platform)
        for page in answer.payload if isinstance(answer.payload, list) else [answer.payload]:
            _cut(effect, page)
    return answer


def _emptied(payload: Any, platform: str) -> Any:
    if platform == "meta":
        return {"data": []}
    keep = ("fieldMask", "requestId", "queryResourceConsumption")
    if isinstance(payload, list):
        return [{key: page[key] for key in keep if key in page} for page in payload[:1]]
    return {key: payload[key] for key in keep if key in payload}


def _cut(effect: Effect, page: dict[str, Any]) -> None:
    rows = page.get("data", page.get("results"))
    if effect.cut_page is not None and isinstance(rows, list):
        del rows[max(0, len(rows) - effect.cut_page) :]
    if effect.drop_next:
        page.pop("nextPageToken", None)
        page.get("paging", {}).pop("next", None)
    if effect.repeat_page and "next" in page.get("paging", {}):
        link, _, _ = page["paging"]["next"].rpartition("&after=")
        page["paging"]["next"] = link


class Outgoing:
    """An ASGI response that does to an answer on the wire what the rules say."""

    def __init__(self, answer: Answer, rules: list[Rule]) -> None:
        self.answer = answer
        effects = [rule.effect for rule in rules]
        self.delay = sum(effect.delay for effect in effects)
        self.drip = max((effect.drip for effect in effects), default=0.0)
        self.cut = next((effect.cut for effect in effects if effect.cut is not None), None)
        self.body = answer.body()
        for effect in effects:
            if effect.truncate is not None:
                self.body = self.body[: effect.truncate]
            answer.headers |= effect.headers
            answer.content_type = effect.content_type or answer.content_type

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        await asyncio.sleep(self.delay)
        if self.cut == -1:
            scope["extensions"][TRANSPORT].abort()
            return
        headers = {"content-type": self.answer.content_type} | self.answer.headers
        headers["content-length"] = str(len(self.body))
        encoded = [
            (name.lower().encode("latin-1"), str(value).encode("latin-1")) for name, value in headers.items()
        ]
        await send({"type": "http.response.start", "status": self.answer.status, "headers": encoded})
        body = self.body if self.cut is None else self.body[: self.cut]
        for piece in self._pieces(body):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            if self.drip:
                await asyncio.sleep(len(piece) / self.drip)
        if self.cut is not None:
            await _drop(scope)
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _pieces(self, body: bytes) -> Iterator[bytes]:
        size = max(1, int(self.drip / 10)) if self.drip else len(body) or 1
        return (body[begin : begin + size] for begin in range(0, len(body), size))


async def _drop(scope: Scope) -> None:
    """Close the connection once what was sent has left."""
    transport = scope["extensions"][TRANSPORT]
    for _ in range(100):
        if transport.get_write_buffer_size() == 0:
            break
        await asyncio.sleep(0.01)
    transport.abort()
