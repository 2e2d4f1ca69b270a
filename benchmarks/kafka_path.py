"""G1 and G2: from one service's commit to a row that another shows, over a real Kafka, with the services' real workers.

G1  referrals commits a fact, 150 a second; notifications' inbox item is visible. Against a warm aiokafka round trip.
G2  notifications drains a backlog, exactly one item per fact. Against a Faust consumer that does nothing, same topic.
Both sides in turn, in one run.
"""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final
from uuid import UUID, uuid4

import aiokafka
import faust
import psycopg
from faust.contrib.asgi import faust_app_running
from pydantic import SecretStr

from benchmarks.result import Result
from contracts.envelope import Fact
from contracts.events import intake, referrals
from contracts.topics import REFERRALS, TOPICS, Topic
from contracts.vocabulary import AgencyId, Code, JourneyId, ParticipantId, ProgrammeRef, Reference, StaffId
from infra.chassis.bus.kafka.admin import Admin, Place
from infra.chassis.service import Runtime, running
from infra.onebox import apart
from infra.onebox.box import box
from infra.onebox.layout import Box
from infra.realstack import maven
from infra.realstack.kafka import Kafka, kafka

ROUNDS: Final = 5
PER_SECOND: Final = 150
FACTS: Final = 600
"""Of a round of G1: four seconds."""
BACKLOG: Final = 1_000
PEOPLE: Final = 100
WARM_UP: Final = 100
READY_WITHIN: Final = 180.0


async def measure() -> list[Result]:
    """Nothing, said in one line, where Java or Maven is missing."""
    try:
        maven.programs("java", "mvn")
    except maven.NotInstalled as missing:
        print(f"G1 and G2 are left out. {missing}")
        return []
    for library in ("faust", "aiokafka"):  # a topic that was made just now has no leader yet, which they tell at length
        logging.getLogger(library).setLevel(logging.CRITICAL)
    folder = Path(tempfile.mkdtemp(prefix="lotse-bench-"))
    started = box(folder / "box", environment="test", apart=True, keep=False, services=("referrals", "notifications"))
    async with kafka() as server, started as made:
        way = Way(server, made)
        async with way.ready():
            both = [(await way.latencies(), await round_trips(server)) for _ in range(ROUNDS + 1)][1:]
            rates = [(await way.drained(), await does_nothing(server)) for _ in range(ROUNDS)]
    (p50, p50_floor), (p99, p99_floor) = _quantiles(both, 0.5), _quantiles(both, 0.99)
    drained, nothing = median(ours for ours, _ in rates), median(floor for _, floor in rates)
    return [
        Result("G1", "commit -> row in another service : aiokafka, p50", p50, p50_floor, "ms", 3.0, at_most=True),
        Result("G1", "commit -> row in another service : aiokafka, p99", p99, p99_floor, "ms", 4.0, at_most=True),
        Result("G2", "draining a backlog : Faust doing nothing", drained, nothing, "facts/s", 0.3),
    ]


def _quantiles(rounds: list[tuple[list[float], list[float]]], share: float) -> tuple[float, float]:
    """Of both sides, the median over the rounds of this quantile, in milliseconds."""
    ours, floor = (
        [sorted(side)[int(len(side) * share)] * 1000 for side in sides] for sides in zip(*rounds, strict=True)
    )
    return median(ours), median(floor)


async def _until(reached: Callable[[], Awaitable[bool]], within: float) -> None:
    async with asyncio.timeout(within):
        while True:
            if await reached():
                return
            await asyncio.sleep(0.005)


