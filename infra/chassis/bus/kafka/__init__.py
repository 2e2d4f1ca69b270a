"""The bus of a region: Apache Kafka. kafka-python publishes, asks and replays, in threads; Faust consumes, in our loop.

What each of the two can be trusted with was measured: docs/decisions/0010-how-kafka-is-consumed.md.
"""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from contracts.topics import Topic
from infra.chassis.bus.base import Handle, Message, Together
from infra.chassis.bus.feeding import feed
from infra.chassis.bus.kafka.address import Address
from infra.chassis.bus.kafka.admin import Admin, TopicsMissing
from infra.chassis.bus.kafka.member import Member
from infra.chassis.bus.kafka.producer import Producer
from infra.chassis.bus.kafka.replay import Reader
from infra.chassis.crashpoints import NEVER, Crashpoints

SESSION: Final = 10.0
"""Seconds after which a member that gives no sign of life loses its partitions to the others."""


class KafkaBus:
    """See the module."""

    def __init__(self, address: Address, crashpoints: Crashpoints = NEVER, session: float = SESSION) -> None:
        self._address, self._crashpoints, self._session = address, crashpoints, session
        self._producer, self._admin = Producer(address), Admin(address)
        self.members: list[Member] = []
        """Those that consume through this bus right now."""

    async def create_topics(self, topics: Sequence[Topic]) -> None:
        """Raises `TopicsMissing` if some are missing and this user may not make them."""
        await asyncio.to_thread(self._admin.create, topics)

    async def publish(self, messages: Sequence[Message]) -> Sequence[Exception | None]:
        try:
            return await asyncio.to_thread(self._producer.publish, messages)
        except Exception as error:
            return [error] * len(messages)

    async def consume(
        self, group: str, topics: Sequence[Topic], handle: Handle, together: Together | None = None
    ) -> None:
        """Raises `TopicsMissing` at once, where Faust would wait for ever."""
        there = await asyncio.to_thread(self._admin.partitions, [topic.name for topic in topics])
        if missing := {topic.name for topic in topics} - there.keys():
            raise TopicsMissing(missing)
        if not topics:
            await asyncio.Event().wait()
        fed = partial(feed, handle=handle, together=together)
        member = Member(self._address, self._admin, self._session, group, topics, fed, self._crashpoints)
        self.members.append(member)
        try:
            await member.run()
        finally:
            self.members.remove(member)

    async def replay(
        self,
        topic: Topic,
        upto: Mapping[int, int] | None,
        handle: Handle,
        since: Mapping[int, int] | None = None,
    ) -> None:
        ends = await self.ends(topic) if upto is None else upto
        starts = await asyncio.to_thread(self._admin.starts, [topic.name])
        begin = {at: max((since or {}).get(at, 0), starts.get((topic.name, at), 0)) for at in ends}
        reader = await asyncio.to_thread(Reader, self._address, topic.name, begin, ends)
        try:
            batches = reader.batches()
            while (batch := await asyncio.to_thread(next, batches, None)) is not None:
                for message in batch:
                    await handle(message)
        finally:
            await asyncio.to_thread(reader.close)

    async def ends(self, topic: Topic) -> Mapping[int, int]:
        found = await asyncio.to_thread(self._admin.ends, [topic.name])
        return {partition: end for (_, partition), end in found.items()}

    async def lag(self, group: str, topics: Sequence[Topic]) -> Mapping[tuple[str, int], int]:
        return await asyncio.to_thread(self._admin.lag, group, [topic.name for topic in topics])

    async def close(self) -> None:
        await asyncio.to_thread(self._producer.close)
        await asyncio.to_thread(self._admin.close)
