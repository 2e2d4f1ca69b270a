"""How a team shares its people: a queue from which the quicker takes, deputies, and a successor for everything."""

from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.vocabulary import ParticipantId
from infra.chassis import access
from tests.support.arrivals import name, registered
from tests.support.matching import good
from tests.support.region import Person, Region

JONAS = "6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0001"
MIRA = "6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0002"
SIGRID = "6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0008"


async def waiting(by: Person) -> str:
    """Somebody of a file, whom nobody looks after yet."""
    row = {"row": 1, "given_name": name(), "family_name": name()}
    taken = good(await by.post("intake", "/v1/imports/participants", {"rows": [row]}))
    return str(taken["rows"][0]["participant"])


async def ids(by: Person, **which: Any) -> set[str]:
    page = good(await by.get("intake", "/v1/participants", params={"limit": 200, **which}))
    return {one["id"] for one in page["items"]}


async def assign(by: Person, participant: str, staff: str, **more: Any) -> None:
    now = good(await by.get("intake", f"/v1/participants/{participant}"))
    etag = {"If-Match": f'"{now["version"]}"'}
    good(await by.patch("intake", f"/v1/participants/{participant}", {"caseworker": staff, **more}, headers=etag))


async def test_whoever_is_quicker_takes_somebody_from_the_queue(region: Region) -> None:
    jonas, sigrid, mira = [await region.as_(one) for one in ("jonas", "sigrid", "mira")]
    amal = await waiting(jonas)
    assert amal in await ids(sigrid, unassigned=True)
    assert amal not in await ids(mira, unassigned=True), "it is another team's queue"
    assert (await mira.post("intake", f"/v1/participants/{amal}/claim")).status_code == 404

    taken = good(await jonas.post("intake", f"/v1/participants/{amal}/claim"))

    assert taken["caseworker"] == JONAS
    late = await sigrid.post("intake", f"/v1/participants/{amal}/claim")
    assert (late.status_code, "queue" in late.json()["way_out"]) == (409, True)
    assert good(await jonas.post("intake", f"/v1/participants/{amal}/claim"))["version"] == taken["version"]
    assert amal not in await ids(sigrid, unassigned=True)
    assert amal in await ids(jonas, mine=True)


async def test_a_deputy_has_the_colleagues_people_among_the_own_for_that_time(region: Region) -> None:
    jonas, sigrid = await region.as_("jonas"), await region.as_("sigrid")
    amal = str(await registered(jonas))
    await assign(jonas, amal, SIGRID, protected=True, contact={"address": "Lindenweg 7"})
    assert amal not in await ids(jonas, mine=True)
    day = datetime.now(UTC) - timedelta(days=1)
    time = {"valid_from": day.isoformat(), "valid_until": (day + timedelta(days=365)).isoformat()}

    named = good(await sigrid.post("intake", "/v1/deputies", {"staff": SIGRID, "deputy": JONAS, **time}), 201)

    assert amal in await ids(jonas, mine=True)
    assert good(await jonas.get("intake", f"/v1/participants/{amal}"))["contact"]["address"] == "Lindenweg 7"
    assert named["id"] in [one["id"] for one in (await jonas.get("intake", "/v1/deputies")).json()]
    assert (await jonas.post("intake", f"/v1/deputies/{named['id']}/end")).status_code == 403
    assert (await sigrid.post("intake", f"/v1/deputies/{named['id']}/end")).status_code == 204
    assert amal not in await ids(jonas, mine=True)
    assert good(await jonas.get("intake", f"/v1/participants/{amal}"))["contact"] is None


async def test_nobody_names_a_deputy_for_somebody_else_or_from_another_agency(region: Region) -> None:
    jonas, mira = await region.as_("jonas"), await region.as_("mira")
    time = {"valid_from": "2027-01-01T00:00:00Z", "valid_until": "2028-01-01T00:00:00Z"}
    asked = [
        (jonas, {"staff": SIGRID, "deputy": JONAS}, 403),
        (mira, {"staff": SIGRID, "deputy": MIRA}, 403),
        (jonas, {"staff": JONAS, "deputy": MIRA}, 422),
        (jonas, {"staff": JONAS, "deputy": JONAS}, 422),
    ]
    for by, who, status in asked:
        answer = await by.post("intake", "/v1/deputies", {**who, **time})
        assert answer.status_code == status, answer.text
    assert (await (await region.as_("hanna")).get("intake", "/v1/deputies")).status_code in (403, 404)


async def test_a_successor_takes_over_everything_in_one_step_and_the_others_hear_of_it(region: Region) -> None:
    jonas, sigrid, mira = [await region.as_(one) for one in ("jonas", "sigrid", "mira")]
    people = [await registered(jonas) for _ in range(3)]
    for one in people:
        await assign(jonas, str(one), SIGRID)
    for by in (jonas, mira):
        refused = await by.post("intake", f"/v1/staff/{SIGRID}/succession", {"successor": JONAS})
        assert refused.status_code in (403, 404)

    done = good(await sigrid.post("intake", f"/v1/staff/{SIGRID}/succession", {"successor": JONAS}))

    assert done["handed_over"] >= 3
    assert {str(one) for one in people} <= await ids(jonas, mine=True)
    [newest, *_] = (await jonas.get("intake", f"/v1/participants/{people[0]}/history")).json()
    assert newest["caseworker"] == {"before": SIGRID, "after": JONAS}
    await region.settled()
    async with region.box.runtimes["referrals"].db.transaction() as tx:
        told = [(await access.standing(tx, ParticipantId(one), None)).caseworker for one in people]
    assert {str(one) for one in told} == {JONAS}
    assert good(await sigrid.post("intake", f"/v1/staff/{SIGRID}/succession", {"successor": JONAS}))["handed_over"] == 0
