"""A whole installation with one gap in it, served: for all tests of this room one run, and one server."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from core.lock import warehouse_lock
from core.settings import ROOT, Settings
from sandbox.process import SandboxProcess
from tests.python.installation import Installation

NOW = "2026-11-10T12:00:00+00:00"
FIRST_DAY, DAY = "2026-09-10", "2026-11-09"
OPERATOR, VIEWER, BOUND = "operator-of-the-agency", "viewer-of-everything", "viewer-of-hotel-dune"
TOKENS = {
    "WHOLEDAY_OPERATOR_TOKENS": f"anna:{OPERATOR}",
    "WHOLEDAY_VIEWER_TOKENS": f"desk:{VIEWER} dune:{BOUND}@dune",
}
# One answer of one account fails: Hotel Fjord has no figures, from its first day to the last closed one.
FAULT = {
    "match": {"platform": "google", "account": "9100000003", "kind": "conversions"},
    "effect": {"status": 500},
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def sentence(self) -> str:
        assert self.headers["content-type"] == "application/problem+json"
        return str(self.json["detail"])


@dataclass(frozen=True)
class Served:
    """A server, asked as programs ask."""

    installation: Installation
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self,
        path: str,
        token: str | None = VIEWER,
        method: str = "GET",
        body: bytes | None = None,
        **headers: str,
    ) -> Answer:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            given["authorization"] = f"Bearer {token}"
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())
        finally:
            connection.close()


class Server:
    """``python -m serve`` on a free port, until it is stopped."""

    def __init__(self, installation: Installation, **settings: str) -> None:
        env = replace(installation, measured=True).environment(NOW) | settings
        self._process = subprocess.Popen(
            [sys.executable, "-m", "serve", "--port", "0"],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        assert line.startswith("wholeday: http://"), self._process.communicate(timeout=10)
        self.served = Served(installation, int(line.split("/ for")[0].rpartition(":")[2]))

    def __enter__(self) -> Served:
        return self.served

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        _, said = self._process.communicate(timeout=30)
        assert "Traceback" not in said, said
        # A request must not make the server write: many of them would fill a disk, or a pipe.
        assert len(said) < 2000, said[:2000]


@pytest.fixture(scope="session")
def gapped(
    tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess, sandbox_agency: Path
) -> Iterator[Installation]:
    """The small agency after a run in which one answer failed."""
    # A path that would end a string of SQL, of a shell, and of YAML.
    folder = tmp_path_factory.mktemp("served") / 'o\'brien "and" [sons] {x}'
    shutil.copytree(sandbox_agency, folder / "agency")
    # No server listens there: what is told waits in the outbox.
    installation = Installation(
        folder, sandbox.env | {"WHOLEDAY_ALERTS": "critical,high=json://127.0.0.1:1/"}
    )
    sandbox.set_clock(NOW)
    sandbox.faults([FAULT])
    installation.wholeday("run", now=NOW, status=1)
    sandbox.clear()
    yield installation


@pytest.fixture(scope="session")
def served(gapped: Installation) -> Iterator[Served]:
    with Server(gapped, **TOKENS, WHOLEDAY_SERVE_RATE="100000/minute") as found:
        yield found


@pytest.fixture(scope="module")
def held(gapped: Installation) -> Iterator[Served]:
    """A server whose warehouse another command has: a backfill that is asked for waits."""
    settings = Settings(gapped.warehouse, gapped.site, gapped.agency)
    server = Server(gapped, **TOKENS, WHOLEDAY_SERVE_RATE="100000000/minute")
    with warehouse_lock(settings, "test"), server as found:
        yield found
