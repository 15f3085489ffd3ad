"""Google Ads: GAQL over ``googleAds:search`` (reference: the REST interface, v26)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, ClassVar

from dlt.common.configuration import configspec
from dlt.common.typing import TSecretStrValue

from ingest.client.caller import EFFORT, Caller, Effort
from ingest.client.errors import (
    AnswerError,
    ErrorClass,
    RequestError,
    Scope,
)
from ingest.client.http import Request
from ingest.client.paging import SeenPages
from ingest.client.source_spec import AdSource
from ingest.google import errors as google_errors
from ingest.google.rows import (
    CONVERTED,
    DELIVERED,
    MEASURES,
    campaign_of,
    refuse_unknown_campaigns,
    take_conversions,
    take_delivery,
    take_totals,
)
from ingest.google.tokens import Tokens
from ingest.platform_api import (
    CONVERSION_ACTIONS,
    AccountFacts,
    ActionFacts,
    Allowance,
    CampaignFacts,
    Row,
    WindowAnswers,
    refused,
)

failure_in = google_errors.failure_in

OAUTH_ADDRESS = "https://oauth2.googleapis.com/token"

ACCOUNT_QUERY = (
    "SELECT customer.id, customer.descriptive_name, customer.currency_code, customer.time_zone,"
    " customer.status, customer.manager FROM customer"
)
# What of it a day cannot do without; a version of the API that lacks the rest costs a name, not the account.
ACCOUNT_ESSENTIALS_QUERY = "SELECT customer.id, customer.currency_code, customer.time_zone FROM customer"
# The statuses of a customer from which nothing is delivered.
CLOSED = {"CANCELED": "cancelled", "CLOSED": "closed", "SUSPENDED": "suspended"}
CAMPAIGNS_QUERY = (
    "SELECT campaign.id, campaign.name, campaign.status, campaign.advertising_channel_type FROM campaign"
)
ACTIONS_QUERY = (
    "SELECT conversion_action.id, conversion_action.name, conversion_action.status,"
    " conversion_action.primary_for_goal, conversion_action.click_through_lookback_window_days,"
    " conversion_action.view_through_lookback_window_days FROM conversion_action"
)
# What a version of the API still tells that lacks one of the fields, and says so.
ACTION_NAMES_QUERY = "SELECT conversion_action.id, conversion_action.name FROM conversion_action"
UNKNOWN_FIELD = "UNRECOGNIZED_FIELD"
DELIVERY_FIELDS = (
    "customer.id",
    "customer.currency_code",
    "customer.time_zone",
    "campaign.id",
    "campaign.name",
    "campaign.status",
    "campaign.advertising_channel_type",
    "segments.date",
    *DELIVERED,
    *CONVERTED,
)
# Cost and clicks cannot be selected together with the conversion action: two queries, two tables.
CONVERSION_FIELDS = (
    "campaign.id",
    "segments.date",
    "segments.conversion_action",
    "segments.conversion_action_name",
    "segments.conversion_action_category",
    *CONVERTED,
)
# What an answer without results is made of.
BESIDE_RESULTS = frozenset(
    {"fieldMask", "nextPageToken", "queryResourceConsumption", "requestId", "summaryRow", "totalResultsCount"}
)
TOTAL_FIELDS = ("customer.id", *DELIVERY_FIELDS[7:])


@configspec
class Settings(AdSource):
    """``sources.google_ads``."""

    base_url: str = "https://googleads.googleapis.com"
    token_url: str = OAUTH_ADDRESS
    api_version: str = "v26"
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


def is_result(body: Any) -> str | None:
    """Say what is wrong with an answer that is to be a page of a query's result, if something is."""
    for batch in batches(body):
        if not isinstance(batch, dict):
            return "it is no object"
        rows = batch.get("results", [])  # protojson leaves an empty list out
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            return "'results' is no list of objects"
        if "results" not in batch and not batch.keys() <= BESIDE_RESULTS:
            return "it has no results, and is no answer to a query"
    return None


def batches(body: Any) -> list[Any]:
    """Return the batches of an answer: ``search`` sends one object, ``searchStream`` an array of them."""
    return body if isinstance(body, list) else [body]


