"""The commands, the settings, and the sign of life."""

import json
import sys
from pathlib import Path

import pytest

from alerts import heartbeat, step
from alerts.__main__ import command
from alerts.channels import Recipients
from core.cli import main
from core.errors import UserError
from tests.python.alerts.conftest import Agency, Webhook, incident


class Commands:
    """``python -m alerts`` for one installation, in this process."""

    def __init__(
        self, agency: Agency, webhook: Webhook, patch: pytest.MonkeyPatch, printed: pytest.CaptureFixture[str]
    ) -> None:
        self._patch, self._printed = patch, printed
        for name, value in (
            ("WHOLEDAY_WAREHOUSE", str(agency.settings.warehouse)),
            ("WHOLEDAY_SITE", str(agency.settings.site)),
            ("WHOLEDAY_NOW", "2026-11-24T06:00:00+00:00"),
            ("WHOLEDAY_ALERTS", f"critical,high=json://user:secret@127.0.0.1:{webhook.port}/"),
        ):
            patch.setenv(name, value)

    def run(self, *arguments: str, status: int = 0) -> str:
        self._patch.setattr(sys, "argv", ["alerts", *arguments])
        with pytest.raises(SystemExit) as ended:
            main(command)
        said = "".join(self._printed.readouterr())
        assert ended.value.code == status, said
        assert "secret" not in said
        return said


@pytest.fixture
def commands(
    agency: Agency, webhook: Webhook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Commands:
    return Commands(agency, webhook, monkeypatch, capsys)


def test_a_sample_shows_whether_a_channel_works(commands: Commands, webhook: Webhook) -> None:
    assert "✓ json (critical, high): sent" in commands.run("test")
    assert webhook.subjects == ["wholeday test: this channel works"]
    webhook.stop()
    assert "✕ json (critical, high): did not arrive" in commands.run("test", status=1)


def test_what_is_open_silenced_and_waiting_is_listed(
    commands: Commands, agency: Agency, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook.stop()
    agency.release(incident())
    step.after_run(agency.settings)
    silence = ("silence", "--match", "google", "--reason", "they know", "--by", "anna", "--until")
    made = commands.run(*silence, "2026-11-25T00:00:00+00:00").split("unsilence ")[1].split()[0]
    listed = commands.run("list")
    assert "answers present on meta: dune, 2026-11-23, told since 2026-11-24 06:00 UTC" in listed
    assert f"{made} google until 2026-11-25 00:00 UTC, anna: they know" in listed
    assert "json (critical, high): 1" in listed
    commands.run("unsilence", made)
    assert "no silence" in commands.run("unsilence", made, status=2)
    assert "over already" in commands.run(*silence, "2026-11-23T00:00:00+00:00", status=2)
    assert "tried again: 1" in commands.run("deliver", status=1)
    webhook.start()
    monkeypatch.setenv("WHOLEDAY_NOW", "2026-11-24T07:00:00+00:00")
    assert "sent: 1; kept, to be tried again: 0" in commands.run("deliver")


def test_every_run_gives_a_sign_of_life_and_calls_when_it_published(agency: Agency, webhook: Webhook) -> None:
    agency.recipients = Recipients((), f"http://127.0.0.1:{webhook.port}/alive")
    agency.release()
    agency.end_of_run("2026-11-24T06:00:00")
    assert json.loads(heartbeat.path(agency.settings).read_text()) == {
        "runId": "run-1",
        "at": "2026-11-24T06:00:00+00:00",
        "published": True,
    }
    assert webhook.called == ["/alive"]
    (agency.settings.site / "health.json").write_text('{"runId": "run-2", "published": false}')
    agency.end_of_run("2026-11-25T06:00:00")
    webhook.stop()
    agency.release()
    agency.end_of_run("2026-11-26T06:00:00")
    assert webhook.called == ["/alive"], "a run that did not publish is no sign of life"


def test_settings_come_from_the_environment_or_the_file_of_secrets(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text('[alerts]\nchannels = ["all=json://a/"]\nheartbeat_url = "https://b.example/"\n')
    kept = Recipients.configured({}, secrets)
    assert [channel.name for channel in kept.channels] == ["json (critical, high, medium, low)"]
    assert kept.heartbeat == "https://b.example/"
    environment = {"WHOLEDAY_ALERTS": "critical,high=slack://a/b/c\nlow=json://d/"}
    assert [channel.name for channel in Recipients.configured(environment, secrets).channels] == [
        "slack (critical, high)",
        "json (low)",
    ]
    assert Recipients.configured({}, tmp_path / "none.toml").channels == ()


@pytest.mark.parametrize(
    "environment",
    [
        {"WHOLEDAY_ALERTS": "slack://secret"},
        {"WHOLEDAY_ALERTS": "urgent=slack://secret"},
        {"WHOLEDAY_ALERTS": "all=secret"},
        {"WHOLEDAY_HEARTBEAT_URL": "file:///secret"},
    ],
)
def test_a_wrong_setting_is_refused_without_its_text(environment: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        Recipients.configured(environment, tmp_path / "none.toml")
    assert "secret" not in str(refused.value)
