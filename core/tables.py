"""The tables of ``dbt_project.yml``, which models and Python share: read once, each row strictly checked."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from core.errors import UserError
from core.settings import ROOT

FILE = ROOT / "dbt_project.yml"

Row = TypeVar("Row")


@cache
def variable(name: str) -> Any:
    """Return what ``vars`` says of ``name``; raises ``UserError`` for a file that cannot be read."""
    import yaml  # 15 ms that most commands need and a few do not

    try:
        found = yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["vars"][name]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as problem:
        reason = " ".join(str(problem).split())
        raise UserError(f"the table {name!r} cannot be read from {FILE.name}: {reason}") from None
    return found


def table(name: str, row: type[Row]) -> dict[str, Row]:
    """Return the rows of the table ``name``, in their order, each as a ``row``."""
    found = variable(name)
    if not isinstance(found, dict) or not found:
        raise UserError(f"{FILE.name}: the table {name!r} has no rows")
    return {
        key: of(row, f"the row {key!r} of {name!r}", {"name": key}, cells) for key, cells in found.items()
    }


def of(row: type[Row], where: str, known: Mapping[str, Any], cells: Any) -> Row:
    """Return ``cells`` as a ``row``; raises ``UserError`` for a strange, missing or mistyped cell.

    ``known`` are values that the cells cannot say themselves.
    """
    if not isinstance(cells, dict):
        raise _wrong(where, "has no cells")
    types, columns = get_type_hints(row), {column.name: column for column in fields(row)}  # type: ignore[arg-type]
    if strange := sorted(set(map(str, cells)) - set(columns) | set(cells) & set(known)):
        raise _wrong(where, f"has a cell {strange[0]!r} that no row has")
    values = dict(known)
    for name, column in columns.items():
        if name in cells:
            values[name] = _value(f"the cell {name!r} of {where}", types[name], cells[name])
        elif name not in known and _is_required(column):
            raise _wrong(where, f"has no cell {name!r}")
    return row(**values)


def _is_required(column: "Field[Any]") -> bool:
    return column.default is MISSING and column.default_factory is MISSING


def _value(where: str, kind: Any, value: Any) -> Any:
    """Return ``value`` as ``kind``: text, a number, a truth, a tuple of texts, or a mapping."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType and value is None:
        return None
    if origin is UnionType:
        return _value(where, arguments[0], value)
    if origin is tuple:
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        raise _wrong(where, "is no list of texts")
    if origin is not None:
        if isinstance(value, dict):
            return {key: _cell(arguments[1], f"{where} for {key!r}", one) for key, one in value.items()}
        raise _wrong(where, "is no mapping")
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise _wrong(where, f"is {value!r}, which is no {_CALLED[kind]}")
    return value


def _cell(kind: Any, where: str, value: Any) -> Any:
    return (
        of(kind, where, {}, value)
        if isinstance(kind, type) and is_dataclass(kind)
        else _value(where, kind, value)
    )


_CALLED = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def _wrong(where: str, what: str) -> UserError:
    return UserError(f"{FILE.name}: {where} {what}")
