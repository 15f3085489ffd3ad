"""Thirty requests of a hundred fail, each in one of the ways the sandbox knows.

Every failure here is one that passes: what asks for a person (an expired login, a lost permission, a retired
version) stops a collection by design and says nothing about recovering. Nor is an answer here that lies
in all its parts alike, which cannot be told from the truth.
"""

from typing import Any

SHARE = 0.3

Rule = dict[str, Any]
Effect = dict[str, Any]

_PAGE = "<!DOCTYPE html><html><head><title>Sorry</title></head><body>Something went wrong.</body></html>"

_WIRE: dict[str, Effect] = {
    "status 500": {"status": 500},
    "status 503": {"status": 503, "headers": {"Retry-After": "0"}},
    "status 504 without JSON": {"status": 504, "body": "upstream request timeout"},
    "HTML 502": {"status": 502, "body": _PAGE},
    "HTML 200": {"status": 200, "body": _PAGE},
    "connection closed": {"cut": -1},
    "bytes cut": {"cut": 37},
    "JSON cut": {"truncate": 53},
    "empty body": {"truncate": 0},
    "bytes dripping": {"drip": 20},
    "redirect": {"redirect": "https://login.invalid/"},
    "null": {"body": "null"},
    "array": {"body": []},
    "unknown object": {"body": {"unexpected": {"shape": True}}},
}


def _meta(status: int, code: int, message: str, **more: Any) -> Effect:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A0", **more}
    return {"status": status, "body": {"error": error}}


def _google(status: int, rpc: str, family: str = "", name: str = "", **more: Any) -> Effect:
    failure = {
        "@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure",
        "errors": [{"errorCode": {family: name}, "message": name, **more}],
    }
    error = {"code": status, "message": rpc, "status": rpc, "details": [failure] if family else []}
    return {"status": status, "body": {"error": error}}


_SOON = {"details": {"quotaErrorDetails": {"rateScope": "DEVELOPER", "retryDelay": "0.05s"}}}
_META: dict[str, Effect] = {
    "error 1": _meta(500, 1, "An unknown error occurred"),
    "error 2": _meta(503, 2, "An unexpected error has occurred", is_transient=True),
    "error 2 on a 200": _meta(200, 2, "Service temporarily unavailable", is_transient=True),
    "error without a code": {"status": 500, "body": {"error": "sorry"}},
    "throttle 4": _meta(403, 4, "(#4) Application request limit reached"),
    "throttle 17": _meta(400, 17, "User request limit reached", error_subcode=2446079, is_transient=False),
    "throttle 80000": _meta(400, 80000, "There have been too many calls to this ad-account."),
    "too much data": _meta(500, 1, "Please reduce the amount of data you're asking for, then retry"),
}
_GOOGLE: dict[str, Effect] = {
    "UNAVAILABLE": _google(503, "UNAVAILABLE"),
    "INTERNAL": _google(500, "INTERNAL", "internalError", "INTERNAL_ERROR"),
    "UNAVAILABLE in an array on a 200": {"body": [{"error": {"code": 503, "status": "UNAVAILABLE"}}]},
    "DEADLINE_EXCEEDED": _google(504, "DEADLINE_EXCEEDED"),
    "throttle": _google(429, "RESOURCE_EXHAUSTED", "quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED", **_SOON),
    "token expired": _google(401, "UNAUTHENTICATED", "authenticationError", "OAUTH_TOKEN_EXPIRED"),
}

# Answers that look good. Rows that vanish or come twice do so in one of a day's answers at a time.
_ANSWERS: dict[str, Effect] = {
    "empty page": {"empty": True},
    "next page dropped": {"drop_next": True},
    "page repeated": {"repeat_page": True},
    "rows cut off": {"cut_page": 3},
    "rows missing": {"drop_rows": 0.3},
    "rows twice": {"duplicate": 0.3},
}
_ROWS: dict[str, dict[str, Effect]] = {
    "meta": {"actions missing": {"drop_keys": ["actions"]}, "comma in spend": {"set": {"spend": "12,34"}}},
    "google": {
        "conversions missing": {"drop_keys": ["metrics.conversions"]},
        "comma in cost": {"set": {"metrics.costMicros": "12,34"}},
    },
}


def rules(seed: int) -> list[Rule]:
    """Return the sandbox's fault rules: every request of a platform meets as many, each as likely."""
    own = {"meta": _META, "google": _GOOGLE}
    found = []
    for platform, errors in own.items():
        effects = _WIRE | errors | _ANSWERS | _ROWS[platform]
        each = 1 - (1 - SHARE) ** (1 / len(effects))
        found += [
            {
                "name": f"{platform}: {name}",
                "match": {"platform": platform},
                "times": {"probability": each, "seed": seed},
                "effect": effect,
            }
            for name, effect in effects.items()
        ]
    return found
