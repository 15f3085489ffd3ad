"""One trial of ``make chaos``, for real: a kill within the first collection of a warehouse."""

import signal
import subprocess
from pathlib import Path

import pytest

from benchmarks.chaos.lab import Lab
from benchmarks.chaos.plan import Kill, Plan
from benchmarks.chaos.trial import perform
from tests.python.forks.client import Forked

pytestmark = pytest.mark.slow


def test_the_run_after_a_kill_ends_like_an_undisturbed_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "Popen", Forked)
    plan = Plan(1, Kill(signal.SIGKILL, 0.3, "collect"), empty=True, later=False)
    with Lab(tmp_path) as lab:
        outcome = perform(plan, lab)
    assert outcome.wrong == ()
    assert outcome.step == "collect"
    assert outcome.reading.releases
