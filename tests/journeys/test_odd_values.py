"""Values that fit no calendar, no number or no text: refused with their field, and no list stops answering."""

import json
from typing import Any

import httpx
import pytest

from tests.support.joining import BINDINGS
from tests.support.referring import register
from tests.support.region import Region

LAST = "9999-12-31T23:59:59-23:59"
NAIVE = "2027-01-01T00:00:00"
SURROGATE = "\ud800"


def refused(answer: httpx.Response, field: str) -> None:
    """The answer is a 422 that names the field and a way out."""
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert field in problem["errors"][0]["field"], problem
    assert problem["way_out"]


def escaped(body: Any) -> dict[str, Any]:
    """The body in ASCII: half a character travels as an escape only."""
    return {"content": json.dumps(body), "headers": {"Content-Type": "application/json"}}


@pytest.mark.parametrize("moment", [LAST, NAIVE, "0001-01-01T00:00:00+23:59", "2201-01-01T00:00:00Z"])
async def test_a_first_appointment_outside_the_calendar_harms_no_list(region: Region, moment: str) -> None:
    jonas = await region.as_("jonas")
    asked = {"participant": await register(region), "need": "family", "first_appointment": moment, "draft": True}
    refused(await jonas.post("referrals", "/v1/referrals", asked), "first_appointment")
    assert (await jonas.get("referrals", "/v1/referrals")).status_code == 200


@pytest.mark.parametrize("moment", [LAST, NAIVE])
async def test_a_grant_ends_at_a_moment_with_a_zone(region: Region, moment: str) -> None:
    jonas, person = await region.as_("jonas"), await register(region)
    grant = {"recipient": "family-advice", "categories": ["profile"], "purpose": "advice", "language": "de"}
    answer = await jonas.post("intake", f"/v1/participants/{person}/grants", {**grant, "valid_until": moment})
    refused(answer, "valid_until")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_no_day_outside_the_calendar_is_taken(region: Region, day: str) -> None:
    jonas, hanna, vera = [await region.as_(name) for name in ("jonas", "hanna", "vera")]
    person = await register(region)
    first = {"headers": {"If-Match": '"0"'}}
    path = f"/v1/participants/{person}"
    refused(await jonas.put("intake", f"{path}/profile", {"available_from": day}, **first), "available_from")
    status = {"country": "DE", "status": "german-citizen", "since": day}
    refused(await jonas.put("intake", f"{path}/residence", status, **first), "since")
    refused(await jonas.get("intake", f"{path}/work-rights?on={day}"), "on")
    offer = {"kind": "job", "title": "Cook", "occupation": "http://a.example/cook", "region": "Here", "capacity": 1}
    refused(await hanna.post("matching", "/v1/opportunities", {**offer, "starts_on": day}), "starts_on")
    cohort = {"programme": "talents-fast-track@1", "name": "Talents", "bindings": BINDINGS, "starts_on": day}
    refused(await vera.post("referrals", "/v1/cohorts", cohort), "starts_on")
    no_journey = f"/v1/journeys/{person}/attendance"
    refused(await vera.post("referrals", no_journey, {"on": day, "present": True}), "on")
    for what, more in (("start", {}), ("end", {"outcome": "completed"})):
        refused(await hanna.post("matching", f"/v1/placements/{person}/{what}", {"on": day, **more}, **first), "on")


async def test_half_a_character_is_never_sent_back(region: Region) -> None:
    vera = await region.as_("vera")
    muted = await vera.put("notifications", "/v1/preferences", **escaped({"muted": [SURROGATE]}))
    refused(muted, "muted")
    assert "unknown" not in muted.json()
    cohort: dict[str, Any] = {"programme": "talents-fast-track@1", "name": "Talents", "starts_on": "2027-01-01"}
    for key in (SURROGATE, "a function <that> nobody has"):
        odd = {**BINDINGS, key: "job-centre"}
        refused(await vera.post("referrals", "/v1/cohorts", **escaped({**cohort, "bindings": odd})), "bindings")
    unknown = await vera.post("referrals", "/v1/cohorts", {**cohort, "bindings": {**BINDINGS, "sings": "job-centre"}})
    refused(unknown, "bindings")
    assert "sings" not in unknown.text


async def test_operators_numbers_have_bounds(region: Region) -> None:
    opal = await region.as_("opal")
    for after in (2**63, 2**53, -1):
        refused(await opal.get("intake", f"/v1/operations/events?after={after}"), "after")
    assert (await opal.get("intake", f"/v1/operations/events?after={2**53 - 1}")).json() == []
    for since in (NAIVE, "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"):
        refused(await opal.get("intake", f"/v1/operations/handled?since={since}"), "since")
    before = region.box.runtimes["intake"].clock.offset
    for days in (True, "1"):
        refused(await opal.post("intake", "/v1/operations/clock", {"days": days}), "days")
    assert region.box.runtimes["intake"].clock.offset == before
