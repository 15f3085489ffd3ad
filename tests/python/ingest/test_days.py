"""Rows of a page become account-days: split, ordered, hashed, compared; what was not asked for is refused."""

import json
import random
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.agency.registrations import Registration
from ingest.client.errors import AnswerError
from ingest.collect.days import (
    Collected,
    DayColumns,
    Landed,
    landed_rows,
    version_id,
)
from ingest.collect.planner import Window
from ingest.collect.reconcile import disagreeing
from ingest.google import rows as google_rows
from ingest.google import source as google
from ingest.meta import rows as meta_rows
from ingest.meta import source as meta
from ingest.platform_api import AccountFacts, WindowAnswers

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 3)
ACCOUNT = AccountFacts("1", "Dune", "EUR", "Europe/Berlin", "1", False)
REGISTRATION = Registration("meta", "1", "dune", "EUR", "Europe/Berlin", date(2026, 1, 1), None)
INSTANT = datetime(2026, 11, 4, 6, tzinfo=UTC)


def campaign_row(campaign: str, day: str = "2026-11-01", **values: Any) -> dict[str, Any]:
    head = {"date_start": day, "date_stop": day, "account_id": "1", "campaign_id": campaign}
    return {**head, "campaign_name": f"Campaign {campaign}", "spend": "1.00", "impressions": "10", **values}


def total_row(day: str = "2026-11-01", **values: Any) -> dict[str, Any]:
    return {"date_start": day, "date_stop": day, "account_id": "1", **values}


def action(kind: str, value: Any) -> dict[str, Any]:
    return {"action_type": kind, "value": value}


def meta_answers(campaigns: list[dict[str, Any]], totals: list[dict[str, Any]]) -> WindowAnswers:
    answers = WindowAnswers.over(FIRST, LAST)
    meta_rows.take_campaigns(answers, "1", read(campaigns))
    meta_rows.take_totals(answers, "1", read(totals))
    return answers


def read(rows: list[dict[str, Any]]) -> list[Any]:
    page, reader = {"data": rows}, meta_rows.Rows()
    return reader.taken(reader.read(json.dumps(page).encode()) or json.loads(json.dumps(page)))[0]


def off(campaigns: list[dict[str, Any]], totals: list[dict[str, Any]], currency: str = "EUR") -> list[int]:
    days = disagreeing(meta.Source.measures, meta_answers(campaigns, totals), currency)
    return sorted(day.day for day in days)


def test_a_row_is_split_and_loses_its_name() -> None:
    row = campaign_row("7", actions=[action("lead", "2"), action("a", "1")], attribution_setting="7d_click")
    answers = meta_answers([row], [])
    columns = DayColumns.of(answers, ACCOUNT)
    assert json.loads(columns.delivery[0]) == [
        {"attribution_setting": "7d_click", "campaign_id": "7", "impressions": "10", "spend": "1.00"}
    ]
    assert json.loads(columns.conversions[0]) == [
        {"actions": [action("a", "1"), action("lead", "2")], "campaign_id": "7"}
    ]
    assert (columns.delivery[1], columns.control_totals[2]) == (b"[]", b"[]")
    assert columns.attribution == ["7d_click", None, None]
    assert answers.campaigns["7"].name == "Campaign 7"


@given(st.randoms(use_true_random=False), st.lists(st.integers(1, 99), unique=True, max_size=6))
def test_the_order_of_the_platform_changes_no_hash(shuffle: random.Random, campaigns: list[int]) -> None:
    rows = [
        campaign_row(str(n), actions=[action("a", "1"), action("b", "2")], action_values=[action("a", "3")])
        for n in campaigns
    ]
    mixed = [dict(shuffle.sample(sorted(row.items()), len(row))) for row in shuffle.sample(rows, len(rows))]
    for row in mixed:
        row["actions"] = shuffle.sample(row["actions"], 2)
    assert DayColumns.of(meta_answers(rows, []), ACCOUNT) == DayColumns.of(meta_answers(mixed, []), ACCOUNT)


def test_pages_that_share_a_day_are_joined_in_order() -> None:
    rows = [campaign_row(str(n), actions=[action("a", str(n))]) for n in range(9)]
    whole = DayColumns.of(meta_answers(rows, []), ACCOUNT)
    for pages in ([rows[5:], rows[:5]], [rows[::2], rows[1::2]]):
        answers = WindowAnswers.over(FIRST, LAST)
        for page in pages:
            meta_rows.take_campaigns(answers, "1", read(page))
        assert DayColumns.of(answers, ACCOUNT) == whole


