"""The days behind the calendar, in one small script per client and month, loaded when someone asks."""

import duckdb

from publish.site.overview import query, script
from publish.site.written import Written

_KNOWN = "select client_id, strftime(month, '%Y-%m'), fingerprint from day_months"
_MARK = """
update day_months set is_changed = true
where [client_id, strftime(month, '%Y-%m')] in (select unnest(?::varchar[][]))
"""

# How many months are held in memory at once.
_BATCH = 500


def write(file: duckdb.DuckDBPyConnection, written: Written) -> None:
    """Write the months that changed; none where the build did not come to the tables they need."""
    try:
        file.execute(query("days_changed"))
        changed = [
            [client_id, month]
            for client_id, month, made_from in file.execute(_KNOWN).fetchall()
            if not written.is_current(path(client_id, month), made_from)
        ]
        file.execute(_MARK, [changed])
        file.execute(query("days"))
    except (duckdb.CatalogException, duckdb.BinderException):
        return
    while batch := file.fetchmany(_BATCH):
        for client_id, month, content in batch:
            call = script("days", client_id, month).removesuffix(");\n")
            written.write(path(client_id, month), f"{call},{content});\n")


def path(client_id: str, month: str) -> str:
    """Return where the days of a client and month (``2026-11``) lie, relative to the site."""
    return f"data/days/{folder_name(client_id)}/{month}.js"


def folder_name(client_id: str) -> str:
    """Return a client's folder: an id is letters, digits and ``_-.``, and must not be read as ``..``."""
    return client_id.replace(".", "_.") if client_id.startswith(".") else client_id
