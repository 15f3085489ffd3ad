"""Figures and health as programs get them: forms, tags, compression, and sentences for what is wrong."""

import csv
import gzip
import io
import re
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from core.settings import ROOT
from tests.python.installation import Installation
from tests.python.serve.conftest import BOUND, DAY, FIRST_DAY, OPERATOR, TOKENS, Served, Server

pytestmark = pytest.mark.slow
FORMS = ("application/json", "text/csv", "application/vnd.apache.arrow.stream")


def test_figures_are_those_of_the_warehouse_in_every_form(served: Served) -> None:
    query = "/api/kpi?client=dune&from=2026-11-01&to=2026-11-07&fields=total_spend,status"
    wanted = served.installation.query(
        "select platform, date::varchar, total_spend from marts.daily_kpi"
        " where client_id = 'dune' and date between '2026-11-01' and '2026-11-07' order by all"
    )
    found = [
        (row["platform"], row["date"], row["total_spend"])
        for row in served.ask(query, accept="application/json").json["rows"]
    ]
    assert found == [(platform, date, float(spend)) for platform, date, spend in wanted]
    lines = list(csv.DictReader(io.StringIO(served.ask(query, accept="text/csv").body.decode())))
    assert [line["total_spend"] for line in lines] == [str(spend) for *_, spend in wanted]
    table = pa.ipc.open_stream(served.ask(query, accept=FORMS[2]).body).read_all()
    assert table["total_spend"].to_pylist() == [spend for *_, spend in wanted]
    assert table.column_names == ["client_id", "platform", "date", "total_spend", "status"]


def test_a_day_that_is_not_whole_is_a_row_with_its_reason_and_no_figure(served: Served) -> None:
    rows = served.ask(f"/api/kpi?client=fjord&from={DAY}&to={DAY}").json["rows"]
    assert [(row["status"], row["total_spend"]) for row in rows] == [("split", None)]
    month = served.ask(f"/api/kpi?client=fjord&grain=month&from={DAY}&to={DAY}").json["rows"]
    assert (month[0]["days_expected"], month[0]["days_whole"]) == (9, 0)


