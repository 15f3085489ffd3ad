"""Meta's usage headers, on every answer, errors included."""

from itertools import count

import orjson

_calls = count()


def headers(account_id: str, version: str) -> dict[str, str]:
    """Return the headers that tell how much of the quota is used: the sandbox is never near its limits."""
    used = 1 + next(_calls) % 9
    tier = "standard_access"
    found = {
        "facebook-api-version": version,
        "X-App-Usage": {"call_count": used, "total_time": used // 2, "total_cputime": used // 3},
        "X-FB-Ads-Insights-Throttle": {
            "app_id_util_pct": used / 10,
            "acc_id_util_pct": used / 5,
            "ads_api_access_tier": tier,
        },
    }
    if account_id:
        found["X-Ad-Account-Usage"] = {
            "acc_id_util_pct": used / 3,
            "reset_time_duration": 100,
            "ads_api_access_tier": tier,
        }
        found["X-Business-Use-Case-Usage"] = {
            account_id: [
                {
                    "type": "ads_insights",
                    "call_count": used,
                    "total_cputime": used // 3,
                    "total_time": used // 2,
                    "estimated_time_to_regain_access": 0,
                    "ads_api_access_tier": tier,
                }
            ]
        }
    return {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in found.items()
    }
