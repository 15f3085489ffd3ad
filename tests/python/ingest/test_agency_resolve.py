"""A line that cannot be understood counts as it was read last, and costs no other client anything."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from core.runs import open_ledger
from core.settings import Settings
from ingest import spelling
from ingest.agency import journal as agency_ledger
from ingest.agency import registrations as agency
from ingest.agency.columns import (
    ACCOUNTS,
    CLIENTS,
    CONVERSION_ACTIONS,
    RULES,
)
from ingest.agency.files import File, parse
from ingest.agency.resolve import (
    FILES,
    NOTHING,
    State,
    resolve,
)
from ingest.platform_api import AccountFacts, WindowAnswers

Files = dict[str, str]
AT = datetime(2026, 11, 24, 6, tzinfo=UTC)
GOOD: Files = {
    "clients.csv": "client_id,client_name,started_on,ended_on,completeness_target,owner\n"
    "dune,Hotel Dune,2026-01-01,,99.5,team\n"
    "fjord,Hotel Fjord,2026-01-01,,,\n"
    "grove,Hotel Grove,2026-01-01,,,\n",
    "accounts.csv": "account_id,platform,client_id,currency,timezone,"
    "conversion_tracking,started_on,ended_on\n"
    "11,meta,dune,EUR,Europe/Kiev,true,2026-01-01,2026-05-31\n"
    "11,meta,fjord,EUR,Europe/Kiev,true,2026-06-01,\n"
    "12,google,dune,EUR,Europe/Berlin,true,2026-01-01,\n"
    "13,google,fjord,JPY,Asia/Tokyo,true,2026-01-01,\n"
    "14,google,fjord,JPY,Asia/Tokyo,true,2026-01-01,\n"
    "15,meta,grove,USD,US/Eastern,true,2026-01-01,\n",
    "conversion_actions.csv": "platform,client_id,action_type,kpi,basis,valid_from,valid_to\n"
    "meta,,lead,email_contacts,,,\n"
    "google,,Reservation,reservations,,,\n",
    "rules.csv": "rule,severity,blocks,parameter,value,client_id,mode\n"
    "quality_score,medium,no,completeness,40,,\n"
    "quality_score,medium,no,split,20,,\n"
    "spend_level,medium,no,factor,3,,\n",
    "waivers.csv": "rule,client_id,platform,from_date,to_date,reason,expires_on\n"
    "settled,dune,meta,2026-01-01,2026-01-02,why,2026-12-01\n",
    "rates.csv": "currency,date,pln\nEUR,2026-01-01,4.2\n",
    "settings.csv": "setting,value\nreporting_currency,EUR\n",
    "invoices.csv": "client_id,platform,account_id,month,currency,amount,tax,adjustment\n"
    "dune,google,12,2026-10,EUR,90,,\n"
    "dune,google,12,2026-10,EUR,-2.5,,credit\n"
    "fjord,google,13,2026-10,JPY,1200,120,\n",
    "files.csv": "account_id,separator,decimal,thousands,date_format,encoding,sheet,header_row,columns,"
    "in_total,expected_weekday,expected_hour\n"
    "55,semicolon,comma,,,,,1,date=Datum; bookings=Buchungen,false,1,9\n",
}


def settle(files: Files, before: State = NOTHING) -> State:
    return resolve({file.name: parse(file, files[file.name]) for file in FILES}, before, AT)


def edited(name: str, old: str, new: str, files: Files = GOOD) -> Files:
    assert old in files[name]
    return {**files, name: files[name].replace(old, new, 1)}


def counted(state: State, file: File) -> list[dict[str, object]]:
    return sorted((line.values for line in state.lines(file)), key=str)


def everything(state: State) -> list[list[dict[str, object]]]:
    return [counted(state, file) for file in FILES]


BEFORE = settle(GOOD)
SPOILT = [
    ("clients.csv", "2026-01-01,,99.5", "1.1.2026,,99.5"),
    ("clients.csv", "dune,Hotel", "du ne,Hotel"),
    ("clients.csv", "grove,Hotel Grove,2026-01-01,,,", "grove,Hotel, Grove,2026-01-01,,,"),
    ("clients.csv", "dune,Hotel Dune", 'dune,"Hotel Dune'),
    ("clients.csv", "dune,Hotel Dune", 'dune,"Hotel "Dune"'),
    ("clients.csv", "grove,Hotel Grove,2026-01-01,,,\n", ""),
    ("accounts.csv", "EUR", "EUX"),
    ("accounts.csv", "US/Eastern", "US/Estern"),
    ("accounts.csv", "12,google", "twelve,google"),
    ("accounts.csv", "12,google", "12,goggle"),
    ("accounts.csv", "15,meta,grove", "15,meta,glade"),
    ("accounts.csv", "13,google,fjord,JPY", "13,google,fjord,EUR"),
    ("accounts.csv", "2026-01-01,2026-05-31", "2026-01-01,2026-06-30"),
    ("accounts.csv", "2026-01-01,2026-05-31", "2026-01-01,2025-05-31"),
    (
        "accounts.csv",
        "11,meta,dune,EUR,Europe/Kiev,true,2026-01-01",
        "eleven,meta,dune,EUR,Europe/Kiev,true,2026-01-01",
    ),
    ("accounts.csv", "14,google,fjord,JPY", "14,google,JPY"),
    ("conversion_actions.csv", "meta,,lead", "meta,nobody,lead"),
    ("conversion_actions.csv", "reservations,,,", "reservations,sometimes,,"),
    ("conversion_actions.csv", "google,,Res", "gogle,,Res"),
    ("rules.csv", "factor,3", "factor,0"),
    ("rules.csv", "completeness,40", "completeness,50"),
    ("rules.csv", "split,20", "split,twenty"),
    ("waivers.csv", "2026-12-01", "soon"),
    ("rates.csv", "4.2", '"4,2"'),
    ("settings.csv", "EUR", "euro"),
    ("invoices.csv", "90", "ninety"),
    ("invoices.csv", "fjord", "unknown"),
    ("invoices.csv", "JPY,1200", "JPY,12,00"),
]


@pytest.mark.parametrize(("name", "old", "new"), SPOILT, ids=[f"{name} {new}" for name, _, new in SPOILT])
def test_a_spoilt_line_counts_as_it_was_read_last(name: str, old: str, new: str) -> None:
    found = settle(edited(name, old, new), BEFORE)
    assert everything(found) == everything(BEFORE)
    assert found.problems
    assert all(problem.reason and problem.instead and problem.line for problem in found.problems)


@pytest.mark.parametrize(("name", "old", "new"), SPOILT, ids=[f"{name} {new}" for name, _, new in SPOILT])
def test_a_line_stays_spoilt_and_is_one_finding(name: str, old: str, new: str) -> None:
    first = settle(edited(name, old, new), BEFORE)
    second = settle(edited("clients.csv", "Hotel Fjord", "Hotel Fjord & Spa", edited(name, old, new)), first)
    assert [problem.key for problem in second.problems] == [problem.key for problem in first.problems]
    assert len(counted(second, ACCOUNTS)) == 6
    assert everything(settle(GOOD, second)) == everything(BEFORE)


def test_without_a_reading_only_the_line_is_left_out() -> None:
    found = settle(edited("accounts.csv", "15,meta,grove,USD", "15,meta,grove,USX"))
    assert {line["account_id"] for line in found.lines(ACCOUNTS)} == {"11", "12", "13", "14"}
    (problem,) = found.problems
    assert (problem.client_id, problem.platform, problem.account_id) == ("grove", "meta", "15")
    assert str(problem).endswith("; the account is left out until then")


def test_a_client_without_a_reading_is_told_once() -> None:
    found = settle(edited("clients.csv", "grove,Hotel Grove,2026-01-01", "grove,Hotel Grove,soon"))
    assert "grove" not in {line["client_id"] for line in found.lines(CLIENTS) + found.lines(ACCOUNTS)}
    assert [problem.file for problem in found.problems] == ["clients.csv"]


def test_two_clients_of_one_account_keep_what_was() -> None:
    line = "12,google,grove,EUR,Europe/Berlin,true,2026-03-01,\n"
    files = {**GOOD, "accounts.csv": GOOD["accounts.csv"] + line}
    found = settle(files, BEFORE)
    assert everything(found) == everything(BEFORE)
    assert [problem.line for problem in found.problems] == [8]


def test_weights_of_a_client_add_up_with_the_agencys() -> None:
    own = "quality_score,medium,no,completeness,45,dune,\n"
    found = settle({**GOOD, "rules.csv": GOOD["rules.csv"] + own}, BEFORE)
    assert counted(found, RULES) == counted(BEFORE, RULES)
    assert "add up to 105, not 100" in found.problems[0].reason
    assert found.problems[0].client_id == "dune"
    whole = own + "quality_score,medium,no,split,15,dune,\n"
    assert settle({**GOOD, "rules.csv": GOOD["rules.csv"] + whole}, BEFORE).problems == ()


def test_weights_moved_together_are_right() -> None:
    moved = edited("rules.csv", "completeness,40", "completeness,50")
    assert settle(edited("rules.csv", "split,20", "split,10", moved), BEFORE).problems == ()


ANOTHER_SPELLING = [
    ("Europe/Kiev", "Europe/Kyiv"),
    ("Europe/Kiev", "europe/kyiv"),
    ("US/Eastern", "America/New York"),
    ("11,meta", "act_11,Meta"),
    ("12,google", "1-2,GOOGLE"),
    ("dune,EUR", "Dune, eur "),
    ("12,google", "\u200912\u00a0,google"),
]


@pytest.mark.parametrize(("old", "new"), ANOTHER_SPELLING)
def test_another_spelling_is_no_other_fact(old: str, new: str) -> None:
    files = {**GOOD, "accounts.csv": GOOD["accounts.csv"].replace(old, new)}
    assert everything(settle(files)) == everything(BEFORE)
    assert settle(files).problems == ()


SAME_ZONE = [
    ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
    ("Asia/Katmandu", "Asia/Kathmandu"),
    ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ("US/Pacific", "America/Los_Angeles"),
    ("Atlantic/Faeroe", "Atlantic/Faroe"),
    ("Etc/UTC", "UTC"),
]
OTHER_ZONE = [
    ("Europe/Lisbon", "Europe/London"),
    ("America/Phoenix", "America/Denver"),
    ("Asia/Dubai", "Asia/Tehran"),
    ("Africa/Casablanca", "Africa/Lagos"),
    ("Europe/Warsaw", "Europe/Madrid"),
]


def test_zones_are_compared_by_their_links() -> None:
    assert all(spelling.zone(one) == spelling.zone(other) for one, other in SAME_ZONE)
    assert all(spelling.zone(one) != spelling.zone(other) for one, other in OTHER_ZONE)
    assert all(spelling.zone(zone) == zone for zone in spelling.links().values())
    assert spelling.zone("Neverland") == "Neverland"


def test_currencies_of_the_last_years_are_currencies() -> None:
    assert {"BGN", "HRK", "EUR", "XCG", "SLE", "ZWG"} <= spelling.currencies()
    assert not {"EUX", "XXX", "XTS", "DEM", "BTC", ""} & spelling.currencies()


def keeping(folder: Path) -> tuple[Settings, Callable[[Files, int], None]]:
    """Return an installation's settings, and what a run does with files on a day of November 2026."""
    settings = Settings(folder / "warehouse", folder / "site", folder / "agency")
    open_ledger(settings)

    def run(files: Files, day: int) -> None:
        agency_ledger.keep(settings, f"run-{day}", files, AT.replace(day=day))

    return settings, run


