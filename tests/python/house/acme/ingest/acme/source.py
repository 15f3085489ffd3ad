"""Acme Ads, a platform that does not exist: one answer for a window, with all that is known of its days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import orjson
from dlt.common.configuration import configspec
from dlt.common.typing import TSecretStrValue

from core.measures import on_wire
from ingest.access import ReachedAccount, SeenAction, TokenFacts
from ingest.client.caller import EFFORT, Caller, Effort
from ingest.client.errors import AnswerError, ErrorClass, Failure, RequestError
from ingest.client.http import Request
from ingest.client.source_spec import AdSource
from ingest.platform_api import (
    AccountFacts,
    ActionFacts,
    Allowance,
    CampaignFacts,
    Chunk,
    DayAnswers,
    Row,
    WindowAnswers,
)

DELIVERED, CONVERTED = on_wire("acme", "delivery"), on_wire("acme", "conversions")


@configspec
class Settings(AdSource):
    """``sources.acme_ads``."""

    base_url: str = "https://acme.example"
    api_version: str = "v1"
    access_token: TSecretStrValue | None = None

    SECRETS: ClassVar[tuple[str, ...]] = ("access_token",)


def failure_in(body: Any, status: int, headers: Mapping[str, str], asked: str) -> Failure | None:
    """Return the failure that an answer is, or None."""
    del body, headers, asked
    return None if status == 200 else Failure.of(ErrorClass.TRANSIENT, f"HTTP {status}", status=status)


def is_object(body: Any) -> str | None:
    """Say what is wrong with an answer that is to be an object, if something is."""
    return None if isinstance(body, dict) else "it is no object"


@dataclass
class Source:
    """Acme Ads, asked through ``caller``."""

    caller: Caller
    fields: ClassVar[str] = ",".join((*DELIVERED, *CONVERTED))
    left_out: ClassVar[frozenset[str]] = frozenset()
    closed: ClassVar[Mapping[str, str]] = {}
    measures: ClassVar[Mapping[str, Allowance]] = {
        name: Allowance.of(measure, "acme") for name, measure in (DELIVERED | CONVERTED).items()
    } | {f"{name} by action": Allowance.of(measure, "acme") for name, measure in CONVERTED.items()}
    listed_actions: ClassVar[str] = ""

    async def account(self, account_id: str) -> AccountFacts:
        """Return what Acme says of the account."""
        body = await self._ask("account", f"accounts/{account_id}", {})
        return AccountFacts.of(account_id, body["name"], body["currency"], body["timezone"], "ON", False)

    async def campaigns(self, account_id: str) -> list[CampaignFacts]:
        """Return all campaigns of the account."""
        body = await self._ask("campaigns", f"accounts/{account_id}", {})
        return [CampaignFacts.of(one, f"Campaign {one}", "ON", None) for one in body["campaigns"]]

    async def named_actions(self, account_id: str) -> list[ActionFacts]:
        """Return the conversion actions of the account."""
        del account_id
        return [ActionFacts.of("booking", "booking")]

    async def window(self, account_id: str, since: date, until: date, *, everything: bool) -> WindowAnswers:
        """Return the days from ``since`` to ``until``."""
        del everything
        answers = WindowAnswers.over(since, until)
        levels = {"delivery": "campaigns", "conversions": "actions", "control_totals": "total"}
        for answer, level in levels.items():
            asked = {"since": str(since), "until": str(until), "fields": self.fields}
            body = await self._ask(answer, f"accounts/{account_id}/{level}", asked)
            for text, rows in body.items():
                self._take(answer, answers.days[text], rows)
        return answers

    def _take(self, answer: str, day: DayAnswers, rows: list[Row]) -> None:
        sums = day.account if answer == "control_totals" else day.campaigns
        for row in rows:
            for name in CONVERTED if answer == "conversions" else (*DELIVERED, *CONVERTED):
                sums[f"{name} by action" if answer == "conversions" else name][""] += float(row[name])
            for name in CONVERTED if answer == "control_totals" else ():
                sums[f"{name} by action"][""] += float(row[name])
        if answer == "control_totals":
            day.control_totals += map(orjson.dumps, rows)
            return
        chunks = day.delivery if answer == "delivery" else day.conversions
        if rows:
            keys = [(row["campaign"], row.get("action", "")) for row in rows]
            chunks.append(Chunk.of(keys, orjson.dumps(rows, option=orjson.OPT_SORT_KEYS)))

    async def _ask(self, answer: str, path: str, params: dict[str, str]) -> Any:
        settings = self.caller.settings
        url = f"{settings.base_url}/{settings.api_version}/{path}"
        headers = {"Authorization": f"Bearer {settings.credentials['access_token']}"}
        request = Request("GET", url, asked=answer, shape=is_object, params=params, headers=headers)
        try:
            body = await self.caller.ask(request)
        except RequestError as problem:
            raise AnswerError(answer, problem.failure) from None
        EFFORT.get(Effort()).pages += 1
        return body


@dataclass
class Access(Source):
    """Acme Ads, asked about the token: nothing more is known of it."""

    async def accounts(self) -> list[ReachedAccount]:
        """Return no account."""
        return []

    async def one(self, account_id: str) -> ReachedAccount:
        """Return the account ``account_id``."""
        return ReachedAccount("acme", account_id, "", "", "")

    async def actions(self, account_id: str, since: date, until: date) -> list[SeenAction]:
        """Return no action."""
        del account_id, since, until
        return []

    async def token(self) -> TokenFacts:
        """Return that the token holds."""
        return TokenFacts(valid=True)
