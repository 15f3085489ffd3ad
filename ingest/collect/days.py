"""From a window's answers to rows of the ledger: one per account-day, hashed, as Arrow."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from ingest.collect.planner import Window
from ingest.platform_api import AccountFacts, WindowAnswers

INSTANT = pa.timestamp("us", tz="UTC")

# The tables of the ledger, as staging reads them. JSON columns are named in JSON_COLUMNS.
ACCOUNT_DAYS = pa.schema(
    [
        ("version_id", pa.string()),
        ("collection_id", pa.string()),
        ("run_id", pa.string()),
        ("platform", pa.string()),
        ("account_id", pa.string()),
        ("date", pa.date32()),
        ("delivery", pa.string()),
        ("conversions", pa.string()),
        ("control_totals", pa.string()),
        ("content_hash", pa.string()),
        ("data_source", pa.string()),
        ("api_version", pa.string()),
        ("fields", pa.string()),
        ("attribution_setting", pa.string()),
        ("currency", pa.string()),
        ("timezone", pa.string()),
        ("pages", pa.int64()),
        ("requests", pa.int64()),
        ("started_at", INSTANT),
        ("finished_at", INSTANT),
    ]
)
JSON_COLUMNS = ("delivery", "conversions", "control_totals")
SIGHTINGS = pa.schema(
    [
        ACCOUNT_DAYS.field(name)
        for name in (
            "version_id",
            "collection_id",
            "run_id",
            "platform",
            "account_id",
            "date",
            "data_source",
            "started_at",
            "finished_at",
        )
    ]
)


@dataclass(frozen=True)
class Collected:
    """The facts of one collection that are the same for all its days."""

    collection_id: str
    run_id: str
    window: Window
    account: AccountFacts
    api_version: str
    fields: str
    pages: int
    requests: int
    started_at: datetime
    finished_at: datetime


def content_hash(columns: tuple[bytes, bytes, bytes], *facts: str | None) -> str:
    """Return the hash of a version's content: the three answers, and what gives their numbers a meaning."""
    digest = hashlib.sha256()
    for part in (*columns, *(b"\0" if fact is None else fact.encode() for fact in facts)):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()[:32]


@dataclass(frozen=True)
class DayColumns:
    """A window's days, column by column, in the order of their dates."""

    dates: list[date]
    delivery: list[bytes]
    conversions: list[bytes]
    control_totals: list[bytes]
    attribution: list[str | None]
    currency: list[str | None]
    timezone: list[str | None]
    fields: list[str | None]
    hashes: list[str]

    @classmethod
    def of(cls, answers: WindowAnswers, account: AccountFacts) -> "DayColumns":
        """Join the rows of every day of ``answers`` and hash them; doubled rows raise ``AnswerError``."""
        columns = cls(*([] for _ in fields(cls)))
        for text, day in answers.days.items():
            attribution = ",".join(sorted(day.attribution)) or None
            answered = day.columns()
            columns.dates.append(date.fromisoformat(text))
            columns.delivery.append(answered[0])
            columns.conversions.append(answered[1])
            columns.control_totals.append(answered[2])
            columns.attribution.append(attribution)
            currency, timezone = day.currency or account.currency, day.timezone or account.timezone
            columns.currency.append(currency)
            columns.timezone.append(timezone)
            columns.fields.append(day.fields)
            columns.hashes.append(content_hash(answered, attribution, currency, timezone))
        return columns

    def replaced(self, newer: "DayColumns", days: frozenset[date]) -> "DayColumns":
        """Return these columns with ``days`` taken from ``newer``, in full."""
        position = {day: n for n, day in enumerate(newer.dates)}
        merged = DayColumns(list(self.dates), *(list(column) for column in self._values()))
        for n, day in enumerate(self.dates):
            if day in days and day in position:
                for mine, theirs in zip(merged._values(), newer._values(), strict=True):
                    mine[n] = theirs[position[day]]
        return merged

    def _values(self) -> tuple[list[Any], ...]:
        return tuple(getattr(self, column.name) for column in fields(self)[1:])


@dataclass(frozen=True)
class Landed:
    """A version that landed before; ``asked`` are the fields that it was asked for."""

    version_id: str
    content_hash: str
    asked: frozenset[str]


def version_id(collection_id: str, day: date) -> str:
    """Name the version of ``day`` in twelve characters: DuckDB joins longer texts far more slowly."""
    digest = hashlib.blake2b(f"{collection_id}:{day}".encode(), digest_size=9).digest()
    return base64.urlsafe_b64encode(digest).decode()


def landed_rows(
    columns: DayColumns, collected: Collected, latest: Mapping[date, Landed]
) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Return (versions, sightings): a day that equals its ``latest`` version is not stored, only sighted.

    ``latest`` holds the newest version of each day that landed before. A day that is asked for more than that
    one was is stored: what the answer leaves out is zero now, and was unknown before.
    """
    asked = [told or collected.fields for told in columns.fields]
    new = [
        n
        for n, (day, digest) in enumerate(zip(columns.dates, columns.hashes, strict=True))
        if day not in latest
        or latest[day].content_hash != digest
        or not frozenset(asked[n].split(",")) <= latest[day].asked
    ]
    again = sorted(set(range(len(columns.dates))) - set(new))
    shared: dict[str, Any] = {
        "collection_id": collected.collection_id,
        "run_id": collected.run_id,
        "platform": collected.window.registration.platform,
        "account_id": collected.account.account_id,
        "api_version": collected.api_version,
        "pages": collected.pages,
        "requests": collected.requests,
        "started_at": collected.started_at,
        "finished_at": collected.finished_at,
    }

    def batch(schema: pa.Schema, positions: list[int], own: dict[str, list[Any]]) -> pa.RecordBatch:
        dates = [columns.dates[n] for n in positions]
        own |= {"date": dates, "data_source": [collected.window.data_source(day) for day in dates]}
        arrays = [
            pa.array(own[field.name], field.type)
            if field.name in own
            else pa.repeat(pa.scalar(shared[field.name], field.type), len(positions))
            for field in schema
        ]
        return pa.record_batch(arrays, schema=schema)

    versions = batch(
        ACCOUNT_DAYS,
        new,
        {
            "version_id": [version_id(collected.collection_id, columns.dates[n]) for n in new],
            "delivery": [columns.delivery[n] for n in new],
            "conversions": [columns.conversions[n] for n in new],
            "control_totals": [columns.control_totals[n] for n in new],
            "attribution_setting": [columns.attribution[n] for n in new],
            "currency": [columns.currency[n] for n in new],
            "timezone": [columns.timezone[n] for n in new],
            "fields": [asked[n] for n in new],
            "content_hash": [columns.hashes[n] for n in new],
        },
    )
    sightings = batch(SIGHTINGS, again, {"version_id": [latest[columns.dates[n]].version_id for n in again]})
    return versions, sightings
