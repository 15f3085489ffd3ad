"""Meta Ads: accounts, campaigns and synchronous insights (reference: the Marketing API, v26.0)."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import orjson
from dlt.common.configuration import configspec
from dlt.common.typing import TSecretStrValue

from core.log import hide
from ingest.client.caller import EFFORT, Caller, Effort
from ingest.client.errors import AnswerError, RequestError
from ingest.client.http import Reader, Request, WrongShape
from ingest.client.paging import SeenPages
from ingest.client.source_spec import AdSource
from ingest.meta import errors as meta_errors
from ingest.meta import usage as meta_usage
from ingest.meta.reports import DayReader
from ingest.meta.rows import (
    MEASURES,
    METRICS,
    Rows,
    take_campaigns,
    take_totals,
)
from ingest.platform_api import (
    CONVERSION_ACTIONS,
    AccountFacts,
    ActionFacts,
    Allowance,
    CampaignFacts,
    WindowAnswers,
    refused,
)

failure_in = meta_errors.failure_in
usage_in = meta_usage.usage_in

# What is asked of a campaign's day and of the account's.
CAMPAIGN_FIELDS = (
    "date_start",
    "date_stop",
    "account_id",
    "account_currency",
    "campaign_id",
    "campaign_name",
    *METRICS,
    "attribution_setting",
)
ACCOUNT_FIELDS = ("date_start", "date_stop", "account_id", "account_currency", *METRICS)
PAGE = 500
# How the action types of custom conversions begin; their number follows.
CUSTOM = "offsite_conversion.custom."
# Lists and insights leave out what is deleted or archived, unless every status is named.
LEFT_OUT = frozenset({"DELETED", "ARCHIVED"})
EVERY_STATUS = ("ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES")
_EVERY_STATUS_FILTER = [{"field": "campaign.effective_status", "operator": "IN", "value": EVERY_STATUS}]
# The account_status values of an account from which nothing is delivered.
CLOSED = {
    "2": "disabled",
    "3": "unsettled: a payment is due",
    "7": "under review for risk",
    "8": "settlement is due",
    "9": "in its grace period: a payment is due",
    "100": "about to be closed",
    "101": "closed",
}
# Parameters of a paging address that are, or are made from, the token.
_SECRET_PARAMETERS = frozenset({"access_token", "appsecret_proof"})


@configspec
class Settings(AdSource):
    """``sources.meta_ads``."""

    base_url: str = "https://graph.facebook.com"
    api_version: str = "v26.0"
    access_token: TSecretStrValue | None = None
    app_secret: TSecretStrValue | None = None

    SECRETS: ClassVar[tuple[str, ...]] = ("access_token", "app_secret")


def is_object(body: Any) -> str | None:
    """Say what is wrong with an answer that is to be an object, if something is."""
    return None if isinstance(body, dict) else "it is no object"


def is_list(body: Any) -> str | None:
    """Say what is wrong with an answer that is to be a page of a list, if something is."""
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        return "it has no list 'data'"
    return None if all(isinstance(row, dict) for row in body["data"]) else "a row of 'data' is no object"


@dataclass
class Source:
    """Meta Ads, asked through ``caller``."""

    caller: Caller
    fields: ClassVar[str] = ",".join(CAMPAIGN_FIELDS)
    left_out: ClassVar[frozenset[str]] = LEFT_OUT
    closed: ClassVar[Mapping[str, str]] = CLOSED
    measures: ClassVar[Mapping[str, Allowance]] = MEASURES
    listed_actions: ClassVar[str] = CUSTOM

    def __post_init__(self) -> None:
        self._rows = Rows()

    async def account(self, account_id: str) -> AccountFacts:
        """Return what Meta says of the account."""
        fields = "account_id,name,currency,timezone_name,timezone_id,timezone_offset_hours_utc,account_status"
        body = await self._ask("account", f"act_{account_id}", {"fields": fields}, is_object)
        if str(body.get("account_id", account_id)).removeprefix("act_") != account_id:
            raise refused("account", f"it is about account {body.get('account_id')!r}")
        return AccountFacts.of(
            account_id=account_id,
            name=body.get("name"),
            currency=body.get("currency"),
            timezone=body.get("timezone_name"),
            status=body.get("account_status"),
            manager=False,
        )

    async def campaigns(self, account_id: str) -> list[CampaignFacts]:
        """Return all campaigns of the account, deleted ones included."""
        params = {
            "fields": "id,name,effective_status,objective",
            "effective_status": orjson.dumps(EVERY_STATUS).decode(),
            "limit": str(PAGE),
        }
        rows = [
            row
            async for page in self._pages("campaigns", f"act_{account_id}/campaigns", params)
            for row in page
        ]
        return [
            CampaignFacts.of(
                row["id"],
                row.get("name"),
                row.get("effective_status") or row.get("status"),
                row.get("objective"),
            )
            for row in rows
            if row.get("id")
        ]

    async def named_actions(self, account_id: str) -> list[ActionFacts]:
        """Return the custom conversions of the account: other action types have no name but their own."""
        params = {"fields": "id,name", "limit": str(PAGE)}
        edge = f"act_{account_id}/customconversions"
        return [
            ActionFacts.of(f"{CUSTOM}{row['id']}", row.get("name"))
            async for page in self._pages(CONVERSION_ACTIONS, edge, params)
            for row in page
            if row.get("id")
        ]

    async def window(self, account_id: str, since: date, until: date, *, everything: bool) -> WindowAnswers:
        """Return the campaigns' days and, asked for separately, the account's as control totals."""
        answers = WindowAnswers.over(since, until)
        async for rows in self._insights("delivery", account_id, since, until, "campaign", everything):
            take_campaigns(answers, account_id, rows)
        async for rows in self._insights("control_totals", account_id, since, until, "account", False):
            take_totals(answers, account_id, rows)
        return answers

    def _insights(
        self, answer: str, account_id: str, since: date, until: date, level: str, everything: bool
    ) -> AsyncIterator[list[Any]]:
        params = {
            "level": level,
            "fields": ",".join(CAMPAIGN_FIELDS if level == "campaign" else ACCOUNT_FIELDS),
            "time_range": orjson.dumps({"since": since.isoformat(), "until": until.isoformat()}).decode(),
            "time_increment": "1",
            "limit": str(PAGE),
        }
        if everything:
            params["filtering"] = orjson.dumps(_EVERY_STATUS_FILTER).decode()
        edge = f"act_{account_id}/insights"
        if since < until:
            return self._pages(answer, edge, params, self._rows)
        pages = partial(self._pages, rows=self._rows)
        reader = DayReader(self._ask, pages, account_id, self.caller.settings.retry_base_seconds)
        return reader.read(answer, edge, params)

    async def _pages(
        self, answer: str, edge: str, params: dict[str, str], rows: Rows | None = None
    ) -> AsyncIterator[list[Any]]:
        """Yield page after page to the end: as long as there is a ``next``, whatever the page holds.

        Rows are dictionaries, or what ``rows`` makes of them.
        """
        cursors: set[str] = set()
        pages = SeenPages(answer)
        while True:
            body = await self._ask(answer, edge, params, is_list, rows.read if rows else None)
            page, paging = rows.taken(body) if rows else (body["data"], body.get("paging"))
            pages.see(page)
            yield page
            following = (paging or {}).get("next")
            if not following:
                return
            # The address of the next page carries the token and may name another host: only its parameters
            # are taken, and asked of the edge and the host that were asked before.
            params = {k: v for k, v in parse_qsl(urlsplit(following).query) if k not in _SECRET_PARAMETERS}
            cursor = params.get("after") or following
            if cursor in cursors:
                raise refused(answer, "its paging goes round in a circle")
            cursors.add(cursor)

    async def _ask(
        self,
        answer: str,
        path: str,
        params: dict[str, str],
        shape: WrongShape,
        read: Reader | None = None,
        *,
        method: str = "GET",
    ) -> Any:
        settings = self.caller.settings
        token = settings.credentials["access_token"]
        if secret := settings.credentials.get("app_secret"):
            proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
            hide(proof)
            params = {**params, "appsecret_proof": proof}
        request = Request(
            method,
            f"{settings.base_url}/{settings.api_version}/{path}",
            asked=answer,
            shape=shape,
            read=read,
            params=params if method == "GET" else {},
            form=params if method == "POST" else None,
            headers={"Authorization": f"Bearer {token}"},
            optional=answer == CONVERSION_ACTIONS,
        )
        try:
            body = await self.caller.ask(request)
        except RequestError as problem:
            raise AnswerError(answer, problem.failure) from None
        EFFORT.get(Effort()).pages += 1
        return body
