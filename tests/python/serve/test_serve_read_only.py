"""A warehouse that may only be read: what needs to write says so in one sentence."""

import os
import subprocess
import sys

import pytest

from core.settings import ROOT
from tests.python.core.test_machine import AS_A_USER
from tests.python.installation import Installation
from tests.python.serve.conftest import NOW

pytestmark = [pytest.mark.slow, pytest.mark.attack]


def test_health_of_a_read_only_warehouse_is_a_sentence(gapped: Installation) -> None:
    folders = [gapped.warehouse, gapped.warehouse / "logs"]
    modes = [folder.stat().st_mode for folder in folders]
    for folder in folders:
        folder.chmod(0o555)
    try:
        done = subprocess.run(
            [*(AS_A_USER if os.geteuid() == 0 else []), sys.executable, "-m", "wholeday", "health"],
            cwd=ROOT,
            env=gapped.environment(NOW),
            capture_output=True,
            text=True,
            timeout=120,
        )
    finally:
        for folder, mode in zip(folders, modes, strict=True):
            folder.chmod(mode)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "may not be written or read (Permission denied)" in done.stderr
