"""The commands: what they print, how they end, and that a worker ends with its parent."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.settings import ROOT, Settings
from expectations.identity import run_of

Build = Callable[..., Settings]


def start(warehouse: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "expectations", *arguments],
        cwd=ROOT,
        env=os.environ | {"WHOLEDAY_WAREHOUSE": str(warehouse)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told(settings: Settings) -> str:
    """What a run says to its worker first: whose arrival it is."""
    run = run_of(settings, "candidate")
    facts = {"run_id": run.run_id, "as_of": run.as_of.isoformat(), "api": run.api}
    return asked("arrival", **facts)


def asked(step: str, **facts: str) -> str:
    """A line that a worker reads."""
    return json.dumps({"step": step, "facts": facts}) + "\n"


def test_without_a_candidate_it_says_so_at_once(tmp_path: Path, build: Build) -> None:
    settings = build(tmp_path)
    for missing, command in ((settings.candidate, "make build"), (settings.landing, "make collect")):
        missing.unlink()
        process = start(tmp_path, "validate")
        out, err = process.communicate(timeout=60)
        assert process.returncode == 2
        assert out == ""
        assert err.count("\n") == 1
        assert str(missing) in err
        assert f"`{command}`" in err


def test_a_file_that_is_no_candidate_is_named(tmp_path: Path, build: Build) -> None:
    settings = build(tmp_path)
    settings.candidate.write_bytes(b"not a database, and long enough to be looked at" * 300)
    process = start(tmp_path, "validate")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert f"{settings.candidate} cannot be read" in err
    assert "make build" in err


@pytest.mark.slow
def test_validate_prints_what_does_not_hold(tmp_path: Path, build: Build) -> None:
    settings = build(tmp_path, damage="update marts.daily_kpi set average_ctr = 250", to="candidate")
    process = start(tmp_path, "validate")
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "expectations hold for run run-1" in out
    assert str(settings.data_docs / "index.html") in out
    assert "critical: Daily figures: The click-through rate is between 0 and 100 %" in out


@pytest.mark.slow
def test_the_worker_judges_the_arrival_and_then_the_candidate(tmp_path: Path, build: Build) -> None:
    process = start(tmp_path, "--wait")
    time.sleep(0.5)
    assert process.poll() is None
    settings = build(tmp_path)  # the files appear while it imports
    assert process.stdin is not None
    assert process.stdout is not None
    answers = []
    for message in (told(settings), asked("candidate"), asked("docs")):
        assert settings.validation.exists() == (len(answers) == 2)
        assert not settings.data_docs.exists()
        process.stdin.write(message)
        process.stdin.flush()
        answers.append(json.loads(process.stdout.readline()))
    assert answers[0] == {}
    assert answers[1]["success"] is True
    assert answers[2] == {}
    assert (settings.data_docs / "index.html").exists()
    rest, _ = process.communicate(timeout=60)
    assert rest == ""


@pytest.mark.slow
def test_the_worker_ends_with_its_parent(tmp_path: Path, build: Build) -> None:
    settings = build(tmp_path)
    for said in ("", told(settings)):
        process = start(tmp_path, "--wait")
        out, err = process.communicate(said, timeout=60)  # writes, then closes stdin
        assert process.returncode == 3
        assert (out, err) == ("", "")
    assert not settings.validation.exists()
