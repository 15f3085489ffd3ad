"""The figures: a pure function of seed, account, date and age, clean, and shaped like real ones."""

from datetime import UTC, date, datetime
from itertools import pairwise

import numpy as np
import pytest

from sandbox.data import google, meta
from sandbox.data.accounts import Account
from sandbox.data.book import Book
from sandbox.data.calendar import WEEKDAY, Floats, ages, day_number, midnight
from sandbox.data.campaigns import plan
from sandbox.data.schema import google_actions
from sandbox.data.world import load

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC).timestamp()
LAST = day_number(date(2026, 11, 23))
FIRST = LAST - 400
ROW = meta.ROW


@pytest.fixture(scope="module")
def book() -> Book:
    return Book(5)


@pytest.fixture(scope="module")
def accounts() -> dict[str, list[Account]]:
    registry = load(5)
    return {platform: registry.of(platform) for platform in ("meta", "google")}


def _events(account: Account) -> slice:
    return slice(3, 3 + len(google_actions(account)))


def test_a_value_does_not_depend_on_the_window(book: Book, accounts: dict[str, list[Account]]) -> None:
    for account in (accounts["meta"][3], accounts["google"][3]):
        whole = book.cube(account, FIRST, LAST, NOW)
        part = Book(5).cube(account, LAST - 20, LAST - 3, NOW)
        assert np.array_equal(part.total(), whole.total()[:, -21:-3])


def test_a_later_year_only_adds_campaigns(accounts: dict[str, list[Account]]) -> None:
    for account in (*accounts["meta"], *accounts["google"]):
        early, late = plan(5, account, 2026), plan(5, account, 2028)
        assert late[: len(early)] == early


def test_what_was_forgotten_comes_back_the_same(accounts: dict[str, list[Account]]) -> None:
    small = Book(5, keep_accounts=1)
    looks = [small.cube(account, LAST - 50, LAST, NOW).total() for account in accounts["google"][:2] * 2]
    assert np.array_equal(looks[0], looks[2]) and np.array_equal(looks[1], looks[3])


def test_another_seed_is_another_world(accounts: dict[str, list[Account]]) -> None:
    account = accounts["meta"][3]
    one, two = (Book(seed).cube(account, FIRST, LAST, NOW).total() for seed in (1, 2))
    assert not np.array_equal(one, two)


def test_no_day_of_the_default_world_breaks_a_rule(book: Book, accounts: dict[str, list[Account]]) -> None:
    for hours in (0, -5, 7.4):
        for account in accounts["meta"]:
            values = book.cube(account, FIRST, LAST + 1, NOW + hours * 3600).values
            row = {name: values[:, index] for name, index in ROW.items()}
            assert (values >= 0).all()
            assert (row["clicks"] <= row["impressions"]).all()
            assert (row["link_clicks"] <= row["clicks"]).all()
            assert (row["reach"] <= row["impressions"]).all()
            assert ((row["spend"] > 0) == (row["impressions"] > 0)).all()
            for name in ("calls", "leads", "purchases"):
                assert (row[name] <= row["link_clicks"]).all()
        for account in accounts["google"]:
            values = book.cube(account, FIRST, LAST + 1, NOW + hours * 3600).values
            assert (values >= 0).all()
            assert (values[:, 1] <= values[:, 0]).all()
            assert ((values[:, 2] > 0) == (values[:, 1] > 0)).all()
            assert (values[:, _events(account)] <= values[:, 1:2] * google.WHOLE).all()


def test_days_without_delivery_have_no_campaign_that_is_still_enabled(
    book: Book, accounts: dict[str, list[Account]]
) -> None:
    for account in (*accounts["meta"], *accounts["google"]):
        cube = book.cube(account, FIRST, LAST, NOW)
        impressions = cube.total()[ROW["impressions"] if account.platform == "meta" else 0]
        for index in np.flatnonzero(impressions == 0):
            assert not any(campaign.first <= FIRST + index <= campaign.last for campaign in cube.campaigns)


def test_the_world_has_the_accounts_that_trip_pipelines(
    book: Book, accounts: dict[str, list[Account]]
) -> None:
    everything = [*accounts["meta"], *accounts["google"]]
    assert len(everything) == 36
    assert {"JPY", "HUF", "PLN", "GBP", "USD", "CZK", "EUR"} == {account.currency for account in everything}
    assert len({account.timezone for account in everything}) >= 7
    assert [account.name for account in everything if not account.tracking] == ["The Highland Inn"] * 2
    assert {account.since for account in everything if account.since.year == 2026} == {date(2026, 11, 17)}
    assert {account.until for account in everything if account.until} == {date(2026, 10, 15)}
    quiet = [a.name for a in everything if not book.cube(a, LAST - 5, LAST, NOW).values.any()]
    assert quiet.count("Bohemia Court") == 1


def test_settled_days_never_change(book: Book, accounts: dict[str, list[Account]]) -> None:
    today = LAST + 1
    for platform, window in (("meta", 28), ("google", 35)):
        for account in accounts[platform]:
            now = midnight(account.timezone, today) + 900
            early = book.cube(account, FIRST, today - window, now)
            late = book.cube(account, FIRST, today - window, now + 90 * 86_400)
            assert np.array_equal(early.total(), late.total())


def test_meta_restates_upward_only_and_mostly_within_three_days(
    book: Book, accounts: dict[str, list[Account]]
) -> None:
    account = accounts["meta"][5]
    days = range(LAST - 60, LAST - 40)
    looks = [
        np.concatenate(
            [book.cube(account, d, d, midnight(account.timezone, d) + hour * 3600).total() for d in days], 1
        )
        for hour in (3, 9, 18, 23, 24.5, 30, 40, 60, 92, 120, 200)
    ]
    for before, after in pairwise(looks):
        assert (after >= before).all()
    spend = [look[ROW["spend"]].sum() for look in looks]
    assert spend[0] < spend[1] * 0.5
    assert 0.985 < spend[4] / spend[-1] < 1.0
    assert spend[-3] == spend[-1]


