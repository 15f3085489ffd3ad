"""The paths of the Google Ads API: what each is about, and its answer."""

import base64
import re
from dataclasses import dataclass

from sandbox import credentials
from sandbox.data import seeds
from sandbox.data.calendar import today
from sandbox.faults.spoil import Spoil
from sandbox.google import errors, fields, gaql, oauth, search
from sandbox.google.errors import GoogleError
from sandbox.google.fields import Customer
from sandbox.google.window import window
from sandbox.http import Answer, Ask
from sandbox.state import Sandbox
from sandbox.target import Target, target

VERSIONS = ("v23", "v24", "v25", "v26")
SUNSET = ("v20", "v21", "v22")
PAGE = 10_000
_PATH = re.compile(
    r"^/(?P<version>v\d+)/customers(?:/(?P<customer>[^/:]+)/googleAds)?:(?P<call>search|searchStream|listAccessibleCustomers)$"
)


@dataclass(frozen=True)
class Route:
    """The parts of a path; ``call`` is empty for an unknown path."""

    call: str = ""
    version: str = ""
    customer: str = ""


def route(ask: Ask) -> Route:
    """Return the parts of a path."""
    if ask.path in ("/token", "/oauth2/v4/token"):
        return Route("token")
    found = _PATH.match(ask.path)
    return Route(found["call"], found["version"], found["customer"] or "") if found else Route()


def identify(sandbox: Sandbox, ask: Ask, path: Route) -> Target:
    """Return what a request is about."""
    if path.call == "token":
        return target("google", "token")
    if path.call == "listAccessibleCustomers":
        return target("google", "accounts")
    try:
        statement = gaql.parse(str(ask.json().get("query", "")))
        fields.checked(statement)
    except (GoogleError, ValueError):
        return target("google", "other", account=path.customer)
    if statement.resource == "customer_client":
        return target("google", "accounts", account=path.customer)
    if statement.resource == "conversion_action":
        return target("google", "conversion_actions", account=path.customer)
    if not any(field.startswith("metrics.") for field in statement.fields):
        kind = "account" if statement.resource == "customer" else "campaigns"
        return target("google", kind, account=path.customer)
    kind = "delivery"
    if any(field in fields.ACTION_SEGMENTS for field in statement.fields):
        kind = "conversions"
    elif statement.resource == "customer":
        kind = "control_totals"
    account = sandbox.registry.find("google", path.customer)
    days = None
    if account:
        try:
            asked = window(statement, today(account.timezone, sandbox.clock.now()), account.kept_days)
            days = (asked.first, asked.last)
        except GoogleError:
            days = None
    return target("google", kind, account=path.customer, window=days)


def respond(sandbox: Sandbox, ask: Ask, path: Route, spoil: Spoil) -> Answer:
    """Return the answer to a request."""
    if path.call == "token":
        return oauth.respond(sandbox.tokens, ask)
    known = path.version in VERSIONS or (sandbox.any_version and bool(path.version))
    if not path.call or not (known or path.version in SUNSET):
        page = errors.NOT_FOUND_PAGE.format(path=ask.path)
        return Answer(404, page, content_type="text/html; charset=UTF-8")
    request_id = base64.urlsafe_b64encode(seeds.number(ask.path, ask.body).to_bytes(16, "little")).decode()[
        :22
    ]
    try:
        if not known:
            raise errors.old_version(path.version)
        _authenticated(sandbox, ask)
        answer = (
            _accessible(sandbox)
            if path.call == "listAccessibleCustomers"
            else _search(sandbox, ask, path, request_id, spoil)
        )
    except GoogleError as problem:
        answer = problem.answer(path.version, request_id, path.call == "searchStream")
    answer.headers = {"request-id": request_id} | answer.headers
    return answer


def _authenticated(sandbox: Sandbox, ask: Ask) -> None:
    state = sandbox.tokens.state(ask.bearer)
    if state == "expired":
        raise errors.expired_token()
    if state != "valid":
        raise errors.invalid_token()


def _accessible(sandbox: Sandbox) -> Answer:
    direct = [account.account_id for account in sandbox.registry.of("google") if account.direct]
    ids = [credentials.GOOGLE_MANAGER, *direct]
    return Answer(payload={"resourceNames": [f"customers/{customer}" for customer in ids]})


def _caller(sandbox: Sandbox, ask: Ask, customer_id: str, spoil: Spoil) -> search.Caller:
    """Return the customer of the path, when the caller may read it; raises GoogleError."""
    if not customer_id.isdigit() or len(customer_id) != 10:
        raise errors.customer_not_an_id(customer_id)
    login = ask.headers.get("login-customer-id", "")
    if login and not login.isdigit():
        raise errors.login_not_an_id()
    if customer_id == credentials.GOOGLE_MANAGER:
        manager = Customer(customer_id, "Example Agency", "PLN", "Europe/Warsaw", manager=True)
        below = tuple(Customer.of(spoil.account(account), 1) for account in sandbox.registry.of("google"))
        return search.Caller(manager, None, (manager, *below))
    account = sandbox.registry.find("google", customer_id)
    if account is None:
        raise errors.no_access()
    if login not in (credentials.GOOGLE_MANAGER, customer_id if account.direct else "-"):
        if login:
            raise errors.bad_login()
        if not account.direct:
            raise errors.no_access()
    customer = Customer.of(spoil.account(account))
    return search.Caller(customer, account, (customer,))


def _search(sandbox: Sandbox, ask: Ask, path: Route, request_id: str, spoil: Spoil) -> Answer:
    caller = _caller(sandbox, ask, path.customer, spoil)
    try:
        body = ask.json()
    except ValueError:
        raise GoogleError("requestError", "UNKNOWN", "Invalid JSON payload received.") from None
    if "pageSize" in body or "page_size" in body:
        raise errors.page_size()
    text = str(body.get("query", ""))
    statement = gaql.parse(text)
    found = search.rows(sandbox, caller, statement, spoil)
    common = {"fieldMask": fields.mask(statement.fields), "requestId": request_id}
    spent = {"queryResourceConsumption": str(1 + len(found) // 100)}
    if path.call == "searchStream":
        batches = [{"results": found[begin : begin + PAGE], **common} for begin in range(0, len(found), PAGE)]
        if batches:
            batches[-1] |= spent
        return Answer(payload=batches)
    begin = _place(str(body.get("pageToken") or ""), text)
    page: dict[str, object] = {"results": found[begin : begin + PAGE]} if found[begin : begin + PAGE] else {}
    if begin + PAGE < len(found):
        page["nextPageToken"] = _token(begin + PAGE, text)
    if found:
        page["totalResultsCount"] = str(len(found))
    return Answer(payload={**page, **common, **spent})


def _token(place: int, query: str) -> str:
    return base64.urlsafe_b64encode(f"{place}:{seeds.number(query)}".encode()).decode()


def _place(token: str, query: str) -> int:
    if not token:
        return 0
    try:
        place, _, mark = base64.urlsafe_b64decode(token).decode().partition(":")
        if int(mark) == seeds.number(query):
            return int(place)
    except ValueError:
        pass
    raise errors.bad_page_token()
