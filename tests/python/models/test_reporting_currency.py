"""Money is converted at the right rate or not at all, for any content of the file of rates."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from core.settings import ROOT

pytestmark = pytest.mark.slow

CONTRACTS = yaml.safe_load((ROOT / "models" / "marts" / "_marts__models.yml").read_text())["models"]
CURRENCIES = ("PLN", "EUR", "JPY", "KWD")
FIRST = date(2026, 1, 1)
MOST = Fraction(10**12)
Rates = Mapping[tuple[str, int], Decimal]


@dataclass(frozen=True)
class Case:
    """Days are counted from ``FIRST``; ``spends`` are (currency, day, spend)."""

    reporting: str
    max_age: int
    rates: Rates
    spends: tuple[tuple[str, int, Decimal], ...]


def price(case: Case, currency: str, day: int) -> tuple[Fraction, int] | None:
    """The price in zlotys of a day, and its own day; None without one that is new enough."""
    if currency == "PLN":
        return Fraction(1), day
    known = [on for code, on in case.rates if code == currency and on <= day]
    if not known or day - max(known) > case.max_age:
        return None
    return Fraction(case.rates[currency, max(known)]), max(known)


def rate(case: Case, currency: str, day: int) -> Fraction | None:
    """The rate of a day, by the words of docs/metrics.md."""
    if currency == case.reporting:
        return Fraction(1)
    own, reporting = price(case, currency, day), price(case, case.reporting, day)
    return own[0] / reporting[0] if own and reporting else None


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The statement of the model, as dbt makes it."""
    folder = tmp_path_factory.mktemp("reporting")
    (folder / "warehouse" / "health").mkdir(parents=True)
    shutil.copytree(ROOT / "agency", folder / "agency")
    env = {
        "PATH": "",
        "WHOLEDAY_WAREHOUSE": str(folder / "warehouse"),
        "WHOLEDAY_AGENCY": str(folder / "agency"),
    }
    command = [
        *(str(Path(sys.executable).with_name("dbt")), "compile", "--target", "clock"),
        *("--select", "daily_kpi_reporting", "--log-path", str(folder)),
    ]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    (found,) = (folder / "warehouse" / "target" / "compiled").rglob("daily_kpi_reporting.sql")
    return found.read_text()


def tables(case: Case) -> duckdb.DuckDBPyConnection:
    """A database with what the model reads."""
    db = duckdb.connect()
    db.execute("attach ':memory:' as ads")
    (contract,) = (model for model in CONTRACTS if model["name"] == "daily_kpi")
    columns = ", ".join(f"{column['name']} {column['data_type']}" for column in contract["columns"])
    for statement in (
        *(f"create schema ads.{schema}" for schema in ("marts", "staging", "intermediate")),
        f"create table ads.marts.daily_kpi ({columns})",
        "create table ads.staging.stg_agency__rates (currency varchar, date date, pln decimal(18, 6))",
        "create table ads.staging.stg_agency__settings (setting varchar, value varchar)",
        "create table ads.intermediate.int_rules"
        " (client_id varchar, rule varchar, parameters map(varchar, double))",
    ):
        db.execute(statement)
    db.execute(
        "insert into ads.staging.stg_agency__settings values ('reporting_currency', ?)", [case.reporting]
    )
    db.execute(
        "insert into ads.intermediate.int_rules values ('c', 'missing_rates', map {'days': ?})",
        [case.max_age],
    )
    for (currency, day), pln in case.rates.items():
        db.execute("insert into ads.staging.stg_agency__rates values (?, ?, ?)", [currency, on(day), pln])
    for number, (currency, day, spend) in enumerate(case.spends):
        db.execute(
            "insert into ads.marts.daily_kpi (client_id, platform, date, currency, total_spend, total_clicks)"
            " values ('c', ?, ?, ?, ?, 4)",
            [str(number), on(day), currency, spend],
        )
    return db


def on(day: int) -> date:
    return FIRST + timedelta(days=day)


DAYS = st.integers(0, 50)
PRICES = st.decimals(Decimal("0.000001"), Decimal(1_000_000), places=6)
SPENDS = st.decimals(Decimal(-100), Decimal(9_999_999_999), places=6)
CASES = st.builds(
    Case,
    st.sampled_from(CURRENCIES),
    st.integers(0, 40),
    st.dictionaries(st.tuples(st.sampled_from(CURRENCIES[1:]), DAYS), PRICES, max_size=8),
    st.lists(st.tuples(st.sampled_from(CURRENCIES), DAYS, SPENDS), min_size=1, max_size=5).map(tuple),
)


@given(case=CASES)
@settings(max_examples=150, deadline=None)
def test_a_day_is_converted_at_its_rate_or_not_at_all(compiled: str, case: Case) -> None:
    found = tables(case).execute(
        f"select platform, total_spend, rate, average_cpc, rate_date from ({compiled})"
    )
    rows = {int(platform): told for platform, *told in found.fetchall()}
    assert len(rows) == len(case.spends)
    for number, (currency, day, spend) in enumerate(case.spends):
        converted, told_rate, per_click, rate_date = rows[number]
        expected = rate(case, currency, day)
        if expected is None:
            assert (converted, told_rate, per_click, rate_date) == (None, None, None, None)
            continue
        assert told_rate == pytest.approx(float(expected), rel=1e-12)
        assert rate_date <= on(day) <= rate_date + timedelta(days=case.max_age) or currency == case.reporting
        amount = Fraction(spend) * expected
        if converted is None:
            assert abs(amount) >= MOST - 1
        else:
            # Half of the last digit that is kept, and what a double cannot tell apart.
            assert abs(Fraction(converted) - amount) <= Fraction(5, 10**7) + abs(amount) / 10**15 + Fraction(
                1, 10**9
            )
