"""What Google's credentials reach: the manager accounts, the accounts below them, and their actions."""

from calendar import monthrange
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from ingest import spelling
from ingest.access import ReachedAccount, SeenAction, TokenFacts
from ingest.client.errors import AnswerError, ErrorClass, RequestError
from ingest.client.http import Request
from ingest.google import source as google
from ingest.platform_api import Row

BELOW_QUERY = (
    "SELECT customer_client.id, customer_client.descriptive_name, customer_client.currency_code,"
    " customer_client.time_zone, customer_client.manager, customer_client.status FROM customer_client"
)
TRACKING_QUERY = "SELECT customer.conversion_tracking_setting.conversion_tracking_status FROM customer"
ACTIONS_QUERY = (
    "SELECT conversion_action.id, conversion_action.name, conversion_action.category,"
    " conversion_action.status, conversion_action.primary_for_goal FROM conversion_action"
)
COUNTS_QUERY = (
    "SELECT segments.conversion_action, segments.conversion_action_name,"
    " segments.conversion_action_category, metrics.conversions, metrics.conversions_value,"
    " metrics.all_conversions FROM customer WHERE segments.date BETWEEN '{since}' AND '{until}'"
)
DELIVERY_QUERY = (
    "SELECT segments.{segment}, metrics.cost_micros, metrics.impressions, metrics.clicks FROM customer"
    " WHERE segments.date BETWEEN '{since}' AND '{until}'"
)


@dataclass
class Access(google.Source):
    """Google Ads, asked about the credentials."""

    notes: list[str] = field(default_factory=list)
    _via: dict[str, str] = field(default_factory=dict)

    async def accounts(self) -> list[ReachedAccount]:
        """Return the accounts below every account that the login opens, the configured manager first."""
        manager = self.caller.settings.credentials.get("login_customer_id", "").replace("-", "")
        roots = list(dict.fromkeys([*([manager] if manager else []), *await self._roots()]))
        found: dict[str, ReachedAccount] = {}
        failed: list[AnswerError] = []
        for root in roots:
            self._via[root] = root
            try:
                rows = await self._search("accounts", root, BELOW_QUERY)
            except AnswerError as problem:
                # An account that was closed stays in the list of those that the login opens.
                failed.append(problem)
                self.notes.append(f"below {root} nothing could be listed: {problem.failure.message}")
                continue
            for row in rows:
                account = _account(row.get("customerClient", {}), "" if len(rows) == 1 else root)
                if account.account_id not in found:
                    found[account.account_id] = account
                    self._via[account.account_id] = root
        if failed and not found:
            raise failed[0]
        return list(found.values())

    async def one(self, account_id: str) -> ReachedAccount:
        """Return the customer ``account_id``, through the configured manager if there is one."""
        rows = await self._search("account", account_id, google.ACCOUNT_QUERY)
        manager = self.caller.settings.credentials.get("login_customer_id", "").replace("-", "")
        return _account({"id": account_id, **(rows[0].get("customer", {}) if rows else {})}, manager)

    async def actions(self, account_id: str, since: date, until: date) -> list[SeenAction]:
        """Return the enabled actions, and all that were counted; those with the most conversions first."""
        counted: dict[str, Row] = {}
        for row in await self._search("actions", account_id, COUNTS_QUERY.format(since=since, until=until)):
            segments = row.get("segments", {})
            counted[str(segments.get("conversionAction", "")).rpartition("/")[2]] = row
        listed = {
            str(row["conversionAction"]["id"]): row["conversionAction"]
            for row in await self._search("actions", account_id, ACTIONS_QUERY)
            if row.get("conversionAction", {}).get("id")
        }
        enabled = {key for key, action in listed.items() if action.get("status", "ENABLED") == "ENABLED"}
        seen = [
            _action(key, listed.get(key, {}), counted.get(key, {})) for key in sorted(enabled | set(counted))
        ]
        return sorted(seen, key=lambda action: (-action.conversions, -(action.all_conversions or 0)))

    async def delivering(
        self, account_id: str, since: date, until: date, *, monthly: bool
    ) -> list[tuple[date, date]]:
        """Return the months or days of the customer that have any delivery."""
        segment = "month" if monthly else "date"
        query = DELIVERY_QUERY.format(segment=segment, since=since, until=until)
        days = [
            date.fromisoformat(row["segments"][segment])
            for row in await self._search("delivery", account_id, query)
            if any(_number(value) for value in row.get("metrics", {}).values())
        ]
        return [(day, _end_of_month(day) if monthly else day) for day in days]

    async def tracking(self, account_id: str) -> bool | None:
        """Return whether Google says that conversions are tracked, by the account or by its manager."""
        rows = await self._search("account", account_id, TRACKING_QUERY)
        setting = rows[0].get("customer", {}).get("conversionTrackingSetting", {}) if rows else {}
        status = setting.get("conversionTrackingStatus")
        return None if status is None else status != "NOT_CONVERSION_TRACKED"

    async def token(self) -> TokenFacts:
        """Return whether the refresh token still brings an access token; Google does not say for how long."""
        try:
            await self._tokens.get()
        except RequestError as problem:
            if problem.failure.error_class is ErrorClass.AUTH:
                return TokenFacts(valid=False, problem=problem.failure.message)
            raise AnswerError("token", problem.failure) from None
        return TokenFacts(valid=True)

    async def _roots(self) -> list[str]:
        """Return the ids of the customers that the login itself opens."""
        try:
            token = await self._tokens.get()
            settings = self.caller.settings
            request = replace(
                self._request("accounts", "", {}, token),
                method="GET",
                url=f"{settings.base_url}/{settings.api_version}/customers:listAccessibleCustomers",
                shape=is_list,
                json=None,
            )
            body = await self.caller.ask(request, refreshed=True)
        except RequestError as problem:
            raise AnswerError("accounts", problem.failure) from None
        return [name.rpartition("/")[2] for name in body.get("resourceNames", [])]

    def _request(self, answer: str, account_id: str, body: dict[str, Any], token: str) -> Request:
        """Return the request, sent through the account under which ``account_id`` was found."""
        request = super()._request(answer, account_id, body, token)
        via = self._via.get(account_id)
        return replace(request, headers={**request.headers, "login-customer-id": via}) if via else request


