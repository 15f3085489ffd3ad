"""``make onboard``: which accounts, which rows, and that the rows work."""

import asyncio
import re
import shutil
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import structlog

from core.errors import UserError
from core.settings import ROOT, Settings
from ingest.access import ReachedAccount, SeenAction
from ingest.agency import registrations as agency
from ingest.agency.files import Line
from ingest.agency.registrations import Registration
from ingest.client.errors import AnswerError, ErrorClass, Failure
from ingest.client.source_spec import load_settings
from ingest.onboarding import rows
from ingest.onboarding.began import Began, first_delivery
from ingest.onboarding.choice import Candidate, Choice
from ingest.onboarding.command import onboard
from ingest.onboarding.estimate import estimate
from ingest.onboarding.families import family
from ingest.onboarding.mapping import Judged, judge
from ingest.onboarding.match import (
    LIKELY,
    POSSIBLE,
    matches,
    words,
)
from ingest.onboarding.proposal import Known, propose
from ingest.onboarding.survey import Counted, Survey
from sandbox.process import SandboxProcess
from tests.python.installation import Installation

NOW = "2026-11-24T06:00:00+00:00"
TODAY, SINCE = date(2026, 11, 24), date(2025, 11, 1)


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
    assert [(row["kpi"], row["basis"]) for row in rows.action_rows("google", "me", alone)] == [
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
    found = Choice("villa-jantar", names, frozenset(), registered).candidates(reached)
    taken = {one.account.account_id for one in found if one.taken}
    because = {one.account.account_id: one.because for one in found}
    assert taken == {"1", "3"}
    assert because["2"] == "set ended_on in its line for other first: one client at a time"
    assert because["4"] == "a manager account: it has no figures of its own"
    assert because["5"] == "the platform says it is disabled"
    chosen = Choice("villa-jantar", names, frozenset({"6"}), ()).candidates(reached)
    assert [one.account.account_id for one in chosen if one.taken] == ["6"]
    with pytest.raises(UserError, match=r"account 77 is not among the 6 accounts .*access_lost"):
        Choice("villa-jantar", names, frozenset({"77"}), ()).check(reached)


def candidate(one: ReachedAccount, *registered: Registration) -> Candidate:
    return Candidate(one, 1.0, registered, taken=True, because="")


def told(
    began: dict[tuple[str, str], Began] | None = None, counted: dict[tuple[str, str], Counted] | None = None
) -> Survey:
    return Survey(began=began or {}, counted=counted or {})


def test_rows_start_after_the_last_client_and_never_cross_currencies() -> None:
    taken = [
        candidate(account("Jantar", "1"), registration("old", "1", date(2026, 10, 31))),
        candidate(account("Jantar EUR", "2", currency="EUR")),
        candidate(account("Jantar", "3", "google")),
    ]
    counted = {("meta", "1"): Counted([seen("link_click")], None), ("google", "3"): Counted([], False)}
    began = {("meta", "1"): Began(date(2026, 11, 4), SINCE), ("google", "3"): Began(SINCE, SINCE)}
    found = propose(Known("jantar", "", []), taken, told(began, counted), TODAY)
    assert [(row["account_id"], row["started_on"], row["conversion_tracking"]) for row in found.accounts] == [
        ("1", "2026-11-04", "false"),
        ("3", "2025-11-01", "false"),
    ]
    assert (found.client[0]["client_name"], found.client[0]["started_on"]) == ("Jantar", "2025-11-01")
    assert any("bills in EUR, the client's others in PLN" in remark for remark in found.remarks)
    named = Known("jantar", "Jantar", [], listed=True, started_on=date(2026, 2, 1))
    unread = propose(named, taken[:1], told(), TODAY)
    assert (unread.accounts[0]["conversion_tracking"], unread.client) == ("true", [])
    assert unread.accounts[0]["started_on"] == "2026-11-01"


@pytest.mark.parametrize(
    ("began", "since", "client", "expected", "remark"),
    [
        (Began(date(2026, 3, 9), SINCE), None, None, "2026-03-09", ""),
        (Began(date(2026, 3, 9), SINCE), date(2026, 1, 1), None, "2026-03-09", ""),
        (Began(date(2026, 3, 9), SINCE), date(2026, 6, 1), None, "2026-06-01", ""),
        (Began(date(2026, 3, 9), SINCE), None, date(2026, 5, 1), "2026-05-01", ""),
        (Began(None, SINCE), date(2026, 6, 1), None, "2026-11-24", "has delivered nothing since 2025-11-01"),
        (None, None, None, "2025-11-01", "is a guess"),
        (None, date(2026, 6, 1), date(2026, 5, 1), "2026-06-01", "is a guess"),
        (None, None, date(2026, 5, 1), "2026-05-01", "is a guess"),
        (Began(date(2026, 3, 1), SINCE, exact=False), None, None, "2026-03-01", "the day is not known"),
        (Began(SINCE, SINCE, cut=True), None, None, "2025-11-01", "may have delivered before 2025-11-01"),
        (Began(date(2026, 3, 9), SINCE, cut=True), None, None, "2026-03-09", ""),
    ],
)
def test_started_on_is_the_first_day_with_delivery(
    began: Began | None, since: date | None, client: date | None, expected: str, remark: str
) -> None:
    known = Known("jantar", "Jantar", [], listed=True, started_on=client, since=since)
    answers = {("meta", "1"): began} if began else {}
    found = propose(known, [candidate(account("Jantar", "1"))], told(answers), TODAY)
    assert found.accounts[0]["started_on"] == expected
    assert [remark in told for told in found.remarks] == [True] * bool(remark)


def test_a_client_without_its_line_gets_it_and_nothing_twice() -> None:
    own = candidate(account("Jantar", "1"), registration("jantar", "1"))
    began = {("google", "3"): Began(date(2025, 9, 3), SINCE)}
    found = propose(
        Known("jantar", "", []), [own, candidate(account("Jantar", "3", "google"))], told(began), TODAY
    )
    assert [row["account_id"] for row in found.accounts] == ["3"]
    assert [row["started_on"] for row in found.client] == ["2025-09-03"]
    found = propose(Known("jantar", "", []), [own], told(), TODAY)
    assert (found.accounts, [row["started_on"] for row in found.client]) == ([], ["2025-11-01"])


def proposed(
    lines: list[Line], actions: list[SeenAction], platform: str = "meta"
) -> tuple[list[Line], dict[str, str]]:
    """Return the lines once everything proposed was appended, and the KPI of each candidate row."""
    one = candidate(account("Me", "1", platform))
    found = propose(
        Known("me", "", lines), [one], told(counted={(platform, "1"): Counted(actions, True)}), TODAY
    )
    candidates = [row for each in found.undecided for row in each.rows]
    pasted = [*found.actions, *candidates]
    appended = [
        line(row["platform"], row["action_type"], row["kpi"], row["client_id"] or None) for row in pasted
    ]
    return [*lines, *appended], {row["action_type"]: row["kpi"] for row in candidates}


def test_header_only_lines_keep_the_default_mappings() -> None:
    after, candidates = proposed([], [seen("omni_purchase"), seen("purchase"), seen("link_click")])
    defaults = (ROOT / "agency" / "conversion_actions.csv").read_text(encoding="utf-8").splitlines()
    expected = {tuple(row.split(",")[2:4]) for row in defaults if row.startswith("meta,,")}
    assert {(one["action_type"], one["kpi"]) for one in after if not one["client_id"]} == expected
    assert candidates == {}
    other = [line("meta", "lead", "email_contacts", "somebody")]
    after, _ = proposed(other, [seen("omni_purchase")])
    assert {one["client_id"] for one in after} == {"somebody", "me"}


@pytest.mark.parametrize(
    ("platform", "lines", "actions", "expected"),
    [
        (
            "meta",
            [line("meta", "link_click", "ignore")],
            [seen("purchase", 7), seen("omni_purchase", 9), seen("offsite_conversion.custom.1", 7)],
            {"purchase": "ignore", "omni_purchase": "reservations", "offsite_conversion.custom.1": "ignore"},
        ),
        (
            "meta",
            [line("meta", "link_click", "ignore")],
            [seen("contact_total", 3), seen("lead", 7), seen("onsite_web_lead", 7)],
            {"contact_total": "ignore", "lead": "email_contacts", "onsite_web_lead": "ignore"},
        ),
        # The default for the event counts nothing in this account.
        (
            "meta",
            [],
            [seen("lead", 7), seen("onsite_conversion.lead_grouped", 7)],
            {
                "lead": "email_contacts",
                "onsite_conversion.lead_grouped": "ignore",
                "offsite_conversion.fb_pixel_lead": "ignore",
            },
        ),
        # The client's own line says so.
        ("meta", [line("meta", "lead", "ignore", "me")], [seen("lead", 7)], {}),
        (
            "google",
            [],
            [
                seen("Tag", 4, category="PURCHASE", action_id="1"),
                seen("Import", 5, category="PURCHASE", action_id="2"),
                seen("News", 5, category="SIGNUP", action_id="3"),
                seen("Quote", 5, category="REQUEST_QUOTE", action_id="4"),
            ],
            {"Tag": "ignore", "Import": "reservations", "News": "ignore", "Quote": "email_contacts"},
        ),
        (
            "google",
            [line("google", "Tag", "reservations", "me")],
            [
                seen("Tag", 4, category="PURCHASE", action_id="1"),
                seen("Import", 5, category="PURCHASE", action_id="2"),
            ],
            {"Import": "ignore"},
        ),
    ],
)
def test_an_undecided_action_has_a_candidate_row(
    platform: str, lines: list[Line], actions: list[SeenAction], expected: dict[str, str]
) -> None:
    after, candidates = proposed(lines, actions, platform)
    assert candidates == expected
    judged = judge(platform, "me", actions, after, TODAY)
    assert all(one.line for one in judged)
    if platform == "meta":
        counting = [one.line for one in judged if one.line != "ignore"]
        assert len(counting) == len(set(counting))


def test_a_question_that_is_always_refused_takes_three_requests() -> None:
    asked = Asked(FIRST_KEPT, fails=ErrorClass.BAD_REQUEST)
    with pytest.raises(AnswerError):
        asyncio.run(first_delivery(asked, "1", TODAY))  # type: ignore[arg-type]
    assert len(asked.questions) == 3


def test_a_time_zone_that_is_not_known_stops_nothing(
    settings: Settings, sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.faults(
        {
            "match": {"platform": "meta", "kind": ["accounts"]},
            "effect": {"account": {"timezone": "Mars/Base"}},
        }
    )
    assert onboard(settings, "villa-jantar", [], None) == 0
    assert "3371049826,google,villa-jantar" in capsys.readouterr().out


def test_accounts_of_a_client_share_their_rows() -> None:
    tag, news = (
        seen("Tag", 4, category="PURCHASE", action_id="1"),
        seen("News", 5, category="SIGNUP", action_id="2"),
    )
    shop = seen("Shop", 9, category="PURCHASE", action_id="3")
    taken = [candidate(account("Me", number, "google")) for number in ("1", "2", "3")]
    counted = {
        ("google", "1"): Counted([tag, news], True),
        ("google", "2"): Counted([tag, news, shop], True),
        ("google", "3"): Counted([news], True),
    }
    found = propose(Known("me", "", []), taken, told(counted=counted), TODAY)
    assert [(row["action_type"], row["kpi"]) for row in found.actions] == [("Tag", "reservations")]
    assert [(one.action, [row["kpi"] for row in one.rows]) for one in found.undecided] == [
        ("News", ["ignore"]),
        ("Shop", ["ignore"]),
    ]


class Asked:
    """A platform that keeps days from ``kept`` on and delivered on ``days``; remembers what it was asked."""

    def __init__(self, kept: date, *days: date, whole: bool = False, fails: ErrorClass | None = None) -> None:
        self.kept, self.days, self.whole, self.fails = kept, days, whole, fails
        self.questions: list[tuple[date, date, bool]] = []

    async def delivering(
        self, account_id: str, since: date, until: date, *, monthly: bool
    ) -> list[tuple[date, date]]:
        self.questions.append((since, until, monthly))
        if since < self.kept or self.fails:
            raise AnswerError("delivery", Failure.of(self.fails or ErrorClass.BAD_REQUEST, "no"))
        days = [day for day in self.days if since <= day <= until]
        if not monthly:
            return [(day, day) for day in days]
        if self.whole:  # a server that knows no months
            return [(since, until)] if days else []
        return [
            (max(day.replace(day=1), since), day.replace(day=monthrange(day.year, day.month)[1]))
            for day in days
        ]


FIRST_KEPT = date(2023, 10, 24)


@pytest.mark.parametrize(
    ("asked", "expected", "questions"),
    [
        (Asked(FIRST_KEPT, date(2025, 3, 9), date(2025, 3, 10)), Began(date(2025, 3, 9), FIRST_KEPT), 2),
        (Asked(FIRST_KEPT, FIRST_KEPT), Began(FIRST_KEPT, FIRST_KEPT), 2),
        (Asked(FIRST_KEPT), Began(None, FIRST_KEPT), 1),
        (Asked(FIRST_KEPT, date(2026, 1, 3), whole=True), Began(date(2026, 1, 3), FIRST_KEPT), 2),
        (
            Asked(date(2023, 10, 25), date(2025, 3, 9)),
            Began(date(2025, 3, 9), date(2023, 10, 25), cut=True),
            3,
        ),
        (
            Asked(date(2025, 1, 1), date(2024, 1, 1), date(2025, 10, 23), date(2025, 10, 24)),
            Began(date(2025, 10, 23), date(2025, 4, 25), cut=True),
            10,
        ),
    ],
)
def test_the_first_day_takes_few_requests(asked: Asked, expected: Began, questions: int) -> None:
    assert asyncio.run(first_delivery(asked, "1", TODAY)) == expected  # type: ignore[arg-type]
    assert len(asked.questions) == questions


@pytest.mark.parametrize("error_class", [ErrorClass.TRANSIENT, ErrorClass.AUTH, ErrorClass.PERMISSION])
def test_a_failure_about_no_days_is_not_asked_again(error_class: ErrorClass) -> None:
    asked = Asked(FIRST_KEPT, fails=error_class)
    with pytest.raises(AnswerError):
        asyncio.run(first_delivery(asked, "1", TODAY))  # type: ignore[arg-type]
    assert len(asked.questions) == 1


def test_lines_follow_the_columns_of_the_file_that_is_there(tmp_path: Path) -> None:
    from ingest.agency.columns import CLIENTS

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


HEADED = ("clients.csv", "accounts.csv", "conversion_actions.csv")


def headers_only(folder: Path) -> None:
    for name in HEADED:
        header = (folder / name).read_text(encoding="utf-8").splitlines()[0]
        (folder / name).write_text(f"{header}\n", encoding="utf-8")


@pytest.mark.slow
def test_first_client_of_all_is_whole_from_its_first_day(
    settings: Settings,
    small: Installation,
    sandbox: SandboxProcess,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = "2025-12-03T09:00:00+00:00"
    none = dict.fromkeys(("spend", "impressions", "clicks", "link_clicks", "calls", "leads", "purchases"), 0)
    sandbox.faults(
        {
            "match": {"account": "337104982650417", "date": ["2025-11-01", "2025-11-20"]},
            "effect": {"scale": none},
        }
    )
    monkeypatch.setenv("WHOLEDAY_NOW", now)
    sandbox.set_clock(now)
    headers_only(settings.agency)
    assert onboard(settings, "villa-jantar", [], None) == 0
    said, problems = capsys.readouterr()
    assert problems == ""
    paste(settings.agency, said, decided=True)
    small.wholeday("run", now=now)
    shown = "platform, min(date)::varchar, count(*) filter (total_spend = 0) from marts.daily_kpi"
    assert small.query(f"select {shown} group by all order by all") == [
        ("google", "2025-11-01", 0),
        ("meta", "2025-11-21", 0),
    ]
    complete = "platform, month::varchar from marts.monthly_kpi where status = 'complete'"
    assert small.query(f"select {complete} order by all") == [
        ("google", "2025-11-01"),
        ("meta", "2025-11-01"),
    ]
    assert small.query("select * from health.findings where rule = 'unmapped_action_types'") == []
    assert small.query("select distinct reservations is null from marts.monthly_kpi") == [(False,)]


def test_header_only_files_are_no_problem(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    headers_only(settings.agency)
    assert onboard(settings, "villa-jantar", [], None) == 0
    said, problems = capsys.readouterr()
    assert problems == ""
    paste(settings.agency, said)
    assert "# google,villa-jantar,Newsletter sign-up,ignore,,," in said
    assert "meta,,omni_purchase,reservations,,," in said
    loaded = agency.load(settings)
    assert {r.started_on for r in loaded.registrations} == {date(2025, 11, 1)}
    (settings.agency / "clients.csv").write_text(
        "client_id,client_name,started_on,ended_on,completeness_target,owner\n", encoding="utf-8"
    )
    assert onboard(settings, "villa-jantar", [], None) == 0
    said, problems = capsys.readouterr()
    assert problems == ""
    assert "villa-jantar,Villa Jantar,2025-11-01,,99.5," in said
    assert "Append to" in said
    assert "accounts.csv:" not in said


def test_a_guess_without_a_decision_maps_nothing(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    headers_only(settings.agency)
    assert onboard(settings, "villa-jantar", [], None) == 0
    said = capsys.readouterr().out
    paste(settings.agency, said)
    (guess,) = re.findall(r"^# .+$", said, re.MULTILINE)
    with (settings.agency / "conversion_actions.csv").open("a", encoding="utf-8") as file:
        file.write(f"{guess}\n")
    _, problems = agency.examine(settings)
    assert [problem.file for problem in problems] == ["conversion_actions.csv"]


def test_an_account_in_a_line_with_a_mistake_is_not_proposed(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with (settings.agency / "accounts.csv").open("a", encoding="utf-8") as file:
        file.write("act_337104982650417,meta,villa-jantar,PLN,Europe/Warsaw,perhaps,2025-11-01,\n")
    assert onboard(settings, "villa-jantar", [], None) == 0
    said = capsys.readouterr().out
    assert "3371049826,google,villa-jantar" in said
    assert "337104982650417,meta,villa-jantar" not in said
    assert "its line in accounts.csv has a mistake" in " ".join(re.findall(r"[^│\s]+", said))


@pytest.mark.parametrize("platform", ["meta", "google"])
def test_a_refused_edge_is_asked_again_a_day_later(
    settings: Settings, sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str], platform: str
) -> None:
    sandbox.faults(too_old(platform, first=1))
    assert onboard(settings, "villa-jantar", [], None) == 0
    said, problems = capsys.readouterr()
    assert re.search(rf"^\d+,{platform},villa-jantar,PLN,Europe/Warsaw,true,2025-11-01,$", said, re.MULTILINE)
    assert "guess, " not in said
    assert problems == ""


@pytest.mark.parametrize("platform", ["meta", "google"])
def test_a_platform_that_refuses_the_question_is_told(
    settings: Settings, sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str], platform: str
) -> None:
    sandbox.faults(too_old(platform))
    assert onboard(settings, "villa-jantar", [], date(2026, 2, 1)) == 0
    said, problems = capsys.readouterr()
    assert re.search(rf"^\d+,{platform},villa-jantar,PLN,Europe/Warsaw,true,2026-02-01,$", said, re.MULTILINE)
    assert "its first day with delivery could not be asked (bad_request: " in problems
    assert "so started_on 2026-02-01 is a guess" in said
    assert "villa-jantar,Villa Jantar,2026-02-01" in said


def test_an_account_that_never_delivered_begins_today(
    settings: Settings, sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.faults(
        {"match": {"account": "3371049826", "kind": ["control_totals"]}, "effect": {"empty": True}}
    )
    assert onboard(settings, "villa-jantar", [], None) == 0
    said = capsys.readouterr().out
    assert "3371049826,google,villa-jantar,PLN,Europe/Warsaw,true,2026-11-24," in said
    assert "337104982650417,meta,villa-jantar,PLN,Europe/Warsaw,true,2025-11-01," in said
    assert (
        "google account 3371049826 has delivered nothing since 2023-10-24, so started_on is 2026-11-24"
        in said
    )


def test_few_requests_bring_the_rows(
    settings: Settings, sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.forget()
    assert onboard(settings, "villa-jantar", [], None) == 0
    assert len(sandbox.requests()) == 13
    capsys.readouterr()


def too_old(platform: str, **times: int) -> dict[str, object]:
    """Refuse questions about delivery as the platforms refuse days that they no longer keep."""
    meta = {"error": {"message": "(#3018) The start date cannot be beyond 37 months", "code": 3018}}
    codes = {"errorCode": {"dateRangeError": "INVALID_DATE"}, "message": "too early"}
    google = {"error": {"code": 400, "status": "INVALID_ARGUMENT", "details": [{"errors": [codes]}]}}
    # The actions of the last 30 days are another question.
    match = {"platform": platform, "kind": ["control_totals"], "date": ["2023-01-01", "2026-09-01"]}
    return {
        "match": match,
        "times": times,
        "effect": {"status": 400, "body": meta if platform == "meta" else google},
    }


def paste(folder: Path, said: str, *, decided: bool = False) -> None:
    """Append the rows as a person would; the candidate rows too if they were ``decided``."""
    pasted = re.findall(r"Append to \S*/(\w+\.csv):\n\n((?:.+\n)+?)(?=\n|$)", said)
    if decided:
        pasted += [
            ("conversion_actions.csv", f"{row}\n") for row in re.findall(r"^# (.+)$", said, re.MULTILINE)
        ]
    for name, text in pasted:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(text)


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
    paste(settings.agency, said)
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
