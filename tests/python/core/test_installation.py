"""A kill during the first installation: what it leaves running is waited for, then it begins anew."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.settings import ROOT

pytestmark = pytest.mark.attack
# What the installation does takes its time: a second, instead of a minute.
SLOW = """
import sys
sys.path.insert(0, "wholeday")
import bootstrap
steps = "mkdir -p .venv; echo begun >> log; sleep 1; echo ended >> log"
bootstrap.create = lambda: bootstrap.run("sh", "-c", steps)
bootstrap.install = lambda *_: None
bootstrap.main()
"""


def test_killed_installation_is_waited_for_and_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "wholeday").mkdir()
    shutil.copy(ROOT / "wholeday" / "bootstrap.py", tmp_path / "wholeday")
    (tmp_path / "requirements.lock").write_text("uv==1 --hash=sha256:aa\n")
    command = [sys.executable, "-c", SLOW]
    first = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    log = tmp_path / "log"
    while not log.exists():
        time.sleep(0.02)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    assert log.read_text().split() == ["begun", "ended", "begun", "ended"]
    assert (tmp_path / ".venv" / "installed-from").exists()
