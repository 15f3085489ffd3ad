"""DuckDB as dlt knows it, at the path of the ledger."""

from typing import Any

from dlt.common.configuration import configspec
from dlt.destinations import duckdb as duckdb_destination
from dlt.destinations.impl.duckdb.configuration import DuckDbClientConfiguration
from dlt.destinations.impl.duckdb.duck import DuckDbClient, DuckDbCopyJob


@configspec(init=False)
class _LedgerConfiguration(DuckDbClientConfiguration):
    def __str__(self) -> str:
        # dlt would print the credentials as an address, and import SQLAlchemy for it in every run.
        return "the ledger"


class _CopyJob(DuckDbCopyJob):
    """dlt's own writes the file's path into SQL as it is: an apostrophe in a folder's name would end it."""

    def run(self) -> None:
        """Append the Parquet file to its table."""
        client = self._job_client.sql_client
        path = self._file_path.replace("'", "''")
        client.execute_sql(
            f"insert into {client.make_qualified_table_name(self.load_table_name)} by name"  # noqa: S608 - dlt quotes
            f" select * from read_parquet('{path}', union_by_name = true)"
        )


class _LedgerClient(DuckDbClient):
    def create_load_job(self, table: Any, file_path: str, load_id: str, restore: bool = False) -> Any:
        job = super().create_load_job(table, file_path, load_id, restore)
        return _CopyJob(file_path) if isinstance(job, DuckDbCopyJob) else job


class Ledger(duckdb_destination):
    """DuckDB as dlt knows it, at the path of the ledger."""

    spec = _LedgerConfiguration

    @property
    def client_class(self) -> type[DuckDbClient]:
        """The client that copies our files."""
        return _LedgerClient
