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
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, NoReturn, Self

from core.settings import ROOT

Message = dict[str, Any]
# What a worker can be asked to do, by name.
Steps = Mapping[str, Callable[..., Message]]
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
        self._answers: SimpleQueue[str | None] = SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def ask(self, step: str, **facts: Any) -> None:
        """Let the worker do ``step``; one that is gone says so in its result."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError, ValueError):  # it died, or was ended
            self._process.stdin.write(json.dumps({"step": step, "facts": facts}) + "\n")
            self._process.stdin.flush()

    def result(self, seconds: float | None = None) -> Message:
        """Wait for the worker's answer to the next message; ``{"error": …}`` if there is none.

        There is none if the worker died, wrote something else than an answer, or took longer than
        ``seconds``; it is ended then.
        """
        try:
            line = self._answers.get(timeout=seconds)
        except Empty:
            self.end()
            self._answers.put(None)
            return {"error": f"{self._name} did not answer within {seconds:.0f} seconds and was ended"}
        if line is None:
            self._answers.put(None)
            return {"error": f"{self._name} {_ending(self._process.wait())} before it answered"}
        with suppress(ValueError):
            answer = json.loads(line)
            if isinstance(answer, dict):
                return answer
        self.end()
        return {"error": f"{self._name} gave an answer that cannot be read, and was ended"}

    def end(self) -> None:
        """End the process, and with it what it holds open; do so in the middle of its work if need be."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        # An answer is one line of a few kilobytes; what is cut short in it is no JSON.
        with self._process.stdout as answers, suppress(ValueError):
            for line in answers:
                self._answers.put(line)
        self._answers.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()


def _ending(status: int) -> str:
    return f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"


def serve(prepare: Callable[[], Steps]) -> NoReturn:
    """The worker's end: prepare, then do each step that is asked for, until the caller is gone.

    Standard output is kept for the answer: what libraries print goes to standard error.
    """
    # Ctrl-C reaches every process of a terminal; that the work ends, its caller decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    messages: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_listen, args=(messages,), daemon=True).start()
    # What dbt and Great Expectations load stays until the end, a few seconds later: to look through it again
    # and again, for objects without references, would take a tenth of that time.
    gc.disable()
    steps = prepare()
    while True:
        asked = json.loads(messages.get())
        print(json.dumps(steps[asked["step"]](**asked["facts"])), file=answers, flush=True)


def _listen(messages: "SimpleQueue[str]") -> None:
    for line in sys.stdin:
        messages.put(line)
    # The caller is gone: no worker may go on writing for a run that has ended.
    os._exit(CALLER_GONE)
