"""Gates between stages, the transition, and the follow-up months later. Over HTTP, with own log-ins.

Business time is moved here, so this test has a region of its own.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from infra.onebox.box import box
from tests.support.joining import Amal, amal_joins, body, works_at_the_hotel
from tests.support.region import Person, Region

EARLY = {"destination": "education", "why": "dropped-out", "reason": "A place at school came up."}


@pytest.fixture(scope="module")
async def own_region() -> AsyncIterator[Region]:
    """A region whose clock may be moved."""
    folder = Path(tempfile.mkdtemp(prefix="lotse-region-"))
    async with box(folder / "box", environment="test", keep=False) as made, httpx.AsyncClient(timeout=20) as http:
        yield Region(made, http)


async def has_a_need(region: Region, amal: Amal) -> str:
    """A heavy need of the family, told to Jonas; its id."""
    jonas = await region.as_("jonas")
    barrier = {"domain": "family", "severity": "high", "note": "Needs a nursery place."}
    added = await body(jonas.post("intake", f"/v1/participants/{amal.id}/barriers", barrier), 201)
    await region.settled()
    return str(added["id"])


async def need_is_met(region: Region, amal: Amal, barrier: str) -> None:
    jonas = await region.as_("jonas")
    [found] = await body(jonas.get("intake", f"/v1/participants/{amal.id}/barriers?domain=family"))
    match = {"If-Match": f'"{found["version"]}"'}
    await body(jonas.patch("intake", f"/v1/barriers/{barrier}", {"open": False}, headers=match))
    await region.settled()


async def complete(who: Person, amal: Amal, stage: str, status: int = 200) -> dict[str, object]:
    found: dict[str, object] = await body(who.post("referrals", amal.path(f"/stages/{stage}/complete")), status)
    return found


async def test_a_gate_says_what_is_missing_and_to_whom_it_may_say_more(own_region: Region) -> None:
    region, amal = own_region, await amal_joins(own_region)
    vera, jonas = await region.as_("vera"), await region.as_("jonas")
    barrier = await has_a_need(region, amal)
    seen = await body(vera.get("referrals", amal.path()))
    assert seen["next"]["stage"] == "workplace"
    assert [shut["gate"] for shut in seen["next"]["shut"]] == ["placement-agreed", "no-open-barrier"]
    assert seen["next"]["shut"][1]["detail"] == "a support need is open"
    assert "family" not in str(seen)
    assert (await body(jonas.get("referrals", amal.path())))["next"]["shut"][1]["domains"] == ["family"]

    refused = await complete(vera, amal, "preparation", 409)
    assert refused["type"] == "urn:lotse:problem:gate-shut"
    assert "internship" in str(refused["gates"])
    assert "a support need is open" in str(refused["gates"])
    assert "family" not in str(refused)

    await works_at_the_hotel(region, amal)
    await complete(vera, amal, "preparation", 409)
    await need_is_met(region, amal, barrier)
    entered = await complete(vera, amal, "preparation")
    assert (entered["stage"], entered["next"]) == ("workplace", None)
    await complete(vera, amal, "preparation", 409)
    await complete(jonas, amal, "workplace", 403)


async def test_a_journey_ends_with_a_destination_and_is_followed_up(own_region: Region) -> None:
    region, amal = own_region, await amal_joins(own_region)
    vera, jonas, opal = await region.as_("vera"), await region.as_("jonas"), await region.as_("opal")
    placement = await works_at_the_hotel(region, amal)
    to_a_job = {"destination": "job", "placement": placement}
    await body(vera.post("referrals", amal.path("/transition"), {"placement": placement}), 422)
    await body(vera.post("referrals", amal.path("/transition"), to_a_job), 409)
    await body(vera.post("referrals", amal.path("/transition"), {**EARLY, "reason": None}), 422)
    for stage in ("preparation", "workplace"):
        await complete(vera, amal, stage)
    assert await body(jonas.get("referrals", amal.path("/follow-ups"))) == []

    ended = await body(vera.post("referrals", amal.path("/transition"), to_a_job))
    assert (ended["destination"], ended["why"], ended["placement"]) == ("job", "completed", placement)
    await body(vera.post("referrals", amal.path("/transition"), to_a_job), 409)
    planned = await body(jonas.get("referrals", amal.path("/follow-ups")))
    assert [(one["months"], one["state"]) for one in planned] == [(m, "planned") for m in (3, 6, 12, 24)]
    outcome = {"outcome": "still-employed"}
    await body(jonas.post("referrals", amal.path("/follow-ups/3"), outcome), 409)

    for service in region.box.addresses:
        await body(opal.post(service, "/v1/operations/clock", {"days": 93}))
    states: list[str] = []
    for _ in range(200):
        states = [one["state"] for one in await body(jonas.get("referrals", amal.path("/follow-ups")))]
        if states[:1] == ["due"]:
            break
        await asyncio.sleep(0.1)
    assert states == ["due", "planned", "planned", "planned"]
    await body(vera.post("referrals", amal.path("/follow-ups/3"), outcome), 403)
    await body(jonas.post("referrals", amal.path("/follow-ups/5"), outcome), 404)
    recorded = await body(jonas.post("referrals", amal.path("/follow-ups/3"), outcome))
    assert (recorded[0]["state"], recorded[0]["outcome"]) == ("recorded", "still-employed")
    await body(jonas.post("referrals", amal.path("/follow-ups/3"), outcome), 409)


async def test_who_drops_out_is_followed_up_all_the_same(own_region: Region) -> None:
    region, amal = own_region, await amal_joins(own_region)
    jonas = await region.as_("jonas")
    ended = await body(jonas.post("referrals", amal.path("/transition"), EARLY))
    assert (ended["destination"], ended["why"]) == ("education", "dropped-out")
    assert len(await body(jonas.get("referrals", amal.path("/follow-ups")))) == 4
