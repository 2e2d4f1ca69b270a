"""What a page shows when a part of the region is late or away; and the one trace from a click through the services."""

import asyncio

import pytest

from tests.desk.test_pages_of_people import participant
from tests.support.desk import at_the_desk
from tests.support.joining import amal_joins
from tests.support.region import Region


async def test_while_news_of_consents_is_late_the_page_says_so_and_shows_nothing_that_rests_on_one(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    amal = await amal_joins(region)
    vera, jonas = await at_the_desk(region, "vera"), await at_the_desk(region, "jonas")
    monkeypatch.setattr(region.box.runtimes["referrals"].db, "stale", lambda _: frozenset(range(1000)))

    late, listed = await vera.open(f"/journeys/{amal.journey}"), await vera.open("/journeys")
    own = await jonas.open(f"/journeys/{amal.journey}")

    assert late.status == 503
    assert "For now it cannot be checked whether you may still see this." in late.text
    assert "This list may be incomplete" in listed.text
    assert amal.reference not in listed.html
    assert own.status == 200, "work with the own participants goes on"


async def test_a_service_that_is_down_leaves_the_rest_of_somebodys_page_standing(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    amal = await amal_joins(region)
    jonas, me = await at_the_desk(region, "jonas"), await participant(region, amal)
    monkeypatch.setattr(
        "services.desk.settings.DeskSettings.addresses",
        property(lambda desk: {**region.box.addresses, "referrals": "http://127.0.0.1:1"}),
    )

    page, own = await jonas.open(f"/participants/{amal.id}"), await me.open("/mine")

    for seen in (page, own):
        assert seen.status == 200
        assert "“Referrals and journeys” does not answer at the moment." in seen.text
        assert amal.reference in seen.text
    assert (await jonas.open(f"/journeys/{amal.journey}")).status == 503


async def test_a_click_is_one_trace_from_the_desk_through_the_services(region: Region) -> None:
    amal = await amal_joins(region)
    jonas = await at_the_desk(region, "jonas")
    await jonas.open(f"/participants/{amal.id}")

    async with asyncio.timeout(20):
        while True:
            found = (await region.http.get(f"{region.box.traces}/api/traces?service=desk&limit=100")).json()
            together = [set(one["services"]) for one in found["traces"]]
            if any({"desk", "intake", "matching", "referrals"} <= one for one in together):
                break
            await asyncio.sleep(0.3)
