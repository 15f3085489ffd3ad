"""Health as JSON: the agency's document for visitors that see everything, each client's for the others."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import orjson

from core import clock
from serve.access import Visitor
from serve.parameters import visible
from serve.problems import RequestError
from serve.release import Identity, Release

_CLIENTS = (Path(__file__).parent / "sql" / "client_health.sql").read_text(encoding="utf-8")
_WORST = ("critical", "warning", "healthy")
# A day after a run the next one is due, and no platform takes more than three hours.
_OVERDUE_SECONDS = 27 * 3600


def is_overdue(release: Release) -> bool:
    """Whether the next run should have been by now: then nothing here is healthy."""
    return clock.now().timestamp() > release.started_at + _OVERDUE_SECONDS


@dataclass(frozen=True)
class Reported:
    """``health.json`` as the last run reported it; ``tag`` changes whenever the file does."""

    path: Path

    @property
    def tag(self) -> str:
        """What stands for the file's content."""
        identity = Identity.of(self.path)
        return f"{identity.inode:x}.{identity.changed_at:x}" if identity else ""

    def read(self) -> dict[str, Any]:
        """Return the document; raises ``RequestError`` where nothing was reported yet."""
        try:
            found: dict[str, Any] = json.loads(self.path.read_bytes())
        except (OSError, ValueError):
            raise RequestError(404, "no run has reported its health yet: make run") from None
        return found


def agency(reported: Reported, overdue: bool) -> bytes:
    """Return the agency's health, critical by itself once a run is overdue."""
    found = reported.read()
    found["overdue"] = overdue
    if overdue:
        found["status"] = "critical"
    return orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE)


def of_client(cursor: duckdb.DuckDBPyConnection, client: str, overdue: bool) -> bytes:
    """Return one client's health."""
    return orjson.dumps(_clients(cursor, [client], overdue)[0], option=orjson.OPT_APPEND_NEWLINE)


def of_clients(cursor: duckdb.DuckDBPyConnection, clients: list[str], overdue: bool) -> bytes:
    """Return the health of the clients a visitor is bound to, in the agency's shape where it can be."""
    found = _clients(cursor, clients, overdue)
    scores = [one["score"] for one in found if one["score"] is not None]
    told = {
        "status": min((one["status"] for one in found), key=_WORST.index, default="healthy"),
        "score": min(scores, default=None),
        "overdue": overdue,
        "clients": found,
    }
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def status(
    reported: Reported,
    overdue: bool,
    cursor: duckdb.DuckDBPyConnection,
    visitor: Visitor,
    known: frozenset[str],
) -> str:
    """Return one word for all that the visitor may see."""
    if visitor.clients is None:
        return str(orjson.loads(agency(reported, overdue))["status"])
    return str(orjson.loads(of_clients(cursor, visible(None, visitor, known), overdue))["status"])


def _clients(cursor: duckdb.DuckDBPyConnection, clients: list[str], overdue: bool) -> list[dict[str, Any]]:
    rows = cursor.execute(_CLIENTS, {"clients": clients}).fetchall()
    late = {"overdue": overdue} | ({"status": "critical"} if overdue else {})
    return [orjson.loads(document) | late for (document,) in rows]
