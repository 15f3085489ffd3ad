"""How a forked command is called in the list of processes."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOM = "." * 1000
"""An argument of the server that makes room for the names of its commands."""


def show(module: str, *arguments: str) -> None:
    """Let ``/proc/PID/cmdline`` say ``python -m module arguments``."""
    start, end = map(int, Path("/proc/self/stat").read_text().rpartition(")")[2].split()[45:47])
    name = "\0".join([sys.executable, "-m", module, *arguments, ""]).encode()[: end - start]
    with Path("/proc/self/mem").open("r+b", buffering=0) as memory:
        memory.seek(start)
        memory.write(name.ljust(end - start, b"\0"))


@contextmanager
def gone() -> Iterator[None]:
    """Let the other end of a connection be gone: a test that was ended waits no more."""
    with suppress(BrokenPipeError, ConnectionResetError):
        yield
