"""Which days a file covers, and what it has to add up to: in its name, or in a sidecar beside it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingest.files.table import RefusedError

_SPAN = re.compile(r"_(\d{4}-\d{2}-\d{2})_(\d{4}-\d{2}-\d{2})$")
_KEYS = frozenset({"from", "to", "rows", "totals", "days", "total_row"})
# No platform's year has more, and a slip of the pen has.
LONGEST_DAYS = 1_200


@dataclass(frozen=True)
class Sidecar:
    """What is said of a file beside its rows.

    ``totals`` are those of the whole file by column, ``days`` those of single days. A row that has
    ``total_row`` in place of its date is the total of all others.
    """

    since: date
    until: date
    rows: int | None = None
    totals: Mapping[str, Decimal] = field(default_factory=dict)
    days: Mapping[date, Mapping[str, Decimal]] = field(default_factory=dict)
    total_row: str | None = None


def beside(path: Path) -> Path | None:
    """Return the sidecar of ``path``: ``bookings.csv.json`` or ``bookings.json``, if there is one."""
    for candidate in (path.with_name(path.name + ".json"), path.with_suffix(".json")):
        if candidate.is_file():
            return candidate
    return None


def of(name: str, sidecar: bytes | None) -> Sidecar:
    """Return what name and ``sidecar`` say; raises ``RefusedError``, above all where no days are named."""
    told = _told(sidecar) if sidecar is not None else {}
    named = _SPAN.search(Path(name).stem)
    since, until = (told.get(key) or (named and named[n]) for n, key in enumerate(("from", "to"), start=1))
    if not since or not until:
        raise RefusedError(
            "nothing says which days it covers: let its name end in _2026-10-01_2026-10-31, or add a sidecar"
        )
    first, last = _day(since), _day(until)
    if not 0 <= (last - first).days < LONGEST_DAYS:
        raise RefusedError(f"it cannot cover the days from {first} to {last}")
    rows, total_row = told.get("rows"), told.get("total_row")
    if (rows is not None and type(rows) is not int) or not isinstance(total_row, str | None):
        raise RefusedError("its sidecar has rows that is no whole number, or total_row that is no text")
    days = {_day(day): _amounts(amounts) for day, amounts in _mapping(told.get("days")).items()}
    return Sidecar(first, last, rows, _amounts(told.get("totals")), days, total_row)


def _told(sidecar: bytes) -> dict[str, Any]:
    try:
        told = json.loads(sidecar.decode("utf-8-sig"), parse_float=Decimal)
    except (UnicodeDecodeError, json.JSONDecodeError) as problem:
        raise RefusedError(f"its sidecar is no JSON ({problem})") from None
    if not isinstance(told, dict) or set(told) - _KEYS:
        raise RefusedError(f"its sidecar may say {', '.join(sorted(_KEYS))} and nothing else")
    return told


def _mapping(value: Any) -> dict[str, Any]:
    if value is not None and not isinstance(value, dict):
        raise RefusedError("its sidecar has totals or days that are no mapping")
    return value or {}


def _amounts(value: Any) -> dict[str, Decimal]:
    amounts = _mapping(value)
    for name, amount in amounts.items():
        if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
            raise RefusedError(f"its sidecar has the total {amount!r} of {name}, which is no number")
    return {name: Decimal(amount) for name, amount in amounts.items()}


def _day(text: Any) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise RefusedError(f"{text!r} is no date such as 2026-10-31") from None
