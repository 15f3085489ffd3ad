"""The sandbox as a subprocess, for tests, benchmarks and the runner."""

import json
import os
import subprocess
import sys
from datetime import date
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).parent.parent


class SandboxProcess:
    """Starts ``python -m sandbox`` on a free loopback port and stops it again.

    ``with SandboxProcess(now="2026-11-24T06:00:00+00:00") as box:``, then ``box.url``, ``box.env``.
    The process ends when this one does, however it ends. Raises RuntimeError when it does not start.
    """

    def __init__(
        self,
        *,
        now: str | None = None,
        seed: int | None = None,
        agency: Path | None = None,
        scenario: Path | None = None,
        port: int = 0,
        any_version: bool = False,
    ) -> None:
        self._arguments = [sys.executable, "-m", "sandbox", "--with-parent", "--port", str(port)]
        for name, value in (("now", now), ("seed", seed), ("agency", agency), ("scenario", scenario)):
            if value is not None:
                self._arguments += [f"--{name}", str(value)]
        if any_version:
            self._arguments.append("--any-version")
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.env: dict[str, str] = {}
        """Settings that point wholeday at this sandbox, as environment variables."""

    def __enter__(self) -> "SandboxProcess":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> "SandboxProcess":
        """Start the process and wait until it listens."""
        self._process = subprocess.Popen(
            self._arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"},
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            _, said = self._process.communicate(timeout=10)
            raise RuntimeError(f"the sandbox did not start: {said.strip()}")
        announced = json.loads(line)
        self.url, self.env = announced["url"], announced["env"]
        return self

    def stop(self) -> None:
        """Stop the process and wait until it is gone."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._process = None

    @property
    def pid(self) -> int:
        """Process id; raises RuntimeError when the sandbox is not running."""
        if self._process is None:
            raise RuntimeError("the sandbox is not running")
        return self._process.pid

    def faults(self, rules: list[dict[str, Any]] | dict[str, Any]) -> None:
        """Put fault rules in force, besides those that are."""
        self._control("POST", "faults", rules)

    def clear(self) -> None:
        """Remove all fault rules."""
        self._control("DELETE", "faults")

    def struck(self) -> list[dict[str, Any]]:
        """Return, per rule in force, how many requests it has met and struck."""
        rules: list[dict[str, Any]] = self._control("GET", "faults")["rules"]
        return rules

    def facts(self, facts: list[dict[str, Any]] | dict[str, Any]) -> None:
        """Let these facts, and no others, be what the platforms tell from their instants on."""
        self._control("PUT", "facts", facts)

    def requests(self) -> list[dict[str, Any]]:
        """Return what was asked since the start or the last ``forget``."""
        found: list[dict[str, Any]] = self._control("GET", "requests")["requests"]
        return found

    def forget(self) -> None:
        """Forget the requests so far."""
        self._control("DELETE", "requests")

    def set_clock(self, now: str | None) -> None:
        """Stand still at an ISO 8601 instant with offset, or follow the real clock with None."""
        self._control("PUT", "clock", {"now": now})

    def accounts(self) -> list[dict[str, Any]]:
        """Return every account that is served."""
        found: list[dict[str, Any]] = self._control("GET", "accounts")["accounts"]
        return found

    def truth(self, platform: str, account: str, first: date | str, last: date | str) -> list[dict[str, Any]]:
        """Return the account's own totals per day, as they look now without faults."""
        asked = urlencode({"platform": platform, "account": account, "from": str(first), "to": str(last)})
        days: list[dict[str, Any]] = self._control("GET", f"truth?{asked}")["days"]
        return days

    def _control(self, method: str, name: str, body: Any = None) -> Any:
        connection = HTTPConnection(self.url.removeprefix("http://"), timeout=30)
        try:
            connection.request(method, f"/_control/{name}", None if body is None else json.dumps(body))
            answer = connection.getresponse()
            found = json.load(answer)
        finally:
            connection.close()
        if answer.status != HTTPStatus.OK:
            raise ValueError(found["error"])
        return found
