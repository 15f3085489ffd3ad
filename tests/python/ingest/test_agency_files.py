"""The agency's files are checked before anything is asked for: every problem by file, line and reason."""

import csv
import io
import re
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.diagnosis import Status
from core.errors import UserError
from core.settings import ROOT, Settings
from ingest.agency import registrations as agency
from ingest.agency.columns import number
from ingest.agency.rules import parameters
from ingest.doctor.settings import settings_and_files
from tests.python.installation import Installation

GOOD = {
    "clients.csv": "client_id,client_name,started_on,ended_on,completeness_target,owner\n"
    "dune,Hotel Dune,2026-01-01,,99.5,team\n"
    "fjord,Hotel Fjord,2026-02-01,2026-06-30,,\n",
    "accounts.csv": "account_id,platform,client_id,currency,timezone,"
    "conversion_tracking,started_on,ended_on\n"
    "act_11,meta,dune,EUR,Europe/Berlin,true,2026-01-01,\n"
    "910-000-0002,google,fjord,JPY,Asia/Tokyo,false,2026-01-01,\n",
    "conversion_actions.csv": "platform,client_id,action_type,kpi\nmeta,,lead,email_contacts\n",
    "rules.csv": "rule,severity,blocks,parameter,value,client_id,mode\nsettled,medium,day,,,,\n",
    "waivers.csv": "rule,client_id,platform,from_date,to_date,reason,expires_on\n",
    "rates.csv": "currency,date,pln\nEUR,2026-01-01,4.2\n",
    "settings.csv": "setting,value\nreporting_currency,eur\n",
    "invoices.csv": "client_id,platform,account_id,month,currency,amount,tax,adjustment\n"
    "dune,meta,act_11,2026-02,EUR,90,,\ndune,meta,11,2026-02-01,eur,-2.5,,Invalid clicks\n",
}


def write(folder: Path, **changes: str | bytes | None) -> Settings:
    """Write the good files, with ``name="text"`` instead of ``name.csv``, or without it if None."""
    files: dict[str, str | bytes | None] = {
        **GOOD,
        **{f"{name}.csv": text for name, text in changes.items()},
    }
    for name, text in files.items():
        if text is not None:
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return Settings(warehouse=folder / "w", site=folder / "s", agency=folder)


def problems(folder: Path, **changes: str | bytes | None) -> list[str]:
    return [str(problem) for problem in agency.examine(write(folder, **changes))[1]]


def with_line(name: str, line: str) -> dict[str, str]:
    return {name: GOOD[f"{name}.csv"] + line + "\n"}


def test_good_files(tmp_path: Path) -> None:
    registered = agency.load(write(tmp_path))
    assert registered.clients == {"dune": "Hotel Dune", "fjord": "Hotel Fjord"}
    meta, google = registered.registrations
    assert (meta.account_id, meta.ended_on) == ("11", None)
    assert (google.account_id, google.started_on, google.ended_on) == (
        "9100000002",
        date(2026, 2, 1),
        date(2026, 6, 30),
    )


def test_the_example_agency_is_good() -> None:
    home = Settings(warehouse=ROOT, site=ROOT, agency=ROOT / "agency")
    assert agency.examine(home)[1] == []


def test_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf" + GOOD["clients.csv"].replace("\n", "\r\n").encode()
    assert problems(tmp_path, clients=text) == []


