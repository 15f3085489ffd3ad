"""A forked command is a process of its own: its streams, its name, its death."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.settings import ROOT
from tests.python.forks.client import Forked
from tests.python.installation import Installation

pytestmark = pytest.mark.slow
NOW = "2026-11-10T12:00:00+00:00"


def waiting(installation: Installation) -> Forked:
    """A worker that has nothing to do yet."""
    return Forked(
        [sys.executable, "-m", "wholeday", "build", "--wait"],
        cwd=ROOT,
        env=installation.environment(NOW),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def named(process: Forked) -> bytes:
    return (Path("/proc") / str(process.pid) / "cmdline").read_bytes().rstrip(b"\0")


def test_forked_command_can_be_killed(small: Installation) -> None:
    with waiting(small) as process:
        for _ in range(100):
            if named(process).endswith(b"-m\0wholeday\0build\0--wait"):
                break
            time.sleep(0.05)
        else:
            pytest.fail(f"it is called {named(process)!r}")
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.1)
        process.kill()
        assert process.wait(timeout=10) == process.poll() == -signal.SIGKILL


def test_forked_worker_ends_with_its_caller(small: Installation) -> None:
    with waiting(small) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=60) == 3


def test_forked_command_says_what_a_started_one_says(small: Installation) -> None:
    for arguments in (["no-such-step"], ["backfill", "--client", "dune", "--from", "soon", "--to", "later"]):
        ends = []
        for start in (Forked, subprocess.Popen):
            process = start(
                [sys.executable, "-m", "wholeday", *arguments],
                cwd=ROOT,
                env=small.environment(NOW),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            ends.append((*process.communicate(timeout=60), process.returncode))
        assert ends[0] == ends[1]
        assert ends[0][2] == 2
