"""A step in a process of its own that is already warm when its turn comes.

Importing dbt, parsing the project and importing Great Expectations take longer than the work itself, so they
happen while the platforms answer. A worker prepares, waits for one line of JSON on its standard input, works,
and answers with one line of JSON. It lives as long as its input stays open: a killed run leaves none behind.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from wholeday.settings import ROOT

Message = dict[str, Any]


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

    def go(self, message: Message | str) -> None:
        """Let the worker begin."""
        assert self._process.stdin is not None
        self._process.stdin.write((message if isinstance(message, str) else json.dumps(message)) + "\n")
        self._process.stdin.flush()

    def result(self) -> Message:
        """Wait for the worker's answer; ``{"error": …}`` if it died without one."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self._process.wait()
        if not line:
            return {"error": f"{self._name} ended with status {self._process.returncode} before it answered"}
        answer: Message = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.kill()
        self._process.wait()


def serve(work: Callable[[Message], Message]) -> int:
    """The worker's end: wait for the message, work, answer. Returns the exit status.

    Standard output is kept for the answer alone; whatever libraries print goes to standard error.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    line = sys.stdin.readline()
    if not line:
        return 0
    threading.Thread(target=_end_with_caller, daemon=True).start()
    print(json.dumps(work(json.loads(line))), file=answers, flush=True)
    return 0


def _end_with_caller() -> None:
    """Leave at once when the caller is gone: nobody may build for a run that has ended."""
    sys.stdin.read()
    os._exit(1)
