"""One timeline, and what each reader sees of it. Over HTTP, with own log-ins."""

import asyncio
from typing import Any
from uuid import UUID

from sqlalchemy import select

from contracts.events import intake
from contracts.vocabulary import ParticipantId
from infra.chassis.schema import table
from services.referrals.feedback.store import FeedbackRow
from services.referrals.journey.store import JourneyRow
from tests.support.joining import Amal, amal_joins, body, works_at_the_hotel
from tests.support.referring import act, give, refer
from tests.support.region import Person, Region


async def whats(who: Person, amal: Amal) -> list[str]:
    """What happened, as `who` sees it, newest first."""
    seen = await body(who.get("referrals", f"/v1/participants/{amal.id}/timeline?limit=200"))
    return [line["what"] for line in seen["items"]]


async def test_each_reader_sees_the_lines_they_have_a_right_to(region: Region) -> None:
    amal = await amal_joins(region)
    jonas, ken, vera = await region.as_("jonas"), await region.as_("ken"), await region.as_("vera")
    await give(region, amal.id, "family-advice")
    await region.settled()
    sent = await refer(jonas, amal.id, receiver="family-advice")
    await act(ken, sent["id"], "accept")
    await works_at_the_hotel(region, amal)
    day = {"on": str(region.box.runtimes["referrals"].clock.business().date()), "present": True}
    await body((await region.as_("hanna")).post("referrals", amal.path("/attendance"), day), 201)

    everything = await whats(jonas, amal)
    assert everything[-1] == "participant-registered"
    assert {"referral-requested", "referral-accepted", "support-step-opened", "placement-started"} <= set(everything)
    assert {"enrolment-requested", "eligibility-decided", "journey-started", "stage-entered"} <= set(everything)
    assert everything.count("grant-given") == 2

    assert amal.person is not None
    assert set(await whats(amal.person, amal)) == set(everything)

    seen = await body(vera.get("referrals", f"/v1/participants/{amal.id}/timeline"))
    lines = {line["what"]: line for line in seen["items"]}
    assert "referral" not in str(seen)
    assert "family" not in str(seen)
    assert lines["support-step-opened"]["by"] is None
    assert lines["support-step-opened"]["about"] is None
    assert not {"placement-started", "work-rights-changed"} & set(lines)
    assert {"grant-given", "stage-entered", "attendance-recorded"} <= set(lines), "her own side of things"
    await body(ken.get("referrals", f"/v1/participants/{amal.id}/timeline"), 403)


async def test_pages_hold_every_line_once(region: Region) -> None:
    amal = await amal_joins(region)
    jonas = await region.as_("jonas")
    everything = await whats(jonas, amal)
    paged: list[dict[str, Any]] = []
    path, after = f"/v1/participants/{amal.id}/timeline?limit=2", ""
    while True:
        page = await body(jonas.get("referrals", path + after))
        paged += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert [line["what"] for line in paged] == everything
    assert len(everything) > 4
    assert [line["at"] for line in paged] == sorted((line["at"] for line in paged), reverse=True)


async def test_an_erased_person_leaves_a_journey_that_is_nobodys(region: Region) -> None:
    amal = await amal_joins(region)
    vera, jonas = await region.as_("vera"), await region.as_("jonas")
    rating = {"stage": "preparation", "ratings": {"guest service": 4}}
    await body(vera.post("referrals", amal.path("/feedback"), rating), 201)
    intake_service = region.box.runtimes["intake"]
    async with intake_service.db.transaction() as tx:
        erased = intake.ParticipantErased(participant=ParticipantId(UUID(amal.id)), at=tx.now)
        await intake_service.outbox.append(tx, [erased])
    for _ in range(100):
        if (await jonas.get("referrals", amal.path())).status_code == 404:
            break
        await asyncio.sleep(0.1)
    await region.settled()
    for who in (jonas, vera):
        for rest in ("", "/attendance", "/feedback"):
            await body(who.get("referrals", amal.path(rest)), 404)
        await body(who.get("referrals", f"/v1/participants/{amal.id}/timeline"), 404)
    async with region.box.runtimes["referrals"].db.transaction() as tx:
        rows = table(JourneyRow)
        [left] = await tx.rows(select(rows).where(rows.c.id == UUID(amal.journey)))
        said = table(FeedbackRow)
        assert await tx.rows(select(said).where(said.c.journey == left.id)) == []
    assert str(left.participant) != amal.id, "what is left can be counted and belongs to nobody"
    assert left.programme == "talents-fast-track@1"
