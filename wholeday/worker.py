"""A step in a process of its own that is already warm when its turn comes.

Importing dbt, parsing the project and importing Great Expectations take longer than the work itself, so they
happen while the platforms answer. A worker prepares, waits for a line of JSON on its standard input, works,
answers with a line of JSON, and waits for the next. It lives as long as its input stays open: a killed run
leaves none behind.
"""

import gc
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, NoReturn, Self

from wholeday.settings import ROOT

Message = dict[str, Any]
CALLER_GONE = 3


class Worker:
    """The caller's end of a worker; use as a context manager, at the end of which the process is gone."""

    def __init__(self, module: str, *arguments: str, log: Path) -> None:
        """Start ``python -m module arguments``; what it prints on standard error goes to the file ``log``."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
            )
        self._name = module

    def go(self, **message: Any) -> None:
        """Let the worker begin; one that is gone says so in its result."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()

    def result(self) -> Message:
        """Wait for the worker's answer to the next message; ``{"error": …}`` if it died without one."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            return {"error": f"{self._name} ended with status {self._process.returncode} before it answered"}
        answer: Message = json.loads(line)
        return answer

    def end(self) -> None:
        """End the process, and with it what it holds open; do so in the middle of its work if need be."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()


def serve(prepare: Callable[[], Callable[[Message], Message]]) -> NoReturn:
    """The worker's end: prepare, then answer every message by working, until the caller is gone.

    Standard output is kept for the answer: whatever libraries print goes to standard error.
    """
    # Ctrl-C reaches every process of a terminal; that the work ends, its caller decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    messages: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_listen, args=(messages,), daemon=True).start()
    # What dbt and Great Expectations load stays until the end, a few seconds later: to look through it again
    # and again, for what nobody refers to any more, would take a tenth of that time.
    gc.disable()
    work = prepare()
    while True:
        print(json.dumps(work(json.loads(messages.get()))), file=answers, flush=True)


def _listen(messages: "SimpleQueue[str]") -> None:
    for line in sys.stdin:
        messages.put(line)
    # The caller is gone: nobody may go on writing for a run that has ended.
    os._exit(CALLER_GONE)
