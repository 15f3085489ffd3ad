"""Figures out of the marts: fixed SQL, bound values, and the form that was asked for."""

import io
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import orjson
import pyarrow as pa
from pyarrow import csv, ipc

from serve.parameters import Figures
from serve.problems import RequestError

# As many rows as one answer may have: a year of 16 clients on two platforms is a quarter of it.
MOST_ROWS = 50_000
_SQL = {
    name: (Path(__file__).parent / "sql" / f"kpi_{name}.sql").read_text(encoding="utf-8")
    for name in ("day", "week", "month", "day_as_of", "month_as_of")
}

Form = Callable[[duckdb.DuckDBPyRelation, bytes], bytes]


def answer(
    cursor: duckdb.DuckDBPyConnection, asked: Figures, clients: list[str], form: str, run: str
) -> bytes:
    """Return the figures of ``clients`` in the media type ``form``.

    Raises ``RequestError`` where the answer would have too many rows.
    """
    found = _found(cursor, asked, clients)
    chosen = found.select(*map(duckdb.ColumnExpression, asked.columns))
    head = {
        "release": run,
        "grain": asked.grain.name,
        "from": asked.first,
        "to": asked.last,
        "fields": asked.columns,
        **({"as_of": asked.as_of} if asked.as_of else {}),
    }
    return FORMS[form](chosen, orjson.dumps(head))


def _found(cursor: duckdb.DuckDBPyConnection, asked: Figures, clients: list[str]) -> duckdb.DuckDBPyRelation:
    bound = {
        "clients": clients,
        "platforms": list(asked.platforms),
        "first": asked.first,
        "last": asked.last,
        "most": MOST_ROWS + 1,
    }
    if asked.as_of is None:
        return cursor.sql(_SQL[asked.grain.name], params=bound)
    try:
        return cursor.sql(_SQL[f"{asked.grain.name}_as_of"], params=bound | {"as_of": asked.as_of})
    except duckdb.CatalogException:  # a release of an earlier wholeday
        raise RequestError(404, "this release does not know yet what was shown earlier: make run") from None


def _checked(table: pa.Table) -> pa.Table:
    if table.num_rows > MOST_ROWS:
        raise RequestError(
            400,
            f"the answer would have more than {MOST_ROWS} rows: ask for fewer clients or days, or by week",
        )
    return table


def _json(rows: duckdb.DuckDBPyRelation, head: bytes) -> bytes:
    # DuckDB writes the objects, outside of Python's lock; here they are only put in a row.
    told = rows.select(*map(_iso, rows.columns, rows.types))
    objects = _checked(told.query("kpi", "select to_json(kpi)::varchar as object from kpi").to_arrow_table())
    return b'%s,"rows":[%s]}\n' % (head[:-1], ",".join(objects["object"].to_pylist()).encode())


def _iso(column: str, kind: object) -> duckdb.Expression:
    """Write an instant as ISO 8601 in UTC; JSON has no type for it."""
    value: duckdb.Expression = duckdb.ColumnExpression(column)
    if str(kind) != "TIMESTAMP WITH TIME ZONE":
        return value
    utc = duckdb.FunctionExpression("timezone", duckdb.ConstantExpression("UTC"), value)
    written = duckdb.FunctionExpression("strftime", utc, duckdb.ConstantExpression("%Y-%m-%dT%H:%M:%SZ"))
    return written.alias(column)


def _csv(rows: duckdb.DuckDBPyRelation, _: bytes) -> bytes:
    written = io.BytesIO()
    csv.write_csv(_checked(rows.to_arrow_table()), written)
    return written.getvalue()


def _arrow(rows: duckdb.DuckDBPyRelation, _: bytes) -> bytes:
    found = _checked(rows.to_arrow_table())
    columns = [_without_remains(column.combine_chunks()) for column in found.columns]
    table = pa.Table.from_arrays(columns, schema=found.schema)
    written = io.BytesIO()
    with ipc.new_stream(written, table.schema) as stream:
        stream.write_table(table)
    return written.getvalue()


def _without_remains(column: pa.Array) -> pa.Array:
    """Return ``column`` with nothing in the places of its NULLs.

    DuckDB leaves there what its memory held before, such as another client's figures; a stream carries it.
    """
    kind, rows = column.type, len(column)
    if not column.null_count or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return column
    if kind.bit_width % 8:
        return pa.array(column.to_pylist(), kind)
    width = kind.bit_width // 8
    held = np.frombuffer(column.buffers()[1], np.uint8)[column.offset * width :][: rows * width]
    values, is_there = held.reshape(rows, width).copy(), column.is_valid()
    values[~is_there.to_numpy(zero_copy_only=False)] = 0
    there = pa.array(is_there.to_pylist(), pa.bool_()).buffers()[1]
    return pa.Array.from_buffers(kind, rows, [there, pa.py_buffer(values.tobytes())])


FORMS: dict[str, Form] = {
    "application/json": _json,
    "text/csv": _csv,
    "application/vnd.apache.arrow.stream": _arrow,
}

# How the answer names itself.
MEDIA_TYPES = {
    form: f"{form}; charset=utf-8; header=present" if form == "text/csv" else form for form in FORMS
}
