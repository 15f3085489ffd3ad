"""Great Expectations on DuckDB: one read-only connection, held open, per file.

Great Expectations opens and closes a SQLAlchemy connection around every query. DuckDB's results end with
their connection, so that way fails ("list index out of range"). Importing this module registers the data
source type ``duckdb``; do it before a context is made.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Literal

import sqlalchemy as sa
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.data_context import AbstractDataContext
from great_expectations.datasource.fluent import SQLDatasource
from great_expectations.datasource.fluent.sql_datasource import TableAsset
from great_expectations.execution_engine import SqlAlchemyExecutionEngine

from expectations import tables

# Settings and macros of every connection.
SESSION = Path(__file__).with_name("session.sql")

_WHOLE = "whole table"


# Great Expectations is not typed for a strict checker: what it gives is Any, hence the ignores.
class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """Runs every query of a validation over one connection, in UTC, at the instant ``as_of``."""

    as_of: ClassVar[datetime]
    _connection: sa.Connection | None

    @contextmanager
    def get_connection(self) -> Iterator[sa.Connection]:
        """Yield the held connection; the first call opens it."""
        if self._connection is None:
            self._connection = self.engine.connect()
            self._connection.exec_driver_sql(SESSION.read_text(encoding="utf-8"))
            self._connection.exec_driver_sql(
                "set variable as_of = $1::timestamptz", (self.as_of.isoformat(),)
            )
            for statement, parameters in tables.statements():
                self._connection.exec_driver_sql(statement, parameters)
        yield self._connection

    def release(self) -> None:
        """Close the held connection, and with it the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self.engine.dispose()


# Inside the data source, `type` is its own field.
_EngineClass = type[DuckDBExecutionEngine]


class DuckDBDatasource(SQLDatasource):
    """A DuckDB file as a source of tables."""

    type: Literal["duckdb"] = "duckdb"

    @property
    def execution_engine_type(self) -> _EngineClass:
        """Return the engine that holds its connection."""
        return DuckDBExecutionEngine

    def get_engine(self) -> sa.Engine:
        """Return the one SQLAlchemy engine of the file; the library would make another for its checks."""
        return self.get_execution_engine().engine

    def whole_table(self, table: str) -> BatchDefinition:
        """Return the batch that is all of ``table``."""
        return self.get_asset(table).get_batch_definition(_WHOLE)

    def release(self) -> None:
        """Close the file."""
        self.get_execution_engine().release()


def open_source(
    context: AbstractDataContext, name: str, file: Path, tables: Iterable[str], as_of: datetime
) -> DuckDBDatasource:
    """Open ``file`` read-only as source ``name`` of ``context``, with ``tables`` (``schema.name``).

    The data is judged at the instant ``as_of``. Raises ``TestConnectionError`` if a table is not there. All
    tables come at once: the library writes down its whole configuration for each one that is added later.
    """
    DuckDBExecutionEngine.as_of = as_of
    source = DuckDBDatasource(
        name=name,
        connection_string=f"duckdb:///{file}",
        create_temp_table=False,
        kwargs={"connect_args": {"read_only": True}},
        assets=[_asset(table) for table in tables],
    )
    context.data_sources.add_or_update_sql(source)
    return source


def _asset(table: str) -> TableAsset:
    schema, _, name = table.partition(".")
    whole = BatchDefinition(name=_WHOLE, partitioner=None)
    return TableAsset(name=table, table_name=name, schema_name=schema, batch_definitions=[whole])
