"""The description of the interface against the server: no defect, and no answer that it does not describe."""

import json
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.settings import ROOT
from serve import (
    authentication,
    config,
    connection,
    jobs,
    kpi,
    openapi,
    parameters,
    request_guard,
    sessions,
)
from tests.python.serve.conftest import BOUND, DAY, OPERATOR, VIEWER, Served

pytestmark = [pytest.mark.slow, pytest.mark.attack]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
DESCRIPTION = json.loads(openapi.document())
# Names and days that exist are found by no chance.
_SCHEMAS = DESCRIPTION["components"]["schemas"]
_SCHEMAS["ClientId"] = {"enum": ["dune", "fjord", "x"]}
_DAYS = {"enum": ["2026-11-01", DAY, "0001-01-01", "9999-12-31", "2023-07-30"]}
_SCHEMAS["Wanted"]["properties"] |= {"from": _DAYS, "to": _DAYS}
DESCRIPTION["paths"]["/api/kpi"]["get"]["parameters"][0]["schema"] = {"enum": ["dune", "dune,fjord", "x"]}
SCHEMA = schemathesis.openapi.from_dict(DESCRIPTION)
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
SETTINGS = settings(
    max_examples=16,
    stateful_step_count=6,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("label", OPERATIONS)
@pytest.mark.parametrize("token", [OPERATOR, VIEWER, BOUND, None])
def test_every_answer_is_described(
    held: Served, label: str, token: str | None, attempts: list[object]
) -> None:
    operation = OPERATIONS[label]
    headers = {"Authorization": f"Bearer {token}"} if token else {"Origin": held.url}

    @given(
        operation.as_strategy() | operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)
    )
    @SETTINGS
    def check(case: schemathesis.Case) -> None:
        attempts.append(label)
        case.call_and_validate(base_url=held.url, headers=headers, checks=CHECKS, timeout=30)

    check()


def test_operators_sequences_are_described(held: Served, attempts: list[object]) -> None:
    """What one answer names is asked for next. Streams of events do not end here, so they are left out."""

    class Machine(SCHEMA.exclude(path_regex="events$").as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: schemathesis.Case) -> dict[str, Any]:
            attempts.append(case.operation.label)
            token = {"Authorization": f"Bearer {OPERATOR}"}
            return {"base_url": held.url, "headers": token, "timeout": 30}

        def validate_response(self, response: Any, case: schemathesis.Case, **_: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    Machine.run(settings=SETTINGS)
    assert {"POST /api/backfill", "GET /api/backfill/{id}"} <= set(attempts)


def test_limits_are_stated_as_they_are_enforced() -> None:
    kilobytes = request_guard.MOST_BYTES // 1024
    rate = config.Config.from_env(environment={}).rate
    limits = {
        f"{kpi.MOST_ROWS:,} rows",
        f"{parameters.MOST_DAYS:,} days",
        f"{parameters.MOST_PARAMETERS} parameters",
        f"{kilobytes} KB",
        f"{connection.MOST_HEAD_BYTES // 1024} KB",
        f"{request_guard.LONGEST_QUERY:,} bytes",
        f"{connection.REQUEST_SECONDS} s",
        f"{jobs.MOST_STREAMS} streams",
        f"{jobs.MOST_WAITING} may wait",
        f"last {jobs.REMEMBERED}",
        f"{authentication.GUESSES.amount} wrong tokens a minute",
        f"{rate.amount:,} requests a minute",
    }
    stated = json.dumps(json.loads(openapi.document()))
    page = re.sub(r"\s+", " ", (ROOT / "docs" / "api.md").read_text(encoding="utf-8"))
    assert sorted(limit for limit in limits if limit not in stated) == []
    of_server = {
        f"{config.CONNECTIONS:,} connections",
        f"default `{config.CONNECTIONS}`",
        f"127.0.0.1:{config.PORT}/",
        f"session of {sessions.HOURS} hours",
    }
    assert sorted(limit for limit in limits | of_server if limit not in page) == []
