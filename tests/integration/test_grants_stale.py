"""When nothing is heard of grants any more: what rests on one is refused for now, and everything else goes on.

A region of its own, in which the knowledge of grants lasts eight seconds instead of thirty.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Final

import httpx
import psycopg
import pytest

from contracts.topics import INTAKE
from infra.chassis.edge import WITHHELD
from infra.onebox.box import box
from tests.support.joining import Amal, amal_joins
from tests.support.notified import a_journey, items, known_to, live, mailed, mails, ready
from tests.support.openapi import routes
from tests.support.referring import give, refer
from tests.support.region import Person, Region
from tests.support.waiting import until

PATIENCE: Final = 8.0
BEAT: Final = 1.0
GRACE: Final = 3.0
"""A heartbeat may have been on its way, and the looks of the processes take their time."""


@pytest.fixture(scope="module")
async def region() -> AsyncIterator[Region]:
    """A region with a short memory."""
    folder = Path(tempfile.mkdtemp(prefix="lotse-stale-"))
    extra = {"heartbeat_every_seconds": BEAT, "grants_fresh_for_seconds": PATIENCE, "access_kept_for_seconds": 0.2}
    async with (
        box(folder / "box", environment="test", keep=False, extra=extra) as made,
        httpx.AsyncClient(timeout=20) as http,
    ):
        yield Region(made, http)


@asynccontextmanager
async def nothing_is_heard(region: Region) -> AsyncIterator[float]:
    """Intake's topic takes nothing: whatever the relay sends hangs until the block ends. All other topics work."""
    bus = region.box.settings["intake"].bus_url.get_secret_value()
    async with await psycopg.AsyncConnection.connect(bus) as other:
        await other.execute("select from bus.partition where topic = %s for update", (INTAKE.name,))
        yield monotonic()


async def stale(region: Region, service: str) -> bool:
    return len(region.box.runtimes[service].freshness.stale(region.box.runtimes[service].clock.system())) == 12


async def all_stale(region: Region) -> None:
    """Every service but intake knows too little."""
    for service in ("matching", "referrals", "notifications"):
        await until(partial(stale, region, service), f"{service} is stale", PATIENCE + GRACE)


