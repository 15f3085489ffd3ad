"""Meta's usage headers: on errors too, sometimes absent or malformed, in percent that can pass 100.

Source: Meta's rate limiting guide. They disagree about the unit of time: minutes until access is regained,
seconds until the account's quota starts anew.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from ingest.client.throttle import Usage

_PERCENTS = ("call_count", "total_time", "total_cputime")
_APP, _ACCOUNT = "x-app-usage", "x-ad-account-usage"
_BUSINESS, _INSIGHTS = "x-business-use-case-usage", "x-fb-ads-insights-throttle"


def usage_in(headers: Mapping[str, str]) -> Usage:
    """Return what the headers of one answer say; what cannot be read says nothing."""
    app, account = _object(headers, _APP), _object(headers, _ACCOUNT)
    insights, entries = _object(headers, _INSIGHTS), _entries(_object(headers, _BUSINESS))
    platform = [_number(insights, "app_id_util_pct"), *(_number(app, key) for key in _PERCENTS)]
    of_account = [
        _number(insights, "acc_id_util_pct"),
        _number(account, "acc_id_util_pct"),
        *(_number(entry, key) for entry in entries for key in _PERCENTS),
    ]
    return Usage(
        platform=max((share for share in platform if share is not None), default=0.0),
        account=max((share for share in of_account if share is not None), default=0.0),
        told=any(share is not None for share in (*platform, *of_account)),
    )


def wait_seconds(headers: Mapping[str, str]) -> float | None:
    """Return how long an answer that refuses asks to wait, in seconds, or None."""
    entries = _entries(_object(headers, _BUSINESS))
    minutes = [_number(entry, "estimated_time_to_regain_access") or 0.0 for entry in entries]
    seconds = _number(_object(headers, _ACCOUNT), "reset_time_duration") or 0.0
    return max(seconds, 60.0 * max(minutes, default=0.0)) or None


def _object(headers: Mapping[str, str], name: str) -> dict[str, Any]:
    text = headers.get(name)
    if not text:
        return {}
    try:
        found = orjson.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _entries(by_business: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what is said of each use: several per account or business."""
    for listed in by_business.values():
        for entry in listed if isinstance(listed, list) else [listed]:
            if isinstance(entry, dict):
                yield entry


def _number(holder: dict[str, Any], key: str) -> float | None:
    try:
        value = float(holder[key])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return value if math.isfinite(value) and value >= 0 else None
