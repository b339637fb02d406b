"""The API against its own OpenAPI document: whatever is asked, the answer is a promised one."""

from __future__ import annotations

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# Jobs would tag the whole shop again for each example; what they do has tests of its own.
WALKS = 500
LEFT_OUT = r"^/v1/jobs.*|/v1/items:import|/v1/heads.*"


@pytest.fixture(scope="module")
def document(own_server):
    headers = {"authorization": f"Bearer {own_server.token}"}
    schema = schemathesis.openapi.from_url(f"{own_server.address}/openapi.json", headers=headers)
    return schema.exclude(path_regex=LEFT_OUT)


def test_any_request_has_an_answer_that_the_document_promises(document, own_server):
    headers = {"authorization": f"Bearer {own_server.token}"}
    operations = [one.ok() for one in document.get_all_operations()]
    assert len(operations) > 20
    for operation in operations:

        @hypothesis.settings(
            max_examples=5, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )  # fmt: skip
        @hypothesis.given(case=operation.as_strategy())
        def holds(case):
            case.call_and_validate(checks=CHECKS, headers=headers)

        holds()


@pytest.mark.torture
def test_five_hundred_walks_from_answer_to_answer_break_nothing(document, own_server):
    headers = {"authorization": f"Bearer {own_server.token}"}

    class Walk(document.as_state_machine()):
        def get_call_kwargs(self, case):
            return {"headers": headers}

        def validate_response(self, response, case, **_):
            case.validate_response(response, checks=CHECKS)

    # Walks change what the server holds, so none may be led by the answers that another got: each
    # has a seed of its own, behind the simplest walk that Hypothesis begins with.
    for number in range(WALKS):
        Walk._hypothesis_internal_use_seed = number
        Walk.run(
            settings=hypothesis.settings(
                max_examples=2,
                deadline=None,
                stateful_step_count=6,
                database=None,
                phases=[hypothesis.Phase.generate],
                suppress_health_check=list(hypothesis.HealthCheck),
            )
        )
