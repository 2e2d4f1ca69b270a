"""Refusals that no route gives itself: a method that is not there, bytes that are no text, numbers for days."""

import httpx
import pytest

from infra.chassis.api import assemble
from infra.onebox.services import service
from tests.support.arrivals import registered
from tests.support.region import Region


async def test_a_method_that_is_not_there_is_refused_with_those_that_are() -> None:
    transport = httpx.ASGITransport(assemble(service("intake")))
    async with httpx.AsyncClient(transport=transport, base_url="http://intake") as http:
        answer = await http.request("TRACE", "/v1/participants")
    assert answer.status_code == 405
    assert answer.json()["type"] == "urn:lotse:problem:method-not-allowed"
    assert answer.headers["allow"] == "GET, POST", "every route of the address counts (RFC 9110, 15.5.6)"


async def test_bytes_that_are_no_text_are_wrong_input(region: Region) -> None:
    jonas = await region.as_("jonas")
    sent = {"content": b"\xff\xfe{", "headers": {"Content-Type": "application/json"}}
    answer = await jonas.call("POST", "intake", "/v1/participants", **sent)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"] == [{"field": "body", "detail": "The body is no JSON in UTF-8."}]


@pytest.mark.parametrize("day", ["0", "-1", "1700000000", "1.5"])
async def test_a_number_is_no_day(region: Region, day: str) -> None:
    """Else `on=0` would be 1 January 1970."""
    jonas = await region.as_("jonas")
    path = f"/v1/participants/{await registered(jonas)}/work-rights"
    answer = await jonas.get("intake", path, params={"on": day})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "on")