def test_a_key_that_nobody_asked_for_is_kept() -> None:
    entry = {**action("lead", "2"), "7d_click": "1"}
    rows = [campaign_row("7"), campaign_row("8", brand_new={"of": ["any", 1]}, actions=[entry])]
    columns = DayColumns.of(meta_answers(rows, []), ACCOUNT)
    assert json.loads(columns.delivery[0])[1]["brand_new"] == {"of": ["any", 1]}
    assert json.loads(columns.conversions[0]) == [{"actions": [entry], "campaign_id": "8"}]


def test_what_gives_the_numbers_a_meaning_is_hashed_and_a_name_is_not() -> None:
    def hashed(account: AccountFacts = ACCOUNT, **values: Any) -> str:
        return DayColumns.of(meta_answers([campaign_row("7", **values)], []), account).hashes[0]

    same = hashed()
    assert hashed(campaign_name="Renamed") == same
    others = [
        hashed(spend="1.01"),
        hashed(attribution_setting="1d_click"),
        hashed(AccountFacts("1", "Dune", "PLN", "Europe/Berlin", "1", False)),
        hashed(AccountFacts("1", "Dune", "EUR", "Europe/Paris", "1", False)),
    ]
    assert len({same, *others}) == 5


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (campaign_row("7", day="2026-11-04"), "outside the window"),
        (campaign_row("7", date_stop="2026-11-02"), "more than one day"),
        (campaign_row("7", account_id="2"), "another account"),
    ],
)
def test_rows_that_were_not_asked_for_are_refused(row: dict[str, Any], reason: str) -> None:
    with pytest.raises(AnswerError, match=reason):
        meta_answers([row], [])


def test_what_comes_twice_is_refused() -> None:
    with pytest.raises(AnswerError, match="came twice"):
        DayColumns.of(meta_answers([campaign_row("7"), campaign_row("8"), campaign_row("7")], []), ACCOUNT)
    with pytest.raises(AnswerError, match="several totals"):
        DayColumns.of(meta_answers([], [total_row(), total_row()]), ACCOUNT)


def test_sums_that_agree() -> None:
    rows = [campaign_row("7", actions=[action("lead", "1.5")]), campaign_row("8")]
    agreeing = total_row(spend="2.00", impressions="20", actions=[action("lead", "1.5")])
    assert off(rows, [agreeing]) == []
    assert off([], []) == []


DISAGREEING = {
    "a click more": {"clicks": "1"},
    "impressions": {"impressions": "21"},
    "money beyond rounding": {"spend": "2.02"},
    "an action that no campaign has": {"actions": [action("lead", "1.5"), action("purchase", "1")]},
    "a conversion less": {"actions": [action("lead", "0.5")]},
    "a value": {"action_values": [action("lead", "9.99")]},
}


@pytest.mark.parametrize("changes", DISAGREEING.values(), ids=DISAGREEING)
def test_sums_that_disagree(changes: dict[str, Any]) -> None:
    rows = [campaign_row("7", actions=[action("lead", "1.5")]), campaign_row("8")]
    total = total_row(spend="2.00", impressions="20", actions=[action("lead", "1.5")]) | changes
    assert off(rows, [total]) == [1]


def test_money_may_differ_by_what_rounding_makes_of_it() -> None:
    rows = [campaign_row("7"), campaign_row("8")]
    total = total_row(spend="2.01", impressions="20")
    assert off(rows, [total]) == [], "half a cent for each of two rows, and one more"
    assert off(rows, [total | {"spend": "3.00"}], currency="JPY") == [], "half a yen"
    assert off(rows, [total | {"spend": "3.00"}]) == [1]


def test_a_day_without_total_disagrees_and_one_that_is_no_number_is_not_compared() -> None:
    assert off([campaign_row("7")], []) == [1]
    assert off([campaign_row("7", spend="1,00")], []) == []


def google_answers(**metrics: Any) -> WindowAnswers:
    answers = WindowAnswers.over(FIRST, LAST)
    day = answers.days["2026-11-01"]
    campaign = {"id": "5", "name": "Brand", "status": "ENABLED"}
    base = {"impressions": "10", "clicks": "2", "costMicros": "1500000", "conversions": 1.5}
    google_rows.take_delivery(answers, day, [{"campaign": campaign, "metrics": dict(base)}])
    segments = {"conversionAction": "customers/1/conversionActions/7"}
    converted = {"campaign": campaign, "segments": segments, "metrics": {"conversions": 1.5}}
    google_rows.take_conversions(answers, day, [converted])
    google_rows.take_totals(answers, day, [{"metrics": base | metrics}])
    return answers


