"""Facts that arrive at the tiny listening service without a bus, and what became of them."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlmodel import col

from contracts.envelope import Envelope, Fact, dataschema
from contracts.topics import INTAKE
from contracts.vocabulary import Category, ParticipantId
from infra.chassis import access, lanes
from infra.chassis.bus.base import Received
from infra.chassis.lanes import Lane, State
from infra.chassis.service import Runtime
from tests.support.tiny import TALLY
from tests.support.worlds import World

PROJECTION = f"projection:{TALLY}"


def envelope(fact: Fact, **changes: object) -> Envelope:
    return Envelope(
        id=uuid4(),
        source="/demo-region/intake",
        type=fact.TYPE,
        subject=str(fact.key),
        time=datetime.now(UTC),
        dataschema=dataschema(type(fact)),
        partitionkey=str(fact.key),
        correlationid=uuid4(),
        data=fact.model_dump(mode="json"),
    ).model_copy(update=changes)


async def arrives(world: World, sent: Envelope | bytes, key: object = None, topic: str = INTAKE.name) -> None:
    value = sent if isinstance(sent, bytes) else sent.to_bytes()
    key = key or (sent.partitionkey if isinstance(sent, Envelope) else "")
    arrives.offset += 1  # type: ignore[attr-defined]
    await world.arrives(Received(topic, str(key), value, {}, 0, arrives.offset))  # type: ignore[attr-defined]


arrives.offset = 0  # type: ignore[attr-defined]


async def stopped(world: World) -> dict[tuple[str, UUID], State]:
    async with world.matching.db.transaction() as tx:
        return {(row.consumer, row.key): State(row.state) for row in await lanes.stopped(tx)}


async def hasten(runtime: Runtime) -> None:
    async with runtime.db.transaction() as tx:
        await tx.execute(update(Lane).where(col(Lane.retry_at).is_not(None)).values(retry_at=tx.system_now))


async def flows(world: World) -> bool:
    return not await stopped(world)


async def open_to(world: World, person: ParticipantId) -> frozenset[Category]:
    async with world.matching.db.transaction() as tx:
        one = await access.standing(tx, person, "harbour-hotel")
        assert await access.standings(tx, [person], "harbour-hotel") == {person: one}, "asked one by one, or together"
        return one.granted
