"""One validation: every suite against its file, in one process, with the results kept on disk."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

# Great Expectations reads this at its import: nothing is ever sent home.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context import AbstractDataContext
from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults
from great_expectations.datasource.fluent.interfaces import TestConnectionError

from core import clock
from core.errors import UserError
from core.judging import digest, write
from core.settings import Settings
from expectations import docs, report
from expectations.engine import DuckDBDatasource, open_source
from expectations.identity import told
from expectations.outcome import Outcome, Run, TableOutcome, read
from expectations.suites import Suite

RESULTS_STORE = "results"


def validate(settings: Settings, run: Run, suites: tuple[Suite, ...], file: Path) -> Outcome:
    """Judge the landing file and ``file``, built by ``run``; write ``settings.validation`` and the data docs.

    Raises ``UserError`` if a table is not there.
    """
    validation = Validation(settings, run, suites, file)
    validation.judge_landing()
    outcome = validation.judge_candidate()
    validation.build_docs(outcome)
    return outcome


class Validation:
    """The landing file, and the file that a run built, judged one after the other."""

    def __init__(self, settings: Settings, run: Run, suites: tuple[Suite, ...], file: Path) -> None:
        """Prepare to judge ``run``, and the ``file`` it built, by ``suites``."""
        self.run = run
        self._settings, self._suites, self._file = settings, suites, file
        self._results = settings.warehouse / "validations"
        self._context = _context(self._results, docs.site(settings, run))
        self._tables: list[TableOutcome] = []

    def judge_landing(self) -> None:
        """Judge what arrived, at this instant; raise ``UserError`` if a table is not there."""
        self._judge("landing", self._settings.landing, clock.now())

    def judge_candidate(self) -> Outcome:
        """Judge what is about to be shown, and write ``settings.validation``.

        Its instant is that of its run, which ``AS_OF`` may put into the past.
        """
        judged = digest(self._file)
        self._judge("candidate", self._file, self.run.as_of)
        outcome = Outcome(self.run, judged, tuple(self._tables)).compared_with(told(self._file))
        write(self._settings, report.content(outcome))
        return outcome

    def build_docs(self, outcome: Outcome) -> None:
        """Write ``settings.data_docs``: the pages of ``outcome``."""
        docs.build(self._context, self._settings, outcome, self._results)

    def _judge(self, name: str, file: Path, as_of: datetime) -> None:
        suites = [suite for suite in self._suites if suite.file == name]
        source = _open(self._context, name, file, [suite.table for suite in suites], as_of)
        try:
            self._tables += [_judge_table(self._context, source, suite, self.run) for suite in suites]
        finally:
            source.release()


def _context(results: Path, site: dict[str, Any]) -> AbstractDataContext:
    """Return a context that remembers nothing but the results: no ids, no files in the repository."""
    stores = InMemoryStoreBackendDefaults()
    stores.stores[RESULTS_STORE] = {
        "class_name": "ValidationResultsStore",
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(results),
            "suppress_store_backend_id": True,
        },
    }
    stores.validation_results_store_name = RESULTS_STORE
    stores.data_docs_sites = {"wholeday": site}
    config = DataContextConfig(
        store_backend_defaults=stores, progress_bars={"globally": False}, analytics_enabled=False
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _open(
    context: AbstractDataContext, name: str, file: Path, tables: list[str], as_of: datetime
) -> DuckDBDatasource:
    try:
        return open_source(context, name, file, tables, as_of)
    except TestConnectionError as problem:
        command = {"landing": "make collect", "candidate": "make build"}[name]
        raise UserError(
            f"nothing was validated, so no figure changes: {file} lacks a table that a suite describes"
            f" ({str(problem).splitlines()[0]}); run `{command}`"
        ) from problem


def _judge_table(
    context: AbstractDataContext, source: DuckDBDatasource, suite: Suite, run: Run
) -> TableOutcome:
    definition = gx.ValidationDefinition(
        name=suite.table,
        data=source.whole_table(suite.table),
        suite=context.suites.add(suite.expectations),
    )
    identifier = RunIdentifier(run.run_id, run.as_of)
    result = context.validation_definitions.add(definition).run(run_id=identifier)
    page = docs.page(suite.table, identifier, batch=f"{suite.file}-{suite.table}")
    return read(result, suite.expectations.meta, page)
