"""The server process: listen, announce, serve until told to stop."""

import asyncio
import gc
import ipaddress
import json
import socket
import sys
import threading
from asyncio import BaseTransport, Transport
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.credentials import Environment
from sandbox.exchange import App
from sandbox.faults.wire import TRANSPORT
from sandbox.state import Sandbox


class _Protocol(H11Protocol):
    """HTTP/1.1 that shows the application its connection, so that a fault can cut it."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast(Transport, transport))
        self.app = _showing(self.app, transport)


def _showing(app: Any, transport: BaseTransport) -> ASGIApp:
    async def shown(scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("extensions", {})[TRANSPORT] = transport
        await app(scope, receive, send)

    return shown


def loopback(host: str) -> bool:
    """Return whether only this machine can reach ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def serve(sandbox: Sandbox, host: str, port: int, with_parent: bool) -> None:
    """Listen, print one JSON line with the address and the settings, and serve until SIGTERM or SIGINT."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(
        family, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )  # named: asyncio sets NODELAY by it
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(512)
    config = uvicorn.Config(
        App(sandbox, controllable=loopback(host)),
        http=_Protocol,
        lifespan="off",
        ws="none",
        access_log=False,
        log_level="critical",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    gc.set_threshold(
        100_000, 20, 20
    )  # pages are large trees without cycles; collecting them costs half the time
    if with_parent:
        threading.Thread(target=_follow_parent, args=(server,), daemon=True).start()
    name = f"[{host}]" if ":" in host else host
    url = f"http://{name}:{listener.getsockname()[1]}"
    print(json.dumps({"url": url, "env": Environment(url).variables()}), flush=True)
    asyncio.run(server.serve(sockets=[listener]))


def _follow_parent(server: uvicorn.Server) -> None:
    """Stop when standard input ends: then the process that started this one is gone."""
    while sys.stdin.buffer.read(4096):
        pass
    server.should_exit = True
