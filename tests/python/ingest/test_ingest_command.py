"""``python -m ingest``: what a person sees."""

from datetime import UTC, datetime

from ingest.ledger.entity_changes import changed_account, changed_campaigns
from ingest.ledger.past import Named
from ingest.platform_api import AccountFacts, CampaignFacts
from sandbox.process import SandboxProcess
from tests.python.installation import Installation

NOW = "2026-11-24T06:00:00+00:00"
INSTANT = datetime(2026, 11, 24, 6, tzinfo=UTC)


def test_check_asks_no_platform(small: Installation, sandbox: SandboxProcess) -> None:
    sandbox.forget()
    assert "3 clients, 5 accounts, 0 problems" in small.wholeday("check", now=NOW, module="ingest")
    (small.agency / "accounts.csv").open("a").write("12,meta,nobody,EUR,Europe/Berlin,true,2026-09-10,\n")
    said = small.wholeday("check", now=NOW, module="ingest", status=1)
    assert "accounts.csv, line 7: the client 'nobody' is unknown" in said
    (small.agency / "accounts.csv").write_bytes(b"\xff\xfe")
    said = small.wholeday("collect", now=NOW, module="ingest", status=2)
    assert "nothing was collected" in said
    assert sandbox.requests() == []


def test_a_clock_that_is_none_is_told_before_a_server_starts(small: Installation) -> None:
    alone = Installation(small.folder, {})
    said = alone.wholeday("collect", now="yesterday", module="ingest", status=2)
    assert said == (
        "wholeday: WHOLEDAY_NOW='yesterday' is not an ISO 8601 instant with an offset,"
        " such as 2026-11-24T06:00:00+00:00\n"
    )


def test_a_full_disk_is_no_defect(small: Installation) -> None:
    log = small.warehouse / "logs" / "wholeday.jsonl"
    log.parent.mkdir(parents=True)
    log.symlink_to("/dev/full")
    said = small.wholeday("collect", now=NOW, module="ingest", status=2)
    assert said.startswith("wholeday: stopped, since the disk is full;")
    assert "Traceback" not in said


def test_backfill_says_what_it_did(small: Installation, sandbox: SandboxProcess) -> None:
    sandbox.set_clock(NOW)
    days = ("--from", "2026-10-01", "--to", "2026-10-03")
    said = small.wholeday("backfill", "--client", "grove", *days, now=NOW, module="ingest")
    # Four of them for the account; one asks how long the token holds.
    assert "collected 1 accounts with 5 requests: 3 account-days stored, 0 seen unchanged, 0 failed" in said
    said = small.wholeday("backfill", "--client", "glade", *days, now=NOW, module="ingest", status=2)
    assert "client 'glade' is unknown" in said
    sandbox.set_clock(None)


def test_names_land_when_they_change() -> None:
    account = AccountFacts("1", "Dune", "EUR", "Europe/Berlin", "1", False)
    (row,) = changed_account("meta", account, Named(), "run", INSTANT)
    known = Named(accounts={("meta", "1"): row["content_hash"]})
    assert changed_account("meta", account, known, "run", INSTANT) == []
    renamed = AccountFacts("1", "Dune Hotel", "EUR", "Europe/Berlin", "1", False)
    assert changed_account("meta", renamed, known, "run", INSTANT)[0]["name"] == "Dune Hotel"


def test_a_name_from_a_row_never_replaces_what_a_list_said() -> None:
    listed = CampaignFacts("7", "Spring", "PAUSED", "OUTCOME_SALES")
    from_row = CampaignFacts("7", "Spring", None, None)
    (row,) = changed_campaigns("meta", "1", [listed], Named(), "run", INSTANT)
    known = Named(campaigns={("meta", "1", "7"): row["content_hash"]})
    assert changed_campaigns("meta", "1", [from_row], known, "run", INSTANT) == []
    assert changed_campaigns("meta", "1", [from_row], Named(), "run", INSTANT)[0]["name"] == "Spring"