def test_google_credits_clicks_back_and_conversions_mature(
    book: Book, accounts: dict[str, list[Account]]
) -> None:
    first, last = np.zeros(3), np.zeros(3)
    changed = rows = 0
    for account in (a for a in accounts["google"] if a.tracking and a.until is None):
        for day in range(LAST - 70, LAST - 40):
            if day_number(account.since) > day:
                continue
            young = book.cube(account, day, day, midnight(account.timezone, day + 1) + 6 * 3600)
            old = book.cube(account, day, day, NOW)
            changed += int((young.values[:, 1, 0] != old.values[:, 1, 0]).sum())
            rows += len(old.campaigns)
            first += [*young.total()[1:3, 0], young.total()[_events(account)].sum()]
            last += [*old.total()[1:3, 0], old.total()[_events(account)].sum()]
    assert 1.0 < first[0] / last[0] < 1.02
    assert 1.0 < first[1] / last[1] < 1.02
    assert 0.5 < first[2] / last[2] < 0.75
    assert 0.15 < changed / rows < 0.4


def test_the_running_day_is_as_far_as_the_accounts_own_clock(
    book: Book, accounts: dict[str, list[Account]]
) -> None:
    for account in accounts["meta"]:
        if account.until or account.breaks:
            continue
        today = LAST + 1
        noon = midnight(account.timezone, today) + 12 * 3600
        partial = book.cube(account, today, today, noon).total()[ROW["spend"], 0]
        whole = book.cube(account, today, today, noon + 60 * 86_400).total()[ROW["spend"], 0]
        assert 0.42 < partial / whole < 0.52


def test_days_of_23_and_25_hours() -> None:
    short, long = day_number(date(2026, 3, 29)), day_number(date(2026, 10, 25))
    for day, hours in ((short, 23), (long, 25), (short + 1, 24)):
        assert midnight("Europe/Warsaw", day + 1) - midnight("Europe/Warsaw", day) == hours * 3600
    half = ages("Europe/Warsaw", long, long, midnight("Europe/Warsaw", long) + 12.5 * 3600)
    assert half.elapsed[0] == 0.5


def test_figures_are_refreshed_every_quarter_of_an_hour(
    book: Book, accounts: dict[str, list[Account]]
) -> None:
    account = accounts["meta"][3]
    looks = [book.cube(account, LAST + 1, LAST + 1, NOW + second).total() for second in (0, 899, 900)]
    assert np.array_equal(looks[0], looks[1])
    assert not np.array_equal(looks[1], looks[2])


def test_figures_have_the_shape_of_real_ones(book: Book, accounts: dict[str, list[Account]]) -> None:
    """Coarse statistics within wide bounds around the quantiles of real campaigns."""
    for platform, spend_row, click_row, impression_row in (("meta", 0, 2, 1), ("google", 2, 1, 0)):
        ctr: list[float] = []
        relative: list[float] = []
        memory: list[float] = []
        lives: list[int] = []
        fano: list[float] = []
        weekday: dict[int, list[float]] = {day: [] for day in range(7)}
        for account in accounts[platform]:
            cube = book.cube(account, FIRST, LAST, NOW)
            for campaign, values in zip(cube.campaigns, cube.values, strict=True):
                begin, end = max(0, campaign.first - FIRST), min(LAST, campaign.last) - FIRST + 1
                values = values[:, begin:end].astype(float)
                shown = values[impression_row] > 0
                ctr += (values[click_row][shown] / values[impression_row][shown]).tolist()
                spend = values[spend_row]
                if campaign.first >= FIRST:
                    lives.append(len(spend))
                if len(spend) > 20 and account.size != "tiny":  # a tiny account has days without a click
                    relative += (spend / np.median(spend)).tolist()
                    memory.append(_lag1(spend))
                    mean = np.convolve(spend, np.ones(7) / 7, "valid")
                    for index, around in enumerate(mean):
                        weekday[int(WEEKDAY[FIRST + begin + index + 3])].append(spend[index + 3] / around)
                if account.tracking:
                    row = ROW["leads"] if platform == "meta" else 3
                    events = values[row][-28:] / (1 if platform == "meta" else google.WHOLE)
                    if len(events) == 28 and events.mean() > 1:
                        fano.append(float(events.var() / events.mean()))
        low, mid, high = np.quantile(ctr, [0.05, 0.5, 0.95])
        assert (0.008 < low < 0.016 and 0.015 < mid < 0.025 and 0.025 < high < 0.055) or platform == "google"
        assert (low < 0.008 and 0.08 < high < 0.25) or platform == "meta"
        assert np.quantile(relative, 0.05) < 0.5 and 1.5 < np.quantile(relative, 0.95) < 2.3
        assert 0.25 < np.median(memory) < 0.65
        assert (3 <= np.median(lives) <= 8) if platform == "meta" else (np.median(lives) > 20)
        assert 1.3 < np.median(fano) < 3.2
        factors = [float(np.mean(weekday[day])) for day in range(7)]
        real = {
            "meta": [0.97, 1.09, 0.97, 1.03, 0.82, 0.96, 1.20],
            "google": [1.05, 1.12, 1.11, 0.98, 0.99, 0.91, 0.84],
        }[platform]
        assert np.abs(np.array(factors) - real).max() < 0.12


def _lag1(series: Floats) -> float:
    centred = series - series.mean()
    return float((centred[1:] * centred[:-1]).sum() / (centred**2).sum())
