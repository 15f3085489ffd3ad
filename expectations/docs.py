"""The data docs: built by Great Expectations into an empty folder; they need no network and no script."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote, unquote

from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context import AbstractDataContext

from core import frame, judging
from core.settings import Settings
from expectations import pages
from expectations.outcome import Outcome, Run

RUNS_KEPT = 10
REMOVAL = "removal of the last docs"


@dataclass(frozen=True)
class PastRun:
    """One line of the history: ``broken`` are the tables that did not hold, with their page."""

    run_id: str
    as_of: str
    evaluated: int
    failed: int
    broken: tuple[tuple[str, str], ...]


def building_folder(settings: Settings) -> Path:
    """Return the folder the docs are built in before they replace the last ones."""
    return settings.data_docs.with_name(settings.data_docs.name + ".new")


def site(settings: Settings, run: Run) -> dict[str, Any]:
    """Return the site's configuration: one page per validated table, drawn by ``expectations.pages``."""
    module, folder = "expectations.pages", building_folder(settings)
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "site_section_builders": {
            "expectations": "none",
            "profiling": "none",
            "validations": {
                "renderer": {
                    **{"module_name": module, "class_name": "TableRenderer"},
                    **{"api": run.api, "verdict": str(settings.validation)},
                },
                "view": {"module_name": module, "class_name": "TableView"},
            },
        },
    }


def page(suite: str, run: RunIdentifier, batch: str) -> str:
    """Return the address of the page of ``suite``, relative to the docs' folder."""
    return quote("/".join(("validations", *suite.split("."), *run.to_tuple(), batch)) + ".html")


def build(context: AbstractDataContext, settings: Settings, outcome: Outcome, results: Path) -> None:
    """Build the docs of ``outcome`` and put them in place of the last; earlier runs' pages are kept."""
    building = building_folder(settings)
    shutil.rmtree(building, ignore_errors=True)
    this_run = [
        key
        for key in context.validation_results_store.list_keys()
        if key.run_id.run_name == outcome.run.run_id
    ]
    context.build_data_docs(resource_identifiers=this_run, build_index=False)
    # A page that cannot be drawn is only logged by the library; its readers would miss it silently.
    missing = [table.suite for table in outcome.tables if not (building / unquote(table.page)).exists()]
    if missing:
        raise RuntimeError(f"the data docs lack the page of {', '.join(missing)}")
    shutil.rmtree(building / "static", ignore_errors=True)
    (building / "static").mkdir()
    for asset in frame.ASSETS:
        shutil.copyfile(asset, building / "static" / asset.name)
    history = _history(results, outcome.run.run_id)
    _keep_pages(settings.data_docs, building, {run.run_id for run in history} - {outcome.run.run_id})
    (building / judging.DOCS_RUN).write_text(outcome.run.run_id, encoding="utf-8")
    (building / "index.html").write_text(pages.index(outcome, history), encoding="utf-8")
    old = settings.data_docs.with_name(settings.data_docs.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if settings.data_docs.exists():
        settings.data_docs.replace(old)
    building.replace(settings.data_docs)
    # A folder for each page of ten runs: this validation does not wait for the other pages.
    Thread(target=shutil.rmtree, args=(old, True), name=REMOVAL).start()


def _history(results: Path, current: str) -> list[PastRun]:
    """Return the last runs, newest first, and drop the results of those before."""
    found: dict[str, dict[Path, dict[str, Any]]] = {}
    for file in sorted(results.rglob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True):
        try:
            result = json.loads(file.read_bytes())
        except ValueError:  # a validation was killed while it wrote this file
            file.unlink()
            continue
        found.setdefault(file.parent.parent.name, {})[file.relative_to(results)] = result
    kept = [current, *(run for run in found if run != current)][:RUNS_KEPT]
    for run in found.keys() - set(kept):
        for file in found[run]:
            shutil.rmtree((results / file).parent.parent)
    return [_past_run(run, found[run]) for run in kept]


def _past_run(run_id: str, results: dict[Path, dict[str, Any]]) -> PastRun:
    statistics = [result["statistics"] for result in results.values()]
    return PastRun(
        run_id=run_id,
        as_of=next(iter(results.values()))["meta"]["run_id"]["run_time"],
        evaluated=sum(counts["evaluated_expectations"] for counts in statistics),
        failed=sum(counts["unsuccessful_expectations"] for counts in statistics),
        broken=tuple(
            sorted(
                (result["suite_name"], quote(f"validations/{file.with_suffix('.html').as_posix()}"))
                for file, result in results.items()
                if not result["success"]
            )
        ),
    )


def _keep_pages(old: Path, new: Path, runs: set[str]) -> None:
    for folder in old.glob("validations/*/*/*"):
        if folder.name in runs:
            shutil.copytree(folder, new / folder.relative_to(old))
