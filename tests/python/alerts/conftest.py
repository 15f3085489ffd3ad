"""A release with incidents, and two channels that are real servers: a webhook and a mail server."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest
from aiosmtpd.controller import Controller

from alerts import step
from alerts.channels import Channel, Recipients
from core.settings import Settings

_RELEASE = """
create schema health;
create table health.account_days (
    client_id varchar, platform varchar, account_id varchar, date date, status varchar, attempts bigint
);
create table health.incidents (
    incident_id varchar, cause varchar, rule varchar, severity varchar, platform varchar, clients varchar[],
    account_days bigint, days_open bigint, from_date date, to_date date, opened_at timestamptz,
    last_seen_at timestamptz, resolved_at timestamptz, message varchar, command varchar
);
"""


class Webhook:
    """Takes what is posted to it, as long as it is up."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.called: list[str] = []
        received, called = self.received, self.called
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                received.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.end_headers()

            def do_GET(self) -> None:
                called.append(self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._handler = Handler
        self._server: ThreadingHTTPServer | None = None

    @property
    def subjects(self) -> list[str]:
        return [message["title"] for message in self.received]

    def start(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler)
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@dataclass
class Mailbox:
    """Takes mail."""

    mails: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(envelope.content.decode())
        return "250 OK"


@dataclass
class Agency:
    """One installation: what its release holds, and what happens at the end of a run."""

    settings: Settings
    recipients: Recipients
    monkeypatch: pytest.MonkeyPatch

    def release(self, *incidents: str, checks: dict[str, Any] | None = None) -> None:
        """Publish a release with ``incidents`` (SQL that inserts them) and a health.json with ``checks``."""
        made = self.settings.warehouse / "made.duckdb"
        with duckdb.connect(str(made)) as file:
            file.execute("set timezone = 'UTC'")
            file.execute(_RELEASE)
            for sql in incidents:
                file.execute(sql)
        made.replace(self.settings.release)
        told = {"runId": "run-1", "published": True, "checks": checks or {}}
        (self.settings.site / "health.json").write_text(json.dumps(told))

    def end_of_run(self, at: str) -> None:
        self.monkeypatch.setenv("WHOLEDAY_NOW", datetime.fromisoformat(f"{at}+00:00").isoformat())
        step.notice(self.settings, self.recipients, self.settings.release, is_run=True)

    def ledger(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.settings.warehouse / "alerts.duckdb"), read_only=True) as file:
            return file.execute(sql).fetchall()


def incident(
    cause: str = "answers_present",
    severity: str = "high",
    clients: tuple[str, ...] = ("dune",),
    status: str = "split",
    attempts: int = 1,
    resolved_at: str | None = None,
) -> str:
    """SQL for one incident of Meta's on 2026-11-23, with the account-days it struck."""
    resolved = f"timestamptz '{resolved_at}'" if resolved_at else "null"
    return f"""
        insert into health.incidents values (
            'id of {cause}', '{cause}', '{cause}', '{severity}', 'meta', {list(clients)}, {len(clients)},
            {len(clients)}, '2026-11-23', '2026-11-23', timestamptz '2026-11-24 02:00:00+00',
            timestamptz '2026-11-24 06:00:00+00', {resolved}, 'the conversions are missing',
            'make backfill CLIENT=dune PLATFORM=meta FROM=2026-11-23 TO=2026-11-23'
        );
        insert into health.account_days
        select unnest({list(clients)}), 'meta', '1', '2026-11-23', '{status}', {attempts}
    """


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    hook = Webhook()
    hook.start()
    yield hook
    hook.stop()


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture
def agency(tmp_path: Path, webhook: Webhook, monkeypatch: pytest.MonkeyPatch) -> Agency:
    settings = Settings(tmp_path / "warehouse", tmp_path / "site", tmp_path / "agency")
    settings.warehouse.mkdir()
    settings.site.mkdir()
    everything = frozenset(("critical", "high", "medium", "low"))
    channel = Channel(f"json://127.0.0.1:{webhook.port}/", everything)
    return Agency(settings, Recipients((channel,), ""), monkeypatch)
