"""JSON lines in the log, always; a person reads the summary, not the log."""

import logging
import os
import re
from collections.abc import MutableMapping
from functools import cache
from typing import Any
from urllib.parse import quote

import structlog

from core.settings import Settings

# Tokens in URLs and headers and the values of the sources' own secrets never reach a log line.
_SECRET_PARAMETER = re.compile(
    r"((?:access_token|input_token|client_secret|refresh_token|appsecret_proof|developer-token|fb_exchange_token)"
    r"[\"']?\s*[=:]\s*[\"']?)[^&\s\"',}]+",
    re.IGNORECASE,
)
_BEARER = re.compile(r"(Bearer\s+)\S+", re.IGNORECASE)
_SECRET_VARIABLE = re.compile(r"SOURCES__.*(TOKEN|SECRET)$")
# Shorter values are no secrets, and would make holes in every sentence.
SHORTEST_SECRET = 6
_hidden: set[str] = set()


def hide(secret: str) -> None:
    """Let ``scrub`` replace ``secret`` from now on, as it is and as it stands in an address or in JSON."""
    if len(secret) >= SHORTEST_SECRET:
        _hidden.update((secret, quote(secret, safe=""), secret.replace("/", "\\/")))


def scrub(text: str) -> str:
    """Replace every secret in ``text`` with ``***``."""
    text = _BEARER.sub(r"\1***", _SECRET_PARAMETER.sub(r"\1***", text))
    for name in _secret_variables(tuple(os.environ)):
        hide(os.environ[name])
    for secret in sorted(_hidden, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


@cache
def _secret_variables(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if _SECRET_VARIABLE.search(name))


def silence() -> None:
    """Log nothing in this process: it only looks, and tells a person all that it finds."""
    structlog.configure(
        processors=[],
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        logger_factory=structlog.ReturnLoggerFactory(),
    )


def _scrub_event(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: scrub(value) if isinstance(value, str) else value for key, value in event.items()}


def configure(settings: Settings, **context: str) -> None:
    """Send every structlog line of this process to the warehouse's log, with ``context`` in each line."""
    settings.log.parent.mkdir(parents=True, exist_ok=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _scrub_event,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(
            file=settings.log.open("a", encoding="utf-8", buffering=1)
        ),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**context)
