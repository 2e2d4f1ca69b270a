"""Every route is in the authorisation matrix, which speaks of nothing else. Read from OpenAPI, not from a list."""

import pytest

from infra.chassis.api import describe
from infra.onebox.services import service
from tests.matrix.table import Row, files, missing, rows_of

COVERED = ("intake",)


@pytest.mark.parametrize("name", COVERED)
def test_every_route_is_in_the_matrix(name: str) -> None:
    """`operations.yaml` and `esco.yaml` count for whoever has such routes."""
    own = [row for file in files(name) for row in rows_of(file)]
    assert "\n".join(missing(name, describe(service(name)), own)) == ""


@pytest.mark.parametrize("name", COVERED)
def test_every_row_uses_words_that_mean_something(name: str) -> None:
    assert [fault for file in files(name) for row in rows_of(file) for fault in row.faults()] == []


def test_a_route_that_is_missing_is_named_with_what_to_add() -> None:
    openapi = {"paths": {"/v1/secrets/{secret}": {"get": {"tags": ["secrets"]}}}}
    [said] = missing("intake", openapi, [])
    assert said.startswith("GET /v1/secrets/{secret} of intake is not in the authorisation matrix: say in contracts/")
    assert "contracts/policy/matrix/intake/secrets.yaml" in said


def test_a_row_for_a_route_that_is_gone_is_found() -> None:
    gone = Row(ask="GET /v1/gone", what="nothing")
    assert missing("intake", {"paths": {}}, [gone]) == [
        "GET /v1/gone: intake has no such route; mend or remove the row"
    ]


def test_a_particular_route_is_not_covered_by_a_general_one() -> None:
    openapi = {"paths": {path: {"get": {"tags": ["x"]}} for path in ("/v1/things/{thing}", "/v1/things/names")}}
    [said] = missing("intake", openapi, [Row(ask="GET /v1/things/{participant}", what="one")])
    assert said.startswith("GET /v1/things/names")
    [said] = missing("intake", openapi, [Row(ask="GET /v1/things/names", what="names")])
    assert said.startswith("GET /v1/things/{thing}")
