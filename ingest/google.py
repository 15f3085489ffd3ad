"""Google Ads: GAQL over ``googleAds:search`` (reference: the REST interface, v26)."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from dlt.common.configuration import configspec
from dlt.common.typing import TSecretStrValue

from ingest import google_errors
from ingest.answers import AccountFacts, CampaignFacts, DayAnswers, Row, WindowAnswers, refuse_twice, refused
from ingest.caller import EFFORT, Caller, Effort
from ingest.errors import AnswerFailed, ErrorClass, RequestFailed, Scope
from ingest.http import Request
from ingest.measures import MICROS, Measured, conversions, count, money
from ingest.source_spec import AdSource

failure_in = google_errors.failure_in

OAUTH_ADDRESS = "https://oauth2.googleapis.com/token"
# A token is renewed when it has less than this left: longer than any one request takes.
TOKEN_MARGIN_SECONDS = 120.0

_CONVERSION_METRICS = (
    "metrics.conversions, metrics.conversions_value, metrics.all_conversions, metrics.all_conversions_value"
)
_METRICS = f"metrics.impressions, metrics.clicks, metrics.cost_micros, {_CONVERSION_METRICS}"
ACCOUNT = (
    "SELECT customer.id, customer.descriptive_name, customer.currency_code, customer.time_zone, customer.status,"
    " customer.manager FROM customer"
)
# What of it a day cannot do without; a version of the API that lacks the rest costs a name, not the account.
ACCOUNT_ESSENTIALS = "SELECT customer.id, customer.currency_code, customer.time_zone FROM customer"
CAMPAIGNS = (
    "SELECT campaign.id, campaign.name, campaign.status, campaign.advertising_channel_type FROM campaign"
)
DELIVERY = (
    "SELECT customer.id, customer.currency_code, customer.time_zone, campaign.id, campaign.name, campaign.status,"
    f" campaign.advertising_channel_type, segments.date, {_METRICS} FROM campaign"
    " WHERE segments.date BETWEEN '{since}' AND '{until}' ORDER BY segments.date"
)
# Cost and clicks cannot be selected together with the conversion action: two queries, two tables.
CONVERSIONS = (
    "SELECT campaign.id, segments.date, segments.conversion_action, segments.conversion_action_name,"
    f" segments.conversion_action_category, {_CONVERSION_METRICS} FROM campaign"
    " WHERE segments.date BETWEEN '{since}' AND '{until}'"
)
CONTROL_TOTALS = (
    f"SELECT customer.id, segments.date, {_METRICS} FROM customer"
    " WHERE segments.date BETWEEN '{since}' AND '{until}'"
)


_MEASURES = {
    "costMicros": money("cost", units=MICROS),
    "impressions": count("impressions"),
    "clicks": count("clicks"),
    "conversions": conversions("conversions"),
    "conversionsValue": money("conversions value"),
    "allConversions": conversions("all conversions"),
    "allConversionsValue": money("all conversions value"),
}
_ACTION_MEASURES = {
    "conversions": conversions("conversions by action"),
    "conversionsValue": money("conversions value by action"),
    "allConversions": conversions("all conversions by action"),
    "allConversionsValue": money("all conversions value by action"),
}


@configspec
class Settings(AdSource):
    """``sources.google_ads``."""

    base_url: str = "https://googleads.googleapis.com"
    token_url: str = OAUTH_ADDRESS
    api_version: str = "v26"
    lookback_days: int = 35
    client_id: TSecretStrValue | None = None
    client_secret: TSecretStrValue | None = None
    refresh_token: TSecretStrValue | None = None
    developer_token: TSecretStrValue | None = None
    login_customer_id: TSecretStrValue | None = None

    SECRETS: ClassVar[tuple[str, ...]] = (
        "client_id",
        "client_secret",
        "refresh_token",
        "developer_token",
        "login_customer_id",
    )


def _is_result(body: Any) -> str | None:
    if not isinstance(body, dict):
        return "it is no object"
    rows = body.get("results", [])  # protojson leaves an empty list out
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return "'results' is no list of objects"
    return None


def _is_token(body: Any) -> str | None:
    token = body.get("access_token") if isinstance(body, dict) else None
    return None if isinstance(token, str) and token else "it has no access_token"


@dataclass
class Tokens:
    """The access token, renewed once for everybody who waits for it, before it expires or when it is refused."""

    caller: Caller
    _token: str = field(default="", repr=False)
    _expires: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, refused_token: str = "") -> str:
        """Return a token that is not ``refused_token`` and is good for the next request."""
        async with self._lock:
            if not self._token or self._token == refused_token or time.monotonic() > self._expires:
                await self._renew()
            return self._token

    async def _renew(self) -> None:
        settings = self.caller.settings
        request = Request(
            "POST",
            settings.token_url,
            asked="token",
            shape=_is_token,
            form={
                "grant_type": "refresh_token",
                "client_id": settings.credentials["client_id"],
                "client_secret": settings.credentials["client_secret"],
                "refresh_token": settings.credentials["refresh_token"],
            },
        )
        body = await self.caller.ask(request, refreshed=True)
        lifetime = body.get("expires_in", 3600)
        lifetime = (
            float(lifetime) if isinstance(lifetime, int | float | str) and str(lifetime).isdigit() else 3600.0
        )
        self._token = body["access_token"]
        self._expires = time.monotonic() + lifetime - min(TOKEN_MARGIN_SECONDS, lifetime / 2)


@dataclass
class Source:
    """Google Ads, asked through ``caller``."""

    caller: Caller
    fields: ClassVar[str] = DELIVERY.removeprefix("SELECT ").partition(" FROM ")[0].replace(" ", "")
    left_out: ClassVar[frozenset[str]] = frozenset()

    def __post_init__(self) -> None:
        self._tokens = Tokens(self.caller)

    async def account(self, account_id: str) -> AccountFacts:
        """Return what Google says of the customer."""
        try:
            rows = await self._search("account", account_id, ACCOUNT)
        except AnswerFailed as problem:
            if (
                problem.failure.error_class is not ErrorClass.BAD_REQUEST
                or problem.failure.lost is not Scope.WINDOW
            ):
                raise
            rows = await self._search("account", account_id, ACCOUNT_ESSENTIALS)
        customer = rows[0].get("customer", {}) if rows else {}
        if str(customer.get("id", account_id)) != account_id:
            raise refused("account", f"it is about customer {customer.get('id')!r}")
        return AccountFacts(
            account_id=account_id,
            name=customer.get("descriptiveName"),
            currency=customer.get("currencyCode"),
            timezone=customer.get("timeZone"),
            status=customer.get("status"),
            manager=bool(customer.get("manager", False)),
        )

    async def campaigns(self, account_id: str) -> list[CampaignFacts]:
        """Return all campaigns of the customer, removed ones included."""
        rows = await self._search("campaigns", account_id, CAMPAIGNS)
        return [_campaign(row["campaign"]) for row in rows if row.get("campaign", {}).get("id")]

    async def window(self, account_id: str, since: date, until: date, *, everything: bool) -> WindowAnswers:
        """Return delivery, conversions by action, and the customer's own totals; removed campaigns always report."""
        del everything
        answers = WindowAnswers.over(since, until)
        between = {"since": since.isoformat(), "until": until.isoformat()}
        delivery = await self._search("delivery", account_id, DELIVERY.format(**between))
        _take_delivery(answers, account_id, delivery)
        conversions = await self._search("conversions", account_id, CONVERSIONS.format(**between))
        _take_conversions(answers, conversions)
        totals = await self._search("control_totals", account_id, CONTROL_TOTALS.format(**between))
        _take_totals(answers, account_id, totals)
        return answers

    def measure(self, measured: Measured, day: date, answers: DayAnswers) -> None:
        """Add the campaigns' measures, what the conversion actions add up to, and the customer's own."""
        totals = [row["metrics"] for row in answers.control_totals]
        for measures, rows in ((_MEASURES, answers.delivery), (_ACTION_MEASURES, answers.conversions)):
            metrics = [row["metrics"] for row in rows]
            for key, measure in measures.items():
                measured.add(day, 1, measure, [one.get(key) for one in metrics])
                measured.add(day, -1, measure, [one.get(key) for one in totals])

    async def _search(self, answer: str, account_id: str, query: str) -> list[Row]:
        """Return all rows of ``query``; a page token that expired begins the query anew."""
        try:
            for last in (False, True):
                try:
                    return await self._pages(answer, account_id, query)
                except RequestFailed as problem:
                    if last or not problem.failure.restart:
                        raise
        except RequestFailed as problem:
            raise AnswerFailed(answer, problem.failure) from None
        raise AssertionError("the second time returns or raises")

    async def _pages(self, answer: str, account_id: str, query: str) -> list[Row]:
        rows: list[Row] = []
        tokens: set[str] = set()
        body: dict[str, Any] = {"query": query}
        while True:
            page = await self._ask(answer, account_id, body)
            EFFORT.get(Effort()).pages += 1
            rows += page.get("results", [])
            token = page.get("nextPageToken")
            if not token:
                break
            if token in tokens:
                raise refused(answer, "its paging goes round in a circle")
            tokens.add(token)
            body = {"query": query, "pageToken": token}
        total = page.get("totalResultsCount")
        if total is not None and str(total) != str(len(rows)):
            raise refused(answer, f"{len(rows)} rows came of {total} that it announced")
        return rows

    async def _ask(self, answer: str, account_id: str, body: dict[str, Any]) -> Any:
        """Ask once, and once more with a new access token if the platform refuses the one we have."""
        token = await self._tokens.get()
        try:
            return await self.caller.ask(self._request(answer, account_id, body, token))
        except RequestFailed as problem:
            if not problem.failure.refresh:
                raise
        token = await self._tokens.get(refused_token=token)
        return await self.caller.ask(self._request(answer, account_id, body, token), refreshed=True)

    def _request(self, answer: str, account_id: str, body: dict[str, Any], token: str) -> Request:
        settings = self.caller.settings
        headers = {"Authorization": f"Bearer {token}"}
        if developer_token := settings.credentials.get("developer_token"):
            headers["developer-token"] = developer_token
        if manager := settings.credentials.get("login_customer_id"):
            headers["login-customer-id"] = manager.replace("-", "")
        return Request(
            "POST",
            f"{settings.base_url}/{settings.api_version}/customers/{account_id}/googleAds:search",
            asked=answer,
            shape=_is_result,
            headers=headers,
            json=body,
        )


