"""What a validation found, free of Great Expectations' classes: pages and report are made from this."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

SEVERITIES = ("critical", "warning", "info")

Row = dict[str, str | None]


@dataclass(frozen=True)
class Judged:
    """One expectation, judged: ``found`` rows break it, ``rows`` are the first of them."""

    kind: str
    description: str
    notes: str
    severity: str
    holds: bool
    observed: str
    found: int
    rows: tuple[Row, ...]
    how: str
    follows: tuple[str, ...] = ()
    """The checks and rules that may say it already; once compared, those that do."""


@dataclass(frozen=True)
class TableOutcome:
    """One table of one ``file`` (``landing`` or ``candidate``) with all its expectations, judged.

    ``page`` is the address of its page, relative to the data docs' folder.
    """

    suite: str
    file: str
    title: str
    about: str
    page: str
    expectations: tuple[Judged, ...]

    @property
    def broken(self) -> tuple[Judged, ...]:
        """Return the expectations that do not hold: causes first, then the most severe."""
        return tuple(
            sorted(
                (judged for judged in self.expectations if not judged.holds),
                key=lambda judged: (bool(judged.follows), SEVERITIES.index(judged.severity)),
            )
        )

    def compared_with(self, told: frozenset[str]) -> "TableOutcome":
        """Mark what only repeats what is ``told``."""
        judged = tuple(
            replace(one, follows=tuple(name for name in one.follows if name in told and not one.holds))
            for one in self.expectations
        )
        return replace(self, expectations=judged)


@dataclass(frozen=True)
class Run:
    """Whose data is judged: the run, the instant it was built for, and ``sandbox`` or ``live``."""

    run_id: str
    as_of: datetime
    api: str


@dataclass(frozen=True)
class Outcome:
    """One validation: every table of a run, and the SHA-256 of the file that it built.

    ``told`` names the checks that do not pass and the rules with open findings.
    """

    run: Run
    file_sha256: str
    tables: tuple[TableOutcome, ...]
    told: tuple[str, ...] = ()

    @property
    def broken(self) -> tuple[TableOutcome, ...]:
        """Return the tables where an expectation does not hold: causes first, then the most severe."""
        return tuple(
            sorted(
                (table for table in self.tables if table.broken),
                key=lambda table: (bool(table.broken[0].follows), SEVERITIES.index(table.broken[0].severity)),
            )
        )

    @property
    def evaluated(self) -> int:
        """Return the number of expectations judged."""
        return sum(len(table.expectations) for table in self.tables)

    @property
    def failed(self) -> int:
        """Return the number of expectations that do not hold."""
        return sum(len(table.broken) for table in self.tables)

    @property
    def following(self) -> int:
        """Return the number of those that only repeat what a check or a rule says."""
        return sum(bool(judged.follows) for table in self.tables for judged in table.broken)

    def compared_with(self, told: frozenset[str]) -> "Outcome":
        """Mark what only repeats what is ``told``: checks that do not pass, rules with findings."""
        tables = tuple(table.compared_with(told) for table in self.tables)
        return replace(self, tables=tables, told=tuple(sorted(told)))


def read(result: Any, meta: dict[str, str], page: str) -> TableOutcome:
    """Read one suite's result (``ExpectationSuiteValidationResult``); ``meta`` is the suite's own."""
    return TableOutcome(
        suite=result.suite_name,
        file=meta["file"],
        title=meta["title"],
        about=meta["about"],
        page=page,
        expectations=tuple(_judged(single) for single in result.results),
    )


def _judged(result: Any) -> Judged:
    config, found = result.expectation_config, result.result
    return Judged(
        kind=config.type,
        description=config.description or config.type,
        notes=_joined(config.notes),
        severity=getattr(config.severity, "value", config.severity) or SEVERITIES[0],
        holds=bool(result.success),
        observed=_exception(result.exception_info) or _observed(found),
        found=_found(found) or 0,
        rows=_rows(config.kwargs, found),
        how=_how(config.kwargs),
        follows=tuple((config.meta or {}).get("follows", ())),
    )


def _found(found: dict[str, Any]) -> int | None:
    """Return the number of rows that break it; None for an expectation that is not about rows."""
    count = found.get("observed_value") if "unexpected_rows" in found.get("details", {}) else None
    return found.get("unexpected_count", count)


def _observed(found: dict[str, Any]) -> str:
    count, of = _found(found), found.get("element_count")
    if count is None:
        return (
            f"{found['observed_value']} was observed" if "observed_value" in found else "nothing was observed"
        )
    rows = "1 row" if count == 1 else f"{count:,} rows"
    return f"{rows} of {of:,} break it" if of else f"{rows} break{'s' if count == 1 else ''} it"


def _rows(kwargs: dict[str, Any], found: dict[str, Any]) -> tuple[Row, ...]:
    """Return the first rows that break it, columns in the order of the suite; equal ones are counted."""
    details = found.get("details", {})
    if "unexpected_rows" in details:
        return tuple({name: row[name] for name in details["columns"]} for row in details["unexpected_rows"])
    columns = kwargs.get("column_list") or [kwargs.get("column", "value")]
    values = found.get("partial_unexpected_list") or []
    seen = Counter(
        tuple(None if cell is None else str(cell) for cell in _cells(value, columns)) for value in values
    )
    return tuple(
        dict(zip(columns, row, strict=True)) | ({"seen": f"{times} times"} if times > 1 else {})
        for row, times in seen.items()
    )


def _cells(value: Any, columns: list[str]) -> list[Any]:
    return [value[name] for name in columns] if isinstance(value, dict) else [value]


def _exception(info: dict[str, Any]) -> str:
    """Return why an expectation could not be judged; "" if it could."""
    details = [info] if "raised_exception" in info else list(info.values())
    reasons = [detail["exception_message"] for detail in details if detail.get("raised_exception")]
    return f"could not be judged: {str(reasons[0]).strip().splitlines()[0]}" if reasons else ""


def _joined(notes: str | list[str] | None) -> str:
    return notes if isinstance(notes, str) else " ".join(notes or [])


def _how(kwargs: dict[str, Any]) -> str:
    """Return the query, or the arguments, that an expectation was judged by."""
    if "unexpected_rows_query" in kwargs:
        return str(kwargs["unexpected_rows_query"]).replace("{{", "{").replace("}}", "}").strip()
    own = {name: value for name, value in kwargs.items() if name != "batch_id"}
    return "\n".join(f"{name}: {value}" for name, value in own.items())
