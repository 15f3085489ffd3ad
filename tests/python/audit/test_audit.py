"""``make audit``: hashes, licences, and what is known against a package."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from core.settings import ROOT
from wholeday import audit

RULES = {"allowed": ["MIT", "BSD-3-Clause"], "words": {"MIT License": "MIT"}, "exceptions": {}}


@pytest.fixture
def database() -> Iterator[str]:
    """Knows something against the first package it is asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
            found = [{"vulns": [{"id": "GHSA-xxxx"}]}, *({} for _ in asked[1:])]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"results": found}).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def audited(database: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "wholeday.audit", "--database", database]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_both_sets_of_packages_are_as_they_should_be() -> None:
    done = audited("http://127.0.0.1:1/")
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        "known vulnerabilities were not looked up, since http://127.0.0.1:1/ does not answer" in done.stdout
    )


def test_known_vulnerability_is_told(database: str) -> None:
    done = audited(database)
    assert done.returncode == 1
    assert f"{database} was asked for known vulnerabilities" in done.stdout
    assert "GHSA-xxxx" in done.stderr


def test_package_without_hash_is_told(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        "orjson==3.11.4 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via x\n"
        "rich==14.2.0\n    # via y\nuvloop==0.22.1 ; sys_platform != 'win32' \\\n    --hash=sha256:cc\n"
    )
    assert list(audit.unhashed(audit.packages(lock))) == ["rich 14.2.0 is locked without a hash: make lock"]


def test_licence_that_no_rule_allows_is_told() -> None:
    locked = {name: audit.Package(name, "1", True) for name in ("rich", "orjson", "no-such-package")}
    (sentence,) = audit.licences(locked, RULES)
    assert sentence.startswith("orjson has the licence 'MPL-2.0")


@pytest.mark.parametrize(
    ("expression", "is_allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("MIT AND BSD-3-Clause", True),
        ("GPL-3.0-only AND (MIT OR BSD-3-Clause)", False),
        ("MIT AND (MIT OR BSD-3-Clause)", True),
        ("none that it names", False),
        ("", False),
    ],
)
def test_licence_expression_is_read(expression: str, is_allowed: bool) -> None:
    assert audit.is_allowed(expression, RULES["allowed"]) is is_allowed  # type: ignore[arg-type]


def test_every_exception_has_a_reason_and_is_needed() -> None:
    rules = audit.tomllib.loads(audit.RULES.read_text(encoding="utf-8"))
    locked = audit.packages(*audit.LOCKS)
    assert all(len(exception["reason"]) > 20 for exception in rules["exceptions"].values())
    assert set(rules["exceptions"]) <= set(locked)
