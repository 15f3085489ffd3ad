"""The paths of the Meta Marketing API: what each is about, who may ask, and who answers."""

import re

from sandbox import credentials
from sandbox.data.calendar import today
from sandbox.faults.spoil import Spoil
from sandbox.http import Answer, Ask
from sandbox.meta import answers, errors, query, throttle
from sandbox.meta.call import Call, Route
from sandbox.state import Sandbox
from sandbox.target import Target, target

VERSIONS = ("v25.0", "v26.0")
_PATH = re.compile(r"^/(?P<version>v\d+\.\d+)(?:/(?P<node>[^/]+))?(?:/(?P<edge>[^/]+))?/?$")


def route(ask: Ask) -> Route | None:
    """Return the parts of Meta's path, or None when the path is not Meta's."""
    if ask.path == "/debug_token":
        return Route(VERSIONS[-1], "debug_token", "")
    found = _PATH.match(ask.path)
    return Route(found["version"], found["node"] or "", found["edge"] or "") if found else None


def identify(sandbox: Sandbox, ask: Ask, path: Route) -> Target:
    """Return what a request is about; a request that makes no sense is about ``other``."""
    if path.node == "debug_token":
        return target("meta", "token")
    if path.node == "me":
        return target("meta", "accounts")
    report = sandbox.reports.find(path.node)
    if report and path.edge != "insights":
        return target("meta", "async", account=report.account_id)
    account_id = report.account_id if report else path.account_id
    if path.edge == "insights":
        run = {"async"} if report or ask.method == "POST" else set()
        return _about_insights(sandbox, report.params if report else ask.params, account_id, run)
    if path.edge == answers.CUSTOM_CONVERSIONS:
        return target("meta", "conversion_actions", account=account_id)
    if path.edge in answers.EDGES:
        return target("meta", "campaigns", account=account_id)
    return target("meta", "account" if account_id else "other", account=account_id)


def _about_insights(sandbox: Sandbox, params: dict[str, str], account_id: str, kinds: set[str]) -> Target:
    account = sandbox.registry.find("meta", account_id)
    window = None
    if account:
        try:
            asked = query.read(params, today(account.timezone, sandbox.clock.now()), account.kept_days)
        except errors.MetaError:
            return target("meta", "other", account=account_id)
        window = (asked.first, asked.last)
    if params.get("level", "account") == "account":
        kinds = kinds | {"control_totals"}
    else:
        fields = params.get("fields", "spend")
        kinds = kinds | ({"conversions"} if "action" in fields else set())
        kinds = kinds | ({"delivery"} if re.search("spend|impressions|clicks", fields) else set())
    return target("meta", *kinds, account=account_id, window=window)


def respond(sandbox: Sandbox, ask: Ask, path: Route, spoil: Spoil) -> Answer:
    """Return the answer to a request, always with usage headers."""
    try:
        _check(sandbox, ask, path)
        answer = answers.answer(Call(sandbox, ask, path, spoil))
    except errors.MetaError as problem:
        answer = problem.answer()
    answer.headers = throttle.headers(path.account_id, path.version) | answer.headers
    return answer


def _check(sandbox: Sandbox, ask: Ask, path: Route) -> None:
    newest = float(VERSIONS[-1].removeprefix("v"))
    if float(path.version.removeprefix("v")) > newest:
        raise errors.unknown_path(f"/{path.version}")
    if path.version not in VERSIONS and not sandbox.any_version:
        raise errors.deprecated_version()
    given = ask.params.get("access_token") or ask.bearer
    if given != credentials.META_TOKEN:
        raise errors.bad_token()
    proof = ask.params.get("appsecret_proof")
    if proof is not None and proof != credentials.appsecret_proof(given):
        raise errors.bad_proof()
