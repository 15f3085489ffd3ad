"""``make onboard``: which accounts, which rows, and that the rows work."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import structlog

from ingest import agency
from ingest.agency import Agency, Registration
from ingest.agency_files import Line
from ingest.onboarding import rows
from ingest.onboarding.choice import Candidate, Choice
from ingest.onboarding.command import onboard
from ingest.onboarding.estimate import estimate
from ingest.onboarding.families import family
from ingest.onboarding.mapping import Judged, judge
from ingest.onboarding.match import LIKELY, POSSIBLE, matches, words
from ingest.onboarding.proposal import Known, propose
from ingest.onboarding.survey import Counted
from ingest.reach import ReachedAccount, SeenAction
from ingest.source_spec import load_settings
from sandbox.process import SandboxProcess
from tests.python.installation import Installation
from wholeday.errors import UserError
from wholeday.settings import ROOT, Settings

NOW = "2026-11-24T06:00:00+00:00"
TODAY, SINCE = date(2026, 11, 24), date(2025, 11, 1)
NOTHING = Agency({}, ())


def account(name: str, account_id: str = "1", platform: str = "meta", **other: object) -> ReachedAccount:
    facts = {"currency": "PLN", "timezone": "Europe/Warsaw", **other}
    return ReachedAccount(platform, account_id, name, **facts)  # type: ignore[arg-type]


def line(platform: str, action: str, kpi: str, client: str | None = None, **other: object) -> Line:
    named = {"platform": platform, "client_id": client, "action_type": action, "kpi": kpi}
    return Line(2, {"basis": "conversions", "valid_from": None, "valid_to": None, **named, **other})


def seen(name: str, count: int = 1, **other: object) -> SeenAction:
    return SeenAction(name, Decimal(count), **other)  # type: ignore[arg-type]


def test_words_have_no_marks_and_no_case() -> None:
    assert words("Grand-Hotel Bałtyk, „Żółw” & Spa") == ("grand", "hotel", "baltyk", "zolw", "spa")
    assert words("Sakura 桜") == ("sakura", "桜")


@pytest.mark.parametrize(
    ("client", "name", "expected"),
    [
        ("grand-baltyk", "Grand Hotel Bałtyk", "likely"),
        ("harborhouse", "Harbor House Inn", "likely"),
        ("karkonosce", "Zamek Karkonosze, Spa & Resort", "likely"),
        ("hotel-fala", "Hotel Aurora", "no"),
        ("villa-jantar", "Villa Mazury", "no"),
        ("aurora-gdynia", "Aurora Sopot", "possible"),
    ],
)
def test_a_name_is_like_the_clients_by_its_rare_words(client: str, name: str, expected: str) -> None:
    others = [account(f"Hotel {n}") for n in ("Wisła", "Odra", "Warta")] + [account("Villa Nogat")] * 2
    (found,) = [m for m in matches((client, ""), [account(name), *others]) if m.account.name == name]
    verdict = "likely" if found.likeness >= LIKELY else "possible" if found.likeness >= POSSIBLE else "no"
    assert verdict == expected, found.likeness


@pytest.mark.parametrize(
    ("action_type", "event"),
    [
        ("purchase", "purchase"),
        ("omni_purchase", "purchase"),
        ("onsite_web_app_purchase", "purchase"),
        ("offsite_conversion.fb_pixel_purchase", "purchase"),
        ("omni_initiated_checkout", "initiate_checkout"),
        ("offsite_conversion.fb_pixel_initiate_checkout", "initiate_checkout"),
        ("onsite_conversion.lead_grouped", "lead"),
        ("onsite_web_lead", "lead"),
        ("contact_total", "contact"),
        ("contact_website", "contact"),
        ("offsite_conversion.custom.4815162342001", ""),
        ("link_click", "link_click"),
    ],
)
def test_overlapping_types_are_one_family(action_type: str, event: str) -> None:
    assert family(action_type) == event


def by_name(judged: list[Judged]) -> dict[str, tuple[str, str]]:
    return {one.action.name: (one.line, one.kpi) for one in judged}


def test_a_line_speaks_first_and_the_clients_own_wins() -> None:
    lines = [line("meta", "omni_purchase", "ignore", "me"), line("meta", "omni_purchase", "reservations")]
    assert by_name(judge("meta", "me", [seen("omni_purchase")], lines, TODAY)) == {
        "omni_purchase": ("ignore", "")
    }
    assert by_name(judge("meta", "you", [seen("omni_purchase")], lines, TODAY)) == {
        "omni_purchase": ("reservations", "")
    }
    over = [line("meta", "omni_purchase", "reservations", valid_to=date(2026, 11, 23))]
    assert by_name(judge("meta", "me", [seen("omni_purchase")], over, TODAY)) == {"omni_purchase": ("", "")}


def test_only_what_is_certain_is_suggested_on_meta() -> None:
    actions = [
        seen("link_click", 90),
        seen("purchase", 7),
        seen("omni_purchase", 7),
        seen("lead", 4),
        seen("onsite_web_lead", 4),
        seen("offsite_conversion.custom.1", 7),
        seen("click_to_call_call_confirm", 2),
    ]
    judged = judge("meta", "me", actions, [line("meta", "omni_purchase", "reservations")], TODAY)
    assert by_name(judged) == {
        "link_click": ("", "ignore"),
        "purchase": ("", "ignore"),
        "omni_purchase": ("reservations", ""),
        "lead": ("", ""),
        "onsite_web_lead": ("", ""),
        "offsite_conversion.custom.1": ("", ""),
        "click_to_call_call_confirm": ("", "click_to_call"),
    }
    reasons = {one.action.name: one.because for one in judged}
    assert reasons["purchase"] == "it counts the same as omni_purchase, which is reservations"
    assert reasons["lead"] == "it overlaps with onsite_web_lead: map one of them"
    assert "another action has the same count" in reasons["offsite_conversion.custom.1"]


def test_two_actions_that_could_count_one_booking_are_for_a_person_to_decide() -> None:
    call = seen("Calls", category="PHONE_CALL_LEAD", primary=False, action_id="3")
    tag = seen("Booking tag", category="PURCHASE", primary=True, action_id="1")
    imported = seen("Booking (import)", category="PURCHASE", primary=True, action_id="2")
    both = judge("google", "me", [tag, imported, call], [], TODAY)
    assert by_name(both) == {
        "Booking tag": ("", ""),
        "Booking (import)": ("", ""),
        "Calls": ("", "click_to_call"),
    }
    alone = judge("google", "me", [tag, call], [], TODAY)
    assert [(one.kpi, one.basis) for one in alone] == [
        ("reservations", "conversions"),
        ("click_to_call", "all_conversions"),
    ]
    mapped = judge("google", "me", [tag, imported], [line("google", "2", "reservations")], TODAY)
    assert by_name(mapped) == {"Booking tag": ("", ""), "Booking (import)": ("reservations", "")}


def registration(client: str, account_id: str, ended: date | None = None) -> Registration:
    return Registration("meta", account_id, client, "PLN", "Europe/Warsaw", SINCE, ended)


def test_what_is_chosen_and_what_stands_in_the_way() -> None:
    registered = (registration("other", "2"), registration("old", "3", date(2026, 10, 31)))
    reached = [
        account("Villa Jantar", "1"),
        account("Villa Jantar Bis", "2"),
        account("Villa Jantar Spa", "3"),
        account("Villa Jantar Group", "4", manager=True),
        account("Villa Jantar Old", "5", closed="disabled"),
        account("Somebody", "6"),
    ]
    names = ("villa-jantar", "")
    found = Choice("villa-jantar", names, frozenset(), Agency({}, registered)).candidates(reached)
    taken = {one.account.account_id for one in found if one.taken}
    because = {one.account.account_id: one.because for one in found}
    assert taken == {"1", "3"}
    assert because["2"] == "set ended_on in its line for other first: one client at a time"
    assert because["4"] == "a manager account: it has no figures of its own"
    assert because["5"] == "the platform says it is disabled"
    chosen = Choice("villa-jantar", names, frozenset({"6"}), NOTHING).candidates(reached)
    assert [one.account.account_id for one in chosen if one.taken] == ["6"]
    with pytest.raises(UserError, match=r"account 77 is not among the 6 accounts .*access_lost"):
        Choice("villa-jantar", names, frozenset({"77"}), NOTHING).check(reached)


def candidate(one: ReachedAccount, *registered: Registration) -> Candidate:
    return Candidate(one, 1.0, registered, taken=True, because="")


def test_rows_start_after_the_last_client_and_never_cross_currencies() -> None:
    taken = [
        candidate(account("Jantar", "1"), registration("old", "1", date(2026, 10, 31))),
        candidate(account("Jantar EUR", "2", currency="EUR")),
        candidate(account("Jantar", "3", "google")),
    ]
    counted = {("meta", "1"): Counted([seen("link_click")], None), ("google", "3"): Counted([], False)}
    found = propose(Known("jantar", "", []), taken, counted, SINCE, TODAY)
    assert [(row["account_id"], row["started_on"], row["conversion_tracking"]) for row in found.accounts] == [
        ("1", "2026-11-01", "false"),
        ("3", "2025-11-01", "false"),
    ]
    assert found.client[0]["client_name"] == "Jantar"
    assert any("bills in EUR, the client's others in PLN" in remark for remark in found.remarks)
    unread = propose(Known("jantar", "Jantar", []), taken[:1], {}, SINCE, TODAY)
    assert (unread.accounts[0]["conversion_tracking"], unread.client) == ("true", [])


def test_lines_follow_the_columns_of_the_file_that_is_there(tmp_path: Path) -> None:
    from ingest.agency_columns import CLIENTS

    row = rows.client_row("a", 'Hotel "A", Spa', SINCE)
    assert rows.as_csv(tmp_path, CLIENTS, [row]) == 'a,"Hotel ""A"", Spa",2025-11-01,,99.5,\n'
    (tmp_path / "clients.csv").write_text(
        "owner,client_id,client_name,completeness_target,ended_on,started_on\n", encoding="utf-8"
    )
    assert rows.as_csv(tmp_path, CLIENTS, [row]) == ',a,"Hotel ""A"", Spa",99.5,,2025-11-01\n'


def test_the_estimate_is_the_planners(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__META_ADS__MAX_REQUESTS_PER_RUN", "6")
    registered = [registration("a", "1"), registration("a", "2")]
    (found,) = estimate(registered, load_settings("live"), datetime.fromisoformat(NOW).astimezone(UTC))
    days = (TODAY - SINCE).days + 1
    windows = -(-days // 90)
    assert (found.days, found.requests) == (2 * days, 2 * (2 + 2 * windows))
    assert found.runs == -(-found.requests // 6)


@pytest.fixture
def settings(
    small: Installation, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """The small agency's files, the environment of a command, and the log as it was."""
    for name, value in small.environment(NOW).items():
        monkeypatch.setenv(name, value)
    sandbox.set_clock(NOW)
    before = structlog.get_config()
    yield Settings(small.warehouse, small.site, small.agency)
    structlog.configure(**before)
    sandbox.set_clock(None)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.slow
