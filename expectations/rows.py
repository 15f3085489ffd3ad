"""The expectation ``expect_no_rows``: a query of violating rows finds none, and shows those it finds."""

from typing import Any, ClassVar

import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.core import UnexpectedRowsExpectation
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.query_metric_provider import QueryMetricProvider

# A page that shows more violating rows than a person reads does not help; the number found is always told.
ROWS_SHOWN = 20


class ViolatingRows(QueryMetricProvider):
    """Metric: the number of rows a query finds, and the first of them, in one pass over the table."""

    metric_name = "violating_rows"
    value_keys = ("unexpected_rows_query",)
    query_param_name: ClassVar[str] = "unexpected_rows_query"

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _find(
        cls,  # noqa: N805 - great_expectations makes a class method of it
        execution_engine: SqlAlchemyExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> dict[str, Any]:
        table, _, _ = execution_engine.get_compute_domain(metric_domain_kwargs, MetricDomainTypes.TABLE)
        # A bare subquery: DuckDB takes it with an alias and without; the library's own way allows only one.
        batch = table.compile(dialect=execution_engine.engine.dialect, compile_kwargs={"literal_binds": True})
        query = cls._format_query(
            cls._get_query_from_metric_value_kwargs(metric_value_kwargs), batch=f"({batch})"
        )
        counted = sa.select(sa.literal_column("count(*) over ()").label("found"), sa.literal_column("*"))
        limited = counted.select_from(sa.text(f"({query}\n)")).limit(ROWS_SHOWN)
        rows = execution_engine.execute_query(limited).mappings().all()
        shown = [{name: _text(row[name]) for name in row if name != "found"} for row in rows]
        # The columns are kept apart because the results are stored with sorted keys.
        columns = list(shown[0]) if shown else []
        return {"found": int(rows[0]["found"]) if rows else 0, "columns": columns, "rows": shown}


class ExpectNoRows(UnexpectedRowsExpectation):
    """Like ``unexpected_rows_expectation``, but one query instead of two, and the rows stay in the result."""

    metric_dependencies: ClassVar[tuple[str, ...]] = (ViolatingRows.metric_name,)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: SqlAlchemyExecutionEngine | None = None,
    ) -> dict[str, Any]:
        violating = metrics[ViolatingRows.metric_name]
        return {
            "success": violating["found"] == 0,
            "result": {
                "observed_value": violating["found"],
                "details": {"columns": violating["columns"], "unexpected_rows": violating["rows"]},
            },
        }


def _text(value: object) -> str | None:
    return None if value is None else str(value)