@pytest.mark.parametrize(
    ("metrics", "agrees"),
    [
        ({}, True),
        ({"costMicros": "1510000"}, True),
        ({"costMicros": "1511000"}, False),
        ({"clicks": "3"}, False),
        ({"conversions": 1.509}, True),
        ({"conversions": 2.5}, False),
        ({"allConversionsValue": 3.0}, False),
    ],
)
def test_google_reconciles(metrics: dict[str, Any], agrees: bool) -> None:
    found = disagreeing(google.Source.measures, google_answers(**metrics), "EUR")
    assert found == (frozenset() if agrees else {FIRST})


def test_google_rows_lose_names_and_keep_the_wire() -> None:
    columns = DayColumns.of(google_answers(), ACCOUNT)
    assert json.loads(columns.delivery[0])[0]["campaign"] == {"id": "5"}
    assert json.loads(columns.conversions[0])[0]["segments"] == {
        "conversionAction": "customers/1/conversionActions/7"
    }


def collected() -> Collected:
    window = Window(REGISTRATION, FIRST, LAST, 1, date(2026, 11, 4), 28, frozenset({date(2026, 11, 2)}))
    return Collected("c", "run", window, ACCOUNT, "v26.0", "spend", 2, 3, INSTANT, INSTANT)


def test_only_what_changed_is_stored() -> None:
    columns = DayColumns.of(meta_answers([campaign_row("7")], []), ACCOUNT)
    asked = frozenset({"spend"})
    latest = {
        FIRST: Landed("old:2026-11-01", "other", asked),
        LAST: Landed("old:2026-11-03", columns.hashes[2], asked),
    }
    versions, sightings = landed_rows(columns, collected(), latest)
    assert versions.column("version_id").to_pylist() == [
        version_id("c", FIRST),
        version_id("c", date(2026, 11, 2)),
    ]
    assert {len(name) for name in versions.column("version_id").to_pylist()} == {12}
    assert versions.column("data_source").to_pylist() == ["lookback", "heal"]
    assert sightings.column("version_id").to_pylist() == ["old:2026-11-03"]
    assert sightings.column("started_at").to_pylist() == [INSTANT]


@pytest.mark.parametrize(("asked", "stored"), [("", 3), ("spend", 0), ("clicks,spend", 0)])
def test_more_is_asked_for_and_the_answer_is_the_same(asked: str, stored: int) -> None:
    columns = DayColumns.of(meta_answers([campaign_row("7")], []), ACCOUNT)
    latest = {
        day: Landed("old", digest, frozenset(asked.split(",")))
        for day, digest in zip(columns.dates, columns.hashes, strict=True)
    }
    versions, sightings = landed_rows(columns, collected(), latest)
    assert (versions.num_rows, sightings.num_rows) == (stored, 3 - stored)


def test_days_are_replaced_in_full() -> None:
    first = DayColumns.of(meta_answers([campaign_row("7"), campaign_row("7", "2026-11-02")], []), ACCOUNT)
    newer = DayColumns.of(meta_answers([campaign_row("8"), campaign_row("8", "2026-11-02")], []), ACCOUNT)
    merged = first.replaced(newer, frozenset({date(2026, 11, 2)}))
    assert merged.hashes == [first.hashes[0], newer.hashes[1], first.hashes[2]]
    assert merged.delivery == [first.delivery[0], newer.delivery[1], first.delivery[2]]
    assert merged.dates == first.dates


numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values = st.none() | numbers | st.text(max_size=4) | st.sampled_from(["1", "2.5", "1e9", "nan", "inf"])


@settings(max_examples=200)
@given(rows=st.lists(st.fixed_dictionaries({"spend": values, "clicks": values}), max_size=5))
def test_wild_values_are_stored_as_they_came(rows: list[dict[str, Any]]) -> None:
    whole = [campaign_row(str(n), **row) for n, row in enumerate(rows)]
    answers = WindowAnswers.over(FIRST, LAST)
    meta_rows.take_campaigns(answers, "1", read(whole))
    disagreeing(meta.Source.measures, answers, "EUR")
    assert len(json.loads(DayColumns.of(answers, ACCOUNT).delivery[0])) == len(rows)
