"""Every route is in the authorisation matrix, which speaks of nothing else. Read from OpenAPI, not from a list."""

import pytest

from infra.chassis.api import describe
from infra.onebox.services import service
from tests.matrix.table import Row, files, missing, rows_of

COVERED = ("intake",)
WAITING = frozenset(
    {
        "DELETE /v1/documents/{document}",
        "DELETE /v1/participants/{participant}/residence/statuses/{since}",
        "GET /v1/appointments",
        "GET /v1/appointments/calendar",
        "GET /v1/appointments/{appointment}",
        "GET /v1/appointments/{appointment}/calendar",
        "GET /v1/deputies",
        "GET /v1/documents/{document}",
        "GET /v1/documents/{document}/content",
        "GET /v1/grants/{grant}/reason",
        "GET /v1/letter-templates",
        "GET /v1/letters/{letter}",
        "GET /v1/participants/{participant}/appointments",
        "GET /v1/participants/{participant}/documents",
        "GET /v1/participants/{participant}/history",
        "GET /v1/participants/{participant}/letters",
        "GET /v1/participants/{participant}/looks",
        "GET /v1/participants/{participant}/own-data",
        "GET /v1/participants/{participant}/residence/statuses",
        "GET /v1/participants/{participant}/rights-requests",
        "GET /v1/rights-requests",
        "GET /v1/rights-requests/{request}",
        "GET /v1/work-rights",
        "GET /v1/work-rights/countries",
        "POST /v1/appointments/{appointment}/move",
        "POST /v1/appointments/{appointment}/outcome",
        "POST /v1/break-glass",
        "POST /v1/deputies",
        "POST /v1/deputies/{deputy}/end",
        "POST /v1/participants/{participant}/appointments",
        "POST /v1/participants/{participant}/claim",
        "POST /v1/participants/{participant}/documents",
        "POST /v1/participants/{participant}/letters",
        "POST /v1/participants/{participant}/letters/preview",
        "POST /v1/participants/{participant}/residence/statuses",
        "POST /v1/participants/{participant}/rights-requests",
        "POST /v1/rights-requests/{request}/carried-out",
        "POST /v1/rights-requests/{request}/decision",
        "POST /v1/rights-requests/{request}/extension",
        "POST /v1/rights-requests/{request}/identity-check",
        "POST /v1/rights-requests/{request}/lift",
        "POST /v1/rights-requests/{request}/take-back",
        "POST /v1/staff/{staff}/succession",
        "PUT /v1/documents/{document}",
        "PUT /v1/documents/{document}/content",
    }
)
"""Routes that are newer than the table: whoever writes the row takes the route out of here."""


@pytest.mark.parametrize("name", COVERED)
def test_every_route_is_in_the_matrix(name: str) -> None:
    """`operations.yaml` and `esco.yaml` count for whoever has such routes."""
    own = [row for file in files(name) for row in rows_of(file)]
    faults = [fault for fault in missing(name, describe(service(name)), own) if not waits(name, fault)]
    assert "\n".join(faults) == ""


def waits(name: str, fault: str) -> bool:
    return any(fault.startswith(f"{route} of {name} ") for route in WAITING)


def test_nothing_waits_that_has_a_row_or_is_gone() -> None:
    own = [row for file in files("intake") for row in rows_of(file)]
    faults = missing("intake", describe(service("intake")), own)
    assert [route for route in sorted(WAITING) if not any(fault.startswith(f"{route} of ") for fault in faults)] == []


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
