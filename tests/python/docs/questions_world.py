"""A release made of known days: five currencies, three time zones, gaps, a month's start or end."""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from core.settings import ROOT

Row = dict[str, Any]
FIRST = date(2025, 1, 1)
PLATFORMS = ("google", "meta")
RATES = {
    "EUR": Decimal(1),
    "HUF": None,
    "JPY": Decimal("0.006"),
    "PLN": Decimal("0.23"),
    "USD": Decimal("0.9"),
}


@dataclass(frozen=True)
class Client:
    """A client on both platforms; ``behind`` is by how many days its zone closes later than the first one."""

    client_id: str
    currency: str
    size: int
    behind: int = 0


CLIENTS = (
    Client("budapest", "HUF", 40_000),
    Client("berlin", "EUR", 100),
    Client("tokyo", "JPY", 15_000),
    Client("warsaw", "PLN", 400),
    Client("york", "USD", 120, behind=1),
)


class World:
    """The figures, and a release that holds them; ``today`` is the last closed day of the first zone."""

    def __init__(self, last_day: date) -> None:
        self.last_day = last_day
        self.days = [row for client in CLIENTS for row in self._days(client)]

    def closed(self, client: Client) -> date:
        return self.last_day - timedelta(client.behind)

    def is_gap(self, client: Client, platform: str, day: date) -> bool:
        """Fridays of Berlin's Meta, one week of Warsaw, and New York's first days of each month."""
        return (
            (client.client_id == "berlin" and platform == "meta" and day.weekday() == 4)
            or (client.client_id == "warsaw" and timedelta(3) <= self.last_day - day <= timedelta(9))
            or (client.client_id == "york" and platform == "google" and day.day <= 2)
        )

    def expected(self, client: Client) -> Iterator[date]:
        count = (self.closed(client) - FIRST).days + 1
        return (FIRST + timedelta(number) for number in range(count))

    def _days(self, client: Client) -> Iterator[Row]:
        for platform in PLATFORMS:
            for day in self.expected(client):
                if not self.is_gap(client, platform, day):
                    yield figures(client, platform, day)

    def rows(self, client: Client, platform: str | None = None) -> list[Row]:
        return [
            row
            for row in self.days
            if row["client_id"] == client.client_id and platform in (None, row["platform"])
        ]

    def periods(self, key: str, start: Any, length: Any) -> list[Row]:
        """Sums of the days by the period that ``start`` puts a day in, as ``monthly_kpi`` has them."""
        found: dict[tuple[str, str, date], list[Row]] = defaultdict(list)
        expected: dict[tuple[str, str, date], int] = defaultdict(int)
        for client in CLIENTS:
            for platform in PLATFORMS:
                for day in self.expected(client):
                    expected[client.client_id, platform, start(day)] += 1
        for row in self.days:
            found[row["client_id"], row["platform"], start(row["date"])].append(row)
        by_id = {client.client_id: client for client in CLIENTS}
        return [
            self._period(by_id[one], platform, first, key, length, found[one, platform, first], count)
            for (one, platform, first), count in expected.items()
        ]

    def _period(
        self, client: Client, platform: str, first: date, key: str, length: Any, days: list[Row], count: int
    ) -> Row:
        is_over = first + timedelta(length(first) - 1) <= self.closed(client)
        whole = len(days) == count
        return {
            "client_id": client.client_id,
            "platform": platform,
            key: first,
            "currency": client.currency,
            "days_expected": count,
            "days_whole": len(days),
            "status": ("complete" if whole else "incomplete") if is_over else "in_progress",
        } | {name: total(days, name) for name in MEASURES}

    def months(self) -> list[Row]:
        return self.periods("month", lambda day: day.replace(day=1), days_of_month)

    def weeks(self) -> list[Row]:
        return self.periods("week_start", lambda day: day - timedelta(day.weekday()), lambda _: 7)

    def release(self, path: Path) -> Path:
        """Write the tables that the questions read, with the columns of their contracts."""
        with duckdb.connect(str(path)) as file:
            file.execute("create schema marts; create schema health")
            fill(file, "marts.daily_kpi", self.days)
            fill(file, "marts.monthly_kpi", self.months())
            fill(file, "marts.weekly_kpi", self.weeks())
            fill(file, "marts.monthly_kpi_reporting", self._converted())
            fill(file, "marts.campaign_daily_kpi", self.campaign_days())
            fill(file, "marts.clients", self._clients())
            fill(file, "marts.accounts", self._accounts())
            fill(file, "marts.campaigns", self._campaigns())
            fill(file, "marts.daily_conversions", self._conversions())
            fill(file, "marts.restatements", [])
            fill(file, "health.account_days", self._account_days())
            fill(file, "health.findings", self._findings())
            fill(file, "health.scores", self._scores())
        return path

    def campaign_days(self) -> list[Row]:
        """Two campaigns a day: one takes a quarter of the money and none of the reservations."""
        return [
            row
            | {
                "account_id": account(row),
                "campaign_id": f"{account(row)}-{name}",
                "total_spend": row["total_spend"] * share / 4,
                "reservations": row["reservations"] * (share == 3),
            }
            for row in self.days
            for name, share in (("rooms", 3), ("idle", 1))
        ]

    def _converted(self) -> list[Row]:
        """Months in euros, at one rate for each currency; forints have none."""
        return [
            {name: row[name] for name in ("client_id", "platform", "month", "days_expected", "days_whole")}
            | {"reporting_currency": "EUR"}
            | {
                name: None if rate is None or row[name] is None else row[name] * rate
                for name in ("total_spend", "reservation_value")
            }
            for row in self.months()
            for rate in (RATES[row["currency"]],)
        ]

    def _clients(self) -> list[Row]:
        return [
            {"client_id": one.client_id, "owner": "team-a", "last_closed_day": self.closed(one)}
            for one in CLIENTS
        ]

    def _accounts(self) -> list[Row]:
        return [
            {"client_id": one.client_id, "platform": platform, "currency": one.currency}
            | {"account_id": f"{one.client_id}-{platform}", "valid_from": FIRST, "valid_to": valid_to}
            for one in CLIENTS
            for platform in PLATFORMS
            # An account that was renamed has two rows.
            for valid_to in (FIRST + timedelta(9), None)
        ]

    def _campaigns(self) -> list[Row]:
        return [
            {"platform": row["platform"], "account_id": row["account_id"], "status": "ACTIVE"}
            | {"campaign_id": f"{row['account_id']}-{name}", "campaign_name": title, "valid_to": valid_to}
            for row in self._accounts()
            if row["valid_to"] is None
            for name, title, valid_to in (
                ("rooms", "Old name", FIRST + timedelta(9)),
                ("rooms", "DE_book_rooms", None),
                ("idle", "test", None),
            )
        ]

    def _conversions(self) -> list[Row]:
        return [
            {name: row[name] for name in ("client_id", "platform", "date", "currency")}
            | {"account_id": account(row), "campaign_id": "rooms", "action_type": action, "kpi": kpi}
            | {"conversions": row["reservations"], "conversion_value": row["reservation_value"]}
            for row in self.days
            for action, kpi in (("purchase", "reservations"), ("view_menu", None))
        ]

    def _account_days(self) -> list[Row]:
        return [
            {"client_id": one.client_id, "platform": platform, "date": day}
            | {"account_id": f"{one.client_id}-{platform}"}
            | {"status": "split" if self.is_gap(one, platform, day) else "whole"}
            | {"reason": "conversions failed" if self.is_gap(one, platform, day) else None}
            for one in CLIENTS
            for platform in PLATFORMS
            for day in self.expected(one)
        ]

    def _scores(self) -> list[Row]:
        """A hundred, and ninety in each client's last week."""
        return [
            {"client_id": one.client_id, "date": day}
            | {"score": 90 if self.closed(one) - day < timedelta(7) else 100}
            for one in CLIENTS
            for day in self.expected(one)
        ]

    def _findings(self) -> list[Row]:
        return [
            {"client_id": "tokyo", "platform": "meta", "rule": rule, "severity": severity, "date": day}
            | {"waived": waived, "message": rule}
            for rule, severity, day, waived in (
                ("value_level", "low", self.last_day, False),
                ("conversion_level", "high", self.last_day, False),
                ("cost_level", "high", self.last_day, True),
                ("click_level", "high", self.last_day - timedelta(40), False),
            )
        ]


