"""The description of the interface against the server: no defect, and no answer that it does not describe."""

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from serve import openapi
from tests.python.serve.conftest import OPERATOR, VIEWER, Served

pytestmark = pytest.mark.slow
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
DESCRIPTION = json.loads(openapi.document())
# Names that exist are found by no chance.
DESCRIPTION["paths"]["/api/health/{client}"]["get"]["parameters"][0]["schema"] = {
    "enum": ["dune", "fjord", "x"]
}
DESCRIPTION["paths"]["/api/kpi"]["get"]["parameters"][0]["schema"] = {"enum": ["dune", "dune,fjord", "x"]}
SCHEMA = schemathesis.openapi.from_dict(DESCRIPTION)
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}


@pytest.mark.parametrize("label", OPERATIONS)
@pytest.mark.parametrize("token", [OPERATOR, VIEWER, None])
def test_every_answer_is_described(served: Served, label: str, token: str | None) -> None:
    operation = OPERATIONS[label]
    headers = {"Authorization": f"Bearer {token}"} if token else {"Origin": served.url}

    @given(case=operation.as_strategy())
    @settings(
        max_examples=12,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(base_url=served.url, headers=headers, checks=CHECKS)

    check()
