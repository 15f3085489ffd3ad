"""The control calls: clock, facts, faults, requests and truth; served on loopback only."""

from datetime import date
from typing import Any

import orjson

from sandbox.data.accounts import Account
from sandbox.data.calendar import day_number, day_of
from sandbox.data.google import WHOLE
from sandbox.data.schema import google_actions, meta_actions, rows
from sandbox.data.shape import minor_units
from sandbox.data.world import digits
from sandbox.http import Answer, Ask
from sandbox.state import Sandbox

PREFIX = "/_control/"


def respond(sandbox: Sandbox, ask: Ask) -> Answer:
    """Answer a control call; what cannot be read gets 400 and a sentence."""
    try:
        found = _answer(sandbox, ask.method, ask.path.removeprefix(PREFIX), ask)
    except (ValueError, KeyError, TypeError) as problem:
        return Answer(400, {"error": str(problem)})
    return (
        Answer(404, {"error": f"no control call {ask.method} {ask.path}"})
        if found is None
        else Answer(payload=found)
    )


def _answer(sandbox: Sandbox, method: str, name: str, ask: Ask) -> Any:
    match method, name:
        case "PUT", "clock":
            sandbox.clock.set(ask.json()["now"])
            return {"now": sandbox.clock.iso()}
        case "GET", "clock":
            return {"now": sandbox.clock.iso(), "fixed": sandbox.clock.fixed is not None}
        case "POST", "faults":
            sandbox.faults.add(orjson.loads(ask.body))
            return {"rules": sandbox.faults.summary()}
        case "GET", "faults":
            return {"rules": sandbox.faults.summary()}
        case "DELETE", "faults":
            sandbox.faults.clear()
            return {"rules": []}
        case "PUT", "facts":
            sandbox.facts.put(orjson.loads(ask.body))
            return {"facts": sandbox.facts.summary()}
        case "GET", "facts":
            return {"facts": sandbox.facts.summary()}
        case "DELETE", "facts":
            sandbox.facts.put([])
            return {"facts": []}
        case "GET", "requests":
            return sandbox.log.summary()
        case "DELETE", "requests":
            sandbox.log.clear()
            return sandbox.log.summary()
        case "GET", "accounts":
            told = map(sandbox.registry.view, sandbox.registry.accounts.values())
            return {"accounts": [_described(account) for account in told]}
        case "GET", "truth":
            return _truth(sandbox, ask.params)
    return None


def _described(account: Account) -> dict[str, Any]:
    return {
        "platform": account.platform,
        "account": account.account_id,
        "name": account.name,
        "currency": account.currency,
        "timezone": account.timezone,
        "size": account.size,
        "since": account.since.isoformat(),
        "until": account.until.isoformat() if account.until else None,
    }


def _truth(sandbox: Sandbox, params: dict[str, str]) -> dict[str, Any]:
    """Return the account's own figures per day, as they look now without faults; money as exact text."""
    account = sandbox.registry.find(params["platform"], digits(params["account"]))
    if account is None:
        raise ValueError(f"no {params['platform']} account {params['account']}")
    first, last = (day_number(date.fromisoformat(params[name])) for name in ("from", "to"))
    cube = sandbox.book.cube(account, first, last, sandbox.clock.now())
    total = cube.total()
    days = [
        {"date": day_of(cube.first + index).isoformat(), **_day(account, total[:, index].tolist())}
        for index in range(total.shape[1])
    ]
    return {
        "platform": account.platform,
        "account": account.account_id,
        "currency": account.currency,
        "days": days,
    }


def _day(account: Account, figures: list[int]) -> dict[str, Any]:
    value = dict(zip(rows(account), figures, strict=True))
    minor = minor_units(account.currency)
    day: dict[str, Any] = {
        "spend": _exact(value["spend"], minor),
        "impressions": value["impressions"],
        "clicks": value["clicks"],
    }
    if account.platform == "meta":
        kinds = meta_actions(account)
        day["link_clicks"] = value["link_clicks"]
        day["actions"] = {kind.action_type: value[kind.row] for kind in kinds if value[kind.row]}
        day["action_values"] = {
            kind.action_type: _exact(value[kind.value_row], minor)
            for kind in kinds
            if kind.value_row and value[kind.value_row]
        }
        return day
    found: dict[str, Any] = {}
    for action in google_actions(account):
        if value[f"conversions:{action.action_id}"]:
            # A removed action and its successor have one name.
            name = f"{action.name} ({action.action_id})" if action.name in found else action.name
            found[name] = {
                "id": action.action_id,
                "primary": action.primary,
                "conversions": _exact(value[f"conversions:{action.action_id}"], WHOLE),
                "value": _exact(value[f"value:{action.action_id}"], WHOLE),
            }
    return day | {"actions": found}


def _exact(value: int, unit: int) -> str:
    """Return ``value / unit`` as decimal text; ``unit`` is a power of ten."""
    places = len(str(unit)) - 1
    if not places:
        return str(value)
    sign, value = ("-", -value) if value < 0 else ("", value)
    return f"{sign}{value // unit}.{value % unit:0{places}d}"
