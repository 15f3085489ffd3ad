"""Google's errors, judged: the ``errorCode`` of the GoogleAdsFailure, the RPC status, the HTTP status."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ingest.client.errors import (
    LONGEST_WAIT_SECONDS,
    Cause,
    ErrorClass,
    Failure,
    Scope,
)
from ingest.google.error_rules import (
    BY_OAUTH_ERROR,
    BY_RPC_STATUS,
    Rule,
    by_status,
    rule_of,
)

_DURATION = re.compile(r"^(\d{1,9}(?:\.\d+)?)s$")
_IN_WORDS = re.compile(r"retry in (\d{1,9}(?:\.\d+)?) seconds", re.IGNORECASE)


def failure_in(body: Any, status: int, headers: Mapping[str, str], asked: str) -> Failure | None:
    """Return the failure that an answer of Google is, or None if it holds none.

    ``body`` is the parsed JSON, or None when it was not JSON: an object, or an array of them
    (``searchStream``). ``asked`` names the answer (``token``: an access token).
    """
    del headers  # Google says everything in the body
    error = next((part["error"] for part in _parts(body) if part.get("error") is not None), None)
    if error is None:
        if 200 <= status < 300:
            return None
        error_class = by_status(status)
        cause = Cause.VERSION_RETIRED if error_class is ErrorClass.PERMANENT and asked != "token" else None
        failure = Failure.of(
            error_class, f"HTTP {status} without an error object", status=status, cause=cause
        )
        return replace(failure, refresh=error_class is ErrorClass.AUTH and asked != "token")
    if not isinstance(error, dict):
        return _oauth_failure(str(error), body, status)
    code, rule, entry = _ruling(error)
    error_class = rule.error_class if rule else _by_rpc(error, status)
    message = str(entry.get("message") or error.get("message") or "")
    wait = _wait_seconds(error, message) if error_class is ErrorClass.THROTTLE else None
    lost, cause = (rule.lost, rule.cause) if rule else (None, None)
    if error_class is ErrorClass.THROTTLE:
        lost = _throttled(error, lost, wait)
    elif rule is None and error_class is ErrorClass.AUTH:
        cause = Cause.LOGIN_DEAD
    elif rule is None and error_class is ErrorClass.PERMISSION:
        disabled = re.search(r"not been used in project|is disabled", message)
        lost, cause = (Scope.PLATFORM, Cause.APP_RIGHTS) if disabled else (None, Cause.ACCESS_LOST)
    text = f"{message or 'an error without a message'} [{code or error.get('status') or status}]"
    failure = Failure.of(error_class, text, lost=lost, status=status, cause=cause)
    return replace(
        failure,
        wait_seconds=wait,
        refresh=rule.refresh if rule else error_class is ErrorClass.AUTH,
        restart=rule.restart if rule else False,
    )


def _ruling(error: dict[str, Any]) -> tuple[str, Rule | None, dict[str, Any]]:
    """Return the code that a rule is about, the rule, and where the code stands; else the first code."""
    first: tuple[str, None, dict[str, Any]] = ("", None, {})
    for entry in _entries(error):
        codes = entry.get("errorCode")
        for family, name in codes.items() if isinstance(codes, dict) else ():
            code = f"{family}.{name}"
            rule = rule_of(code)
            if rule is not None:
                return code, rule, entry
            first = first if first[0] else (code, None, entry)
    return first


def _by_rpc(error: dict[str, Any], status: int) -> ErrorClass:
    """Return the class of an error that no rule knows: by the RPC status, else by that of HTTP."""
    known = BY_RPC_STATUS.get(str(error.get("status") or ""))
    code = error.get("code")
    return known or by_status(status if status >= 400 else code if isinstance(code, int) else 500)


def _throttled(error: dict[str, Any], lost: Scope | None, wait: float | None) -> Scope | None:
    """Return what a throttle is about: Google says so, or it asks to wait for hours."""
    scopes = {quota.get("rateScope") for quota in _quotas(error)}
    if scopes & {"ACCOUNT", "DEVELOPER"}:
        return Scope.PLATFORM if "DEVELOPER" in scopes else Scope.ACCOUNT
    return Scope.PLATFORM if (wait or 0.0) > LONGEST_WAIT_SECONDS else lost


def _oauth_failure(name: str, body: Any, status: int) -> Failure:
    error_class = BY_OAUTH_ERROR.get(name) or (ErrorClass.TRANSIENT if status >= 500 else ErrorClass.AUTH)
    description = body.get("error_description") if isinstance(body, dict) else ""
    cause = Cause.LOGIN_DEAD if error_class is ErrorClass.AUTH else None
    return Failure.of(error_class, f"{description or name} [{name}]", status=status, cause=cause)


def _parts(body: Any) -> Iterator[dict[str, Any]]:
    for part in body if isinstance(body, list) else [body]:
        if isinstance(part, dict):
            yield part


def _details(error: dict[str, Any]) -> list[dict[str, Any]]:
    details = error.get("details")
    return [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []


def _entries(error: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the errors of every GoogleAdsFailure."""
    for detail in _details(error):
        listed = detail.get("errors")
        yield from (entry for entry in listed if isinstance(entry, dict)) if isinstance(listed, list) else ()


def _quotas(error: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in _entries(error):
        details = entry.get("details")
        quota = details.get("quotaErrorDetails") if isinstance(details, dict) else None
        if isinstance(quota, dict):
            yield quota


def _wait_seconds(error: dict[str, Any], message: str) -> float | None:
    """Return how long Google asks to wait: in the quota's details, in a google.rpc.RetryInfo, or in words.

    ``retryDelay`` is a protobuf Duration as JSON ("40591s"), and may be fractional.
    """
    told = [holder.get("retryDelay") for holder in (*_quotas(error), *_details(error))]
    waits = [float(found[1]) for text in told if (found := _DURATION.match(str(text or "")))]
    in_words = _IN_WORDS.search(message)
    return max(waits, default=float(in_words[1]) if in_words else None)
