"""Where Kafka's libraries would lose, skip, stall or hang if they were left to themselves. One test for each."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from uuid import uuid4

import pytest
from faust.types import TP
from kafka.errors import KafkaError

from contracts.topics import TOPICS, Topic
from infra.chassis.bus.base import Message, Received
from infra.chassis.bus.feeding import feed
from infra.chassis.bus.kafka import KafkaBus
from infra.chassis.bus.kafka.address import Address
from infra.chassis.bus.kafka.admin import TopicsMissing
from infra.chassis.bus.kafka.member import Gap, Member
from infra.chassis.crashpoints import NEVER
from infra.onebox import children
from infra.realstack.kafka import Kafka
from infra.realstack.kafka import kafka as started
from tests.support.bus_suite import Diary, first_appearances, numbered
from tests.support.left_out import needs
from tests.support.postgres import FreshDatabase
from tests.support.tiny import Pair
from tests.support.waiting import beside, until

pytestmark = needs("java", "mvn")


def fresh(partitions: int = 1) -> Topic:
    return Topic(f"trap.{uuid4().hex}", "suite", frozenset({"suite"}), partitions)


@pytest.fixture
async def bus(broker: Kafka) -> AsyncIterator[KafkaBus]:
    bus = KafkaBus(Address.of(broker.url), session=6)
    yield bus
    await bus.close()


async def positions(bus: KafkaBus, topic: Topic, group: str = "g") -> dict[int, int]:
    found = await asyncio.to_thread(bus._admin.positions, group)
    return {partition: at for (name, partition), at in found.items() if name == topic.name}


async def test_a_consumer_of_a_missing_topic_says_so_at_once(bus: KafkaBus) -> None:
    there, missing = fresh(), fresh()
    await bus.create_topics([there])
    with pytest.raises(TopicsMissing, match=f"{missing.name}.*lotse topics create"):
        async with asyncio.timeout(5):
            await bus.consume("g", [there, missing], Diary().of())

    await bus.create_topics([there, missing])
    diary = Diary()
    async with beside(bus.consume("g", [there, missing], diary.of())):
        await bus.publish([Message(missing.name, "k", b"1")])
        await diary.has(1)


@pytest.mark.parametrize("bad", [0, 3, 7])
async def test_the_position_stays_before_the_one_that_failed(bus: KafkaBus, bad: int) -> None:
    """Faust takes a handler's error for an acknowledgement, and a gap of one message for none."""
    topic = fresh()
    await bus.create_topics([topic])
    await bus.publish([Message(topic.name, "k", str(n).encode()) for n in range(8)])
    diary = Diary()

    async def fail(message: Received) -> None:
        if message.offset == bad:
            raise ZeroDivisionError
        await diary.of()(message)

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            async with asyncio.timeout(30):
                await bus.consume("g", [topic], fail)
        assert (await positions(bus, topic)).get(0, 0) == bad
    assert [message.offset for _, message in diary.entries] == list(range(bad))


async def test_others_go_on_with_what_a_killed_process_had(bus: KafkaBus, broker: Kafka, tmp_path: Path) -> None:
    topic, diary, file = fresh(6), Diary(), tmp_path / "handled"
    await bus.create_topics([topic])
    messages = numbered(topic, keys=30, each=100)
    await bus.publish(messages)
    doomed = await children.start(
        *(sys.executable, "-W", "ignore", "-m", "tests.support.kafka_member", broker.url, "g", topic.name, str(file)),
        cwd=Path(__file__).parents[3],
    )
    try:

        async def works() -> bool:
            """It has dealt with messages and noted how far it is: less would prove little."""
            return file.exists() and len(file.read_bytes().splitlines()) > 100 and bool(await positions(bus, topic))

        await until(works, "the process that is to be killed works", within=30)
        async with beside(bus.consume("g", [topic], diary.of())):
            doomed.kill()
            killed = monotonic()
            await doomed.wait()

            async def taken_over() -> bool:
                return {message.partition for _, message in diary.entries} == set(range(6))

            await until(taken_over, "the survivor has all partitions", within=15)
            assert monotonic() - killed < 15
            await until(lambda: _no_lag(bus, topic), "all was dealt with", within=30)
    finally:
        if doomed.returncode is None:
            doomed.kill()
            await doomed.wait()
    before = file.read_bytes().splitlines()
    assert len(diary.entries) < len(messages), "everything came again: positions were not kept"
    for key in range(30):
        mine = [m.value for m in messages if m.key == f"key-{key}"]
        assert set(mine) <= {*before, *diary.values(f"key-{key}")}, "something was lost"
        assert first_appearances(diary.values(f"key-{key}")) == sorted(set(diary.values(f"key-{key}")))