def refused(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 503, answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == "urn:lotse:problem:grants-stale"
    assert "your own agency's" in problem["way_out"]
    assert int(answer.headers["Retry-After"]) > 0
    return problem


async def timeline(who: Person, amal: Amal) -> httpx.Response:
    return await who.get("referrals", f"/v1/participants/{amal.id}/timeline")


async def test_what_rests_on_a_grant_is_refused_in_time_and_comes_back_by_itself(region: Region) -> None:
    amal = await amal_joins(region)
    jonas, vera, mira = await region.as_("jonas"), await region.as_("vera"), await region.as_("mira")
    assert (await timeline(vera, amal)).status_code == 200
    never_known = (await timeline(mira, amal)).json()

    async with nothing_is_heard(region) as since:
        while (answer := await timeline(vera, amal)).status_code == 200:
            assert monotonic() - since < PATIENCE + GRACE, "it went on for longer than the knowledge lasts"
            await asyncio.sleep(0.05)
        refused(answer)
        assert monotonic() - since > PATIENCE - GRACE, "it ended before the knowledge was too old"

        own = await timeline(jonas, amal)
        assert own.status_code == 200
        assert WITHHELD not in own.headers
        stranger = await timeline(mira, amal)
        assert (stranger.status_code, stranger.json()) == (404, never_known)
        registered = await jonas.post(
            "intake", "/v1/participants", {"identity": {"given_name": "Rosa", "family_name": "Lind"}}
        )
        assert registered.status_code == 201, "intake knows its own grants"

    async def back() -> bool:
        return (await timeline(vera, amal)).status_code == 200

    await until(back, "it came back by itself")
    await region.settled()
    rosa = await jonas.get("referrals", f"/v1/participants/{registered.json()['id']}/timeline")
    assert rosa.status_code == 200, "what was accepted meanwhile is known everywhere"


async def test_own_agency_work_goes_on_in_every_service(region: Region) -> None:
    person = await known_to(region, "family-advice", ("identity", "contact", "barriers.family"))
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    async with nothing_is_heard(region):
        await all_stale(region)
        draft = await refer(jonas, person, receiver="family-advice", draft=True)
        refused(await _send(jonas, draft["id"]))
        hanna = await region.as_("hanna")
        assert (await hanna.get("matching", "/v1/opportunities")).status_code == 200
        listed = await ken.get("referrals", "/v1/referrals")
        assert listed.status_code == 200
        assert listed.headers[WITHHELD] == "grants-stale"
        inbox = await jonas.get("notifications", "/v1/inbox")
        assert inbox.headers[WITHHELD] == "grants-stale"

    async def goes_out() -> bool:
        return (await _send(jonas, draft["id"])).status_code == 200

    async def is_whole() -> bool:
        return WITHHELD not in (await ken.get("referrals", "/v1/referrals")).headers

    await until(goes_out, "the draft goes out once grants are heard of again")
    await until(is_whole, "the list is whole again")


async def _send(who: Person, referral: str) -> httpx.Response:
    seen = await who.get("referrals", f"/v1/referrals/{referral}")
    return await who.post("referrals", f"/v1/referrals/{referral}/send", {}, headers={"If-Match": seen.headers["ETag"]})


async def test_lists_leave_out_what_rests_on_grants_and_say_so(region: Region) -> None:
    amal = await amal_joins(region)
    await give(region, amal.id, "migration-advice", ("identity", "journey"))
    await region.settled()
    mira, jonas = await region.as_("mira"), await region.as_("jonas")
    path = f"/v1/journeys?participant={amal.id}"
    assert len((await mira.get("referrals", path)).json()["items"]) == 1
    async with nothing_is_heard(region):
        await all_stale(region)
        answer = await mira.get("referrals", path)
        assert answer.json()["items"] == []
        assert answer.headers[WITHHELD] == "grants-stale"
        assert len((await jonas.get("referrals", path)).json()["items"]) == 1, "its own agency's"
    await region.settled()
    assert len((await mira.get("referrals", path)).json()["items"]) == 1


async def test_a_stream_holds_back_foreign_items_and_sends_them_afterwards(region: Region) -> None:
    vera = await region.as_("vera")
    person = await known_to(region, "adult-education", ("profile", "journey"))
    journey = a_journey(region, person)
    async with live(vera) as stream:
        await ready(stream)
        await journey.began()
        before = await stream.next()
        assert before is not None
        async with nothing_is_heard(region):
            await all_stale(region)
            await journey.enters("workplace")
            assert await _quiet(stream, 1.0)
            assert all(item["participant"] != person for item in await items(vera))
        after = await stream.next(within=15)
    assert after is not None
    assert after.data["participant"] == person
    assert after.id != before.id
    await region.settled()


async def _quiet(stream: Any, seconds: float) -> bool:
    """Nothing comes for so long; the stream can be read afterwards."""
    waiting = asyncio.ensure_future(stream.lines.__anext__())
    stream.lines = _with_first(waiting, stream.lines)
    done, _ = await asyncio.wait({waiting}, timeout=seconds)
    return not done


async def _with_first(first: Any, rest: AsyncIterator[str]) -> AsyncIterator[str]:
    yield await first
    async for line in rest:
        yield line


async def test_a_mail_waits_until_it_is_known_whether_it_may_leave(region: Region) -> None:
    person = await known_to(region, "adult-education", ("profile", "journey"))
    code = (await (await region.as_("jonas")).get("intake", f"/v1/participants/{person}")).json()["reference"]
    async with nothing_is_heard(region):
        await all_stale(region)
        await a_journey(region, person).began()
        await asyncio.sleep(1.5)
        assert await mails(region, "vera@adult-education.example", code) == []
    assert len(await mailed(region, "vera@adult-education.example", code, within=15)) == 1


async def test_a_stranger_learns_nothing_from_it(region: Region) -> None:
    """Every route about a participant: somebody without any right gets the same as ever, never a 503."""
    amal = await amal_joins(region)
    sent = await refer(await region.as_("jonas"), amal.id, receiver=None)
    await region.settled()
    mira = await region.as_("mira")
    async with nothing_is_heard(region):
        await all_stale(region)
        asked = 0
        for route in await routes(region.box, mira):
            ids = {"{participant}": amal.id, "{journey}": amal.journey, "{referral}": sent["id"]}
            path = route.path
            for name, value in ids.items():
                path = path.replace(name, str(value))
            if route.method != "GET" or path == route.path or "{" in path:
                continue
            answer = await mira.get(route.service, path + route.query)
            assert answer.status_code == 404, (route.path, answer.text)
            assert WITHHELD not in answer.headers
            asked += 1
        assert asked >= 8
    await region.settled()


async def test_an_earlier_answer_is_not_given_again_meanwhile(region: Region) -> None:
    person = await known_to(region, "family-advice", ("identity", "contact", "barriers.family"))
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    sent = await refer(jonas, person, receiver="family-advice")
    seen = await ken.get("referrals", f"/v1/referrals/{sent['id']}")
    once = {"If-Match": seen.headers["ETag"], "Idempotency-Key": "accepts-once"}
    path = f"/v1/referrals/{sent['id']}/accept"
    accepted = await ken.post("referrals", path, {}, headers=once)
    assert accepted.status_code == 200
    async with nothing_is_heard(region):
        await all_stale(region)
        refused(await ken.post("referrals", path, {}, headers=once))

    async def given_again() -> bool:
        again = await ken.post("referrals", path, {}, headers=once)
        return (again.status_code, again.json()) == (200, accepted.json())

    await until(given_again, "the same answer is given again")