BAD_LINES = [
    ("accounts", "12,meta,nobody,EUR,Europe/Berlin,true,2026-01-01,", "the client 'nobody' is unknown"),
    ("accounts", "12,tiktok,dune,EUR,Europe/Berlin,true,2026-01-01,", "platform 'tiktok' is none of meta"),
    ("accounts", "12,meta,dune,EUX,Europe/Berlin,true,2026-01-01,", "currency 'EUX' is not a currency code"),
    ("accounts", "12,meta,dune,EUR,Europe/Berlino,true,2026-01-01,", "is not a time zone"),
    ("accounts", "12,meta,dune,EUR,../secret,true,2026-01-01,", "is not a time zone"),
    ("accounts", "12,meta,dune,EUR,Europe/Berlin,yes,2026-01-01,", "is neither true nor false"),
    ("accounts", "12,meta,dune,EUR,Europe/Berlin,true,2026-13-01,", "is not a date"),
    ("accounts", "12,meta,dune,EUR,Europe/Berlin,true,20260101,", "is not a date"),
    ("accounts", "12,meta,dune,EUR,Europe/Berlin,true,2026-02-01,2026-01-01", "is after ended_on"),
    ("accounts", "12,meta,dune,PLN,Europe/Berlin,true,2026-01-01,", "client dune has PLN on meta, but EUR"),
    ("accounts", "11,meta,fjord,EUR,Europe/Berlin,true,2026-03-01,", "has these days in line 2 already"),
    ("accounts", "ABC,meta,dune,EUR,Europe/Berlin,true,2026-01-01,", "is not an account id"),
    ("accounts", ",meta,dune,EUR,Europe/Berlin,true,2026-01-01,", "account_id is empty"),
    ("accounts", "12,meta,dune", "it has 3 values for 8 columns"),
    ("clients", "dune,Again,2026-01-01,,,", "client_id dune stands in line 2 already"),
    ("clients", "tide,Tide,2026-02-01,2026-01-01,,", "started_on 2026-02-01 is after ended_on 2026-01-01"),
    ("clients", "tide,Tide,2026-02-01,,200,", "is not a percentage"),
    ("conversion_actions", "meta,,purchase,Sales!", "is not the name of a KPI"),
    ("conversion_actions", "meta,nobody,purchase,sales", "the client 'nobody' is unknown"),
    ("conversion_actions", "meta,,onsite_web_lead,email_contacts", "the KPI email_contacts of all clients"),
    ("conversion_actions", "meta,,lead,ignore", "'lead' is mapped for all clients in line 2 already"),
    ("rules", "spend_level,urgent,day,,,,", "severity 'urgent' is none of"),
    ("rules", "spend_level,high,week,,,,", "blocks 'week' is none of"),
    ("rules", "spend_level,high,day,,,,silent", "mode 'silent' is none of"),
    ("rules", "spend_level,high,day,factor,,,", "parameter and value go together"),
    ("rules", "spend_level,high,day,,,nobody,", "the client 'nobody' is unknown"),
    ("waivers", "settled,dune,meta,2026-01-01,2026-01-02,,2026-02-01", "reason is empty"),
    ("waivers", "settled,dune,meta,2026-01-01,2026-01-02,why,", "expires_on is empty"),
    ("waivers", "settled,dune,meta,2026-01-03,2026-01-02,why,2026-02-01", "is after to_date"),
    ("rates", "EUR,2026-01-01,4.3", "stands in line 2 already"),
    ("rates", 'EUR,2026-01-02,"4,3"', "is not a number"),
    ("rates", "EUR,2026-01-02,٤", "is not a number"),
    ("rates", "EUR,2026-01-02,1e30", "is not a price"),
    ("rates", "EUR,2026-01-02,0", "is not a price"),
    ("rates", "EUR,2026-01-02,0.0000005", "is not a price"),
    ("rates", "EUR,2026-01-02,-4.3", "is not a price"),
    ("rates", "PLN,2026-01-02,1.01", "one PLN is 1 PLN, not 1.01"),
    ("settings", "reporting_currency,USD", "stands in line 2 already"),
    ("settings", "reporting_currency,zloty", "'zloty' is not a currency code such as EUR"),
    ("settings", "reporting_curency,USD", "did you mean 'reporting_currency'?"),
    ("settings", "reporting_currency,", "value is empty"),
    ("invoices", "dune,meta,11,2026-02-03,EUR,90,,", "is not a month such as 2026-11"),
    ("invoices", "dune,meta,11,2026-13,EUR,90,,", "is not a month such as 2026-11"),
    ("invoices", "dune,meta,11,2026-02,EUR,,,", "amount is empty"),
    ("invoices", "dune,meta,11,2026-02,EUR,1e10,,", "is not an amount from -1000000000 to 1000000000"),
    ("invoices", "dune,meta,11,2026-02,EUR,9,VAT,", "is not a number"),
    ("invoices", "dune,meta,11,2026-02,EUR,9,,=1+1", "is not the name of an adjustment"),
    ("invoices", "glade,meta,11,2026-02,EUR,9,,", "the client 'glade' is unknown"),
    ("clients", "tide,Tide,2026-02-01,,٩٩,", "is not a number"),
    ("clients", "tide,Tide,٢٠٢٦-02-01,,99,", "is not a date"),
    *(
        (
            "clients",
            f"{name},Tide,2026-02-01,,99,",
            f"client_id {name[:60]!r} is not an id: a letter or digit",
        )
        for name in (
            ".",
            "..",
            "-tide",
            "_tide",
            ".tide",
            "t" * 65,
            "tide\u200b",
            "tide/..",
            "index.html",
            "Index.HTML",
        )
    ),
    ("conversion_actions", f"meta,,purchase,{'k' * 65}", "is not the name of a KPI"),
    *(
        ("accounts", f"12,meta,dune,EUR,{zone},true,2026-01-01,", f"timezone {zone!r} is not a time zone")
        for zone in ("posix/Europe/Warsaw", "right/Europe/Warsaw", "localtime", "Factory", "SystemV/AST4")
    ),
    *(
        ("rules", f"spend_level,high,no,factor,{value},,", "is not a number")
        for value in ("abc", '"1,5"', "0x7", "nan", "inf", "1_0", "\u0667", "1e400")
    ),
    ("rules", "spend_level,high,no,factor,0,,", "the value of factor is 0, and not from 1 to"),
    (
        "rules",
        "spend_level,high,no,min_spend_pln,-1,,",
        "the value of min_spend_pln is -1, and not from 0 to",
    ),
    ("rules", "series,high,no,dispersion,1,,", "the value of dispersion is 1, and not from 1.01 to"),
    ("rules", "freshness,high,no,warn_hours,36501,,", "the value of warn_hours is 36501, and not from 0 to"),
    ("rules", "quality_score,low,no,split,101,,", "the value of split is 101, and not from 0 to 100"),
]
# Lines that no model reads: they stop nobody.
BEARABLE = [
    ("rules", "spend_levle,high,no,,,,", "no rule is called 'spend_levle'", "did you mean 'spend_level'?"),
    ("rules", "zzz,high,no,,,,", "no rule is called 'zzz'", "docs/runbooks has a page for each"),
    ("rules", "spend_level,high,no,fctor,3,,", "has no parameter 'fctor'", "did you mean 'factor'?"),
    ("rules", "spend_level,high,no,zeal,3,,", "has no parameter 'zeal'", "known are factor, min_spend_pln"),
    ("rules", "settled,high,no,zeal,3,,", "has no parameter 'zeal'", "known are none"),
    ("waivers", "setled,,,2026-01-01,2026-01-02,why,2026-02-01", "no rule is called", "mean 'settled'?"),
    ("waivers", "queue,,,2026-01-01,2026-01-02,why,2026-02-01", "'queue' finds nothing", "health.findings"),
]


