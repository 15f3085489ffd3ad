"""What ``make clean`` removes, and what it must not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import UserError
from core.lock import warehouse_lock
from core.settings import ROOT, Settings
from tests.python.installation import Installation

NOW = "2026-11-10T12:00:00+00:00"
KEPT = ("landing.duckdb", "ads.duckdb", "alerts.duckdb", "releases/one.duckdb", "dlt/wholeday/state.json")
GENERATED = ("candidate/ads.duckdb", "data_docs.new/index.html", "validation.json", "target/manifest.json")


def test_what_was_right_is_never_cleaned_away(tmp_path: Path) -> None:
    installation = Installation(tmp_path, {})
    for name in (*KEPT, *GENERATED):
        path = installation.warehouse / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    settings = Settings(installation.warehouse, installation.site, installation.agency)
    with warehouse_lock(settings, "run"):
        said = installation.wholeday("clean", now=NOW, status=2)
    assert "'run' (process" in said
    assert all((installation.warehouse / name).exists() for name in (*KEPT, *GENERATED))
    installation.wholeday("clean", now=NOW)
    assert all((installation.warehouse / name).exists() for name in KEPT)
    assert not any((installation.warehouse / name).exists() for name in GENERATED)


FOREIGN = ("notes.txt", "data/mine.csv", "reports/mine/index.html", "runbooks/mine.txt", "landing.duckdb")
RENDERED = (
    "index.html",
    "health.json",
    "metrics.prom",
    "data/days/dune/2026-11.js",
    "reports/dune/index.html",
    "reports/dune/dune.xlsx",
    "runbooks/settled.html",
    "dbt/index.html",
    "data_docs/index.html",
)


def test_of_the_site_only_what_was_rendered_is_cleaned_away(tmp_path: Path) -> None:
    installation = Installation(tmp_path, {})
    for name in (*FOREIGN, *RENDERED):
        path = installation.site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    outside = tmp_path / "outside.txt"
    outside.touch()
    installation.wholeday("clean", now=NOW)
    assert all((installation.site / name).exists() for name in (*FOREIGN, *RENDERED)), "nothing was rendered"
    remembered = ["data/days/dune/2026-11.js", "reports/dune", "../outside.txt", str(outside)]
    memory = installation.site / "written.json"
    memory.write_text(json.dumps({"code": "", "files": dict.fromkeys(remembered, "")}))
    installation.wholeday("clean", now=NOW)
    assert outside.exists()
    left = {
        str(path.relative_to(installation.site)) for path in installation.site.rglob("*") if path.is_file()
    }
    assert left == set(FOREIGN)


def test_a_site_of_nothing_else_is_cleaned_away(tmp_path: Path) -> None:
    installation = Installation(tmp_path, {})
    for name in RENDERED:
        path = installation.site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    files = {"data/days/dune/2026-11.js": "", "reports/dune": ""}
    (installation.site / "written.json").write_text(json.dumps({"code": "", "files": files}))
    installation.wholeday("clean", now=NOW)
    assert not installation.site.exists()


@pytest.mark.parametrize(
    ("site", "warehouse", "agency"),
    [
        ("w", "w", "a"),
        ("here", "here/w", "a"),
        ("here", "w", "here/a"),
        ("a", "w", "a"),
        ("w/releases", "w", "a"),
        ("w/candidate/site", "w", "a"),
        ("s", "w", "w/agency"),
        ("s", "w", "w"),
    ],
)
def test_folders_that_would_harm_each_other_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: str, warehouse: str, agency: str
) -> None:
    for name, folder in (("SITE", site), ("WAREHOUSE", warehouse), ("AGENCY", agency)):
        monkeypatch.setenv(f"WHOLEDAY_{name}", str(tmp_path / folder))
    with pytest.raises(UserError, match="folder of its own"):
        Settings.from_env()


@pytest.mark.parametrize(("site", "agency"), [("w/site", "a"), ("a/site", "a"), ("s", ".")])
def test_folders_that_do_no_harm_may_lie_in_one_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: str, agency: str
) -> None:
    for name, folder in (("SITE", site), ("WAREHOUSE", "w"), ("AGENCY", agency)):
        monkeypatch.setenv(f"WHOLEDAY_{name}", str(tmp_path / folder))
    assert Settings.from_env().site == tmp_path / site


def test_a_folder_at_home_is_meant_as_a_shell_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHOLEDAY_WAREHOUSE", "~/ads")
    assert Settings.from_env().warehouse == (Path.home() / "ads").resolve()


def test_a_site_over_the_ledger_costs_nothing(tmp_path: Path) -> None:
    installation = Installation(tmp_path, {})
    ledger = installation.warehouse / "landing.duckdb"
    ledger.parent.mkdir()
    ledger.touch()
    done = subprocess.run(
        [sys.executable, "-m", "wholeday", "clean"],
        cwd=ROOT,
        env=installation.environment(NOW) | {"WHOLEDAY_SITE": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "WHOLEDAY_SITE" in done.stderr
    assert ledger.exists()
