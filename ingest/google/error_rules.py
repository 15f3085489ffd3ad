"""What Google's errors mean, as tables: by ``family.NAME``, by RPC status, by OAuth's own words.

Source: the error enums of the API's protos (v26) and the mapping of RPC codes to HTTP.
"""

import re
from dataclasses import dataclass

from ingest.client.errors import Cause, ErrorClass, Scope

THROTTLE, TRANSIENT, AUTH = ErrorClass.THROTTLE, ErrorClass.TRANSIENT, ErrorClass.AUTH
PERMISSION, BAD_REQUEST = ErrorClass.PERMISSION, ErrorClass.BAD_REQUEST
TOO_MUCH, PERMANENT = ErrorClass.TOO_MUCH_DATA, ErrorClass.PERMANENT


@dataclass(frozen=True)
class Rule:
    """A class for the errors whose ``family.NAME`` matches ``code`` in full."""

    error_class: ErrorClass
    code: str
    lost: Scope | None = None
    refresh: bool = False
    restart: bool = False
    cause: Cause | None = None


# The first rule that matches decides; a family's rest comes after its exceptions.
RULES: tuple[Rule, ...] = (
    Rule(PERMANENT, r"requestError\.UNSUPPORTED_VERSION", cause=Cause.VERSION_RETIRED),
    Rule(TRANSIENT, r"requestError\.EXPIRED_PAGE_TOKEN", restart=True),
    Rule(TOO_MUCH, r"requestError\.RPC_DEADLINE_TOO_SHORT|internalError\.DEADLINE_EXCEEDED"),
    Rule(PERMISSION, r"quotaError\.ACCESS_PROHIBITED", cause=Cause.ACCESS_LOST),
    Rule(THROTTLE, r"quotaError\.RESOURCE_EXHAUSTED", Scope.PLATFORM),
    Rule(THROTTLE, r"quotaError\..*"),
    Rule(BAD_REQUEST, r"authenticationError\.(CUSTOMER_NOT_FOUND|CLIENT_CUSTOMER_ID_INVALID)", Scope.ACCOUNT),
    Rule(AUTH, r"authenticationError\.OAUTH_TOKEN_(EXPIRED|INVALID)", refresh=True, cause=Cause.LOGIN_DEAD),
    Rule(AUTH, r"authenticationError\..*", cause=Cause.LOGIN_DEAD),
    Rule(
        PERMISSION,
        r"authorizationError\.(DEVELOPER_TOKEN_\w+|CLOUD_PROJECT_\w+|PROJECT_DISABLED|MISSING_TOS)",
        Scope.PLATFORM,
        cause=Cause.APP_RIGHTS,
    ),
    Rule(
        PERMISSION,
        r"authorizationError\.(CUSTOMER_NOT_ENABLED|\w*SUSPENDED\w*|INCOMPLETE_SIGNUP)",
        cause=Cause.ACCOUNT_DISABLED,
    ),
    Rule(PERMISSION, r"authorizationError\..*", cause=Cause.ACCESS_LOST),
    Rule(TRANSIENT, r"internalError\..*"),
    Rule(
        BAD_REQUEST,
        r"queryError\.REQUESTED_METRICS_FOR_MANAGER",
        Scope.ACCOUNT,
        cause=Cause.MANAGER_ACCOUNT,
    ),
    Rule(
        BAD_REQUEST,
        r"requestError\.(INVALID_CUSTOMER_ID|LOGIN_CUSTOMER_ID_PARAMETER_MISSING)|headerError\..*",
        Scope.ACCOUNT,
    ),
    Rule(
        BAD_REQUEST,
        r"requestError\.(DEVELOPER_TOKEN_PARAMETER_MISSING|CLOUD_PROJECT_\w+)",
        Scope.PLATFORM,
        cause=Cause.APP_RIGHTS,
    ),
)
# Names that say nothing: what the error is, the RPC status says.
_NAMELESS = re.compile(r"\w+\.(UNKNOWN|UNSPECIFIED)")
_COMPILED = tuple((re.compile(rule.code), rule) for rule in RULES)

# google.rpc.Code, for errors without a GoogleAdsFailure.
BY_RPC_STATUS: dict[str, ErrorClass] = {
    "UNAUTHENTICATED": AUTH,
    "PERMISSION_DENIED": PERMISSION,
    "RESOURCE_EXHAUSTED": THROTTLE,
    "DEADLINE_EXCEEDED": TOO_MUCH,
    "CANCELLED": TRANSIENT,
    "UNKNOWN": TRANSIENT,
    "ABORTED": TRANSIENT,
    "INTERNAL": TRANSIENT,
    "UNAVAILABLE": TRANSIENT,
    "DATA_LOSS": TRANSIENT,
    "INVALID_ARGUMENT": BAD_REQUEST,
    "NOT_FOUND": BAD_REQUEST,
    "ALREADY_EXISTS": BAD_REQUEST,
    "FAILED_PRECONDITION": BAD_REQUEST,
    "OUT_OF_RANGE": BAD_REQUEST,
    "UNIMPLEMENTED": BAD_REQUEST,
}

# RFC 6749 5.2: at the token endpoint ``error`` is a string.
BY_OAUTH_ERROR: dict[str, ErrorClass] = {
    "temporarily_unavailable": TRANSIENT,
    "server_error": TRANSIENT,
    "internal_failure": TRANSIENT,
    "rate_limit_exceeded": THROTTLE,
    "slow_down": THROTTLE,
    "invalid_request": BAD_REQUEST,
    "unsupported_grant_type": BAD_REQUEST,
}


def rule_of(code: str) -> Rule | None:
    """Return the rule about the ``family.NAME`` ``code``, or None."""
    if _NAMELESS.fullmatch(code):
        return None
    return next((rule for pattern, rule in _COMPILED if pattern.fullmatch(code)), None)


def by_status(status: int) -> ErrorClass:
    """Return the class of an answer of which only the HTTP status is known."""
    if status == 404:
        return PERMANENT  # what is not even JSON was not the API: a retired version answers with a page
    by_status = {
        401: AUTH,
        403: PERMISSION,
        408: TRANSIENT,
        409: TRANSIENT,
        429: THROTTLE,
        499: TRANSIENT,
    }
    return by_status.get(status, BAD_REQUEST if 400 <= status < 500 else TRANSIENT)
