"""The floor under landing: fetch the same bytes over plain HTTP and let DuckDB read the JSON, typed."""

import argparse
import http.client
import json
import tempfile
from pathlib import Path

import duckdb

_COLUMNS = """{'data': 'STRUCT(
    account_id VARCHAR, account_currency VARCHAR, date_start DATE, campaign_id VARCHAR, spend DECIMAL(18,6),
    impressions BIGINT, clicks BIGINT, inline_link_clicks BIGINT, attribution_setting VARCHAR,
    actions STRUCT(action_type VARCHAR, "value" DECIMAL(18,6))[],
    action_values STRUCT(action_type VARCHAR, "value" DECIMAL(18,6))[])[]'}"""


def main() -> None:
    """Fetch each path of the list in ``--asked`` and load all rows into one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--asked", type=Path, required=True)
    asked = parser.parse_args()
    connection = http.client.HTTPConnection("127.0.0.1", asked.port)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, path in enumerate(json.loads(asked.asked.read_text())):
            connection.request("GET", path)
            (folder / f"{number:06}.json").write_bytes(connection.getresponse().read())
        with duckdb.connect(str(folder / "floor.duckdb")) as database:
            database.execute(
                f"create table rows as select unnest(data, recursive := true) from "  # noqa: S608 - a constant, and a folder of its own
                f"read_json('{folder}/*.json', format = 'unstructured', columns = {_COLUMNS})"
            )
            print(database.execute("select count(*) from rows").fetchone())


if __name__ == "__main__":
    main()
