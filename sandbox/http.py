"""One request and one answer, in the shape that both platforms, the control calls and the faults share."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request

JSON = "application/json; charset=UTF-8"


@dataclass(frozen=True)
class Ask:
    """What a client asked."""

    method: str
    path: str
    params: dict[str, str]
    """Query parameters, and those of a form or JSON body."""
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes = b""
    origin: str = ""
    """Scheme and host as the client wrote them, for links in answers."""

    @property
    def bearer(self) -> str:
        """The bearer token of the Authorization header, or nothing."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def json(self) -> dict[str, Any]:
        """Return the JSON object of the body; raises ValueError when it is none."""
        parsed = orjson.loads(self.body or b"{}")
        if not isinstance(parsed, dict):
            raise ValueError("the body is not a JSON object")
        return parsed


@dataclass
class Answer:
    """What goes back: a ``payload`` still to be serialised, or bytes as they are."""

    status: int = 200
    payload: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON

    def body(self) -> bytes:
        """Return the bytes of the answer."""
        if isinstance(self.payload, bytes):
            return self.payload
        if isinstance(self.payload, str):
            return self.payload.encode()
        return orjson.dumps(self.payload)


async def read(request: Request) -> Ask:
    """Read a request; form fields and the fields of a JSON body count as parameters, as on Meta."""
    params = dict(parse_qsl(request.url.query, keep_blank_values=True))
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = await request.body() if request.method in ("POST", "PUT") else b""
    kind = headers.get("content-type", "").partition(";")[0].strip()
    if kind == "application/x-www-form-urlencoded":
        params |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    elif kind == "multipart/form-data":
        params |= {name: str(value) for name, value in (await request.form()).items()}
    return Ask(
        method=request.method,
        path=request.url.path,
        params=params,
        headers=headers,
        body=body,
        origin=f"{request.url.scheme}://{headers.get('host', request.url.netloc)}",
    )


def listed(text: str) -> list[str]:
    """Return the elements of a parameter that is a JSON list or separated by commas, as Meta accepts both."""
    text = text.strip()
    if text.startswith("["):
        parsed = json.loads(text)
        return [str(element) for element in parsed]
    return [element.strip() for element in text.split(",") if element.strip()]


def cursor(position: int) -> str:
    """Return an opaque cursor in Meta's spelling."""
    return base64.urlsafe_b64encode(str(position).encode()).decode().replace("=", "ZD")


def position(text: str) -> int:
    """Return the position of a cursor; raises ValueError for what is none."""
    return int(base64.urlsafe_b64decode(text.replace("ZD", "=")).decode())