def test_pasted_rows_are_collected(
    settings: Settings, small: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(settings.agency)
    assert onboard(settings, "grand-baltyk", [], date(2026, 11, 20)) == 0
    said = capsys.readouterr().out
    assert files(settings.agency) == before
    assert not settings.warehouse.exists()
    for name, pasted in re.findall(r"Append to \S*/(\w+\.csv):\n\n((?:.+\n)+?)(?=\n|-|$)", said):
        with (settings.agency / name).open("a", encoding="utf-8") as file:
            file.write(pasted)
    own = {r.platform: r for r in agency.load(settings).registrations if r.client_id == "grand-baltyk"}
    assert {p: (r.account_id, r.currency, r.started_on) for p, r in own.items()} == {
        "meta": ("321851044557173", "PLN", date(2026, 11, 20)),
        "google": ("4570523838", "PLN", date(2026, 11, 20)),
    }
    assert "First backfill on Meta Ads: 5 account-days with about 4 requests, in one run" in said
    days = ("--client", "grand-baltyk", "--from", "2026-11-20", "--to", "2026-11-23")
    collected = small.wholeday("backfill", *days, now=NOW, module="ingest")
    assert "collected 2 accounts" in collected
    assert "8 account-days stored" in collected
    assert onboard(settings, "grand-baltyk", [], None) == 0
    again = capsys.readouterr().out
    assert "Append to" not in again
    assert "All of these accounts are registered for grand-baltyk" in again


def test_every_account_and_whom_it_is_registered_for(
    settings: Settings, sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    assert onboard(settings, "hotel-nowhere", [], None) == 1
    said = capsys.readouterr().out
    assert all(one["account"] in said for one in sandbox.accounts())
    assert re.search(r"9100000005 .*│ grove +│", said)
    assert "No account that is free carries the name 'hotel-nowhere'" in said
    assert onboard(settings, "hotel-nowhere", ["act_321851044557173"], None) == 0
    said = capsys.readouterr().out
    assert "321851044557173,meta,hotel-nowhere,PLN,Europe/Warsaw,true," in said
    assert "4570523838,google" not in said


def test_a_platform_that_is_down_does_not_hide_the_other(
    settings: Settings, sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.faults({"match": {"platform": "google", "kind": ["accounts"]}, "effect": {"status": 503}})
    assert onboard(settings, "thames-lodge", [], None) == 0
    said = "".join(capsys.readouterr())
    assert "Google Ads: the accounts could not be listed (transient: " in said
    assert "docs/runbooks/transient.md" in said
    assert "706115233432568,meta,thames-lodge,GBP" in said
    secrets = [v for name, v in sandbox.env.items() if name.endswith(("TOKEN", "SECRET"))]
    assert len(secrets) == 4
    assert not any(value in said for value in secrets)


def test_an_answer_of_an_unknown_shape_is_told(
    settings: Settings, sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = {"results": [{"customerClient": "none"}]}
    row = {"actions": [{"action_type": "lead", "value": "many"}]}
    sandbox.faults(
        [
            {
                "match": {"platform": "google", "kind": ["accounts"], "path": ":search"},
                "effect": {"status": 200, "body": odd},
            },
            {
                "match": {"platform": "meta", "path": "insights"},
                "effect": {"status": 200, "body": {"data": [row]}},
            },
        ]
    )
    assert onboard(settings, "thames-lodge", [], None) == 0
    said = "".join(capsys.readouterr())
    assert "Google Ads: the accounts could not be listed (refused: the answer was refused: it has an" in said
    assert "its actions could not be read (refused: the answer was refused: an entry of 'actions' has" in said
    assert "706115233432568,meta,thames-lodge,GBP,Europe/London,true," in said


def test_without_the_managers_id_it_says_which_to_set(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SOURCES__GOOGLE_ADS__LOGIN_CUSTOMER_ID")
    assert onboard(settings, "duna-palace", [], None) == 0
    said = "".join(capsys.readouterr())
    assert re.search(r"Reservation \[\d+\] +│ PURCHASE", said)
    assert "7156450563,google,duna-palace,HUF" in said
    assert "set SOURCES__GOOGLE_ADS__LOGIN_CUSTOMER_ID=1000000001, or it cannot be collected" in said


def test_nothing_is_asked_for_what_cannot_be_meant(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError, match="CLIENT='no spaces' is not an id"):
        onboard(settings, "no spaces", [], None)
    with pytest.raises(UserError, match="ACCOUNT='x' is not an account id"):
        onboard(settings, "dune", ["x"], None)
    for name in ("META_ADS__ACCESS_TOKEN", "GOOGLE_ADS__REFRESH_TOKEN"):
        monkeypatch.delenv(f"SOURCES__{name}")
    with pytest.raises(UserError, match=r"set the credentials \(Meta Ads: SOURCES__META_ADS__ACCESS_TOKEN; "):
        onboard(settings, "dune", [], None)


def test_a_newcomer_without_credentials_meets_the_sandbox(tmp_path: Path) -> None:
    newcomer = Installation(tmp_path, {})
    shutil.copytree(ROOT / "agency", newcomer.agency)
    said = newcomer.wholeday("onboard", "--client", "villa-jantar", now=NOW, module="ingest")
    assert "This is the sandbox" in said
    assert "3371049826,google,villa-jantar,PLN,Europe/Warsaw,true,2025-11-01," in said
