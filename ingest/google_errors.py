"""Google's errors by rule: the ``errorCode`` of the GoogleAdsFailure, the RPC status, the HTTP status.

Source: the error enums of the API's protos (v26) and the mapping of RPC codes to HTTP.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ingest.errors import ErrorClass, Failure, Scope

_THROTTLE, _TRANSIENT, _AUTH = ErrorClass.THROTTLE, ErrorClass.TRANSIENT, ErrorClass.AUTH
_PERMISSION, _BAD_REQUEST = ErrorClass.PERMISSION, ErrorClass.BAD_REQUEST
_TOO_MUCH, _PERMANENT = ErrorClass.TOO_MUCH_DATA, ErrorClass.PERMANENT


@dataclass(frozen=True)
class Rule:
    """A class for the errors whose ``family.NAME`` matches ``code`` in full."""

    error_class: ErrorClass
    code: str
    lost: Scope | None = None
    refresh: bool = False
    restart: bool = False


# The first rule that matches decides; a family's rest comes after its exceptions.
RULES: tuple[Rule, ...] = (
    Rule(_PERMANENT, r"requestError\.UNSUPPORTED_VERSION"),
    Rule(_TRANSIENT, r"requestError\.EXPIRED_PAGE_TOKEN", restart=True),
    Rule(_TOO_MUCH, r"requestError\.RPC_DEADLINE_TOO_SHORT|internalError\.DEADLINE_EXCEEDED"),
    Rule(_PERMISSION, r"quotaError\.ACCESS_PROHIBITED"),
    Rule(_THROTTLE, r"quotaError\.RESOURCE_EXHAUSTED", lost=Scope.PLATFORM),
    Rule(_THROTTLE, r"quotaError\..*"),
    Rule(
        _BAD_REQUEST, r"authenticationError\.(CUSTOMER_NOT_FOUND|CLIENT_CUSTOMER_ID_INVALID)", Scope.ACCOUNT
    ),
    Rule(_AUTH, r"authenticationError\.OAUTH_TOKEN_(EXPIRED|INVALID)", refresh=True),
    Rule(_AUTH, r"authenticationError\..*"),
    Rule(
        _PERMISSION,
        r"authorizationError\.(DEVELOPER_TOKEN_\w+|CLOUD_PROJECT_\w+|PROJECT_DISABLED|MISSING_TOS)",
        Scope.PLATFORM,
    ),
    Rule(_PERMISSION, r"authorizationError\..*"),
    Rule(_TRANSIENT, r"internalError\..*"),
    Rule(
        _BAD_REQUEST,
        r"requestError\.(INVALID_CUSTOMER_ID|LOGIN_CUSTOMER_ID_PARAMETER_MISSING)|headerError\..*"
        r"|queryError\.REQUESTED_METRICS_FOR_MANAGER",
        Scope.ACCOUNT,
    ),
    Rule(
        _BAD_REQUEST, r"requestError\.(DEVELOPER_TOKEN_PARAMETER_MISSING|CLOUD_PROJECT_\w+)", Scope.PLATFORM
    ),
    Rule(_BAD_REQUEST, r"\w+Error\..*"),
)
_COMPILED = tuple((re.compile(rule.code), rule) for rule in RULES)

# google.rpc.Code, for errors without a GoogleAdsFailure.
BY_RPC_STATUS: dict[str, ErrorClass] = {
    "UNAUTHENTICATED": _AUTH,
    "PERMISSION_DENIED": _PERMISSION,
    "RESOURCE_EXHAUSTED": _THROTTLE,
    "DEADLINE_EXCEEDED": _TOO_MUCH,
    "CANCELLED": _TRANSIENT,
    "UNKNOWN": _TRANSIENT,
    "ABORTED": _TRANSIENT,
    "INTERNAL": _TRANSIENT,
    "UNAVAILABLE": _TRANSIENT,
    "DATA_LOSS": _TRANSIENT,
    "INVALID_ARGUMENT": _BAD_REQUEST,
    "NOT_FOUND": _BAD_REQUEST,
    "ALREADY_EXISTS": _BAD_REQUEST,
    "FAILED_PRECONDITION": _BAD_REQUEST,
    "OUT_OF_RANGE": _BAD_REQUEST,
    "UNIMPLEMENTED": _BAD_REQUEST,
}

# RFC 6749 5.2: at the token endpoint ``error`` is a string.
BY_OAUTH_ERROR: dict[str, ErrorClass] = {
    "temporarily_unavailable": _TRANSIENT,
    "server_error": _TRANSIENT,
    "internal_failure": _TRANSIENT,
    "rate_limit_exceeded": _THROTTLE,
    "slow_down": _THROTTLE,
    "invalid_request": _BAD_REQUEST,
    "unsupported_grant_type": _BAD_REQUEST,
}

_DURATION = re.compile(r"^(\d+(?:\.\d+)?)s$")


def _by_status(status: int) -> ErrorClass:
    if status == 404:
        return _PERMANENT  # what is not even JSON was not the API: a retired version answers with a page
    by_status = {
        401: _AUTH,
        403: _PERMISSION,
        408: _TRANSIENT,
        409: _TRANSIENT,
        429: _THROTTLE,
        499: _TRANSIENT,
    }
    return by_status.get(status, _BAD_REQUEST if 400 <= status < 500 else _TRANSIENT)


def failure_in(body: Any, status: int, headers: Mapping[str, str], asked: str) -> Failure | None:
    """Return the failure that an answer of Google is, or None if it holds none.

    ``body`` is the parsed JSON, or None when it was not JSON: an object, or an array of them
    (``searchStream``).
    """
    del headers, asked  # Google says everything in the body
    error = next((part["error"] for part in _parts(body) if part.get("error") is not None), None)
    if error is None:
        if 200 <= status < 300:
            return None
        return Failure.of(_by_status(status), f"HTTP {status} without an error object", status=status)
    if not isinstance(error, dict):
        return _oauth_failure(str(error), body, status)
    for detail in _details(error):
        for family, name in (detail.get("errorCode") or {}).items():
            code = f"{family}.{name}"
            rule = next((rule for pattern, rule in _COMPILED if pattern.fullmatch(code)), None)
            if rule is not None:
                message = f"{detail.get('message') or error.get('message')} [{code}]"
                failure = Failure.of(rule.error_class, message, lost=rule.lost, status=status)
                return replace(
                    failure, refresh=rule.refresh, restart=rule.restart, wait_seconds=_retry_delay(detail)
                )
    rpc_status, message = str(error.get("status") or ""), str(error.get("message") or "")
    error_class = BY_RPC_STATUS.get(rpc_status) or (
        _by_status(status) if status >= 400 else _by_status(int(error.get("code") or 500))
    )
    disabled = error_class is _PERMISSION and re.search(r"not been used in project|is disabled", message)
    failure = Failure.of(
        error_class,
        f"{message} [{rpc_status or status}]",
        lost=Scope.PLATFORM if disabled else None,
        status=status,
    )
    return replace(failure, refresh=error_class is _AUTH)


def _oauth_failure(name: str, body: Any, status: int) -> Failure:
    error_class = BY_OAUTH_ERROR.get(name) or (_TRANSIENT if status >= 500 else _AUTH)
    description = body.get("error_description") if isinstance(body, dict) else ""
    return Failure.of(error_class, f"{description or name} [{name}]", status=status)


def _parts(body: Any) -> Iterator[dict[str, Any]]:
    for part in body if isinstance(body, list) else [body]:
        if isinstance(part, dict):
            yield part


def _details(error: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for detail in error.get("details") or []:
        if isinstance(detail, dict):
            for entry in detail.get("errors") or []:
                if isinstance(entry, dict):
                    yield entry


def _retry_delay(entry: dict[str, Any]) -> float | None:
    """Return the quota error's ``retryDelay`` ("40591s", may be fractional) in seconds."""
    quota = (entry.get("details") or {}).get("quotaErrorDetails") or {}
    found = _DURATION.match(str(quota.get("retryDelay") or ""))
    return float(found[1]) if found else None