def _campaign(campaign: Row) -> CampaignFacts:
    return CampaignFacts(
        str(campaign["id"]),
        campaign.get("name"),
        campaign.get("status"),
        campaign.get("advertisingChannelType"),
    )


def _take_delivery(answers: WindowAnswers, account_id: str, rows: list[Row]) -> None:
    for row in rows:
        if str(row.get("customer", {}).get("id", account_id)) != account_id:
            raise refused("delivery", "a row is about another customer")
        campaign = row["campaign"]
        campaign_id = campaign["id"]
        if campaign_id not in answers.campaigns:
            answers.campaigns[campaign_id] = _campaign(campaign)
        answers.day("delivery", row["segments"].get("date")).delivery.append(
            {"campaign": {"id": campaign_id}, "metrics": row.get("metrics", {})}
        )
    for day in answers.days.values():
        day.delivery.sort(key=_campaign_of)
        refuse_twice("delivery", day.delivery, _campaign_of)


def _take_conversions(answers: WindowAnswers, rows: list[Row]) -> None:
    for row in rows:
        segments = row["segments"]
        answers.day("conversions", segments.pop("date", None)).conversions.append(
            {
                "campaign": {"id": row["campaign"]["id"]},
                "segments": segments,
                "metrics": row.get("metrics", {}),
            }
        )
    for day in answers.days.values():
        day.conversions.sort(key=_action_of)
        refuse_twice("conversions", day.conversions, _action_of)


def _take_totals(answers: WindowAnswers, account_id: str, rows: list[Row]) -> None:
    for row in rows:
        if str(row.get("customer", {}).get("id", account_id)) != account_id:
            raise refused("control_totals", "a row is about another customer")
        day = answers.day("control_totals", row["segments"].get("date"))
        if day.control_totals:
            raise refused("control_totals", "a day came twice")
        day.control_totals.append({"metrics": row.get("metrics", {})})


def _campaign_of(row: Row) -> str:
    return str(row["campaign"]["id"])


def _action_of(row: Row) -> tuple[str, str]:
    return str(row["campaign"]["id"]), str(row["segments"]["conversionAction"])