async def test_stopping_does_not_wait_for_a_handler_that_hangs(bus: KafkaBus) -> None:
    topic, reached = fresh(), asyncio.Event()
    await bus.create_topics([topic])
    await bus.publish([Message(topic.name, "k", b"1")])

    async def hang(_: Received) -> None:
        reached.set()
        await asyncio.sleep(3600)

    consuming = asyncio.create_task(bus.consume("g", [topic], hang))
    await asyncio.wait_for(reached.wait(), 30)
    consuming.cancel()
    begun = monotonic()
    await asyncio.wait([consuming], timeout=20)
    assert consuming.cancelled()
    assert monotonic() - begun < 10


async def test_a_worker_on_kafka_stops_when_it_is_asked_to(broker: Kafka, postgres: FreshDatabase) -> None:
    """The whole process: Faust beside relay, lanes and deadlines."""
    pair = Pair.clean(postgres).on(broker.url)
    async with pair.running("matching") as matching:
        await matching.bus.create_topics(TOPICS)
        worker = await children.start(
            *(sys.executable, "-W", "ignore", "-m", "tests.support.tiny_worker", "matching"),
            env={**os.environ, **pair.environment("matching")},
            cwd=Path(__file__).parents[3],
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(60):
                assert worker.stdout is not None
                async for line in worker.stdout:
                    if b"partitions assigned" in line:
                        break
            worker.terminate()
            begun = monotonic()
            async with asyncio.timeout(20):
                assert await worker.wait() == 0
            assert monotonic() - begun < 10
        finally:
            if worker.returncode is None:
                worker.kill()
                await worker.wait()


async def test_what_left_something_out_is_never_handled(bus: KafkaBus, broker: Kafka) -> None:
    topic = fresh()
    await bus.create_topics([topic])
    await bus.publish([Message(topic.name, "k", str(n).encode()) for n in range(4)])
    fed = partial(feed, handle=Diary().of(), together=None)
    member = Member(Address.of(broker.url), bus._admin, 6, "g", [topic], fed, NEVER)
    tp, now = TP(topic.name, 0), member._app.consumer_generation_id

    def came(offset: int, generation: int = now) -> SimpleNamespace:
        return SimpleNamespace(offset=offset, generation_id=generation)

    assert not await member._is_next(tp, came(0, generation=now - 1)), "it was fetched before a hand-over"
    assert await member._is_next(tp, came(0))
    assert not await member._is_next(tp, came(0)), "it was handled before"
    with pytest.raises(Gap, match="offset 1 was left out, 2 came"):
        await member._is_next(tp, came(2))


async def test_a_servers_death_loses_nothing() -> None:
    """With a server of its own: this test kills it."""
    topic, diary, failures = fresh(3), Diary(), list[Exception]()
    async with started() as server:
        bus = KafkaBus(Address.of(server.url), session=6)

        async def as_supervised() -> None:
            while True:
                try:
                    await bus.consume("g", [topic], diary.of())
                except Exception as error:
                    failures.append(error)
                    await asyncio.sleep(0.5)

        await bus.create_topics([topic])
        try:
            async with beside(as_supervised()):
                assert not any(await bus.publish(numbered(topic, keys=5, each=4)))
                await diary.has(20)
                await server.kill()
                [failure] = await bus.publish([Message(topic.name, "key-0", b"000004")])
                assert isinstance(failure, KafkaError)
                await server.restart()
                for number in range(4, 8):
                    message = Message(topic.name, "key-0", f"{number:06}".encode())
                    await until(partial(_taken, bus, message), "the server takes messages again", within=60)

                async def all_there() -> bool:
                    return len(set(diary.values("key-0"))) == 8

                await until(all_there, "everything was handled", within=60)
        finally:
            await bus.close()
    values = diary.values("key-0")
    assert first_appearances(values) == [f"{n:06}".encode() for n in range(8)]


async def _taken(bus: KafkaBus, message: Message) -> bool:
    return await bus.publish([message]) == [None]


async def _no_lag(bus: KafkaBus, topic: Topic) -> bool:
    return not sum((await bus.lag("g", [topic])).values())
