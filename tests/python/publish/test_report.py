"""What people see: health.json, the page, the summary, and the exit status."""

import errno
import html
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from core.runs import Run
from publish.commands import check_health, report_again
from publish.publish import publish
from publish.report import Outcome, refresh, report
from publish.rollback import rollback
from publish.site import documents, environment

SPLIT = (
    "update health.account_days set status = 'split', reason = 'the conversions request failed'"
    " where client_id = 'hotel-02' and platform = 'google' and date >= date '2026-11-22';"
    'update health.checks set status = \'fail\', details = \'{"gaps": [{"client": "hotel-02",'
    ' "platform": "google", "date": "2026-11-23"}]}\' where name = \'missingDays\';'
)
NOT_COLLECTED = (
    "update health.checks set status = 'fail', details = '{\"clientCount\": 2, \"expected\": 3}',"
    " message = '2 of 3 clients are whole' where name = 'todayCollection';"
)


def ran(warehouse: Any, change: str = "", **world: Any) -> tuple[Run, Outcome]:
    run = warehouse.begin()
    warehouse.build(run, change=change, **world)
    return run, report(warehouse.settings, run, publish(warehouse.settings, run))


def health_of(warehouse: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((warehouse.settings.site / "health.json").read_text())
    return found


def page_of(warehouse: Any) -> str:
    return str((warehouse.settings.site / "index.html").read_text())


def test_all_whole_is_healthy(warehouse: Any, capsys: pytest.CaptureFixture[str]) -> None:
    run, outcome = ran(warehouse)
    assert outcome == Outcome(0, "")
    found = health_of(warehouse)
    assert found | {"checks": None} == {
        "status": "healthy",
        "score": 100.0,
        "checks": None,
        "causes": [],
        "lastCheck": "2026-11-24T06:00:00+00:00",
        "lastRun": "2026-11-24T06:00:00+00:00",
        "nextRun": "2026-11-25T06:00:00+00:00",
        "runId": run.run_id,
        "published": True,
        "reason": None,
        "api": "sandbox",
        "day": "2026-11-23",
    }
    assert found["checks"]["todayCollection"] | {"message": ""} == {
        "followsFrom": [],
        "status": "pass",
        "severity": "critical",
        "clientCount": 3,
        "expected": 3,
        "message": "",
    }
    assert found["checks"]["missingDays"]["gaps"] == []
    assert found["checks"]["greatExpectations"]["evaluated"] == 40
    assert found["checks"]["release"]["status"] == "pass"
    assert "3 of 3 clients whole for 23 November 2026" in page_of(warehouse)
    printed = capsys.readouterr().out
    assert "3 of 3 clients whole for 23 November 2026" in printed
    assert "google: 3 accounts, 15 requests, 180 rows" in printed
    assert str(warehouse.settings.release) in printed


def test_one_client_split_is_named_with_the_command_that_heals(
    warehouse: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    _, outcome = ran(warehouse, SPLIT + NOT_COLLECTED)
    heal = "make backfill CLIENT=hotel-02 PLATFORM=google FROM=2026-11-22 TO=2026-11-23"
    printed = capsys.readouterr().out
    assert outcome.exit_status == 1
    for said in (
        "Hotel 02",
        "hotel-02",
        "22 to 23 November 2026",
        "the conversions request failed",
        heal,
    ):
        assert said in outcome.sentence
        assert said in page_of(warehouse)
        assert said in printed
    found = health_of(warehouse)
    assert found["status"] == "critical"
    assert found["published"] is True
    assert found["checks"]["missingDays"]["gaps"] == [
        {"client": "hotel-02", "platform": "google", "date": "2026-11-23"}
    ]
    assert "2 of 3 clients whole for 23 November 2026; 1 needs you" in page_of(warehouse)


EARLIER = (
    "delete from health.account_days where date = '2026-11-23' and client_id in ({});"
    "delete from marts.daily_kpi where date = '2026-11-23' and client_id in ({});"
)


def headline(warehouse: Any) -> str:
    return html.unescape(re.findall(r'<h1 id="verdict">(.*?)</h1>', page_of(warehouse))[0])


@pytest.mark.parametrize(
    ("clients", "earlier", "change", "day", "said"),
    [
        (
            3,
            "'hotel-03'",
            "",
            "2026-11-23",
            "2 of 2 clients whole for 23 November 2026, Hotel 03 for 22 November 2026, its last closed day",
        ),
        (
            3,
            "'hotel-01', 'hotel-02'",
            "",
            "2026-11-22",
            "2 of 2 clients whole for 22 November 2026, Hotel 03 for 23 November 2026, its last closed day",
        ),
        (
            4,
            "'hotel-01', 'hotel-02'",
            "update health.account_days set status = 'split' where date = '2026-11-22'"
            " and account_id = '2000000001'",
            "2026-11-23",
            "2 of 2 clients whole for 23 November 2026, Hotel 02 for 22 November 2026"
            " and Hotel 01 not for 22 November 2026, their last closed day; 1 needs you",
        ),
        (
            12,
            "'hotel-01', 'hotel-02', 'hotel-03', 'hotel-04', 'hotel-05'",
            "update health.account_days set status = 'split' where date = '2026-11-22'"
            " and account_id = '2000000001'",
            "2026-11-23",
            "7 of 7 clients whole for 23 November 2026, 4 of 5 for 22 November 2026, their last closed day;"
            " 1 needs you",
        ),
    ],
)
def test_the_day_is_that_of_most_clients_and_the_others_are_told_with_theirs(
    warehouse: Any,
    capsys: pytest.CaptureFixture[str],
    clients: int,
    earlier: str,
    change: str,
    day: str,
    said: str,
) -> None:
    ran(warehouse, EARLIER.format(earlier, earlier) + change, clients=clients)
    assert headline(warehouse) == said
    assert said in capsys.readouterr().out
    assert health_of(warehouse)["day"] == day


def test_a_client_in_two_time_zones_is_whole_when_each_of_its_days_is(warehouse: Any) -> None:
    # One account of hotel-03 is done with the day, the other one is not yet.
    west = "delete from health.account_days where date = '2026-11-23' and account_id = '2000000003';"
    ran(warehouse, west)
    told = "2 of 2 clients whole for 23 November 2026, Hotel 03{} for 22 November 2026, its last closed day"
    assert headline(warehouse) == told.format("")
    split = "update health.account_days set status = 'split' where account_id = '1000000003' and date = '{}';"
    for day in ("2026-11-22", "2026-11-23"):
        ran(warehouse, west + split.format(day))
        assert headline(warehouse) == told.format(" not") + "; 1 needs you"


def test_a_check_that_is_not_critical_is_a_warning_and_no_failure(warehouse: Any) -> None:
    _, outcome = ran(warehouse, SPLIT)
    assert outcome.exit_status == 0
    assert health_of(warehouse)["status"] == "warning"


def test_a_warning_of_a_critical_check_is_a_warning(warehouse: Any) -> None:
    _, outcome = ran(warehouse, NOT_COLLECTED.replace("'fail'", "'warn'"))
    assert outcome.exit_status == 0
    assert health_of(warehouse)["status"] == "warning"


def test_a_gap_that_needs_credentials_names_no_backfill(warehouse: Any) -> None:
    refused = "update health.collections set error_class = 'auth' where platform = 'google';"
    _, outcome = ran(warehouse, SPLIT + NOT_COLLECTED + refused)
    assert "heal it with `make doctor`" in outcome.sentence


def test_a_gap_that_a_wrong_registration_makes_names_the_file_and_no_backfill(
    warehouse: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    reason = "registered: the platform says currency EUR, agency/accounts.csv says PLN"
    first = "write the lines that the finding of rule registered prints, then"
    _, outcome = ran(warehouse, SPLIT.replace("the conversions request failed", reason) + NOT_COLLECTED)
    assert f"; {first} `make run`" in outcome.sentence
    printed, page = capsys.readouterr().out, page_of(warehouse)
    assert f"{first} make run" in printed
    assert f'{first} <code class="command">make run</code>' in page
    assert "make backfill" not in outcome.sentence + printed + page
    assert "data-heal" not in page


def test_a_critical_check_without_a_gap_speaks_for_itself(warehouse: Any) -> None:
    _, outcome = ran(warehouse, NOT_COLLECTED)
    assert outcome.exit_status == 1
    assert "2 of 3 clients are whole: docs/runbooks/missing_day.md" in outcome.sentence


def test_waived_and_queued_days_need_nobody(warehouse: Any) -> None:
    ran(
        warehouse,
        SPLIT.replace("set status = 'split'", "set waived = true, status = 'split'", 1)
        + "update health.account_days set status = 'missing', reason = 'queued'"
        + " where date < '2026-11-01' or client_id = 'hotel-03';",
    )
    page = page_of(warehouse)
    assert "1 of 3 clients whole for 23 November 2026</h1>" in page
    assert "1 gap waived" in page
    assert "wait for their first collection" in page
    assert "make backfill" not in page


def test_what_great_expectations_found_is_a_check(warehouse: Any) -> None:
    run = warehouse.begin()
    warehouse.build(run)
    warehouse.validation(
        run,
        {"suite": "s", "table": "marts.daily_kpi", "expectation": "expect_x", "description": "No negatives.",
         "severity": "critical", "observed": "-1", "unexpected_count": 1},
    )  # fmt: skip
    outcome = report(warehouse.settings, run, publish(warehouse.settings, run))
    check = health_of(warehouse)["checks"]["greatExpectations"]
    assert (check["status"], check["failed"], check["failures"][0]["description"]) == (
        "fail",
        1,
        "No negatives.",
    )
    assert outcome.exit_status == 0
    assert health_of(warehouse)["status"] == "warning"


@pytest.mark.parametrize(
    ("failures", "status", "severity", "failed"),
    [
        ([{"severity": "warning"}], "warn", "medium", 1),
        ([{"severity": "info"}], "warn", "low", 1),
        ([{"severity": "critical", "follows": ["splitData"]}], "pass", "high", 0),
        ([{"severity": "critical", "follows": ["splitData"]}, {"severity": "info"}], "warn", "low", 1),
        ([{"severity": "info"}, {"severity": "critical"}], "fail", "high", 2),
    ],
)
def test_the_worst_that_nothing_else_says_counts(
    warehouse: Any, failures: list[dict[str, Any]], status: str, severity: str, failed: int
) -> None:
    run = warehouse.begin()
    warehouse.build(run)
    warehouse.validation(run, *failures)
    report(warehouse.settings, run, publish(warehouse.settings, run))
    check = health_of(warehouse)["checks"]["greatExpectations"]
    assert (check["status"], check["severity"], check["failed"]) == (status, severity, failed)
    assert ("follows from splitData" in check["message"]) is any("follows" in one for one in failures)


def test_expectations_of_another_run_count_for_nothing(
    warehouse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = ran(warehouse)
    run = warehouse.begin()
    warehouse.build(run)
    warehouse.validation(first)
    monkeypatch.setattr("core.judging.again", lambda *_: "it was killed")
    report(warehouse.settings, run, publish(warehouse.settings, run))
    found = health_of(warehouse)
    check = found["checks"]["greatExpectations"]
    assert (check["status"], check["followsFrom"]) == ("warn", ["release"])
    assert "make validate FILE=candidate" in check["message"]
    assert found["causes"] == ["release"]


def test_a_check_that_follows_says_so_and_is_no_cause(
    warehouse: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ran(
        warehouse,
        "update health.checks set status = 'fail' where name in ('splitData', 'missingDays');"
        "alter table health.checks add column follows_from varchar[];"
        "update health.checks set follows_from = if(name = 'missingDays', ['splitData'], [])",
    )
    found = health_of(warehouse)
    assert found["causes"] == ["splitData"]
    assert found["checks"]["missingDays"]["followsFrom"] == ["splitData"]
    assert "1 of 2 that do not pass has a cause of its own" in page_of(warehouse)
    said = capsys.readouterr().out
    assert "splitData" in said
    assert "from it follow missingDays" in said
    assert "✕ missingDays" not in said


def test_a_refusal_is_described_with_its_reason(warehouse: Any, capsys: pytest.CaptureFixture[str]) -> None:
    ran(warehouse)
    run, outcome = ran(warehouse, "drop table marts.weekly_kpi; drop table health.checks")
    assert outcome.exit_status == 1
    assert "lacks health.checks, marts.weekly_kpi" in outcome.sentence
    found = health_of(warehouse)
    assert (found["status"], found["published"], found["runId"]) == ("critical", False, run.run_id)
    assert found["reason"] == outcome.sentence
    assert found["checks"]["release"]["status"] == "fail"
    assert "Not published." in page_of(warehouse)
    assert "did not come to everything; not shown: checks" in page_of(warehouse)
    assert "is not published, because" in capsys.readouterr().out


def test_an_unreadable_candidate_is_described_too(warehouse: Any) -> None:
    run = warehouse.begin()
    warehouse.build(run).write_bytes(b"garbage")
    outcome = report(warehouse.settings, run, publish(warehouse.settings, run))
    assert outcome.exit_status == 1
    found = health_of(warehouse)
    assert (found["status"], found["score"], found["runId"]) == ("critical", None, run.run_id)
    assert "Which clients are whole is not known" in page_of(warehouse)


def test_held_is_not_published(warehouse: Any) -> None:
    ran(warehouse)
    ran(warehouse)
    rollback(warehouse.settings, None)
    _, outcome = ran(warehouse)
    assert outcome.exit_status == 1
    assert "make unpin" in outcome.sentence
    assert (health_of(warehouse)["published"], health_of(warehouse)["status"]) == (False, "warning")


def test_a_rollback_shows_on_the_site(warehouse: Any) -> None:
    first, _ = ran(warehouse)
    ran(warehouse)
    rollback(warehouse.settings, None)
    refresh(warehouse.settings)
    assert health_of(warehouse)["runId"] == first.run_id
    assert "Pinned." in page_of(warehouse)


NASTY = "<script>alert(1)</script>&\"'"


def test_names_and_reasons_are_escaped(warehouse: Any, capsys: pytest.CaptureFixture[str]) -> None:
    name = NASTY.replace("'", "''")
    ran(
        warehouse,
        f"update marts.clients set client_name = '{name}[red]';"
        f"update health.checks set message = '{name}', observed = '{name}';"
        + SPLIT.replace("the conversions request failed", name),
    )
    page = page_of(warehouse)
    assert "<script>" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 8
    report = (warehouse.settings.site / "reports" / "hotel-01" / "index.html").read_text()
    assert "<script>" not in report
    assert "&lt;script&gt;alert(1)" in report
    assert "[red]" in capsys.readouterr().out  # not read as a colour


def test_the_site_refers_to_nothing_outside(warehouse: Any) -> None:
    ran(warehouse, SPLIT)
    site = warehouse.settings.site
    for path in [*site.rglob("*.html"), *site.rglob("*.css")]:
        text = path.read_text()
        assert not re.search(r"(?i)(?:https?:)?//[a-z]|@import|url\(", text), path
        for target in re.findall(r'(?:href|src)="([^"#]+)', text):
            assert (path.parent / target).is_file(), (path, target)
    assert (site / "reports" / "hotel-03" / "hotel-03-days.csv").is_file()


def test_docs_are_copied_and_linked(warehouse: Any) -> None:
    settings = warehouse.settings
    settings.data_docs.mkdir()
    (settings.data_docs / "index.html").write_text("old")
    settings.dbt_docs.parent.mkdir()
    settings.dbt_docs.write_text("lineage")
    ran(warehouse)
    (settings.data_docs / "index.html").write_text("new")
    ran(warehouse)
    assert (settings.site / "data_docs" / "index.html").read_text() == "new"
    assert (settings.site / "dbt" / "lineage.html").read_text() == "lineage"
    assert 'src="lineage.html"' in (settings.site / "dbt" / "index.html").read_text()
    assert 'href="data_docs/index.html"' in page_of(warehouse)
    assert 'href="dbt/index.html"' in page_of(warehouse)
    assert sorted(path.name for path in settings.site.iterdir() if path.name.startswith(".")) == []


def test_sandbox_data_is_unmistakable_and_live_is_not_called_so(warehouse: Any) -> None:
    ran(warehouse)
    assert "Sandbox data." in page_of(warehouse)
    ran(warehouse, "update health.runs set api = 'live'")
    assert "Sandbox data." not in page_of(warehouse)
    assert "the live platforms" in page_of(warehouse)


def test_a_site_that_cannot_be_written_is_told(warehouse: Any) -> None:
    warehouse.settings.site.write_text("a file where the folder should be")
    run, outcome = ran(warehouse)
    assert outcome.exit_status == 1
    assert f"run {run.run_id} is published; the site shows an earlier run" in outcome.sentence


@pytest.mark.parametrize("file", ["index.html", "written.json", "health.json", "metrics.prom"])
def test_overview_and_health_are_of_one_run(
    warehouse: Any, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    site = warehouse.settings.site
    ran(warehouse)
    before = {name: (site / name).read_bytes() for name in ("index.html", "written.json", "health.json")}
    real = Path.open

    def full(path: Path, *arguments: Any, **named: Any) -> Any:
        if path.name == f".{file}.tmp":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return real(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", full)
    _, outcome = ran(warehouse, SPLIT)
    assert outcome.exit_status == 1
    assert "the site shows an earlier run in its overview and health.json" in outcome.sentence
    assert {name: (site / name).read_bytes() for name in before} == before


def test_report_again(warehouse: Any, capsys: pytest.CaptureFixture[str]) -> None:
    run, _ = ran(warehouse, NOT_COLLECTED)
    capsys.readouterr()
    assert report_again(warehouse.settings, run) == 1
    assert "2 of 3 clients are whole" in capsys.readouterr().err
    with pytest.raises(UserError, match="make publish"):
        report_again(warehouse.settings, warehouse.begin())


def test_report_after_a_rollback_describes_the_release_that_readers_have(warehouse: Any) -> None:
    first, _ = ran(warehouse)
    second, _ = ran(warehouse)
    rollback(warehouse.settings, None)
    assert report_again(warehouse.settings, second) == 0
    found = health_of(warehouse)
    assert (found["runId"], found["checks"]["release"]["status"]) == (first.run_id, "warn")


def test_health_of_the_release(warehouse: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_health(warehouse.settings) == 1
    assert "make run" in capsys.readouterr().err
    assert health_of(warehouse)["status"] == "critical"
    run, _ = ran(warehouse)
    assert check_health(warehouse.settings) == 0
    assert "✓ pass" in capsys.readouterr().out
    assert health_of(warehouse)["status"] == "healthy"

    later = warehouse.settings.health_check
    warehouse.build(run, path=later, change=NOT_COLLECTED)
    assert check_health(warehouse.settings, later) == 1
    assert (health_of(warehouse)["status"], health_of(warehouse)["published"]) == ("critical", True)
    assert "Health: critical" in capsys.readouterr().out


def test_a_release_that_was_damaged_is_never_called_healthy(
    warehouse: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    run, _ = ran(warehouse)
    warehouse.settings.release.chmod(0o644)
    warehouse.settings.release.write_bytes(b"no database" * 1000)
    assert report_again(warehouse.settings, run) == 1
    assert "no release can be read" in capsys.readouterr().err
    found = health_of(warehouse)
    assert (found["status"], found["published"]) == ("critical", False)
    assert not any(check["message"].endswith(": ") for check in found["checks"].values())


def test_health_remembers_that_a_later_run_was_refused(warehouse: Any) -> None:
    first, _ = ran(warehouse)
    ran(warehouse, "drop table marts.weekly_kpi")
    assert check_health(warehouse.settings) == 0
    found = health_of(warehouse)
    assert (found["status"], found["runId"]) == ("warning", first.run_id)
    assert "marts.weekly_kpi" in found["checks"]["release"]["message"]


def test_documents_become_pages(tmp_path: Path) -> None:
    docs, site = tmp_path / "docs", tmp_path / "site"
    source, folder = docs / "runbooks", site / "runbooks"
    source.mkdir(parents=True)
    (source / "split_data.md").write_text(
        "# Split <b>data</b>\n\nSee [missing](missing_days.md#fix) and [metrics](../metrics.md).\n\n"
        "<script>x</script>\n"
    )
    (source / "missing_days.md").write_text("# Missing days\n\n|a|b|\n|-|-|\n|1|2|\n")
    templates = environment.make()
    assert documents.write(site, templates, docs) == {"split_data", "missing_days"}
    page = (folder / "split_data.html").read_text()
    assert 'href="missing_days.html#fix"' in page
    assert "and metrics." in page
    assert "<script" not in page
    assert "<td>1</td>" in (folder / "missing_days.html").read_text()

    made = (folder / "split_data.html").stat().st_mtime_ns
    (source / "missing_days.md").unlink()
    assert documents.write(site, templates, docs) == {"split_data"}
    assert not (folder / "missing_days.html").exists()
    assert (folder / "split_data.html").stat().st_mtime_ns == made
