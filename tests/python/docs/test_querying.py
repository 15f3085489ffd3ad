"""The questions of docs/querying.md, in a world with gaps, three time zones and five currencies."""

import re
from collections import defaultdict
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.settings import ROOT
from tests.python.docs.questions_world import (
    CLIENTS,
    FIRST,
    PLATFORMS,
    RATES,
    Client,
    Row,
    World,
    days_of_month,
    total,
)

# A month's last day, its first one, one in the middle, and the days around a shorter month.
DAYS = (date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 17), date(2026, 2, 28), date(2026, 3, 31))
PAGE = ROOT / "docs" / "querying.md"


@cache
def questions() -> dict[int, str]:
    """The questions by their numbers."""
    found = re.findall(r"^\*\*(\d+)\. .*?```sql\n(.*?)```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return {int(number): sql for number, sql in found}


class Asked:
    """A world and its release, to be asked by a question's number."""

    def __init__(self, world: World, release: Path) -> None:
        self.world = world
        self._release = release

    def __call__(self, number: int) -> list[Row]:
        with duckdb.connect(str(self._release), read_only=True) as file:
            cursor = file.execute(questions()[number])
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def this_month(self, client: Client) -> date:
        return self.world.closed(client).replace(day=1)

    def last_month(self, client: Client) -> date:
        """The month before the one that the next day is in."""
        running = (self.world.closed(client) + timedelta(1)).replace(day=1)
        return (running - timedelta(1)).replace(day=1)


@pytest.fixture(scope="module", params=DAYS, ids=str)
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    world = World(request.param)
    return Asked(world, world.release(tmp_path_factory.mktemp("release") / "ads.duckdb"))


def by_client(rows: list[Row], *more: str) -> dict[Any, Row]:
    return {tuple(row[name] for name in ("client_id", *more)): row for row in rows}


def test_there_are_twenty_questions() -> None:
    assert list(questions()) == list(range(1, len(questions()) + 1))
    assert len(questions()) >= 20


@pytest.mark.parametrize("number", questions())
def test_a_question_uses_published_tables_alone(number: int) -> None:
    read = re.findall(r"\b(?:from|join)\s+(\w+)\.(\w+)", questions()[number])
    assert {schema for schema, _ in read} <= {"marts", "health"}
    assert read


def test_every_question_is_answered(asked: Asked) -> None:
    unanswered = {number for number in questions() if not asked(number)}
    assert unanswered <= {RESTATEMENTS}


RESTATEMENTS = 18


def test_what_can_be_sent_is_each_clients_own_day(asked: Asked) -> None:
    rows = by_client(asked(1))
    for client in CLIENTS:
        day = asked.world.closed(client)
        row = rows[client.client_id,]
        assert row["last_closed_day"] == day
        assert row["can_be_sent"] == (not any(asked.world.is_gap(client, one, day) for one in PLATFORMS))


def test_what_is_missing_is_every_gap(asked: Asked) -> None:
    missing = sum(row["account_days"] for row in asked(2))
    expected = sum(
        asked.world.is_gap(client, platform, day)
        for client in CLIENTS
        for platform in PLATFORMS
        for day in asked.world.expected(client)
    )
    assert missing == expected > 0


def test_last_month_is_over_for_each_client(asked: Asked) -> None:
    rows = by_client(asked(3), "platform")
    assert len(rows) == 2 * len(CLIENTS)
    for client in CLIENTS:
        row = rows[client.client_id, "meta"]
        assert row["month"] == asked.last_month(client)
        assert row["status"] in ("complete", "incomplete")
        assert row["days_expected"] == days_of_month(row["month"])


def test_return_leaves_out_who_tells_no_value(asked: Asked) -> None:
    assert all(row["roas"] == pytest.approx(4) for row in asked(4))
    assert {row["client_id"] for row in asked(4)} == {client.client_id for client in CLIENTS}


def test_a_cost_is_of_months_that_are_whole(asked: Asked) -> None:
    months = {(row["client_id"], row["month"]) for row in asked(5)}
    for client in CLIENTS:
        rows = [row for row in asked.world.months() if row["client_id"] == client.client_id]
        whole: dict[date, bool] = defaultdict(lambda: True)
        for row in rows:
            whole[row["month"]] &= row["status"] == "complete"
        assert {month for one, month in months if one == client.client_id} == {
            month for month, is_whole in whole.items() if is_whole
        }


def test_pacing_compares_the_same_days(asked: Asked) -> None:
    rows = by_client(asked(6), "platform")
    for client in CLIENTS:
        for platform in PLATFORMS:
            first = asked.this_month(client)
            month_before = (first - timedelta(1)).replace(day=1)
            days = {row["date"]: row for row in asked.world.rows(client, platform)}
            pairs = [
                (days[first + timedelta(number)], days[month_before + timedelta(number)])
                for number in range(asked.world.closed(client).day)
                if first + timedelta(number) in days
                and number < days_of_month(month_before)
                and month_before + timedelta(number) in days
            ]
            if not any(day >= first for day in days):
                assert (client.client_id, platform) not in rows
                continue
            row = rows[client.client_id, platform]
            assert row["days_compared"] == len(pairs)
            assert row["days_not_compared"] == asked.world.closed(client).day - len(pairs)
            assert row["spend"] == total([now for now, _ in pairs], "total_spend")
            assert row["spend_before"] == total([before for _, before in pairs], "total_spend")


def test_weeks_that_are_compared_are_whole(asked: Asked) -> None:
    weeks = by_client(asked.world.weeks(), "platform", "week_start")
    for row in asked(7):
        now = weeks[row["client_id"], row["platform"], row["week_start"]]
        before = weeks[row["client_id"], row["platform"], row["week_start"] - timedelta(7)]
        assert now["status"] == before["status"] == "complete"
        change = 100 * (float(now["total_spend"] / before["total_spend"]) - 1)
        assert row["spend_change_percent"] == pytest.approx(change)
    assert {"budapest", "tokyo"} <= {row["client_id"] for row in asked(7)}


def test_years_that_are_compared_are_whole(asked: Asked) -> None:
    months = by_client(asked.world.months(), "platform", "month")
    for row in asked(8):
        before = row["month"].replace(year=row["month"].year - 1)
        assert months[row["client_id"], row["platform"], row["month"]]["status"] == "complete"
        assert row["spend_before"] == months[row["client_id"], row["platform"], before]["total_spend"]


def test_shares_add_up(asked: Asked) -> None:
    shares: dict[tuple[str, str], float] = defaultdict(float)
    for row in asked(9):
        shares[row["client_id"], row["currency"]] += row["share"]
    assert len(shares) == len(CLIENTS)
    assert all(share == pytest.approx(100) for share in shares.values())


def test_campaigns_are_ranked_within_a_currency(asked: Asked) -> None:
    rows = asked(10)
    assert {row["currency"] for row in rows} == {client.currency for client in CLIENTS}
    for client in CLIENTS:
        own = [row for row in rows if row["currency"] == client.currency]
        assert len(own) == 4
        window = asked.world.closed(client) - timedelta(30)
        spent = total(
            [row for row in asked.world.rows(client) if row["date"] > window],
            "total_spend",
        )
        assert total(own, "spend") == spent
        assert {row["campaign_name"] for row in own} == {"DE_book_rooms", "test"}


def test_only_idle_campaigns_brought_nothing(asked: Asked) -> None:
    assert {row["campaign_id"].rpartition("-")[2] for row in asked(12)} == {"idle"}
    assert {row["cost_per_reservation"] for row in asked(11) if row["campaign_id"].endswith("idle")} == {None}


def test_actions_cost_the_spend_of_their_platform(asked: Asked) -> None:
    for row in asked(13):
        client = next(one for one in CLIENTS if one.client_id == row["client_id"])
        window = asked.world.closed(client) - timedelta(30)
        days = [one for one in asked.world.rows(client, row["platform"]) if one["date"] > window]
        spend, count = total(days, "total_spend"), total(days, "reservations")
        assert row["cost_per_conversion"] == pytest.approx(float(spend / count))
    assert {row["action_type"] for row in asked(14)} == {"view_menu"}


def test_weekdays_are_of_days_with_both_platforms(asked: Asked) -> None:
    rows = by_client(asked(15), "weekday")
    assert ("berlin", "Friday") not in rows
    monday = rows["budapest", "Monday"]
    assert monday["days"] == 13
    assert all(row["days"] <= 13 for row in rows.values())


def test_the_month_so_far_counts_what_is_absent(asked: Asked) -> None:
    last: dict[tuple[str, str], Row] = {}
    for row in asked(16):
        last[row["client_id"], row["platform"]] = row
    for client in CLIENTS:
        for platform in PLATFORMS:
            first = asked.this_month(client)
            days = [row for row in asked.world.rows(client, platform) if row["date"] >= first]
            if not days:
                assert (client.client_id, platform) not in last
                continue
            row = last[client.client_id, platform]
            assert row["spent_so_far"] == total(days, "total_spend")
            assert row["days_absent"] == days[-1]["date"].day - len(days)


def test_names_and_findings_are_those_of_now(asked: Asked) -> None:
    assert {row["campaign_name"] for row in asked(17)} == {"test"}
    assert len(asked(17)) == 2 * len(CLIENTS)
    assert [row["rule"] for row in asked(19)] == ["conversion_level", "value_level"]


def test_scores_are_of_each_clients_own_weeks(asked: Asked) -> None:
    assert {(row["score"], row["score_before"]) for row in asked(20)} == {(90, 100)}
    assert len(asked(20)) == len(CLIENTS)


def test_the_agency_total_says_what_it_lacks(asked: Asked) -> None:
    for row in asked(21):
        months = [one for one in asked.world.months() if one["month"] == row["month"]]
        rates = [RATES[one["currency"]] if one["days_whole"] else None for one in months]
        converted = [one["total_spend"] * rate for one, rate in zip(months, rates, strict=True) if rate]
        assert row["spend"] == sum(converted)
        assert row["left_out"] == rates.count(None) > 0


def test_no_sum_crosses_currencies(asked: Asked) -> None:
    """A question that adds up money says in which currency."""
    money = re.compile(r"spend|value|cost|difference")
    for number in questions():
        rows = asked(number)
        if rows and any(money.search(name) for name in rows[0]) and number != RESTATEMENTS:
            assert {"currency", "reporting_currency"} & set(rows[0]), number


def test_the_world_has_what_it_promises() -> None:
    world = World(date(2026, 11, 1))
    assert FIRST.month != world.last_day.month
    assert {world.closed(client) for client in CLIENTS} == {date(2026, 11, 1), date(2026, 10, 31)}