MEASURES = ("total_spend", "total_impressions", "total_clicks", "reservations", "reservation_value")


def account(row: Row) -> str:
    return f"{row['client_id']}-{row['platform']}"


def figures(client: Client, platform: str, day: date) -> Row:
    """Figures that differ from day to day and from platform to platform."""
    number = (day - FIRST).days
    spend = Decimal(client.size) * (10 + number % 7 + (platform == "meta"))
    return {
        "client_id": client.client_id,
        "platform": platform,
        "date": day,
        "currency": client.currency,
        "total_spend": spend,
        "total_impressions": 1000 + number,
        "total_clicks": 50 + number % 5,
        "reservations": Decimal(1 + number % 3),
        # Meta tells Tokyo no values.
        "reservation_value": None if (client.client_id, platform) == ("tokyo", "meta") else 4 * spend,
    }


def total(rows: Iterable[Row], name: str) -> Any:
    """The sum of a measure; None where no row tells it, as SQL has it."""
    told = [row[name] for row in rows if row[name] is not None]
    return sum(told[1:], start=told[0]) if told else None


def days_of_month(first: date) -> int:
    return calendar.monthrange(first.year, first.month)[1]


@cache
def contracts() -> dict[str, list[Row]]:
    """The columns of every mart and table of health, by name."""
    return {
        f"{folder}.{model['name']}": model["columns"]
        for folder in ("marts", "health")
        for model in yaml.safe_load((ROOT / f"models/{folder}/_{folder}__models.yml").read_text())["models"]
    }


def fill(file: duckdb.DuckDBPyConnection, table: str, rows: list[Row]) -> None:
    """Create ``table`` by its contract and put ``rows`` in; columns that they lack are NULL."""
    columns = {column["name"]: column["data_type"] for column in contracts()[table]}
    typed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    file.execute(f"create table {table} ({typed})")
    if rows:
        given = pa.Table.from_pylist(rows)
        assert set(given.column_names) <= set(columns), table
        file.register("given", given)
        file.execute(f"insert into {table} by name select * from given")
        file.unregister("given")