def at(settings: Settings, day: int) -> tuple[State, list[datetime | None], bool]:
    with agency_ledger.history(settings, AT.replace(day=day) + timedelta(hours=1)) as history:
        state = history.state()
        return state, history.since(state.lines(CONVERSION_ACTIONS)), history.is_later


def test_the_ledger_knows_every_instant(tmp_path: Path) -> None:
    settings, run = keeping(tmp_path)
    spoilt = edited("accounts.csv", "15,meta,grove,USD", "15,meta,grove,USX")
    renamed = edited("clients.csv", "Hotel Fjord", "Fjord", spoilt)
    for files, day in ((GOOD, 10), (GOOD, 11), (spoilt, 12), (renamed, 13), (GOOD, 14)):
        run(files, day)
    assert at(settings, 9)[2], "what came to be known first"
    for day in (9, 10, 11, 12, 14):
        assert everything(at(settings, day)[0]) == everything(BEFORE), day
    then = at(settings, 13)[0]
    assert counted(then, ACCOUNTS) == counted(BEFORE, ACCOUNTS)
    assert [problem.since for problem in then.problems] == [AT.replace(day=12)]
    assert at(settings, 14)[0].problems == ()


def test_a_missing_file_is_a_content(tmp_path: Path) -> None:
    settings, run = keeping(tmp_path)
    run(GOOD, 10)
    agency_ledger.keep(settings, "run-11", {"waivers.csv": None}, AT.replace(day=11))
    assert len(at(settings, 10)[0].counted["waivers.csv"]) == 1
    # The waivers are needed as things are: what cannot be read counts as it was.
    assert len(at(settings, 11)[0].counted["waivers.csv"]) == 1


