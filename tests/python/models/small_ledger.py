"""A ledger and an agency written by hand, small enough to know every figure of it."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from core.runs import open_ledger
from core.settings import Settings

Rows = list[dict[str, Any]]

_TABLES = """
create schema ledger;
create table ledger._dlt_loads as select 'load' as load_id, 0::bigint as status;
create table ledger.account_days (
    version_id varchar, collection_id varchar, run_id varchar,
    platform varchar, account_id varchar, date date,
    delivery varchar, conversions varchar, control_totals varchar, content_hash varchar, data_source varchar,
    api_version varchar, fields varchar, attribution_setting varchar, currency varchar, timezone varchar,
    pages bigint, requests bigint, started_at timestamptz, finished_at timestamptz, _dlt_load_id varchar
);
create table ledger.sightings (
    version_id varchar, collection_id varchar, run_id varchar,
    platform varchar, account_id varchar, date date,
    data_source varchar, started_at timestamptz, finished_at timestamptz, _dlt_load_id varchar
);
create table ledger.collections (
    collection_id varchar, run_id varchar, platform varchar, account_id varchar, from_date date, to_date date,
    data_source varchar, outcome varchar, failed_answer varchar, error_class varchar, message varchar,
    attempts bigint, requests bigint, rows bigint, started_at timestamptz, finished_at timestamptz,
    _dlt_load_id varchar
);
create table ledger.accounts (
    platform varchar, account_id varchar, name varchar, currency varchar, timezone varchar, status varchar,
    manager boolean, content_hash varchar, run_id varchar, seen_at timestamptz, _dlt_load_id varchar
);
create table ledger.campaigns (
    platform varchar, account_id varchar, campaign_id varchar, name varchar, status varchar, channel varchar,
    content_hash varchar, run_id varchar, seen_at timestamptz, _dlt_load_id varchar
);
create table ledger.platforms (
    run_id varchar, platform varchar, api_version varchar, usage_percent double, token_valid boolean,
    token_told boolean, token_expires_at timestamptz, token_problem varchar, seen_at timestamptz,
    _dlt_load_id varchar
);
"""


@dataclass(frozen=True)
class Answers:
    """What a platform said of one account-day, as it came over the wire."""

    delivery: Rows | str
    conversions: Rows
    control_totals: Rows


def meta(
    spend: str = "10.00", clicks: str = "8", purchases: int = 2, total_clicks: str | None = None
) -> Answers:
    """One campaign on Meta, whose account total agrees unless ``total_clicks`` says otherwise."""
    figures = {"spend": spend, "impressions": "400", "clicks": clicks, "inline_link_clicks": "5"}
    actions = [
        {"action_type": "link_click", "value": "5"},
        {"action_type": "omni_purchase", "value": str(purchases)},
    ]
    values = [{"action_type": "omni_purchase", "value": f"{purchases * 50}.00"}]
    lists = {"actions": actions, "action_values": values}
    return Answers(
        [{"campaign_id": "11"} | figures],
        [{"campaign_id": "11"} | lists],
        [figures | lists | {"clicks": total_clicks or clicks}],
    )


def google(
    cost_micros: int = 10_000_000, conversions: float = 1.5, total_conversions: float | None = None
) -> Answers:
    """One campaign on Google Ads with one conversion action, Reservation."""
    counted = {"conversions": conversions, "allConversions": conversions}
    valued = {"conversionsValue": conversions * 100, "allConversionsValue": conversions * 100}
    total = conversions if total_conversions is None else total_conversions
    delivered = {"impressions": "400", "clicks": "8", "costMicros": str(cost_micros)}
    action = {"conversionAction": "customers/2/conversionActions/7", "conversionActionName": "Reservation"}
    return Answers(
        [{"campaign": {"id": "22"}, "metrics": delivered | counted | valued}],
        [{"campaign": {"id": "22"}, "segments": action, "metrics": counted | valued}],
        [{"metrics": delivered | counted | valued | {"conversions": total, "allConversions": total}}],
    )


NOTHING = Answers([], [], [])


@dataclass(frozen=True)
class SmallLedger:
    """What ``write`` puts into the ledger; instants are in UTC."""

    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    def write(self, settings: Settings) -> None:
        """Make ``settings.landing``; its answers are text, so that one of them can be cut short."""
        open_ledger(settings)
        with duckdb.connect(str(settings.landing)) as db:
            db.execute(_TABLES)
            for table, rows in self.rows.items():
                db.executemany(f"insert into ledger.{table} values ({', '.join('?' * len(rows[0]))})", rows)

    def collected(
        self, platform: str, account: str, day: date, at: datetime, answers: Answers, currency: str = "PLN"
    ) -> str:
        """Land a version of ``day``, and the collection that brought it; return its id."""
        collection = self._collection(platform, account, day, at, "collected", None)
        version = f"{collection}:{day}"
        delivery = answers.delivery if isinstance(answers.delivery, str) else json.dumps(answers.delivery)
        answered = (delivery, json.dumps(answers.conversions), json.dumps(answers.control_totals), version)
        facts = ("daily", "v26", "fields", None, currency, "Europe/Warsaw", 1, 3)
        self._insert(
            "account_days",
            (version, collection, f"run-{at:%d%H}", platform, account, day, *answered, *facts, *_span(at)),
        )
        return version

    def sighted(self, version: str, platform: str, account: str, day: date, at: datetime) -> None:
        """See ``version`` again, unchanged."""
        collection = self._collection(platform, account, day, at, "collected", None)
        self._insert(
            "sightings",
            (version, collection, f"run-{at:%d%H}", platform, account, day, "lookback", *_span(at)),
        )

    def failed(self, platform: str, account: str, day: date, at: datetime, answer: str) -> None:
        """Ask for ``day`` in vain."""
        self._collection(platform, account, day, at, "failed", answer)

    def noted(self, platform: str, at: datetime, expires_at: datetime) -> None:
        """Let ``platform`` say when the credentials end."""
        facts = ("v26", 41.5, True, True, expires_at, None, at)
        self._insert("platforms", (f"run-{at:%d%H}", platform, *facts, "load"))

    def _collection(
        self, platform: str, account: str, day: date, at: datetime, outcome: str, answer: str | None
    ) -> str:
        collection = f"{account}-{at:%d%H%M}-{day:%d}"
        error = (answer, "transient", "the platform gave no answer") if answer else (None, None, None)
        window = (f"run-{at:%d%H}", platform, account, day, day, "daily")
        self._insert(
            "collections", (collection, *window, outcome, *error, 4 if answer else 1, 3, 1, *_span(at))
        )
        return collection

    def _insert(self, table: str, row: tuple[Any, ...]) -> None:
        self.rows.setdefault(table, []).append(row)


def _span(at: datetime) -> tuple[datetime, datetime, str]:
    return at, at + timedelta(minutes=1), "load"


def instant(day: int, hour: int) -> datetime:
    """An instant of November 2026."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def write_agency(
    folder: Path, accounts: list[tuple[str, str, str, str, str, str]], waivers: list[str] | None = None
) -> None:
    """Write the files, rules aside, of an agency: (account, platform, client, currency, started, ended)."""
    folder.mkdir(parents=True)
    clients = sorted({client for _, _, client, *_ in accounts})
    _write(folder / "clients.csv", "client_id,client_name,started_on,ended_on,completeness_target,owner",
           [f"{client},Hotel {client},2026-11-18,,99.5,desk" for client in clients])  # fmt: skip
    _write(folder / "accounts.csv",
           "account_id,platform,client_id,currency,timezone,conversion_tracking,started_on,ended_on",
           [f"{account},{platform},{client},{currency},Europe/Warsaw,true,{started},{ended}"
            for account, platform, client, currency, started, ended in accounts])  # fmt: skip
    _write(folder / "conversion_actions.csv", "platform,client_id,action_type,kpi", [
        "meta,,omni_purchase,reservations", "meta,,link_click,ignore", "google,,Reservation,reservations",
    ])  # fmt: skip
    _write(
        folder / "waivers.csv", "rule,client_id,platform,from_date,to_date,reason,expires_on", waivers or []
    )
    _write(folder / "rates.csv", "currency,date,pln", ["EUR,2026-11-01,4.27"])


def _write(path: Path, header: str, lines: list[str]) -> None:
    # As spreadsheets save it: with a byte order mark and CRLF.
    path.write_text("\r\n".join([header, *lines]) + "\r\n", encoding="utf-8-sig", newline="")
