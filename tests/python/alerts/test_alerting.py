"""An incident is told once when it opens, again when it is worse, daily while it lasts, and at its end."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from alerts import ledger, silences
from alerts.channels import Channel, Recipients
from tests.python.alerts.conftest import Agency, Mailbox, Webhook, incident


def test_an_incident_from_its_opening_to_its_end(agency: Agency, webhook: Webhook) -> None:
    agency.release(incident())
    agency.end_of_run("2026-11-24T06:00:00")
    assert webhook.subjects == ["wholeday high, new: answers present on meta: dune, 2026-11-23"]
    body = webhook.received[0]["message"]
    assert "the conversions are missing" in body
    assert "make backfill CLIENT=dune PLATFORM=meta FROM=2026-11-23 TO=2026-11-23" in body
    assert "docs/runbooks/answers_present.md" in body

    agency.end_of_run("2026-11-24T09:00:00")
    assert len(webhook.received) == 1, "the same incident is told again in the next run"
    agency.release(incident(severity="critical"))
    agency.end_of_run("2026-11-24T10:00:00")
    assert webhook.subjects[1].startswith("wholeday critical, worse:")
    agency.release(incident(severity="high"))
    agency.end_of_run("2026-11-24T11:00:00")
    assert len(webhook.received) == 2, "less severe is no news"
    agency.end_of_run("2026-11-25T10:00:00")
    agency.end_of_run("2026-11-25T11:00:00")
    assert [subject.split(":")[0] for subject in webhook.subjects[2:]] == ["wholeday critical, goes on"]
    agency.release()
    agency.end_of_run("2026-11-26T06:00:00")
    agency.end_of_run("2026-11-26T07:00:00")
    assert [subject.split(":")[0] for subject in webhook.subjects[3:]] == ["wholeday critical, over"]
    agency.release(incident())
    agency.end_of_run("2026-11-27T06:00:00")
    assert webhook.subjects[4].startswith("wholeday high, new:"), "what comes back is new"


def test_a_storm_with_one_cause_is_one_message(agency: Agency, webhook: Webhook) -> None:
    agency.release(incident(cause="auth", clients=tuple(f"client-{number}" for number in range(500))))
    agency.end_of_run("2026-11-24T06:00:00")
    agency.end_of_run("2026-11-24T07:00:00")
    assert webhook.subjects == ["wholeday high, new: auth on meta: 500 clients, 2026-11-23"]


def test_many_incidents_at_once_are_one_message(agency: Agency, webhook: Webhook) -> None:
    agency.release(*(incident(cause=f"rule_{number}") for number in range(8)))
    agency.end_of_run("2026-11-24T06:00:00")
    assert webhook.subjects == ["wholeday high, new: 8 incidents at once"]
    assert len(agency.ledger("select * from told.events")) == 8


def test_a_channel_that_is_down_for_an_hour_gets_everything_later_and_once(
    agency: Agency, webhook: Webhook, mailbox: tuple[Mailbox, int]
) -> None:
    box, port = mailbox
    mail = Channel(
        f"mailto://127.0.0.1:{port}?from=w@agency.example&to=a@agency.example", frozenset(["high"])
    )
    agency.recipients = Recipients((*agency.recipients.channels, mail), "")
    webhook.stop()
    agency.release(incident())
    agency.end_of_run("2026-11-24T06:00:00")
    agency.release()
    agency.end_of_run("2026-11-24T06:30:00")
    assert webhook.received == []
    assert len(box.mails) == 2, "one channel's trouble delays another"
    webhook.start()
    agency.end_of_run("2026-11-24T07:00:00")
    agency.end_of_run("2026-11-24T07:30:00")
    assert [subject.split(":")[0] for subject in webhook.subjects] == [
        "wholeday high, new",
        "wholeday high, over",
    ]
    assert len(box.mails) == 2
    assert agency.ledger("select distinct state from told.deliveries") == [("sent",)]


def test_severities_go_where_they_are_wanted(
    agency: Agency, webhook: Webhook, mailbox: tuple[Mailbox, int]
) -> None:
    box, port = mailbox
    mail = Channel(
        f"mailto://127.0.0.1:{port}?from=w@agency.example&to=a@agency.example", frozenset(["critical"])
    )
    hook = replace(agency.recipients.channels[0], severities=frozenset(["high"]))
    agency.recipients = Recipients((hook, mail), "")
    agency.release(incident(), incident(cause="last_month", severity="critical"))
    agency.end_of_run("2026-11-24T06:00:00")
    assert len(webhook.received) == 1
    assert "answers present" in webhook.subjects[0]
    assert len(box.mails) == 1
    assert "last month" in box.mails[0]


def test_quiet_severities_are_told_once_a_day_in_one_message(agency: Agency, webhook: Webhook) -> None:
    quiet = incident(cause="unmapped_action_types", severity="low")
    agency.release(quiet, incident(cause="settled", severity="medium"))
    agency.end_of_run("2026-11-24T06:00:00")
    agency.release(quiet)
    agency.end_of_run("2026-11-24T12:00:00")
    agency.end_of_run("2026-11-25T06:00:00")
    assert webhook.subjects == [
        "wholeday digest: 2 new, 0 going on, 0 over",
        "wholeday digest: 0 new, 1 going on, 1 over",
    ]
    assert "unmapped action types on meta" in webhook.received[1]["message"]


def test_a_silence_holds_until_it_ends(agency: Agency, webhook: Webhook) -> None:
    agency.release(incident())
    now = datetime(2026, 11, 24, 6, tzinfo=UTC)
    with ledger.opened(agency.settings, now) as file:
        silences.add(file, "answers*dune", datetime(2026, 11, 26, tzinfo=UTC), "known to Meta", "anna", now)
        silences.add(file, "google", datetime(2026, 11, 26, tzinfo=UTC), "of another", "anna", now)
        assert [silence.reason for silence in silences.in_force(file)] == ["known to Meta", "of another"]
    agency.end_of_run("2026-11-24T06:00:00")
    agency.end_of_run("2026-11-25T06:00:00")
    assert webhook.received == []
    agency.end_of_run("2026-11-26T06:00:00")
    assert webhook.subjects == ["wholeday high, new: answers present on meta: dune, 2026-11-23"]


def test_a_day_that_nobody_could_ask_for_yet_is_healed_before_anybody_is_told(
    agency: Agency, webhook: Webhook
) -> None:
    agency.release(incident(status="missing", attempts=0))
    agency.end_of_run("2026-11-24T06:00:00")
    assert webhook.received == []
    agency.release(incident(status="missing"))
    agency.end_of_run("2026-11-24T18:00:00")
    assert len(webhook.received) == 1, "healing was tried and failed"
    agency.release(incident(status="whole", resolved_at="2026-11-24 19:00:00+00"))
    agency.end_of_run("2026-11-24T19:00:00")
    assert webhook.subjects[1].startswith("wholeday high, over")


def test_a_check_is_told_where_no_incident_says_it_better(agency: Agency, webhook: Webhook) -> None:
    failed = {"status": "fail", "severity": "critical", "message": "2 of 3 clients were collected"}
    agency.release(checks={"todayCollection": failed})
    agency.end_of_run("2026-11-24T06:00:00")
    assert webhook.subjects == ["wholeday critical, new: check todayCollection"]
    agency.release(incident(), checks={"splitData": failed, "release": failed})
    agency.end_of_run("2026-11-24T07:00:00")
    opened = [subject for subject in webhook.subjects if "new" in subject]
    assert opened[1:] == [
        "wholeday critical, new: check release",
        "wholeday critical, new: answers present on meta: dune, 2026-11-23",
    ]


def check(severity: str, *causes: str, status: str = "fail", message: str = "m") -> dict[str, Any]:
    return {"status": status, "severity": severity, "message": message, "followsFrom": list(causes)}


def test_what_follows_from_a_check_is_in_its_message(agency: Agency, webhook: Webhook) -> None:
    agency.release(
        checks={
            "tokens": check("high"),
            "access": check("high", "tokens"),
            "todayCollection": check("critical", "tokens"),
            "greatExpectations": check("medium", status="warn"),
            "queue": check("low", status="warn"),
        }
    )
    agency.end_of_run("2026-11-24T06:00")
    critical = [message for message in webhook.received if "digest" not in message["title"]]
    assert [message["title"] for message in critical] == ["wholeday critical, new: check tokens"]
    assert "from it follow access, todayCollection" in critical[0]["message"]


def test_an_incident_that_costs_the_day_is_as_severe_as_its_checks(agency: Agency, webhook: Webhook) -> None:
    agency.release(
        incident(),
        incident("spend_level", "medium", clients=("fjord",), status="whole"),
        checks={"splitData": check("high"), "todayCollection": check("critical", "splitData")},
    )
    agency.end_of_run("2026-11-24T06:00")
    told = [subject for subject in webhook.subjects if "digest" not in subject]
    assert len(told) == 1
    assert "wholeday critical, new: answers present" in told[0]


def test_a_channel_that_raises_costs_the_run_nothing(
    agency: Agency, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from alerts import step

    agency.release(incident())
    monkeypatch.setenv("WHOLEDAY_NOW", "2026-11-24T06:00:00+00:00")
    monkeypatch.setenv("WHOLEDAY_ALERTS", "high=nonsense://somewhere")
    step.after_run(agency.settings)
    monkeypatch.setenv("WHOLEDAY_ALERTS", "nobody=json://127.0.0.1:1/secret")
    step.after_run(agency.settings)
    said = capsys.readouterr().err
    assert "entry 1 of WHOLEDAY_ALERTS" in said
    assert "secret" not in said
    assert agency.ledger("select state, attempts from told.deliveries") == [("pending", 1)]
