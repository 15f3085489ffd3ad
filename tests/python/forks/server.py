"""``python -m tests.python.forks.server``: each command of wholeday is a fork of this process.

It has imported what every command imports, and holds the parsed project. In all else a forked command is a
process of its own, with its own arguments, variables, folder, streams and group, and its own death.
"""

import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

import duckdb

from tests.python.forks import client, names, remembered

# What takes seconds, and the rooms on top of it. Their ``__main__`` is run, so it must not be imported.
PRELOADED = (
    *("ingest.collect.step", "ingest.doctor", "wholeday.build", "wholeday.run", "wholeday.health"),
    *(
        "dbt.task.build",
        "dbt.task.docs.generate",
        "dbt.adapters.duckdb",
        "expectations.judge",
        "publish.commands",
    ),
)


class Server:
    """The open sockets, and for each command the connection of the test that waits for its end."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        self._waiting: dict[int, tuple[int, socket.socket]] = {}

    def serve(self) -> dict[str, Any]:
        """Fork commands until the tests are over; returns in a forked process, with its request."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    connection, _ = self._listener.accept()
                    if (request := self._fork(connection)) is not None:
                        return request
                elif key.fileobj is sys.stdin:
                    sys.exit()
                else:
                    self._tell_end(key.fd)

    def _fork(self, connection: socket.socket) -> dict[str, Any] | None:
        text, streams, *_ = socket.recv_fds(connection, client.LONGEST, 3)
        request: dict[str, Any] = json.loads(text)
        pid = os.fork()
        if pid == 0:
            self._leave(connection, streams)
            return request
        for stream in streams:
            os.close(stream)
        end = os.pidfd_open(pid)
        self._waiting[end] = pid, connection
        self._selector.register(end, selectors.EVENT_READ)
        connection.send(f"{pid}\n".encode())
        return None

    def _leave(self, connection: socket.socket, streams: list[int]) -> None:
        """Keep nothing of the server's but the three streams, as 0, 1 and 2."""
        self._selector.close()
        self._listener.close()
        connection.close()
        for end, (_, other) in self._waiting.items():
            os.close(end)
            other.close()
        for place, stream in enumerate(streams):
            os.dup2(stream, place)
            os.close(stream)
        # The server's own objects remember what its streams were: a file, a terminal.
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)

    def _tell_end(self, end: int) -> None:
        self._selector.unregister(end)
        os.close(end)
        pid, connection = self._waiting.pop(end)
        _, status = os.waitpid(pid, 0)
        with connection, names.gone():
            connection.send(f"{status}\n".encode())


def command(request: dict[str, Any]) -> NoReturn:
    """Do what ``python -m module arguments`` does, in this process."""
    if request["group"] != os.getpgid(0):
        os.setpgid(0, request["group"])
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["variables"])
    time.tzset()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.enable()
    module, *arguments = request["command"]
    names.show(module, *arguments)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    sys.exit()


def main() -> NoReturn:
    """Import, remember, serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    listener, folder = socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2])
    for name in PRELOADED:
        importlib.import_module(name)
    # DuckDB's import starts a thread, for a database that is never asked; a fork would miss it at its end.
    duckdb.execute("set threads = 1")
    remembered.remember(folder)
    gc.freeze()
    request = Server(listener).serve()
    client.fork_from_here(str(folder / client.SOCKET))
    command(request)


if __name__ == "__main__":
    main()
