"""Meta Ads: accounts, campaigns and synchronous insights of the Graph API (reference: the Marketing API, v26.0)."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import orjson
from dlt.common.configuration import configspec
from dlt.common.typing import TSecretStrValue

from ingest import meta_errors
from ingest.answers import AccountFacts, CampaignFacts, DayAnswers, Row, WindowAnswers, refuse_twice, refused
from ingest.caller import EFFORT, Caller, Effort
from ingest.errors import AnswerFailed, RequestFailed
from ingest.http import Request
from ingest.measures import Measured, conversions, count, money
from ingest.source_spec import AdSource

failure_in = meta_errors.failure_in

# What is asked of a campaign's day and of the account's; the totals of unique people cannot be summed, so no reach.
_METRICS = ("spend", "impressions", "clicks", "inline_link_clicks", "actions", "action_values")
CAMPAIGN_FIELDS = (
    "date_start",
    "date_stop",
    "account_id",
    "account_currency",
    "campaign_id",
    "campaign_name",
    *_METRICS,
    "attribution_setting",
)
ACCOUNT_FIELDS = ("date_start", "date_stop", "account_id", "account_currency", *_METRICS)
_MEASURES = {
    "spend": money("spend"),
    "impressions": count("impressions"),
    "clicks": count("clicks"),
    "inline_link_clicks": count("inline link clicks"),
}
_ACTION_MEASURES = {"actions": conversions("actions"), "action_values": money("action values")}
PAGE = 500
# Lists and insights leave out what is deleted or archived, unless every status is named.
LEFT_OUT = frozenset({"DELETED", "ARCHIVED"})
EVERY_STATUS = ("ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES")
_EVERY_STATUS_FILTER = [{"field": "campaign.effective_status", "operator": "IN", "value": EVERY_STATUS}]
_CAMPAIGN, _ACTION = itemgetter("campaign_id"), itemgetter("action_type")
# Parameters of a paging address that are, or are made from, the token.
_SECRET_PARAMETERS = frozenset({"access_token", "appsecret_proof"})


@configspec
class Settings(AdSource):
    """``sources.meta_ads``."""

    base_url: str = "https://graph.facebook.com"
    api_version: str = "v26.0"
    lookback_days: int = 28
    access_token: TSecretStrValue | None = None
    app_secret: TSecretStrValue | None = None

    SECRETS: ClassVar[tuple[str, ...]] = ("access_token", "app_secret")


def _is_object(body: Any) -> str | None:
    return None if isinstance(body, dict) else "it is no object"


def _is_list(body: Any) -> str | None:
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        return "it has no list 'data'"
    return None if all(isinstance(row, dict) for row in body["data"]) else "a row of 'data' is no object"


@dataclass
class Source:
    """Meta Ads, asked through ``caller``."""

    caller: Caller
    fields: ClassVar[str] = ",".join(CAMPAIGN_FIELDS)
    left_out: ClassVar[frozenset[str]] = LEFT_OUT

    async def account(self, account_id: str) -> AccountFacts:
        """Return what Meta says of the account."""
        fields = "account_id,name,currency,timezone_name,timezone_id,timezone_offset_hours_utc,account_status"
        body = await self._ask("account", f"act_{account_id}", {"fields": fields}, _is_object)
        if str(body.get("account_id", account_id)).removeprefix("act_") != account_id:
            raise refused("account", f"it is about account {body.get('account_id')!r}")
        return AccountFacts(
            account_id=account_id,
            name=body.get("name"),
            currency=body.get("currency"),
            timezone=body.get("timezone_name"),
            status=None if body.get("account_status") is None else str(body["account_status"]),
            manager=False,
        )

    async def campaigns(self, account_id: str) -> list[CampaignFacts]:
        """Return all campaigns of the account, deleted ones included."""
        params = {
            "fields": "id,name,effective_status,objective",
            "effective_status": orjson.dumps(EVERY_STATUS).decode(),
            "limit": str(PAGE),
        }
        rows = await self._pages("campaigns", f"act_{account_id}/campaigns", params)
        return [
            CampaignFacts(
                str(row["id"]),
                row.get("name"),
                row.get("effective_status") or row.get("status"),
                row.get("objective"),
            )
            for row in rows
            if row.get("id")
        ]

    async def window(self, account_id: str, since: date, until: date, *, everything: bool) -> WindowAnswers:
        """Return the campaigns' days and, asked for separately, the account's as control totals."""
        answers = WindowAnswers.over(since, until)
        campaigns = await self._insights(
            "delivery", account_id, since, until, "campaign", CAMPAIGN_FIELDS, everything
        )
        _take_campaigns(answers, account_id, campaigns)
        totals = await self._insights(
            "control_totals", account_id, since, until, "account", ACCOUNT_FIELDS, False
        )
        _take_totals(answers, account_id, totals)
        return answers

    def measure(self, measured: Measured, day: date, answers: DayAnswers) -> None:
        """Add the campaigns' and the account's measures, and both by action type."""
        for side, rows in ((1, answers.delivery), (-1, answers.control_totals)):
            for name, measure in _MEASURES.items():
                measured.add(day, side, measure, [row.get(name) for row in rows])
        for side, rows in ((1, answers.conversions), (-1, answers.control_totals)):
            for name, measure in _ACTION_MEASURES.items():
                actions = [action for row in rows for action in row.get(name) or ()]
                values = [action.get("value") for action in actions]
                measured.add(day, side, measure, values, [action["action_type"] for action in actions])

    async def _insights(
        self,
        answer: str,
        account_id: str,
        since: date,
        until: date,
        level: str,
        fields: Iterable[str],
        everything: bool,
    ) -> list[Row]:
        params = {
            "level": level,
            "fields": ",".join(fields),
            "time_range": orjson.dumps({"since": since.isoformat(), "until": until.isoformat()}).decode(),
            "time_increment": "1",
            "limit": str(PAGE),
        }
        if everything:
            params["filtering"] = orjson.dumps(_EVERY_STATUS_FILTER).decode()
        return await self._pages(answer, f"act_{account_id}/insights", params)

    async def _pages(self, answer: str, edge: str, params: dict[str, str]) -> list[Row]:
        """Follow the paging to its end: as long as there is a ``next``, whatever the page holds."""
        rows: list[Row] = []
        cursors: set[str] = set()
        while True:
            body = await self._ask(answer, edge, params, _is_list)
            rows += body["data"]
            following = (body.get("paging") or {}).get("next")
            if not following:
                return rows
            # The address of the next page carries the token and may name another host: only its parameters are
            # taken, and asked of the edge and the host that were asked before.
            params = {k: v for k, v in parse_qsl(urlsplit(following).query) if k not in _SECRET_PARAMETERS}
            cursor = params.get("after") or params.get("__after_id") or following
            if cursor in cursors:
                raise refused(answer, "its paging goes round in a circle")
            cursors.add(cursor)

    async def _ask(self, answer: str, path: str, params: dict[str, str], shape: Any) -> Any:
        settings = self.caller.settings
        token = settings.credentials["access_token"]
        if secret := settings.credentials.get("app_secret"):
            proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
            params = {**params, "appsecret_proof": proof}
        request = Request(
            "GET",
            f"{settings.base_url}/{settings.api_version}/{path}",
            asked=answer,
            shape=shape,
            params=params,
            headers={"Authorization": f"Bearer {token}"},
        )
        try:
            body = await self.caller.ask(request)
        except RequestFailed as problem:
            raise AnswerFailed(answer, problem.failure) from None
        EFFORT.get(Effort()).pages += 1
        return body


def _take_campaigns(answers: WindowAnswers, account_id: str, rows: list[Row]) -> None:
    """Sort the campaigns' rows into their days: delivery, and apart from it the actions."""
    for row in rows:
        day = answers.day("delivery", _day_of("delivery", account_id, row))
        campaign_id = row["campaign_id"]
        answers.name(campaign_id, row.pop("campaign_name", None))
        actions, values = row.pop("actions", None), row.pop("action_values", None)
        if actions is not None or values is not None:
            converted = {"campaign_id": campaign_id}
            if actions is not None:
                actions.sort(key=_ACTION)
                converted["actions"] = actions
            if values is not None:
                values.sort(key=_ACTION)
                converted["action_values"] = values
            day.conversions.append(converted)
        if "attribution_setting" in row:
            day.attribution.add(row["attribution_setting"])
        day.delivery.append(row)
    for day in answers.days.values():
        for listed in (day.delivery, day.conversions):
            listed.sort(key=_CAMPAIGN)
        refuse_twice("delivery", day.delivery, _CAMPAIGN)


def _take_totals(answers: WindowAnswers, account_id: str, rows: list[Row]) -> None:
    """Sort the account's own rows into their days."""
    for row in rows:
        day = answers.day("control_totals", _day_of("control_totals", account_id, row))
        total = {key: row[key] for key in _METRICS if key in row}
        for key in _ACTION_MEASURES:
            total.get(key, []).sort(key=_ACTION)
        if day.control_totals:
            raise refused("control_totals", "a day came twice")
        day.control_totals.append(total)


def _day_of(answer: str, account_id: str, row: Row) -> Any:
    """Return the row's date, once it is one day of this account; drops the keys that say so."""
    text = row.pop("date_start", None)
    if row.pop("date_stop", text) != text:
        raise refused(answer, "a row covers more than one day")
    if row.pop("account_id", account_id) != account_id:
        raise refused(answer, "a row is about another account")
    return text
