"""Into the ledger: one dlt pipeline, one load per collection, Arrow tables appended as Parquet."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import dlt
import duckdb
import pyarrow as pa
import structlog
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.pipeline.exceptions import PipelineStepFailed

from core.errors import UserError
from core.settings import Settings
from ingest.collect.days import (
    ACCOUNT_DAYS,
    INSTANT,
    JSON_COLUMNS,
    SIGHTINGS,
)
from ingest.collect.edges import RETENTION_EDGES
from ingest.collect.restatement import RESTATEMENT_WINDOWS
from ingest.ledger.destination import Ledger

_log = structlog.get_logger()

COLLECTIONS = pa.schema(
    [
        ("collection_id", pa.string()),
        ("run_id", pa.string()),
        ("platform", pa.string()),
        ("account_id", pa.string()),
        ("from_date", pa.date32()),
        ("to_date", pa.date32()),
        ("data_source", pa.string()),
        ("outcome", pa.string()),
        ("failed_answer", pa.string()),
        ("error_class", pa.string()),
        ("message", pa.string()),
        ("attempts", pa.int64()),
        ("requests", pa.int64()),
        ("rows", pa.int64()),
        ("started_at", INSTANT),
        ("finished_at", INSTANT),
    ]
)
ACCOUNTS = pa.schema(
    [
        ("platform", pa.string()),
        ("account_id", pa.string()),
        ("name", pa.string()),
        ("currency", pa.string()),
        ("timezone", pa.string()),
        ("status", pa.string()),
        ("manager", pa.bool_()),
        ("content_hash", pa.string()),
        ("run_id", pa.string()),
        ("seen_at", INSTANT),
    ]
)
CAMPAIGNS = pa.schema(
    [
        ("platform", pa.string()),
        ("account_id", pa.string()),
        ("campaign_id", pa.string()),
        ("name", pa.string()),
        ("status", pa.string()),
        ("channel", pa.string()),
        ("content_hash", pa.string()),
        ("run_id", pa.string()),
        ("seen_at", INSTANT),
    ]
)
ACTIONS = pa.schema(
    [
        ("platform", pa.string()),
        ("account_id", pa.string()),
        ("action_id", pa.string()),
        ("name", pa.string()),
        ("status", pa.string()),
        ("primary_for_goal", pa.bool_()),
        ("click_window_days", pa.int64()),
        ("view_window_days", pa.int64()),
        ("content_hash", pa.string()),
        ("run_id", pa.string()),
        ("seen_at", INSTANT),
    ]
)
PLATFORMS = pa.schema(
    [
        ("run_id", pa.string()),
        ("platform", pa.string()),
        ("api_version", pa.string()),
        ("usage_percent", pa.float64()),
        ("token_valid", pa.bool_()),
        ("token_told", pa.bool_()),
        ("token_expires_at", INSTANT),
        ("token_problem", pa.string()),
        ("seen_at", INSTANT),
    ]
)
TABLES: dict[str, pa.Schema] = {
    "account_days": ACCOUNT_DAYS,
    "sightings": SIGHTINGS,
    "collections": COLLECTIONS,
    "accounts": ACCOUNTS,
    "campaigns": CAMPAIGNS,
    "actions": ACTIONS,
    "platforms": PLATFORMS,
    "retention_edges": RETENTION_EDGES,
    "restatement_windows": RESTATEMENT_WINDOWS,
}
# A table is handed to dlt when it has grown to this size, and becomes a row group of a file: DuckDB parses
# the JSON of a row group at once, in several times its size.
FLUSH_BYTES = 4 * 2**20
# For DuckDB while it loads. A second thread only adds memory: rows that share a vector are parsed by one.
LOAD_MEMORY = "192MB"
LOAD_THREADS = 1


@dataclass
class Buffer:
    """Batches of the ledger's tables on their way to dlt."""

    _batches: dict[str, list[pa.RecordBatch]] = field(default_factory=lambda: {name: [] for name in TABLES})
    _bytes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TABLES, 0))

    def add(self, table: str, batch: pa.RecordBatch) -> None:
        """Keep ``batch`` for ``table``."""
        if batch.num_rows:
            self._batches[table].append(batch)
            self._bytes[table] += batch.nbytes

    def add_rows(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Keep ``rows`` for ``table``."""
        if rows:
            self.add(table, pa.RecordBatch.from_pylist(rows, schema=TABLES[table]))

    def full(self) -> Iterator[tuple[str, pa.Table]]:
        """Yield the tables that have grown large enough to be written."""
        for name in TABLES:
            if self._bytes[name] >= FLUSH_BYTES:
                yield name, self._take(name)

    def rest(self) -> Iterator[tuple[str, pa.Table]]:
        """Yield what is left of every table, empty or not: a table that was never yielded does not exist."""
        for name in TABLES:
            yield name, self._take(name)

    def _take(self, name: str) -> pa.Table:
        table = pa.Table.from_batches(self._batches[name], schema=TABLES[name])
        self._batches[name], self._bytes[name] = [], 0
        return table


@dataclass(frozen=True)
class Landing:
    """The pipeline of one warehouse; nothing of an interrupted collection is pending in it."""

    settings: Settings
    pipeline: dlt.Pipeline

    @classmethod
    def open(cls, settings: Settings) -> "Landing":
        """Open the pipeline, and finish or drop what an interrupted collection left behind."""
        credentials = DuckDbCredentials()
        credentials.database = str(settings.landing)
        pipeline = dlt.pipeline(
            "wholeday",
            pipelines_dir=str(settings.dlt_folder),
            destination=Ledger(credentials),
            dataset_name="ledger",
        )
        landing = cls(settings, pipeline)
        landing._finish_pending()
        return landing

    def land(self, tables: Iterator[tuple[str, pa.Table]]) -> None:
        """Append all ``tables`` (name, rows) in one load, read as they come."""
        self.pipeline.extract(_resource(tables), loader_file_format="parquet")
        self.pipeline.normalize()
        self._load()
        self._forget_loaded()

    def _load(self) -> None:
        # dlt opens and closes its destination at every step; while we hold the file open, that costs nothing.
        try:
            held = duckdb.connect(str(self.settings.landing))
        except duckdb.Error:
            raise UserError(
                f"what was collected is not in {self.settings.landing} yet, since another program has that"
                " file open: close it and run the command again, which goes on from there"
            ) from None
        with held:
            held.execute(f"set memory_limit = '{LOAD_MEMORY}'")
            held.execute(f"set threads = {LOAD_THREADS}")
            self.pipeline.load()

    def _finish_pending(self) -> None:
        """Load what was completely extracted before the interruption; drop the rest, to be asked for again.

        With anything pending dlt would load that alone, and silently ignore what it is given.
        """
        if not self.pipeline.has_pending_data:
            return
        try:
            self.pipeline.normalize()
            self._load()
            _log.info("pending_load_finished")
        except PipelineStepFailed as problem:
            self.pipeline.abort_packages()
            _log.warning("pending_load_dropped", message=str(problem.exception))

    def _forget_loaded(self) -> None:
        """Remove the traces of finished loads, which dlt keeps for ever."""
        for package in (self.settings.dlt_folder / "wholeday" / "load" / "loaded").glob("*"):
            shutil.rmtree(package, ignore_errors=True)


def _resource(tables: Iterator[tuple[str, pa.Table]]) -> Any:
    def marked() -> Iterator[Any]:
        known: set[str] = set()
        for name, table in tables:
            if name in known:
                yield dlt.mark.with_table_name(table, name)
                continue
            known.add(name)
            columns: Any = {
                column: {"name": column, "data_type": "json"}
                for column in JSON_COLUMNS
                if column in table.schema.names
            }
            hints = dlt.mark.make_hints(table_name=name, write_disposition="append", columns=columns)
            yield dlt.mark.with_hints(table, hints, create_table_variant=True)

    return dlt.resource(marked, name="collection", write_disposition="append")()