def is_list(body: Any) -> str | None:
    """Say what is wrong with an answer that is to list the accessible customers, if something is."""
    names = body.get("resourceNames", []) if isinstance(body, dict) else None
    return None if isinstance(names, list) and all(isinstance(n, str) for n in names) else "it is no list"


def _account(row: Row, via: str) -> ReachedAccount:
    return ReachedAccount(
        platform="google",
        account_id=str(row.get("id", "")),
        name=str(row.get("descriptiveName") or ""),
        currency=spelling.currency(str(row.get("currencyCode") or "")) or "",
        timezone=spelling.zone(str(row.get("timeZone") or "")) or "",
        closed=google.CLOSED.get(str(row.get("status")), ""),
        manager=bool(row.get("manager", False)),
        via=via,
    )


def _action(action_id: str, listed: Row, counted: Row) -> SeenAction:
    segments, metrics = counted.get("segments", {}), counted.get("metrics", {})
    value = _number(metrics.get("conversionsValue", 0))
    return SeenAction(
        name=str(listed.get("name") or segments.get("conversionActionName") or action_id),
        conversions=_number(metrics.get("conversions", 0)),
        value=value or None,
        action_id=action_id,
        category=str(listed.get("category") or segments.get("conversionActionCategory") or ""),
        primary=bool(listed["primaryForGoal"]) if "primaryForGoal" in listed else None,
        all_conversions=_number(metrics.get("allConversions", 0)),
    )


def _end_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _number(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is no number") from None
