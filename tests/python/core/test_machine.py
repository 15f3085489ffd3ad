"""What the machine refuses is told in one sentence, and is no defect of the command."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import UserError
from core.lock import warehouse_lock
from core.machine import sentence
from core.settings import ROOT, Settings

pytestmark = pytest.mark.attack
# The administrator may write everywhere, unless that right is given up.
AS_A_USER = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", "--inh-caps=-all"]


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EDQUOT, "disk is full"),
        (errno.EACCES, "/x may not be written"),
        (errno.EROFS, "/x may not be written"),
        (errno.ENAMETOOLONG, "shorter path"),
        (errno.EMFILE, "too many files"),
    ],
)
def test_error_of_the_machine_is_told_by_its_cause(number: int, says: str) -> None:
    problem = OSError(number, os.strerror(number), "/x")
    assert says in (sentence(problem) or "")
    wrapped = RuntimeError(f"IO Error: could not: {os.strerror(number)}")
    assert sentence(wrapped) is not None
    outer = ValueError("a step failed")
    outer.__cause__ = problem
    assert says in (sentence(outer) or "")


def test_missing_file_is_told_only_where_the_folder_is_gone(tmp_path: Path) -> None:
    problem = FileNotFoundError(errno.ENOENT, "No such file or directory", "/x")
    assert sentence(problem, tmp_path) is None
    assert "removed while the command worked" in (sentence(problem, tmp_path, tmp_path / "gone") or "")


@pytest.mark.parametrize("command", [["expectations", "validate"], ["alerts", "list"], ["wholeday", "run"]])
def test_read_only_warehouse_is_told_in_one_sentence(tmp_path: Path, command: list[str]) -> None:
    own = {f"WHOLEDAY_{name}": str(tmp_path / name) for name in ("WAREHOUSE", "SITE")}
    warehouse = tmp_path / "WAREHOUSE"
    (warehouse / "logs").mkdir(parents=True)
    (warehouse / "ads.duckdb").touch()
    for folder in (warehouse / "logs", warehouse):
        folder.chmod(0o555)
    done = subprocess.run(
        [*(AS_A_USER if os.geteuid() == 0 else []), sys.executable, "-m", *command],
        cwd=ROOT,
        env=os.environ | own | {"WHOLEDAY_API": "sandbox"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    for folder in (warehouse, warehouse / "logs"):
        folder.chmod(0o755)
    assert done.returncode == 2, done.stderr
    assert "Permission denied" in done.stderr
    assert done.stderr.count("\n") == 1
    assert "defect" not in done.stderr


@pytest.mark.parametrize("name", ["a*b", "a?b", "100%", "a\x1bb", "a\nb"])
@pytest.mark.parametrize("folder", ["WAREHOUSE", "AGENCY"])
def test_path_that_libraries_misread_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, name: str
) -> None:
    for variable in ("WAREHOUSE", "SITE", "AGENCY"):
        monkeypatch.setenv(f"WHOLEDAY_{variable}", str(tmp_path / variable))
    monkeypatch.setenv(f"WHOLEDAY_{folder}", str(tmp_path / name / folder))
    with pytest.raises(UserError, match=f"WHOLEDAY_{folder}"):
        Settings.from_env()


@pytest.mark.parametrize("name", ["candidate", "target", "ads.duckdb", "health", "agency", "refused"])
def test_link_where_a_run_empties_is_refused(tmp_path: Path, name: str) -> None:
    settings = Settings(tmp_path / "warehouse", tmp_path / "site", tmp_path / "agency")
    settings.warehouse.mkdir()
    (settings.warehouse / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="is a link"), warehouse_lock(settings, "run"):
        pass


def test_links_that_lead_to_another_disk_are_taken(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "warehouse").symlink_to("real")
    settings = Settings(tmp_path / "warehouse", tmp_path / "site", tmp_path / "agency")
    for name in ("releases", "logs"):
        (settings.warehouse / name).symlink_to(tmp_path / "elsewhere")
    with warehouse_lock(settings, "run"):
        pass