def test_since_when_a_mapping_stands(tmp_path: Path) -> None:
    settings, run = keeping(tmp_path)
    run(GOOD, 10)
    added = {
        **GOOD,
        "conversion_actions.csv": GOOD["conversion_actions.csv"] + "google,,Call,click_to_call,,,\n",
    }
    run(added, 11)
    ended = edited("conversion_actions.csv", "reservations,,,", "reservations,,,2026-11-12", added)
    run(ended, 12)
    again = {
        **ended,
        "conversion_actions.csv": ended["conversion_actions.csv"]
        + "google,,Reservation,reservations,,2026-11-13,\n",
    }
    run(again, 13)
    spoilt = edited("conversion_actions.csv", "Call,click_to_call,", "Call,click_to_call,never", again)
    run(spoilt, 14)
    run(edited("conversion_actions.csv", "click_to_call,never", "click_to_call,all_conversions", spoilt), 15)
    gone = {**again, "conversion_actions.csv": GOOD["conversion_actions.csv"]}

    def since(day: int) -> dict[tuple[str, str], int | None]:
        state, listed, _ = at(settings, day)
        lines = state.lines(CONVERSION_ACTIONS)
        return {
            (line["action_type"], str(line["valid_from"] or "")): at and at.day
            for line, at in zip(lines, listed, strict=True)
        }

    assert since(10) == {("lead", ""): None, ("Reservation", ""): None}
    assert since(12)["Reservation", ""] is None
    assert since(13) == {
        ("lead", ""): None,
        ("Reservation", ""): None,
        ("Call", ""): 11,
        ("Reservation", "2026-11-13"): 13,
    }
    assert since(14) == since(13)
    assert since(15) == since(13)
    run(gone, 16)
    run(again, 17)
    assert since(17)["Call", ""] == 17