class Way:
    """Referrals' commit, its worker's relay, Kafka, notifications' worker, its database."""

    def __init__(self, server: Kafka, made: Box) -> None:
        self._server, self._made = server, made
        self._referrals, self._notifications = made.services
        self._people = [ParticipantId(uuid4()) for _ in range(PEOPLE)]
        self._items: psycopg.AsyncConnection[Any]
        self._runtime: Runtime

    @asynccontextmanager
    async def ready(self) -> AsyncIterator[None]:
        """Workers on Kafka, and everybody known to notifications."""
        for service in self._made.services:
            await self._stop(service.name)
        settings = self._made.settings["referrals"].model_copy(update={"bus_url": SecretStr(self._server.url)})
        inbox = self._made.settings["notifications"].database_url.get_secret_value()
        async with (
            running(self._referrals, settings) as self._runtime,
            await psycopg.AsyncConnection.connect(inbox, autocommit=True) as self._items,
        ):
            await self._runtime.bus.create_topics(TOPICS)
            announcing = asyncio.create_task(self._runtime.wake.announce())
            await self._start("referrals")
            await self._start("notifications")
            await self._commit(*(_known(person) for person in self._people))
            await self._commit(*(_happened(person) for person in self._people))
            await self._shown(PEOPLE)
            yield
            announcing.cancel()
            await asyncio.gather(announcing, return_exceptions=True)

    async def latencies(self) -> list[float]:
        """Seconds from the return of a commit to the moment at which its item can be read."""
        committed: dict[str, float] = {}
        seen: dict[str, float] = {}
        before = await self._count()

        async def look() -> None:
            last = await self._last()
            while len(seen) < FACTS:
                rows = await self._items.execute(
                    "select position, link from inbox.item where position > %s order by position", (last,)
                )
                for position, link in await rows.fetchall():
                    seen[link], last = perf_counter(), position
                await asyncio.sleep(0.001)

        looking = asyncio.create_task(look())
        started = perf_counter()
        for number in range(FACTS):
            fact = _happened(self._people[number % PEOPLE])
            await self._commit(fact)
            committed[f"/journeys/{fact.journey}"] = perf_counter()
            await asyncio.sleep(max(0.0, started + (number + 1) / PER_SECOND - perf_counter()))
        async with asyncio.timeout(READY_WITHIN):
            await looking
        assert seen.keys() == committed.keys()
        assert await self._count() == before + FACTS
        return [seen[link] - at for link, at in committed.items()]

    async def drained(self) -> float:
        """Facts per second, from the first item of the backlog to its last."""
        await self._stop("notifications")
        before = await self._count()
        for begin in range(0, BACKLOG, PEOPLE):
            await self._commit(*(_happened(self._people[at % PEOPLE]) for at in range(begin, begin + PEOPLE)))
        await _until(self._published, READY_WITHIN)
        await self._start("notifications")
        await self._shown(before + 1)
        started = perf_counter()
        await self._shown(before + BACKLOG)
        taken = perf_counter() - started
        await asyncio.sleep(1)
        assert await self._count() == before + BACKLOG, "not exactly one item per fact"
        return BACKLOG / taken

    async def _commit(self, *facts: Fact) -> None:
        async with self._runtime.db.transaction() as tx:
            await self._runtime.outbox.append(tx, facts)

    async def _published(self) -> bool:
        async with self._runtime.db.transaction() as tx:
            return not await self._runtime.unpublished(tx)

    async def _shown(self, count: int) -> None:
        async def enough() -> bool:
            return await self._count() >= count

        await _until(enough, READY_WITHIN)

    async def _count(self) -> int:
        return int(await self._one("select count(*) from inbox.item"))

    async def _last(self) -> int:
        return int(await self._one("select coalesce(max(position), 0) from inbox.item"))

    async def _one(self, query: str) -> Any:
        rows = await self._items.execute(query.encode())
        [found] = await rows.fetchone() or [0]
        return found

    async def _start(self, name: str) -> None:
        [service] = [one for one in self._made.services if one.name == name]
        await apart.start(self._made, service, "worker", bus_url=self._server.url)

    async def _stop(self, name: str) -> None:
        process = self._made.processes[name, "worker"]
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def _known(person: ParticipantId) -> Fact:
    return intake.ParticipantRegistered(
        participant=person, reference=Reference("P-7K3M-9Q2X"), agency=AgencyId("job-centre"), at=datetime.now(UTC)
    )


def _happened(person: ParticipantId) -> referrals.StageCompleted:
    """A fact of which exactly one person is told."""
    return referrals.StageCompleted(
        journey=JourneyId(uuid4()),
        participant=person,
        programme=ProgrammeRef("talents-fast-track@1"),
        agency=AgencyId("adult-education"),
        coach=StaffId(UUID("6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0004")),
        stage=Code("language"),
        at=datetime.now(UTC),
    )


async def round_trips(server: Kafka) -> list[float]:
    """The floor of G1: seconds from send to receipt, acknowledged by the server, in one warm process."""
    address = server.url.removeprefix("kafka://")
    topic = f"floor.{uuid4().hex}"
    await asyncio.to_thread(_create, server, topic)
    sent: dict[bytes, float] = {}
    found: dict[bytes, float] = {}

    async def receive(consumer: aiokafka.AIOKafkaConsumer) -> None:
        while len(found) < FACTS + WARM_UP:
            message = await consumer.getone()
            found[message.key] = perf_counter()

    producer = aiokafka.AIOKafkaProducer(bootstrap_servers=address, acks="all", enable_idempotence=True)
    consumer = aiokafka.AIOKafkaConsumer(topic, bootstrap_servers=address, auto_offset_reset="earliest")
    async with producer, consumer:
        receiving = asyncio.create_task(receive(consumer))
        sending = []
        started = perf_counter()
        for number in range(FACTS + WARM_UP):
            key = str(number).encode()
            sent[key] = perf_counter()
            sending.append(await producer.send(topic, bytes(700), key))
            await asyncio.sleep(max(0.0, started + (number + 1) / PER_SECOND - perf_counter()))
        await asyncio.gather(*sending)
        await asyncio.wait_for(receiving, READY_WITHIN)
    return [found[key] - at for key, at in list(sent.items())[WARM_UP:]]


async def does_nothing(server: Kafka) -> float:
    """The floor of G2: messages a second of the same topic, from the first to the last."""
    total = sum((await asyncio.to_thread(_ends, server)).values())
    app = faust.App(
        f"floor-{uuid4().hex}",
        broker=server.url,
        store="memory://",
        web_enabled=False,
        topic_disable_leader=True,
        stream_wait_empty=False,
    )
    topic = app.topic(REFERRALS.name, key_serializer="raw", value_serializer="raw")
    came: list[float] = []
    done = asyncio.Event()

    @app.agent(topic)
    async def nothing(stream: Any) -> None:
        async for _ in stream:
            came.append(perf_counter())
            if len(came) == total:
                done.set()

    async with faust_app_running(app, stop_timeout=10):
        await asyncio.wait_for(done.wait(), READY_WITHIN)
    return total / (came[-1] - came[0])


def _create(server: Kafka, topic: str) -> None:
    admin = Admin(server.address)
    admin.create([Topic(topic, "floor", frozenset(), 12)])
    admin.close()


def _ends(server: Kafka) -> dict[Place, int]:
    admin = Admin(server.address)
    try:
        return admin.ends([REFERRALS.name])
    finally:
        admin.close()
