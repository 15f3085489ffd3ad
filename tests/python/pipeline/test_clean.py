"""What ``make clean`` removes, and what it must not."""

from pathlib import Path

from tests.python.installation import Installation
from wholeday.lock import warehouse_lock
from wholeday.settings import Settings

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