def test_an_edit_at_the_same_instant_is_another_content(tmp_path: Path) -> None:
    settings, run = keeping(tmp_path)
    run(GOOD, 10)
    run(edited("accounts.csv", "EUR", "EUX"), 10)
    assert everything(at(settings, 10)[0]) == everything(BEFORE)
    run(edited("clients.csv", "Hotel Fjord", "Fjord"), 10)
    assert {line["client_name"] for line in at(settings, 10)[0].lines(CLIENTS)} >= {"Fjord"}


def test_an_older_ledger_begins_with_its_release(tmp_path: Path) -> None:
    settings, run = keeping(tmp_path)
    with duckdb.connect(str(settings.release)) as release:
        release.execute("create schema staging")
        release.execute(
            "create table staging.stg_run as select 'run-9' as run_id, ?::timestamptz as as_of",
            [AT.replace(day=9)],
        )
        for file in FILES:
            (tmp_path / file.name).write_text(GOOD[file.name], encoding="utf-8")
            release.execute(
                f"create table staging.stg_agency__{Path(file.name).stem} as"
                f" from read_csv('{tmp_path / file.name}', header = true, all_varchar = true)"
            )
        release.execute("update staging.stg_agency__conversion_actions set valid_to = date '9999-12-31'")
    agency_ledger.adopt(settings)
    agency_ledger.adopt(settings)
    run(edited("accounts.csv", "15,meta,grove,USD", "15,meta,grove,USX"), 10)
    state, since, is_later = at(settings, 10)
    assert everything(state) == everything(BEFORE)
    assert [problem.account_id for problem in state.problems] == ["15"]
    assert (since, is_later) == ([None, None], False)


def test_a_release_from_before_a_file_was_known_is_adopted(tmp_path: Path) -> None:
    settings, _ = keeping(tmp_path)
    with duckdb.connect(str(settings.release)) as release:
        release.execute("create schema staging")
        release.execute(
            "create table staging.stg_run as select 'run-9' as run_id, ?::timestamptz as as_of",
            [AT.replace(day=9)],
        )
        release.execute(
            "create table staging.stg_agency__clients as select 'dune' as client_id, 'Dune' as client_name,"
            " '2026-01-01' as started_on, null as ended_on, null as completeness_target, null as owner"
        )
    agency_ledger.adopt(settings)
    state, _, _ = at(settings, 10)
    assert [line["client_id"] for line in state.lines(CLIENTS)] == ["dune"]


def accounts_of(state: State) -> dict[tuple[str, str], str]:
    return {(line["platform"], line["account_id"]): line["client_id"] for line in state.lines(ACCOUNTS)}


