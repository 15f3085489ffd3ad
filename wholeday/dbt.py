"""dbt in this process: parse once, then build as often as asked, without parsing again."""

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.artifacts.resources.types import NodeType
from dbt.artifacts.schemas.results import NodeStatus
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from core.runs import Run
from core.settings import ROOT, Settings

# The page would load and call a tracker, were it not told otherwise; nothing published names it.
_TRACKER = ("//d1fc8wv8zag5ca.cloudfront.net/2.9.0/sp.js", "fishtownanalytics.sinter-collect.com")
# Else a browser asks for each icon, hundreds of times, by the template that a script has yet to fill in.
_ICON = 'xlink:href="{{'
_BAD = {NodeStatus.Error, NodeStatus.Fail, NodeStatus.RuntimeErr}


@dataclass(frozen=True)
class Built:
    """What a build came to: ``failed`` names each model and test that failed, with its message."""

    failed: tuple[str, ...]
    nodes: int


class Dbt:
    """The parsed project, for one target of ``profiles.yml``."""

    def __init__(self, settings: Settings, target: str, target_folder: Path) -> None:
        """Parse the project (a second or two, less when nothing changed); dbt writes to ``target_folder``."""
        os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
        self._places = {
            "WHOLEDAY_WAREHOUSE": str(settings.warehouse),
            # What counts of the agency's files, not the files.
            "WHOLEDAY_AGENCY": str(settings.agency_read),
        }
        self._folder = target_folder
        self._manifest_file = target_folder / "manifest.json"
        self._flags = [
            *("--project-dir", str(ROOT), "--profiles-dir", str(ROOT), "--target", target),
            *("--target-path", str(target_folder), "--log-path", str(settings.log.parent)),
        ]
        self._manifest: Manifest | None = None
        parsed = self._invoke("parse", "--no-write-json")
        if not isinstance(parsed.result, Manifest):
            raise RuntimeError(f"dbt cannot parse the project: {parsed.exception}")
        self._manifest = parsed.result

    @property
    def appended_tables(self) -> frozenset[str]:
        """The tables that a build only appends to, as ``schema.name``; the last release can lend them."""
        assert self._manifest is not None
        return frozenset(
            f"{node.schema}.{node.name}"
            for node in self._manifest.nodes.values()
            if node.resource_type == NodeType.Model and node.config.materialized == "incremental"
        )

    def build(self, run: Run, as_of: datetime, fingerprint: str, *selection: str) -> Built:
        """Build models and run their data tests; unit tests judge code, so they belong to ``make test``.

        What a candidate says about itself enters by the variables that the model ``stg_run`` reads.
        """
        os.environ |= {
            "WHOLEDAY_RUN_ID": run.run_id,
            "WHOLEDAY_RUN_STARTED_AT": run.started_at.isoformat(),
            "WHOLEDAY_RUN_API": run.api,
            "WHOLEDAY_RUN_COMMAND": run.command,
            "WHOLEDAY_AS_OF": as_of.isoformat(),
            "WHOLEDAY_FINGERPRINT": fingerprint,
        }
        results_file = self._folder / "run_results.json"
        # A build that is killed must not leave what the one before wrote to be taken for its own.
        for file in (results_file, self._manifest_file):
            file.unlink(missing_ok=True)
        done = self._invoke("build", "--no-write-json", "--exclude-resource-type", "unit_test", *selection)
        # The checkpoint that makes the file complete is written when its last connection is closed.
        DuckDBConnectionManager.close_all_connections()
        results = getattr(done.result, "results", None)
        if results is None:
            return Built((str(done.exception or "dbt ended without results"),), 0)
        done.result.write(str(results_file))
        failed = tuple(
            f"{result.node.name}: {(result.message or str(result.status)).strip()}"
            for result in results
            if result.status in _BAD
        )
        return Built(failed, len(results))

    def describe(self, page: Path) -> None:
        """Write the manifest, and lineage and columns as one page that needs no network.

        About a second; nothing that is built waits for it, and no DuckDB file is opened.
        """
        assert self._manifest is not None
        self._manifest.write(str(self._manifest_file))
        shown = page.with_name("manifest")
        described = self._described(self._manifest)
        if page.exists() and shown.exists() and shown.read_text() == described:
            return
        # With a catalog it would open the candidate, and lock out what judges or publishes it just then.
        self._invoke("docs", "generate", "--static", "--no-compile", "--empty-catalog", "--quiet")
        html = (self._folder / "static_index.html").read_text(encoding="utf-8")
        for address in _TRACKER:
            html = html.replace(address, "")
        html = html.replace(_ICON, f"ng-attr-{_ICON}")
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(html, encoding="utf-8")
        shown.write_text(described)

    @staticmethod
    def _described(manifest: Manifest) -> str:
        """Return a fingerprint of what the page shows of the manifest."""
        shown = sorted(
            (
                node.unique_id,
                node.description,
                getattr(node, "raw_code", ""),
                repr(sorted(node.columns.items())),
            )
            for node in (*manifest.nodes.values(), *manifest.sources.values())
        )
        return hashlib.sha256(repr(shown).encode()).hexdigest()

    def _invoke(self, *command: str) -> dbtRunnerResult:
        # The rest of the process, and what it starts, goes on with the agency's own folder.
        before = {name: os.environ.get(name) for name in self._places}
        os.environ |= self._places
        try:
            return dbtRunner(manifest=self._manifest).invoke([*command, *self._flags, "--log-level", "none"])
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
