"""Names on a terminal: they cannot clear it, colour it, turn its text round, or hide in it."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from core import log
from core.screen import Screen
from core.settings import ROOT, Settings
from core.visible import VisibleStream, visible
from tests.python.hostile import NAMES

pytestmark = pytest.mark.attack
UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
OWN_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
TEXT = st.text(st.characters(codec="utf-8"))


@given(TEXT)
def test_stream_writes_no_invisible_character(text: str) -> None:
    written = io.StringIO()
    assert VisibleStream(written).write(text) == len(text)
    assert not UNSEEN.search(written.getvalue())
    assert visible(written.getvalue()) == written.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_screen_adds_only_its_own_colours(terminal: bool, attempts: list[object]) -> None:
    for name in NAMES:
        written = io.StringIO()
        screen = Screen(width=200, force_terminal=terminal)
        screen.file = written
        table = Table("name", "of")
        table.add_row(name, f"[red]{name}")
        screen.print(table)
        screen.print(name, style="red", soft_wrap=True)
        attempts.append(name)
        assert not UNSEEN.search(OWN_COLOURS.sub("", written.getvalue())), name


def test_commands_show_names_without_obeying_them(tmp_path: Path) -> None:
    own = {f"WHOLEDAY_{name}": str(tmp_path / name) for name in ("WAREHOUSE", "SITE", "AGENCY")}
    own |= {"WHOLEDAY_NOW": "2026-11-24T06:00:00+00:00", "PATH": ""}

    def said(*arguments: str) -> str:
        command = [sys.executable, "-m", "alerts", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, check=True, timeout=60)
        return (done.stdout + done.stderr).decode()

    said(
        "silence", "--match=*", "--until=2026-11-25T06:00:00+00:00", "--reason=\x1b[2J\u202e", "--by=\x07a\rb"
    )
    told = said("list")
    assert "[U+001B][2J[U+202E]" in told
    assert "[U+0007]a[U+000D]b" in told
    assert not UNSEEN.search(told)


def test_log_holds_names_as_escapes(tmp_path: Path, attempts: list[object]) -> None:
    settings = Settings(tmp_path / "warehouse", tmp_path / "site", tmp_path / "agency")
    log.configure(settings, command="test")
    try:
        for name in NAMES:
            attempts.append(name)
            structlog.get_logger().warning(name, client=name)
    finally:
        structlog.reset_defaults()
    lines = settings.log.read_text(encoding="utf-8")
    assert not UNSEEN.search(lines)
    assert [json.loads(line)["client"] for line in lines.splitlines()] == list(NAMES)