@pytest.mark.parametrize(
    "path", ["/api/kpi", "/api/health", "/api/health/fjord", "/metrics", "/", "/badge.svg"]
)
def test_an_answer_that_is_known_costs_nothing(served: Served, path: str) -> None:
    first = served.ask(path)
    assert first.status == 200
    again = served.ask(path, if_none_match=f'"other", {first.headers["etag"]}')
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert served.ask(path, if_none_match="*").status == 304
    head = served.ask(path, method="HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(first.body)))
    assert served.ask(path, method="OPTIONS").status == 204


def test_a_file_that_goes_out_as_it_is_costs_nothing_again(served: Served) -> None:
    file = next((served.installation.site / "reports").rglob("*.parquet"))
    path = f"/{file.relative_to(served.installation.site)}"
    first = served.ask(path)
    assert (first.status, first.body) == (200, file.read_bytes())
    for known in (first.headers["etag"], "*"):
        again = served.ask(path, if_none_match=known)
        assert (again.status, again.body) == (304, b"")
    part = served.ask(path, range="bytes=0-3", if_range=first.headers["etag"])
    assert (part.status, part.body) == (206, b"PAR1")


def test_answers_are_compressed_for_whoever_takes_it(served: Served) -> None:
    plain = served.ask("/api/kpi", accept_encoding="identity")
    for accepted, compressed in (
        ("gzip, deflate, br", True),
        ("*", True),
        ("gzip;q=0, *", False),
        ("br", False),
    ):
        answer = served.ask("/api/kpi", accept_encoding=accepted)
        assert (answer.headers.get("content-encoding") == "gzip") is compressed, accepted
        assert (gzip.decompress(answer.body) if compressed else answer.body) == plain.body
    assert "accept-encoding" in plain.headers["vary"]


@pytest.mark.parametrize(
    ("accepted", "form"),
    [
        ("*/*", FORMS[0]),
        ("", FORMS[0]),
        ("text/*", "text/csv"),
        ("application/json;q=0.2, text/csv;q=0.9", "text/csv"),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", FORMS[0]),
        (FORMS[2], FORMS[2]),
    ],
)
def test_the_form_is_what_is_asked_for(served: Served, accepted: str, form: str) -> None:
    assert served.ask("/api/kpi", accept=accepted).headers["content-type"].startswith(form)


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/api/kpi?grain=year", 400, "day, week, month"),
        ("/api/kpi?fields=total_spend,secrets", 400, "'secrets'"),
        ("/api/kpi?fields=1;drop table marts.daily_kpi", 400, "none of"),
        ("/api/kpi?client=' or 1=1 --", 404, "no client"),
        ("/api/kpi?client=nobody", 404, "'nobody'"),
        ("/api/kpi?from=yesterday", 400, "2026-11-01"),
        ("/api/kpi?from=2026-11-31", 400, "not a date"),
        ("/api/kpi?from=2026-11-05&to=2026-11-01", 400, "exchange"),
        ("/api/kpi?from=2000-01-01&to=2026-11-01", 400, "1200 days"),
        ("/api/kpi?client=dune&client=fjord", 400, "commas"),
        ("/api/kpi?client=", 400, "no value"),
        ("/api/kpi?cleint=dune", 400, "it takes client"),
        ("/api/kpi?client=%ff", 400, "UTF-8"),
        ("/api/kpi?client=a%00b", 400, "no value"),
        ("/api/health?since=1", 400, "takes none"),
        ("/api/health/nobody", 404, "no client"),
        ("/api/nothing", 404, "no such page"),
        ("/api/kpi?client=" + "x" * 5000, 414, "longer"),
        ("/" + "x" * 300, 404, "no such page"),
        ("/reports/" + "%C5%82" * 200 + "/", 404, "no such page"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(served: Served, path: str, status: int, says: str) -> None:
    answer = served.ask(path.replace(" ", "%20"))
    assert answer.status == status
    assert says in answer.sentence


def test_what_is_wrong_is_never_known(served: Served) -> None:
    assert served.ask("/api/kpi?client=nobody", if_none_match="*").status == 404
    assert served.ask("/reports/nobody/", if_none_match="*").status == 404


def test_a_form_that_there_is_not_is_refused(served: Served) -> None:
    assert served.ask("/api/kpi", accept="application/pdf").status == 406
    assert served.ask("/api/kpi", accept="application/json;q=0").status == 406
    assert served.ask("/api/kpi", method="DELETE").status == 405
    assert served.ask("/api/kpi", method="PUT").status == 405


def test_parts_of_a_file_and_paths_out_of_the_site(served: Served) -> None:
    part = served.ask("/health.json", range="bytes=0-9")
    assert (part.status, len(part.body)) == (206, 10)
    whole = served.ask("/health.json").body
    for no_range in ("bytes=abc", "bytes=9-0", "lines=0-9", "bytes"):
        answer = served.ask("/health.json", range=no_range)
        assert (answer.status, answer.body) == (200, whole), no_range
    beyond = served.ask("/health.json", range=f"bytes={len(whole)}-")
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{len(whole)}")
    assert f"has {len(whole)} bytes" in beyond.sentence
    outside = Path(served.installation.folder / "outside.txt")
    outside.write_text("secret")
    paths = """/../outside.txt /assets/../../outside.txt /%2e%2e/outside.txt /..%2foutside.txt //etc/passwd
        /assets/%2e%2e/%2e%2e/warehouse/ads.duckdb /.written.json /%00 /assets/..%5c..%5coutside.txt"""
    for path in paths.split():
        answer = served.ask(path)
        assert answer.status == 404, path
        assert b"secret" not in answer.body


def test_metrics_are_those_of_the_site(served: Served) -> None:
    text = served.ask("/metrics").body
    assert text == (served.installation.site / "metrics.prom").read_bytes()
    assert b'wholeday_incomplete_days{client="fjord",platform="google"} 61.0' in text
    assert b"wholeday_collection_failures{" in text


def test_a_new_release_is_followed_within_a_second_and_no_request_fails(served: Served) -> None:
    release, failed, stop = served.installation.release, [], threading.Event()
    tags: set[str] = set()

    def ask() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            # Every question is a new one, so that each is asked of the release itself.
            answer = served.ask(f"/api/kpi?client=dune&from=2026-10-01&to=2026-10-{1 + number % 30:02}")
            tags.add(served.ask("/api/health").headers["etag"])
            if answer.status != 200:
                failed.append(answer)

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    swaps = 3
    for number in range(swaps):
        copied = release.with_name(f"again-{number}.duckdb")
        shutil.copyfile(release, copied)
        before = served.ask("/api/health").headers["etag"]
        copied.replace(release)
        replaced = time.monotonic()
        while served.ask("/api/health").headers["etag"] == before:
            assert time.monotonic() < replaced + 3
            time.sleep(0.02)
    stop.set()
    for asker in askers:
        asker.join()
    assert failed == []
    assert len(tags) > swaps


def test_the_badge_and_the_clients_own_health(served: Served) -> None:
    assert b"critical" in served.ask("/badge.svg").body
    assert b"healthy" in served.ask("/badge.svg", BOUND).body
    fjord = served.ask("/api/health/fjord", OPERATOR).json
    assert fjord["status"] == "critical"
    assert [(gap["platform"], gap["from"], gap["status"]) for gap in fjord["gaps"]] == [
        ("google", FIRST_DAY, "split")
    ]
    assert fjord["findings"]


def test_the_questions_of_the_documentation_have_answers(served: Served) -> None:
    questions = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "querying.md").read_text(), re.DOTALL)
    asked = {question: len(served.installation.query(question)) for question in questions}
    # Two months of history and no restatement: a year ago there was nothing, and nothing was changed.
    beyond = ("restatements", "interval 1 year", "kpi is null")
    empty = [question for question, rows in asked.items() if not rows]
    assert [question for question in empty if not any(word in question for word in beyond)] == []


def test_the_gap_was_told_once(served: Served) -> None:
    """What the models call one incident is one message, whatever it cost: here 61 days."""
    with duckdb.connect(str(served.installation.warehouse / "alerts.duckdb"), read_only=True) as file:
        told = file.execute("select kind, subject from told.messages where kind <> 'digest'").fetchall()
    about_fjord = [subject for kind, subject in told if "fjord" in subject]
    assert len(about_fjord) == 1, told
    # It costs the newest day, so it is as severe as the check that follows from it.
    assert about_fjord[0].startswith("wholeday critical, new: ")


def test_release_of_an_earlier_wholeday_is_told(gapped: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "earlier"
    shutil.copytree(gapped.folder, folder, ignore=shutil.ignore_patterns("releases", "candidate"))
    earlier = replace(gapped, folder=folder)
    earlier.release.chmod(0o600)
    with duckdb.connect(str(earlier.release)) as file:
        file.execute("drop schema reports cascade")
    with Server(earlier, **TOKENS) as served:
        for path in ("/api/kpi", "/api/health/dune", "/metrics"):
            answer = served.ask(path)
            assert answer.status == 404
            assert "make run" in answer.sentence
        assert served.ask("/api/kpi?grain=month").status == 200
