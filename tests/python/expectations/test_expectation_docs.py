"""The data docs: complete without a network, movable, with a short history."""

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pytest

from core.settings import Settings
from expectations import docs, suites, validate
from expectations.identity import run_of

Build = Callable[..., Settings]


class References(HTMLParser):
    """Collects what a browser loads or a reader follows from a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found += [
            value or "" for name, value in attrs if name in ("href", "src", "srcset", "action", "data")
        ]


def run(settings: Settings) -> None:
    validate.validate(settings, run_of(settings, "candidate"), suites.load(), settings.candidate)


def name_run(settings: Settings, run_id: str, message: str = "") -> None:
    with duckdb.connect(str(settings.candidate)) as candidate:
        candidate.execute("update staging.stg_run set run_id = ?", [run_id])
        if message:
            candidate.execute(
                "insert into health.findings values ('f', 'r', 'critical', 'client-01', 'meta', '1', null,"
                " '2026-11-18', 'm', '1', '2', ?, now(), false, 'no', 'live', null)",
                [message],
            )


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory, build: Build) -> Settings:
    """Two runs of one warehouse: the first with a finding whose text is hostile, the second clean."""
    settings = build(tmp_path_factory.mktemp("docs"))
    name_run(settings, "run-1", message="<script>alert(1)</script> `make run`")
    run(settings)
    with duckdb.connect(str(settings.candidate)) as candidate:
        candidate.execute("delete from health.findings")
    name_run(settings, "run-2")
    run(settings)
    return settings


def pages(settings: Settings) -> Iterator[Path]:
    found = list(settings.data_docs.rglob("*.html"))
    assert len(found) == 1 + 2 * len(suites.load())
    yield from found


def test_nothing_is_loaded_from_anywhere_else(validated: Settings, tmp_path: Path) -> None:
    moved = tmp_path / "site" / "data_docs"
    shutil.copytree(validated.data_docs, moved)
    overview = moved.parent / "index.html"
    of_the_site = {overview, moved.parent / "invoices.html"}
    of_the_site |= {moved.parent / folder / "index.html" for folder in ("reports", "dbt")}
    for page in pages(validated):
        references = References()
        text = page.read_text()
        references.feed(text)
        assert not references.tags & {"script", "iframe", "object", "form"}, page
        assert not re.search(r"https?://|url\(|@import|//\w", text), page
        here = (moved / page.relative_to(validated.data_docs)).parent
        targets = {(here / unquote(found)).resolve() for found in references.found if found != "#main"}
        assert overview in targets, page
        assert all(target.exists() for target in targets - of_the_site), page
    for style in moved.rglob("*.css"):
        assert not re.search(r"https?:|url\(|@import", style.read_text())


def test_pages_name_the_run_its_instant_and_the_sandbox(validated: Settings) -> None:
    text = (validated.data_docs / "index.html").read_text()
    assert "<b>run-2</b>, as of 21 November 2026, 06:00 UTC" in text
    assert "Sandbox data." in text
    assert "expectations hold" in text


def test_the_runs_before_are_listed_with_what_did_not_hold(validated: Settings) -> None:
    text = (validated.data_docs / "index.html").read_text()
    history = text[text.index("The last runs") :]
    assert history.index("run-2") < history.index("run-1")
    (old,) = re.findall(r'href="([^"]+)">health.findings<', history)
    assert "/run-1/" in old
    assert "No critical finding is open" in (validated.data_docs / unquote(old)).read_text()


def test_text_from_the_data_is_never_markup(validated: Settings) -> None:
    (page,) = validated.data_docs.glob("validations/health/findings/run-1/*/*.html")
    text = page.read_text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script" not in text


def test_only_the_last_runs_are_kept(build: Build, tmp_path: Path) -> None:
    settings = build(tmp_path)
    name_run(settings, "run-00")
    run(settings)
    for number in range(1, docs.RUNS_KEPT + 2):
        for folder in (settings.warehouse / "validations", settings.data_docs / "validations"):
            for first in list(folder.glob("*/*/run-00")):
                shutil.copytree(first, first.with_name(f"run-{number:02}"))
    name_run(settings, "run-99")
    cut_short = settings.warehouse / "validations/marts/daily_kpi/run-98/20261121T060000.000000Z/cut.json"
    cut_short.parent.mkdir(parents=True)
    cut_short.write_text('{"success": tr')
    run(settings)
    shutil.rmtree(cut_short.parent.parent)
    for folder in (settings.warehouse / "validations", settings.data_docs / "validations"):
        kept = {path.name for path in folder.glob("*/*/*")}
        assert len(kept) == docs.RUNS_KEPT
        assert "run-99" in kept
    assert not settings.data_docs.with_name("data_docs.new").exists()
    for thread in threading.enumerate():
        if thread.name == docs.REMOVAL:
            thread.join()
    assert not settings.data_docs.with_name("data_docs.old").exists()
