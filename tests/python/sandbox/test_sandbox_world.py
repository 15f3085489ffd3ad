"""The example agency and the sandbox's world belong together; other agencies are served too."""

import csv
from datetime import date
from pathlib import Path

import pytest

from sandbox.data.accounts import drawn_size
from sandbox.data.book import Book
from sandbox.data.calendar import day_number
from sandbox.data.schema import google_actions, meta_actions
from sandbox.data.shape import SIZES
from sandbox.data.world import digits, load
from sandbox.process import ROOT

AGENCY = ROOT / "agency"


def _read(name: str) -> list[dict[str, str]]:
    with (AGENCY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_registered_account_is_described_alike_in_the_world() -> None:
    registry = load(1)
    rows = _read("accounts.csv")
    registered = {(row["platform"], digits(row["account_id"])) for row in rows}
    unregistered = set(registry.accounts) - registered
    assert registered < set(registry.accounts)
    assert {registry.accounts[key].name for key in unregistered} == {"Villa Jantar"}
    for row in rows:
        account = registry.find(row["platform"], digits(row["account_id"]))
        assert account is not None
        assert (account.currency, account.timezone) == (row["currency"], row["timezone"])
        assert account.tracking == (row["conversion_tracking"] == "true")
        assert account.since <= date.fromisoformat(row["started_on"])
        assert (account.until.isoformat() if account.until else "") == row["ended_on"]


def test_sixteen_clients_with_one_currency_per_platform() -> None:
    clients = {row["client_id"] for row in _read("clients.csv")}
    accounts = _read("accounts.csv")
    assert len(clients) == 16
    assert clients == {row["client_id"] for row in accounts}
    for client in clients:
        for platform in ("meta", "google"):
            own = [row for row in accounts if row["client_id"] == client and row["platform"] == platform]
            assert len({row["currency"] for row in own}) == 1
    per_platform = [(row["client_id"], row["platform"]) for row in accounts]
    assert sorted({pair for pair in per_platform if per_platform.count(pair) == 2}) == [
        ("meridian", "google"),
        ("zamek-karkonosze", "meta"),
    ]


def test_every_action_type_of_the_world_is_mapped_once_per_client() -> None:
    registry = load(1)
    owner = {(row["platform"], digits(row["account_id"])): row["client_id"] for row in _read("accounts.csv")}
    rows = _read("conversion_actions.csv")
    for (platform, account_id), account in registry.accounts.items():
        client = owner.get((platform, account_id), "villa-jantar")
        seen = (
            [(action.action_type, "") for action in meta_actions(account)]
            if platform == "meta"
            else [(action.name, action.action_id) for action in google_actions(account)]
        )
        kpis: list[str] = []
        for names in seen:
            candidates = [r for r in rows if r["platform"] == platform and r["action_type"] in names]
            own = [r for r in candidates if r["client_id"] == client]
            shared = [r for r in candidates if not r["client_id"]]
            assert own or shared, f"{platform} {names} of {client} is not mapped"
            kpis.append((own or shared)[0]["kpi"])
        mapped = [kpi for kpi in kpis if kpi != "ignore"]
        wanted = ["click_to_call", "email_contacts", "reservations"] if account.tracking else []
        assert sorted(mapped) == wanted, client


def test_mapping_covers_what_trips_pipelines() -> None:
    rows = _read("conversion_actions.csv")
    assert any(row["action_type"].isdigit() and row["client_id"] for row in rows)
    assert any(row["basis"] == "all_conversions" and row["kpi"] == "click_to_call" for row in rows)
    assert any(row["platform"] == "meta" and row["client_id"] for row in rows)


def test_rates_cover_every_currency_before_the_first_day() -> None:
    rates = _read("rates.csv")
    for currency in {row["currency"] for row in _read("accounts.csv")}:
        dates = [row["date"] for row in rates if row["currency"] == currency]
        assert min(dates) <= "2025-09-01" and len(dates) >= 15
        assert all(float(row["pln"]) > 0 for row in rates)


def test_other_agencies_are_served(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text(
        "account_id,platform,client_id,currency,timezone,conversion_tracking,started_on,ended_on\n"
        "act_111,meta,a,SEK,Europe/Stockholm,true,2026-08-01,\n"
        "222-333-4444,google,a,VND,Asia/Ho_Chi_Minh,false,2026-08-01,2026-09-30\n"
        "2223334444,google,b,VND,Asia/Ho_Chi_Minh,false,2026-10-01,2026-10-31\n",
        encoding="utf-8",
    )
    registry = load(3, tmp_path)
    assert len(registry.accounts) == 36 + 2
    meta, google = registry.find("meta", "111"), registry.find("google", "2223334444")
    assert meta is not None and google is not None
    assert (meta.currency, meta.timezone, meta.until) == ("SEK", "Europe/Stockholm", None)
    assert (google.tracking, google.since, google.until) == (False, date(2026, 8, 1), date(2026, 10, 31))
    now = 1_795_500_000.0
    for account, first, last in ((meta, "2026-08-01", "2026-11-23"), (google, "2026-08-01", "2026-10-31")):
        days = (day_number(date.fromisoformat(first)) - 5, day_number(date.fromisoformat(last)) + 5)
        total = Book(3).cube(account, *days, now).total()
        assert not total[:, :5].any()
        assert (total[1, 5 : 5 + days[1] - days[0] - 9] > 0).all()
        assert account is meta or not total[:, -5:].any()


def test_an_agency_without_accounts_adds_none(tmp_path: Path) -> None:
    assert len(load(3, tmp_path).accounts) == 36


def test_sizes_are_drawn_from_the_id() -> None:
    sizes = [drawn_size(1, "meta", str(number)) for number in range(1000)]
    assert set(sizes) == set(SIZES)
    assert sizes == [drawn_size(1, "meta", str(number)) for number in range(1000)]
    assert sizes.count("small") > sizes.count("large") > 50


@pytest.mark.parametrize("platform", ["meta", "google"])
def test_campaign_ids_are_nobody_elses(platform: str) -> None:
    registry, book = load(1), Book(1)
    ids = [c.campaign_id for a in registry.of(platform) for c in book.campaigns(a, 1_795_500_000.0)]
    assert len(ids) == len(set(ids)) > 300