@pytest.mark.parametrize(
    ("name", "line", "reason"), BAD_LINES, ids=[f"{bad[1][:40]} {bad[2]}" for bad in BAD_LINES]
)
def test_bad_line(tmp_path: Path, name: str, line: str, reason: str) -> None:
    found = problems(tmp_path, **with_line(name, line))
    number = GOOD[f"{name}.csv"].count("\n") + 1
    assert any(problem.startswith(f"{name}.csv, line {number}: ") and reason in problem for problem in found)


@pytest.mark.parametrize(("name", "line", "what", "instead"), BEARABLE, ids=[bad[1] for bad in BEARABLE])
def test_a_line_that_no_model_reads_is_told_and_stops_nobody(
    tmp_path: Path, name: str, line: str, what: str, instead: str
) -> None:
    agencys = write(tmp_path, **with_line(name, line))
    (remark,) = agency.load(agencys).remarks
    assert remark.startswith(f"{name}.csv, line ")
    assert what in remark
    assert instead in remark
    (told,) = [found for found in settings_and_files(agencys) if found.area == "agency"]
    assert told.status is Status.WARN
    assert told.found == remark


BAD_FILES = [
    ({"clients": None}, "clients.csv: the file is missing"),
    ({"clients": b"\xff\xfe\x00"}, "clients.csv: the file is not UTF-8"),
    ({"clients": GOOD["clients.csv"].replace(",", ";")}, "separated by semicolons"),
    ({"clients": ""}, "the column 'client_id' is missing"),
    ({"clients": GOOD["clients.csv"].replace("owner", "boss")}, "the column 'boss' is unknown"),
    ({"rates": "currency,date,pln,pln\n"}, "the column 'pln' stands there twice"),
    ({"rates": 'currency,date,pln\nEUR,"2026-01-01,4\n'}, "it is not CSV"),
    ({"rates": "currency,date,pln\nEUR,\0,4\n"}, "binary data"),
]


