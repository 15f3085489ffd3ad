"""Meta's errors by rule: (code, subcode), then what the message says, then ``is_transient``, then the status.

Source: Meta's error reference and the open trackers of collectors; the codes 1, 100, 190 and 200 each mean
several things, and ``is_transient: false`` does not mean that waiting is useless (17/2446079).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ingest.client.errors import (
    Cause,
    ErrorClass,
    Failure,
    Scope,
)
from ingest.meta.usage import wait_seconds


@dataclass(frozen=True)
class Rule:
    """A class for errors whose code, subcode and message all match; what is not given matches anything."""

    error_class: ErrorClass
    codes: frozenset[int] = frozenset()
    subcodes: frozenset[int] = frozenset()
    message: re.Pattern[str] | None = None
    asked: str = ""
    lost: Scope | None = None
    cause: Cause | None = None

    def matches(self, code: int | None, subcode: int | None, message: str, asked: str) -> bool:
        """Say whether this rule is about the error; ``asked`` is what the request was for."""
        return (
            (not self.codes or code in self.codes)
            and (not self.subcodes or subcode in self.subcodes)
            and (self.message is None or self.message.search(message) is not None)
            and (not self.asked or asked == self.asked)
        )


def _codes(*codes: int | range) -> frozenset[int]:
    return frozenset(n for code in codes for n in (code if isinstance(code, range) else (code,)))


def _says(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_THROTTLE, _TRANSIENT, _AUTH = ErrorClass.THROTTLE, ErrorClass.TRANSIENT, ErrorClass.AUTH
_PERMISSION, _BAD_REQUEST = ErrorClass.PERMISSION, ErrorClass.BAD_REQUEST
_TOO_MUCH, _PERMANENT = ErrorClass.TOO_MUCH_DATA, ErrorClass.PERMANENT

# The first rule that matches decides: subcodes, then messages, then codes.
RULES: tuple[Rule, ...] = (
    Rule(_TOO_MUCH, subcodes=_codes(1487534, 1504018)),
    Rule(_THROTTLE, subcodes=_codes(1504022, 1504039), lost=Scope.PLATFORM),
    Rule(_THROTTLE, subcodes=_codes(2446079, 1487742, 2494055)),
    Rule(_PERMISSION, codes=_codes(1), subcodes=_codes(2853001), cause=Cause.ACCESS_LOST),
    Rule(_TRANSIENT, codes=_codes(2601), subcodes=_codes(1815107)),
    # A report that was created a moment ago may not be found yet; an account that is not found never will be.
    Rule(_TRANSIENT, codes=_codes(100), subcodes=_codes(33), asked="report"),
    Rule(_PERMISSION, codes=_codes(100), subcodes=_codes(33), cause=Cause.ACCESS_LOST),
    Rule(_TOO_MUCH, message=_says(r"reduce the amount of data|smaller date range|fetch less data")),
    Rule(_TRANSIENT, message=_says(r"Cannot include .* in summary param because they weren.t there")),
    Rule(
        _PERMISSION,
        message=_says(r"\baccount\b.{0,40}\b(disabled|closed|deactivated)\b"),
        codes=_codes(1, 10, 100, range(200, 300)),
        cause=Cause.ACCOUNT_DISABLED,
    ),
    Rule(_PERMISSION, codes=_codes(100, 190), message=_says(r"\bpermissions?\b"), cause=Cause.ACCESS_LOST),
    Rule(_THROTTLE, codes=_codes(4, 341), lost=Scope.PLATFORM),
    Rule(_THROTTLE, codes=_codes(17, 32, 613, range(80000, 81000))),
    Rule(_AUTH, codes=_codes(102, 104, 190), cause=Cause.LOGIN_DEAD),
    Rule(_PERMISSION, codes=_codes(368), lost=Scope.PLATFORM, cause=Cause.POLICY_BLOCK),
    Rule(_PERMISSION, codes=_codes(3, 10, 270, 272, 294), cause=Cause.APP_RIGHTS),
    Rule(_PERMISSION, codes=_codes(range(200, 300)), cause=Cause.ACCESS_LOST),
    Rule(_PERMANENT, codes=_codes(12, 2635), cause=Cause.VERSION_RETIRED),
    Rule(_BAD_REQUEST, codes=_codes(100, 3018)),
    Rule(_TRANSIENT, codes=_codes(1, 2, 2601)),
    Rule(_THROTTLE, message=_says(r"request limit reached|too many (api )?(calls|requests)|rate limit")),
)


# How a report run can end without a report: it failed, or was skipped since it waited too long.
ENDED_BADLY = ("Job Failed", "Job Skipped")


def _by_status(status: int) -> ErrorClass:
    if status in (429,):
        return _THROTTLE
    if status == 401:
        return _AUTH
    if status == 403:
        return _PERMISSION
    return _BAD_REQUEST if 400 <= status < 500 and status != 408 else _TRANSIENT


def _integer(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def failure_in(body: Any, status: int, headers: Mapping[str, str], asked: str) -> Failure | None:
    """Return the failure that an answer of Meta is, or None if it holds none.

    ``body`` is the parsed JSON, or None when it was not JSON; ``asked`` names the answer (``report``: the
    state of a report run). Reads how long to wait from the usage headers, which come with errors too.
    """
    error = body.get("error") if isinstance(body, dict) else None
    ended = body.get("async_status") if isinstance(body, dict) else None
    if error is None and ended in ENDED_BADLY:
        return _report_failure(body, ended, asked)
    if error is None:
        if 200 <= status < 300:
            return None
        return _waiting(
            Failure.of(_by_status(status), f"HTTP {status} without an error object", status=status), headers
        )
    if not isinstance(error, dict):
        error = {"message": str(error)}
    error_class, lost, cause = _judged(error, status, asked)
    message, title = str(error.get("message") or ""), str(error.get("error_user_title") or "")
    code = f"[{error.get('code')}/{error.get('error_subcode')}]"
    text = f"{message or 'an error without a message'}{f' ({title})' if title else ''} {code}"
    return _waiting(Failure.of(error_class, text, lost=lost, status=status, cause=cause), headers)


def _waiting(failure: Failure, headers: Mapping[str, str]) -> Failure:
    """Return ``failure``, with the wait that the headers tell if it is a throttle."""
    throttled = failure.error_class is _THROTTLE
    return replace(failure, wait_seconds=wait_seconds(headers)) if throttled else failure


def _judged(
    error: Mapping[str, Any], status: int, asked: str
) -> tuple[ErrorClass, Scope | None, Cause | None]:
    code, subcode = _integer(error.get("code")), _integer(error.get("error_subcode"))
    message = str(error.get("message") or "")
    rule = next((rule for rule in RULES if rule.matches(code, subcode, message, asked)), None)
    if rule is not None:
        return rule.error_class, rule.lost, rule.cause
    return (_TRANSIENT if error.get("is_transient") is True else _by_status(status)), None, None


def _report_failure(body: Mapping[str, Any], ended: str, asked: str) -> Failure:
    """Return why a report came to nothing: since v25 its state says so itself, in fields of its own."""
    error = {
        "code": body.get("error_code"),
        "error_subcode": body.get("error_subcode"),
        "message": body.get("error_message") or body.get("error_user_msg"),
    }
    error_class, lost, cause = _judged(error, 500, asked)
    told = f": {error['message']} [{error['code']}/{error['error_subcode']}]" if any(error.values()) else ""
    text = f"the report ended as {ended!r}{told}"
    failure = Failure.of(error_class, text, lost=lost, status=200, cause=cause)
    if failure.lost is Scope.PLATFORM:
        failure = failure.costing(Scope.ACCOUNT)  # who asked about the report was let in
    # The run is over: only another one can succeed.
    return replace(failure, restart=error_class is _TRANSIENT)
