"""The sender of webhooks is killed around a hand-over: nothing is lost, and what comes again has its old id."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.envelope import CONTENT_TYPE, Envelope, dataschema
from contracts.events.matching import OpportunityPublished
from contracts.topics import MATCHING
from contracts.vocabulary import OpportunityId, OpportunityKind
from infra.chassis.bus.base import Message
from infra.onebox.apart import start, stop
from infra.onebox.box import box
from infra.onebox.layout import Box
from tests.support.hooked import receiver, subscribed, system
from tests.support.region import Region
from tests.support.waiting import until

EVENTS = 12


async def publish(made: Box, count: int) -> list[UUID]:
    """Free places, as matching would tell of them: they are everybody's news, so nobody has to be registered."""
    [settings] = made.settings.values()
    bus = settings.open_bus()
    said = []
    await bus.create_topics([MATCHING])
    try:
        for _ in range(count):
            now = datetime.now(UTC)
            fact = OpportunityPublished(
                at=now,
                opportunity=OpportunityId(uuid4()),
                agency="harbour-hotel",
                kind=OpportunityKind.JOB,
                capacity=1,
            )
            envelope = Envelope(
                id=uuid4(),
                source="/demo-region/matching",
                type=fact.TYPE,
                subject=str(fact.key),
                time=now,
                dataschema=dataschema(type(fact)),
                partitionkey=str(fact.key),
                correlationid=uuid4(),
                data=fact.model_dump(mode="json"),
            )
            message = Message(MATCHING.name, str(fact.key), envelope.to_bytes(), {"content-type": CONTENT_TYPE})
            assert await bus.publish([message]) == [None]
            said.append(envelope.id)
    finally:
        await bus.close()
    return said


@pytest.mark.parametrize(("point", "repeats"), [("before-webhook", 0), ("after-webhook", 1)])
async def test_a_kill_around_the_hand_over_loses_nothing(tmp_path: Path, point: str, repeats: int) -> None:
    mark = tmp_path / "mark"
    async with (
        box(
            tmp_path / "box",
            environment="test",
            apart=True,
            keep=False,
            services=("notifications",),
            extra={"lease_seconds": 3},
        ) as made,
        httpx.AsyncClient(timeout=20) as http,
        receiver() as there,
    ):
        [service] = made.services
        school = await system(Region(made, http), "adult-education")
        async with subscribed(school, there.url, OpportunityPublished.TYPE) as hook:
            await stop([made.processes["notifications", "worker"]])
            crash = {"crash_point": point, "crash_nth": "3", "crash_mark": str(mark)}
            doomed = await start(made, service, "worker", **crash)
            events = await publish(made, EVENTS)
            await asyncio.wait_for(doomed.wait(), 30)
            assert mark.read_text() == point, "it was killed there"
            await there.alone()
            before = {one.id for one in there.taken}
            assert (await hook.seen())["waiting"] > 0
            await start(made, service, "worker")
            await there.has(EVENTS + repeats, within=30)

            async def all_noted() -> bool:
                return {one["state"] for one in await hook.deliveries()} == {"delivered"}

            await until(all_noted, "every delivery is noted", within=20)
        came = Counter(one.id for one in there.taken)
        assert {UUID(one.event["id"]) for one in there.taken} == set(events), "each came"
        assert len(came) == EVENTS, "each under one id"
        twice = {one for one, times in came.items() if times > 1}
        assert twice <= before, "again came only what was handed over and not noted"
        assert len(twice) >= repeats
        assert set(came.values()) <= {1, 2}