@pytest.mark.parametrize(("changes", "reason"), BAD_FILES, ids=[bad[1] for bad in BAD_FILES])
def test_bad_file(tmp_path: Path, changes: dict[str, str | bytes | None], reason: str) -> None:
    assert any(reason in problem for problem in problems(tmp_path, **changes))


def header(name: str) -> str:
    return GOOD[f"{name}.csv"].splitlines()[0] + "\n"


def test_a_file_without_rows_is_refused_once(tmp_path: Path) -> None:
    for name in ("clients", "accounts"):
        settings = write(tmp_path, **{name: header(name)})
        with pytest.raises(
            UserError, match=rf"wrong: {name}\.csv: it has no row below its header, so "
        ) as told:
            agency.load(settings)
        assert ";" not in str(told.value)


def test_the_first_client_is_onboarded_with_nothing_but_headers(tmp_path: Path) -> None:
    newcomer = Installation(tmp_path, {})
    newcomer.agency.mkdir()
    headers = {name.removesuffix(".csv"): text.splitlines()[0] + "\n" for name, text in GOOD.items()}
    nobody, found = agency.examine(write(newcomer.agency, **headers))
    assert nobody == agency.Agency({}, ())
    assert [problem.file for problem in found] == ["clients.csv", "accounts.csv"]
    now = "2026-11-24T06:00:00+00:00"
    said = newcomer.wholeday("onboard", "--client", "villa-jantar", now=now, module="ingest")
    assert "3371049826,google,villa-jantar,PLN,Europe/Warsaw,true,2025-11-01," in said
    refused = newcomer.wholeday("run", now=now, status=2)
    assert "clients.csv: it has no row below its header" in refused


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("fjord,Hotel Fjord,2026-02-01", "fjord,Hotel Fjord,1.2.2026", "line 3: started_on '1.2.2026'"),
        ("2026-06-30,,", "2026-06-30,", "line 3: it has 5 values for 6 columns"),
        ("fjord,Hotel", 'fjord,"Hotel', "line 3: it is not CSV"),
        (",", "\t", "line 1: its columns are separated by tabs"),
        (",", ";", "line 1: its columns are separated by semicolons"),
    ],
)
def test_a_mistake_in_a_client_is_told_once(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    (problem,) = problems(tmp_path, clients=GOOD["clients.csv"].replace(right, wrong))
    assert problem.startswith(f"clients.csv, {says}")


NUMBERS = ("0", "99.5", "+3", ".5", "5.", "0012", "1.5E-04", "1e3", f"0.{'3' * 30}")


def test_the_models_can_read_every_number(tmp_path: Path) -> None:
    rules = header("rules") + "".join(f"usual_bounds,low,no,max_cpc,{n},,\n" for n in NUMBERS[:1])
    assert problems(tmp_path, rules=rules) == []
    with duckdb.connect() as db:
        for text in NUMBERS:
            (modelled,) = db.execute(f"select '{text}'::decimal(18, 6)").fetchall()[0]
            assert float(number(text)) == db.execute(f"select '{text}'::double").fetchall()[0][0]
            assert modelled == round(number(text), 6)


def test_every_setting_that_a_model_reads_is_known(tmp_path: Path) -> None:
    known, rules = parameters(), set()
    for path in [*(ROOT / "models" / "rules").glob("*/*.sql"), *(ROOT / "models" / "health").glob("*/*.sql")]:
        named = known.keys() & re.findall(r"(?:setting\.)?rule = '(\w+)'", path.read_text())
        read = set(re.findall(r"parameters\['(\w+)'\]", path.read_text()))
        if named:
            assert read <= {name for rule in {*named, "series"} for name in known[rule]}, path.name
        rules |= named
    assert len(rules) > 30
    # Without a default: a service level, and a bound.
    lines = (
        "freshness,low,no,percent,99,,\nfreshness,low,no,days,14,,\nusual_bounds,low,no,min_clicks,1,dune,\n"
    )
    assert problems(tmp_path, rules=header("rules") + lines) == []


def test_a_finding_of_any_rule_can_be_waived(tmp_path: Path) -> None:
    violating = [
        ROOT / "models" / "rules" / f"{name}.sql" for name in ("int_violations", "int_series_violations")
    ]
    named = [
        rule for path in violating for rule in re.findall(r"^    '(\w+)',$", path.read_text(), re.MULTILINE)
    ]
    assert len(named) > 30
    lines = "".join(f"{rule},,,2026-01-01,2026-01-02,why,2026-02-01\n" for rule in named)
    assert problems(tmp_path, waivers=header("waivers") + lines) == []


def test_basis_of_google_only(tmp_path: Path) -> None:
    text = "platform,client_id,action_type,kpi,basis,valid_from,valid_to\n"
    found = problems(
        tmp_path,
        conversion_actions=text
        + "meta,,lead,email_contacts,all_conversions,,\n"
        + "google,,Call,click_to_call,all_conversions,,\n"
        + "google,,Call 2,click_to_call,,,\n"
        + "google,,Call 3,click_to_call,every,,\n",
    )
    assert [problem.split(":")[0] for problem in found] == [
        "conversion_actions.csv, line 2",
        "conversion_actions.csv, line 5",
    ]


def test_mappings_that_follow_one_another(tmp_path: Path) -> None:
    text = "platform,client_id,action_type,kpi,basis,valid_from,valid_to\n"
    rows = "meta,,lead,email_contacts,,,2026-05-31\nmeta,,onsite_web_lead,email_contacts,,2026-06-01,\n"
    assert problems(tmp_path, conversion_actions=text + rows) == []
    overlapping = rows.replace("2026-06-01", "2026-05-31")
    first, second = problems(tmp_path, conversion_actions=text + overlapping)
    assert "'onsite_web_lead' on meta in line 3 already" in first
    assert "'lead' on meta in line 2 already" in second


def test_an_account_changes_client(tmp_path: Path) -> None:
    changed = GOOD["accounts.csv"].replace("2026-01-01,\n9", "2026-01-01,2026-03-31\n9")
    line = "act_11,meta,fjord,EUR,Europe/Berlin,true,2026-04-01,\n"
    registered = agency.load(write(tmp_path, accounts=changed + line))
    assert [r.client_id for r in registered.registrations if r.account_id == "11"] == ["dune", "fjord"]
    assert registered.accounts("meta") == 1


def test_the_first_problems_are_told_with_their_number(tmp_path: Path) -> None:
    bad = header("accounts") + "".join(f"{n},meta,nobody,EUR,Europe/Berlin,true,x,\n" for n in range(9))
    with pytest.raises(
        UserError, match=r"accounts.csv, line 2: .*; and 4 more \(python -m ingest check"
    ) as told:
        agency.load(write(tmp_path, accounts=bad))
    assert str(told.value).count("accounts.csv, line") == 5


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="folder is missing"):
        agency.load(Settings(warehouse=tmp_path, site=tmp_path, agency=tmp_path / "none"))


cells = st.sampled_from(
    ["meta", "google", "dune", "EUR", "true", "2026-01-01", "", "x,y", '"', "act_1", "\0"]
)
rows = st.lists(st.lists(cells | st.text(max_size=5), max_size=9), max_size=5)


def as_csv(table: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(table)
    return out.getvalue().encode("utf-8", "surrogatepass")


@settings(max_examples=150)
@given(
    name=st.sampled_from([name.removesuffix(".csv") for name in GOOD]),
    body=rows.map(as_csv) | st.binary(max_size=80),
    headed=st.booleans(),
)
def test_wild_files_are_told_not_thrown(
    tmp_path_factory: pytest.TempPathFactory, name: str, body: bytes, headed: bool
) -> None:
    header = GOOD[f"{name}.csv"].splitlines()[0].encode() + b"\n"
    folder = tmp_path_factory.mktemp("wild")
    registered, found = agency.examine(write(folder, **{name: (header if headed else b"") + body}))
    assert all(problem.reason for problem in found)
    assert all(r.client_id in registered.clients for r in registered.registrations)
