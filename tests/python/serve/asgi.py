"""The application as it is served, asked in this process: many of them, each with tokens of its own."""

import asyncio
import gzip
import io
import json
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import pyarrow.ipc
import pyarrow.parquet
from starlette.applications import Starlette

from core.settings import Settings
from serve.app import application
from serve.config import Config
from tests.python.installation import Installation


@dataclass(frozen=True)
class Reply:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return dict(self.headers).get(name, "")

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """Everything that is told, headers too: unpacked, in each form it came in."""
        kind, body = self.header("content-type"), self.body
        if self.header("content-encoding") == "gzip":
            body = gzip.decompress(body)
        if body[:4] == b"PK\x03\x04":
            with zipfile.ZipFile(io.BytesIO(body)) as book:
                body = b"".join(book.read(name) for name in book.namelist())
        elif body[:4] == b"PAR1" and body[-4:] == b"PAR1":
            body = str(pyarrow.parquet.read_table(io.BytesIO(body)).to_pylist()).encode()
        elif kind == "application/vnd.apache.arrow.stream" and self.status == 200:
            body = str(pyarrow.ipc.open_stream(body).read_all().to_pylist()).encode()
        return f"{self.headers}\n{body.decode(errors='replace')}"


def settings_of(installation: Installation) -> Settings:
    return Settings(installation.warehouse, installation.site, installation.agency)


@asynccontextmanager
async def running(settings: Settings, **environment: str) -> AsyncIterator[Starlette]:
    """The application with the tokens of ``environment``, from its start to its end."""
    config = Config.from_env(environment={"WHOLEDAY_SERVE_RATE": "1000000/minute", **environment})
    app = application(settings, config)
    async with app.router.lifespan_context(app):
        yield app


async def ask(app: Starlette, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Reply:
    """Ask as a client that leaves after the first event of a stream."""
    bare, _, query = path.partition("?")
    given = {"host": "127.0.0.1", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if body:
        given["content-length"] = str(len(body))
    has_left, sent = asyncio.Event(), [{"type": "http.request", "body": body}]
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if sent:
            return sent.pop()
        await has_left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        told.append(message)
        if message["type"] == "http.response.body":
            has_left.set()

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(bare),
        "raw_path": quote(bare, safe="/%").encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in given.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await asyncio.wait_for(app(scope, receive, send), timeout=60)
    start, *rest = told
    found = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"])
    return Reply(start["status"], found, b"".join(part.get("body", b"") for part in rest))
