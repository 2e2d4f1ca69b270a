"""The bus of a simulated region: logs in memory, with the freedoms that a real bus takes.

It may be down, refuse a key for a while, take a message without acknowledging it, and deliver again what was delivered.
What it may not do: lose what it acknowledged, or change the order within a key of a topic.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from contracts.topics import Topic
from infra.chassis.bus.base import Handle, Message, Received, Together
from infra.chassis.bus.partition import partition_of

Place = tuple[str, int]
"""(topic, partition)"""


class NotTaken(Exception):
    """The bus did not acknowledge."""


class SimulatedBus:
    """Implements `Bus`. One for the whole region."""

    def __init__(self) -> None:
        self._empty()

    async def begin(self, topics: Sequence[Topic]) -> None:
        """Nothing was ever said."""
        self._empty()
        await self.create_topics(topics)

    def _empty(self) -> None:
        self.log: dict[Place, list[Received]] = {}
        self.position: defaultdict[tuple[str, Place], int] = defaultdict(int)
        """(group, place) -> the first message that the group has not dealt with."""
        self.down = False
        self.refused: set[str] = set()
        """Keys that are not taken for now."""
        self.silent = False
        """Takes the next batch and fails to say so."""
        self.hiccups = False
        """Refuses the first key of the next batch, and takes it again after that."""
        self._partitions: dict[str, int] = {}

    async def create_topics(self, topics: Sequence[Topic]) -> None:
        for topic in topics:
            self._partitions[topic.name] = topic.partitions
            for number in range(topic.partitions):
                self.log.setdefault((topic.name, number), [])

    async def publish(self, messages: Sequence[Message]) -> Sequence[Exception | None]:
        if self.down:
            return [NotTaken("down") for _ in messages]
        refused = self.refused | ({messages[0].key} if self.hiccups else set())
        silent, self.silent, self.hiccups = self.silent, False, False
        for message in messages:
            if message.key not in refused:
                self.append(message)
        return [NotTaken("no answer") if silent or m.key in refused else None for m in messages]

    def append(self, message: Message) -> None:
        """At the end of its partition."""
        number = partition_of(message.key, self._partitions[message.topic])
        log = self.log[message.topic, number]
        log.append(Received(message.topic, message.key, message.value, message.headers, number, len(log)))

    def behind(self, group: str, topics: Sequence[Topic]) -> list[Place]:
        """The places with messages that the group has not dealt with."""
        names = [topic.name for topic in topics]
        return [p for p, log in self.log.items() if p[0] in names and self.position[group, p] < len(log)]

    async def consume(
        self, group: str, topics: Sequence[Topic], handle: Handle, together: Together | None = None
    ) -> None:
        raise NotImplementedError("a simulated consumer is driven message by message")

    async def replay(
        self,
        topic: Topic,
        upto: Mapping[int, int] | None,
        handle: Handle,
        since: Mapping[int, int] | None = None,
    ) -> None:
        ends = await self.ends(topic) if upto is None else upto
        for number, end in sorted(ends.items()):
            for message in self.log[topic.name, number][(since or {}).get(number, 0) : end]:
                await handle(message)

    async def ends(self, topic: Topic) -> Mapping[int, int]:
        return {number: len(log) for (name, number), log in self.log.items() if name == topic.name}

    async def lag(self, group: str, topics: Sequence[Topic]) -> Mapping[Place, int]:
        names = [topic.name for topic in topics]
        return {p: len(log) - self.position[group, p] for p, log in self.log.items() if p[0] in names}

    async def close(self) -> None:
        """It lives as long as its region."""