@st.composite
def edits(draw: st.DrawFn) -> list[Files]:
    """Contents of the files, each made from the one before by changing cells, or whole lines to nonsense."""
    files, found = GOOD, []
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(list(GOOD)))
        header, *lines = files[name].splitlines()
        for _ in range(draw(st.integers(1, 3))):
            number = draw(st.integers(0, len(lines) - 1))
            cells = lines[number].split(",")
            cell = draw(st.integers(0, len(cells) - 1))
            cells[cell] = draw(
                st.sampled_from(
                    ["", "?", "EUR", "PLN", "dune", "grove", "2026-03-01", "11", "a,b", '"', "a\nb", "12.5"]
                )
                | st.text(max_size=4)
            )
            lines[number] = ",".join(cells)
        files = {**files, name: "\n".join([header, *lines]) + "\n"}
        found.append(files)
    return found


@examples(max_examples=200, deadline=None)
@given(edits())
def test_wild_edits_lose_no_account(contents: list[Files]) -> None:
    state = BEFORE
    for files in contents:
        parsed = {file.name: parse(file, files[file.name]) for file in FILES}
        if any(content.problems for content in parsed.values()):
            return  # a run would have been stopped
        before, state = state, resolve(parsed, state, AT)
        written = {line["client_id"] for line in state.lines(CLIENTS)}
        assert all(line["client_id"] in written for line in state.lines(ACCOUNTS))
        named = {group for _, group in state.rows["accounts.csv"]}
        kept = {account for account in accounts_of(before) if account in named}
        assert kept <= accounts_of(state).keys(), "an account that has a line is still expected"
        # What counts is free of contradictions, and comes out as it went in.
        assert resolve(parsed, state, AT).counted == state.counted
        agency._agency(state)


@examples(max_examples=200, deadline=None)
@given(
    number=st.integers(0, 5),
    cell=st.integers(0, 7),
    text=st.sampled_from(["", "?", "EUR", "PLN", "USX", "dune", "grove", "11", "13", "google", "2026-03-01"])
    | st.text(max_size=5),
)
def test_an_edit_of_one_account_touches_no_other(number: int, cell: int, text: str) -> None:
    header, *lines = GOOD["accounts.csv"].splitlines()
    cells = lines[number].split(",")
    cells[cell] = text
    lines[number] = ",".join(cells)
    contents = {file.name: parse(file, GOOD[file.name]) for file in FILES}
    contents["accounts.csv"] = parse(ACCOUNTS, "\n".join([header, *lines]) + "\n")
    if contents["accounts.csv"].problems:
        return
    found = resolve(contents, BEFORE, AT)
    touched = {BEFORE.rows["accounts.csv"][number][1]}
    touched |= {group for _, group in found.rows["accounts.csv"]} - {
        group for _, group in BEFORE.rows["accounts.csv"]
    }
    if len(cells) == 8 and found.rows["accounts.csv"][number][1]:
        touched.add(found.rows["accounts.csv"][number][1])
    for group, kept in BEFORE.counted["accounts.csv"].items():
        if group not in touched:
            now = found.counted["accounts.csv"][group]
            assert [line.values for line in now] == [line.values for line in kept]
    for file in FILES:
        if file is not ACCOUNTS:
            assert counted(found, file) == counted(BEFORE, file)


def test_a_platform_may_spell_a_fact_in_another_way() -> None:
    facts = [
        AccountFacts.of("11", "Dune", currency, zone, "1", False)
        for currency, zone in (("EUR", "Europe/Kiev"), ("eur ", "Europe/Kyiv"), ("EUR", "europe/kiev"))
    ]
    assert facts[0] == facts[1] == facts[2]
    assert facts[0].timezone == "Europe/Kyiv"
    answers = WindowAnswers.over(date(2026, 11, 20), date(2026, 11, 21))
    answers.days["2026-11-20"].timezones |= {"Europe/Kiev", "Europe/Kyiv"}
    answers.days["2026-11-20"].currencies |= {"eur", "EUR", None}
    answers.agree_with(facts[0])
    day = answers.days["2026-11-20"]
    assert (day.currency, day.timezone) == ("EUR", "Europe/Kyiv")


def test_two_formats_of_one_account_contradict_each_other() -> None:
    head = GOOD["files.csv"].splitlines()[0]
    cells = [";", ",", *[""] * (head.count(",") - 2)]
    twice = "\n".join([head, "11," + ",".join(f'"{cell}"' for cell in cells), "11" + "," * head.count(",")])
    found = settle(GOOD | {"files.csv": twice + "\n"}, BEFORE)
    assert [problem for problem in found.problems if "stands in" in problem.reason], found.problems
