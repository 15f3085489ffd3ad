"""What a Meta token reaches (reference: the Marketing API, v26.0, and the token's own description)."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from ingest import spelling
from ingest.access import ReachedAccount, SeenAction, TokenFacts
from ingest.client.errors import AnswerError, ErrorClass
from ingest.meta import source as meta
from ingest.platform_api import Row, refused

ACCOUNT_FIELDS = "account_id,name,currency,timezone_name,account_status"
DELIVERY = ("spend", "impressions", "clicks")
PAGE = 100


@dataclass
class Access(meta.Source):
    """Meta Ads, asked about the token."""

    notes: list[str] = field(default_factory=list)

    async def accounts(self) -> list[ReachedAccount]:
        """Return the ad accounts on which the token's user has a role."""
        params = {"fields": ACCOUNT_FIELDS, "limit": str(PAGE)}
        return [
            _account(row)
            async for page in self._pages("accounts", "me/adaccounts", params)
            for row in page
            if row.get("account_id")
        ]

    async def one(self, account_id: str) -> ReachedAccount:
        """Return the ad account ``account_id``."""
        body = await self._ask("account", f"act_{account_id}", {"fields": ACCOUNT_FIELDS}, meta.is_object)
        return _account({"account_id": account_id, **body})

    async def actions(self, account_id: str, since: date, until: date) -> list[SeenAction]:
        """Return the action types of the account's insights, the most frequent first."""
        params = {
            "level": "account",
            "fields": "actions,action_values",
            "time_range": orjson.dumps({"since": since.isoformat(), "until": until.isoformat()}).decode(),
        }
        counts: dict[str, Decimal] = {}
        values: dict[str, Decimal] = {}
        async for page in self._pages("actions", f"act_{account_id}/insights", params):
            for row in page:
                _add(counts, row, "actions")
                _add(values, row, "action_values")
        ordered = sorted(counts, key=lambda name: (-counts[name], name))
        return [SeenAction(name, counts[name], values.get(name)) for name in ordered]

    async def delivering(
        self, account_id: str, since: date, until: date, *, monthly: bool
    ) -> list[tuple[date, date]]:
        """Return the periods of the account's insights that have any delivery."""
        params = {
            "level": "account",
            "fields": ",".join(DELIVERY),
            "time_range": orjson.dumps({"since": since.isoformat(), "until": until.isoformat()}).decode(),
            "time_increment": "monthly" if monthly else "1",
            "limit": str(PAGE),
        }
        return [
            (date.fromisoformat(row["date_start"]), date.fromisoformat(row["date_stop"]))
            async for page in self._pages("delivery", f"act_{account_id}/insights", params)
            for row in page
            if any(_number(row.get(measure) or 0) for measure in DELIVERY)
        ]

    async def tracking(self, account_id: str) -> bool | None:
        """Return None: Meta does not say whether a pixel is meant to be there."""
        del account_id
        return None

    async def token(self) -> TokenFacts:
        """Return what Meta says of the token when the token itself asks."""
        token = self.caller.settings.credentials["access_token"]
        try:
            body = await self._ask("token", "debug_token", {"input_token": token}, is_description)
        except AnswerError as problem:
            if problem.failure.error_class is ErrorClass.AUTH:
                return TokenFacts(valid=False, problem=problem.failure.message)
            if problem.failure.error_class in (ErrorClass.BAD_REQUEST, ErrorClass.PERMISSION):
                # Only the app's own people may look at a user's token: it may work all the same.
                return TokenFacts(valid=True, problem=problem.failure.message, told=False)
            raise
        facts = body["data"]
        return TokenFacts(
            valid=bool(facts.get("is_valid")),
            expires_at=_instant(facts.get("expires_at")),
            data_access_expires_at=_instant(facts.get("data_access_expires_at")),
            scopes=frozenset(map(str, facts["scopes"])) if isinstance(facts.get("scopes"), list) else None,
            problem=str((facts.get("error") or {}).get("message") or ""),
        )


def is_description(body: Any) -> str | None:
    """Say what is wrong with an answer that is to describe a token, if something is."""
    data = body.get("data") if isinstance(body, dict) else None
    return None if isinstance(data, dict) and "is_valid" in data else "it does not describe a token"


def _account(row: Row) -> ReachedAccount:
    status = row.get("account_status")
    return ReachedAccount(
        platform="meta",
        account_id=str(row["account_id"]).removeprefix("act_"),
        name=str(row.get("name") or ""),
        currency=spelling.currency(str(row.get("currency") or "")) or "",
        timezone=spelling.zone(str(row.get("timezone_name") or "")) or "",
        closed=meta.CLOSED.get(str(status), ""),
    )


def _add(sums: dict[str, Decimal], row: Row, key: str) -> None:
    try:
        for entry in row.get(key) or []:
            name = str(entry["action_type"])
            sums[name] = sums.get(name, Decimal(0)) + Decimal(str(entry["value"]))
    except (TypeError, KeyError, InvalidOperation):
        raise refused("actions", f"an entry of {key!r} has an unknown shape") from None


def _number(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is no number") from None


def _instant(seconds: Any) -> datetime | None:
    """Return the instant that is so many seconds after 1970; 0 and nothing mean: never."""
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) and seconds > 0 else None