@dataclass
class Source:
    """Google Ads, asked through ``caller``."""

    caller: Caller
    fields: ClassVar[str] = ",".join(DELIVERY_FIELDS)
    left_out: ClassVar[frozenset[str]] = frozenset()
    closed: ClassVar[Mapping[str, str]] = CLOSED
    measures: ClassVar[Mapping[str, Allowance]] = MEASURES
    listed_actions: ClassVar[str] = ""

    def __post_init__(self) -> None:
        self._tokens = Tokens(self.caller)
        self._actions_query: str | None = ACTIONS_QUERY

    async def account(self, account_id: str) -> AccountFacts:
        """Return what Google says of the customer."""
        try:
            rows = await self._search("account", account_id, ACCOUNT_QUERY)
        except AnswerError as problem:
            if (
                problem.failure.error_class is not ErrorClass.BAD_REQUEST
                or problem.failure.lost is not Scope.WINDOW
            ):
                raise
            rows = await self._search("account", account_id, ACCOUNT_ESSENTIALS_QUERY)
        customer = rows[0].get("customer", {}) if rows else {}
        if str(customer.get("id", account_id)) != account_id:
            raise refused("account", f"it is about customer {customer.get('id')!r}")
        return AccountFacts.of(
            account_id=account_id,
            name=customer.get("descriptiveName"),
            currency=customer.get("currencyCode"),
            timezone=customer.get("timeZone"),
            status=customer.get("status"),
            manager=customer.get("manager", False),
        )

    async def campaigns(self, account_id: str) -> list[CampaignFacts]:
        """Return all campaigns of the customer, removed ones included."""
        rows = await self._search("campaigns", account_id, CAMPAIGNS_QUERY)
        return [campaign_of(row["campaign"]) for row in rows if row.get("campaign", {}).get("id")]

    async def named_actions(self, account_id: str) -> list[ActionFacts]:
        """Return the conversion actions of the customer; raises ``AnswerError``.

        What one answer says it does not understand is asked of no other customer in this run.
        """
        rows = None
        while rows is None:
            if self._actions_query is None:
                raise refused(CONVERSION_ACTIONS, "the query for it was refused in this run")
            query = self._actions_query
            try:
                rows = await self._search(CONVERSION_ACTIONS, account_id, query)
            except AnswerError as problem:
                failure = problem.failure
                if failure.error_class is not ErrorClass.BAD_REQUEST or failure.lost is not Scope.WINDOW:
                    raise
                lacks_field = query == ACTIONS_QUERY and UNKNOWN_FIELD in failure.message
                self._actions_query = ACTION_NAMES_QUERY if lacks_field else None
                if not lacks_field:
                    raise
        listed = [row["conversionAction"] for row in rows if row.get("conversionAction", {}).get("id")]
        # A false that protojson left out is one only where others are told.
        told = any("primaryForGoal" in action for action in listed)
        return [
            ActionFacts.of(
                action["id"],
                action.get("name"),
                action.get("status"),
                action.get("primaryForGoal", False if told else None),
                action.get("clickThroughLookbackWindowDays"),
                action.get("viewThroughLookbackWindowDays"),
            )
            for action in listed
        ]

    async def window(self, account_id: str, since: date, until: date, *, everything: bool) -> WindowAnswers:
        """Return delivery, conversions by action, and the customer's totals; removed campaigns report too."""
        del everything
        answers = WindowAnswers.over(since, until)
        for answer, fields, resource, take in (
            ("delivery", DELIVERY_FIELDS, "campaign", take_delivery),
            ("conversions", CONVERSION_FIELDS, "campaign", take_conversions),
            ("control_totals", TOTAL_FIELDS, "customer", take_totals),
        ):
            rows = await self._search(answer, account_id, gaql(fields, resource, since, until))
            answers.rows += len(rows)
            customers = [row.get("customer", {}) for row in rows]
            if not {str(customer.get("id", account_id)) for customer in customers} <= {account_id}:
                raise refused(answer, "a row is about another customer")
            for text, rows_of_day in groupby(rows, _day):
                if text not in answers.days:
                    raise answers.outside(answer, text)
                day, listed = answers.days[text], list(rows_of_day)
                day.currencies |= {row.get("customer", {}).get("currencyCode") for row in listed}
                day.timezones |= {row.get("customer", {}).get("timeZone") for row in listed}
                take(answers, day, listed)
        refuse_unknown_campaigns(answers)
        return answers

    async def _search(self, answer: str, account_id: str, query: str) -> list[Row]:
        """Return all rows of ``query``; a page token that expired begins the query anew."""
        try:
            for last in (False, True):
                try:
                    return await self._pages(answer, account_id, query)
                except RequestError as problem:
                    if last or not problem.failure.restart:
                        raise
        except RequestError as problem:
            raise AnswerError(answer, problem.failure) from None
        raise AssertionError("the second time returns or raises")

    async def _pages(self, answer: str, account_id: str, query: str) -> list[Row]:
        """Return the rows of all pages, once as many came as were announced."""
        rows: list[Row] = []
        tokens: set[str] = set()
        pages = SeenPages(answer)
        body: dict[str, Any] = {"query": query}
        while True:
            page: dict[str, Any] = {}
            for batch in batches(await self._ask(answer, account_id, body)):
                pages.see(batch.get("results", []))
                rows += batch.get("results", [])
                page = batch
            EFFORT.get(Effort()).pages += 1
            token = page.get("nextPageToken")
            if not token:
                break
            if token in tokens:
                raise refused(answer, "its paging goes round in a circle")
            tokens.add(token)
            body = {"query": query, "pageToken": token}
        announced = page.get("totalResultsCount")
        if announced is not None and str(announced) != str(len(rows)):
            raise refused(answer, f"{len(rows)} rows came of {announced} that it announced")
        return rows

    async def _ask(self, answer: str, account_id: str, body: dict[str, Any]) -> Any:
        """Ask once, and once more with a new access token if the platform refuses the one we have."""
        token = await self._tokens.get()
        request = self._request(answer, account_id, body, token)
        try:
            return await self.caller.ask(request)
        except RequestError as problem:
            if request.optional or not problem.failure.refresh:
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
            shape=is_result,
            headers=headers,
            json=body,
            optional=answer == CONVERSION_ACTIONS,
        )


def _day(row: Row) -> Any:
    """Take the day out of a row, which lands under its day."""
    return row["segments"].pop("date", None)


def gaql(fields: Iterable[str], resource: str, since: date, until: date) -> str:
    """Return the query for ``fields`` of ``resource`` from ``since`` to ``until``, in the order of days."""
    days = f"segments.date BETWEEN '{since}' AND '{until}'"
    return " ".join(("SELECT", ", ".join(fields), "FROM", resource, "WHERE", days, "ORDER BY segments.date"))
