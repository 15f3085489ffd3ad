"""A prepared server in a process of its own, for as long as a benchmark needs it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.prepared import Shape
from core.settings import ROOT


@contextmanager
def serving(module: str, shape: Shape) -> Iterator[int]:
    """Run ``python -m module`` on a free loopback port, and yield the port once everything is rendered."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    sizes = [f"--{name}={getattr(shape, name)}" for name in ("accounts", "days", "campaigns")]
    command = [sys.executable, "-m", module, f"--port={port}", *sizes]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=os.environ, text=True)
    try:
        assert server.stdout is not None
        if not server.stdout.readline():
            sys.exit(f"benchmarks: {module} did not start")
        yield port
    finally:
        server.terminate()
        server.wait()
