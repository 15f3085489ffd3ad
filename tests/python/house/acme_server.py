"""The server of Acme Ads: two campaigns, as JSON."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

CAMPAIGNS = ("1", "2")
# Figures that add up.
_SUMMED = ("cost", "shows", "taps", "count", "value")


def figures(day: date, campaign: str) -> dict[str, Decimal]:
    """Return the figures of a campaign's day: no two days have the same."""
    n = 7 * day.toordinal() % 31 + int(campaign)
    values = ("10.25", "1000", "37", "2", "100.5"), ("0.37", "17", "1", "0", "1.25")
    return {
        name: Decimal(base) + n * Decimal(step) for name, base, step in zip(_SUMMED, *values, strict=True)
    }


def total(day: date) -> dict[str, Decimal]:
    """Return the figures of the account's day."""
    listed = [figures(day, campaign) for campaign in CAMPAIGNS]
    return {name: sum((one[name] for one in listed), Decimal()) for name in _SUMMED}


def _rows(level: str, day: date) -> list[dict[str, Any]]:
    if level == "total":
        return [_written(total(day))]
    action = {"action": "booking"} if level == "actions" else {}
    return [{"campaign": one, **action, **_written(figures(day, one))} for one in CAMPAIGNS]


def _written(values: dict[str, Decimal]) -> dict[str, Any]:
    return {name: int(value) if value == int(value) else float(value) for name, value in values.items()}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        *_, level = asked.path.split("/")
        body: dict[str, Any] = {"name": "Dune at Acme", "currency": "EUR", "timezone": "Europe/Berlin"}
        body["campaigns"] = list(CAMPAIGNS)
        if asked.query:
            given = parse_qs(asked.query)
            first, last = (date.fromisoformat(given[name][0]) for name in ("since", "until"))
            days = (first + timedelta(days=n) for n in range((last - first).days + 1))
            body = {str(day): _rows(level, day) for day in days}
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        del format, arguments


@contextmanager
def serving() -> Iterator[str]:
    """Serve on a free port of this machine; yields the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
