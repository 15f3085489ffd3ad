"""Start a command as a fork of the server: ``Popen`` as ever, but for the seconds of imports."""

import atexit
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from core.settings import ROOT
from tests.python.forks import names

LONGEST = 1 << 20
SOCKET = "forks.sock"
FORKED = ("wholeday", "ingest", "expectations", "publish", "alerts")
_ADDRESS: list[str] = []
"""Where the server listens; empty until it is started."""
_WORTH_IT: list[bool] = []


class Forked(subprocess.Popen[Any]):
    """A command of wholeday is forked; any other is started as by ``subprocess.Popen``."""

    _end: socket.socket | None = None

    def _execute_child(self, args: Any, *others: Any) -> None:
        """Do what Popen does, in the order of its arguments: folder, variables, ends of the pipes, group."""
        (folder, variables), ends, (new_session, group) = others[4:6], others[9:15], others[-2:]
        if not is_forked(args, folder):
            super()._execute_child(args, *others)  # type: ignore[misc]
            return
        request = {
            "command": args[2:],
            "folder": str(folder or Path.cwd()),
            "variables": dict(os.environ if variables is None else variables),
            "group": 0 if new_session else os.getpgid(0) if group == -1 else group,
        }
        own = (ends[0], ends[3], ends[5])
        self._end = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._end.connect(address())
        streams = [place if end == -1 else end for place, end in enumerate(own)]
        socket.send_fds(self._end, [json.dumps(request).encode()], streams)
        self.pid = int(self._end.recv(LONGEST))
        self._child_created = True
        self._close_pipe_fds(*ends)  # type: ignore[attr-defined]

    def _try_wait(self, flags: int) -> tuple[int, int]:
        if self._end is None:
            return super()._try_wait(flags)  # type: ignore[misc,no-any-return]
        self._end.setblocking(not flags & os.WNOHANG)
        try:
            told = self._end.recv(LONGEST)
        except BlockingIOError:
            return 0, 0
        self._end.close()
        return self.pid, int(told or 9)

    def _internal_poll(self, _deadstate: int | None = None, **others: Any) -> int | None:
        if self._end is None:
            return super()._internal_poll(_deadstate, **others)  # type: ignore[misc,no-any-return]
        if self.returncode is None and self._waitpid_lock.acquire(False):  # type: ignore[attr-defined]
            try:
                pid, status = self._try_wait(os.WNOHANG)
                if pid:
                    self._handle_exitstatus(status)  # type: ignore[attr-defined]
            finally:
                self._waitpid_lock.release()  # type: ignore[attr-defined]
        return self.returncode


def fork_commands(*, worth_it: bool) -> None:
    """Say whether so much is to come that the server's own start, of half a minute, pays off."""
    _WORTH_IT[:] = [worth_it]


def is_forked(args: Any, cwd: Any) -> bool:
    """Say whether the server has what ``args`` would import."""
    if not _ADDRESS and not any(_WORTH_IT):
        return False
    return (
        list(args[:2]) == [sys.executable, "-m"] and args[2] in FORKED and Path(cwd or ".").resolve() == ROOT
    )


def fork_from_here(address: str) -> None:
    """Let this process, a command itself, fork the workers that it starts."""
    _ADDRESS.append(address)
    subprocess.Popen = Forked  # type: ignore[misc]


def address() -> str:
    """Return where the server listens; the first call starts it."""
    if not _ADDRESS:
        _ADDRESS.append(_started())
    return _ADDRESS[0]


def _started() -> str:
    folder = Path(tempfile.mkdtemp(prefix="forks-"))
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(str(folder / SOCKET))
    listener.listen(16)
    unmeasured = {
        name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS_")
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.python.forks.server", str(listener.fileno()), str(folder), names.ROOM],
        cwd=ROOT,
        env=unmeasured | {"PYTHONWARNINGS": "ignore:resource_tracker"},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        pass_fds=[listener.fileno()],
    )
    listener.close()

    def stop() -> None:
        server.communicate()
        shutil.rmtree(folder)

    atexit.register(stop)
    return str(folder / SOCKET)
