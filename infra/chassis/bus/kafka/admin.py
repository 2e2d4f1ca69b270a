"""Topics, positions and ends, asked of the servers with kafka-python. Everything here blocks: call it in a thread."""

from collections.abc import Collection, Mapping, Sequence
from threading import Lock
from typing import Any, Final

import stamina
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError, TopicAuthorizationFailedError

from contracts.topics import Topic
from infra.chassis.bus.base import Broken
from infra.chassis.bus.kafka.address import Address

PATIENCE: Final = 10.0
"""Seconds for which a question is asked again while the servers sort themselves out."""
COMMON: Final = {
    "request_timeout_ms": 10_000,
    "bootstrap_timeout_ms": 5_000,
    # The pauses between two tries grow. Left alone they reach half a minute, in which servers are back and not asked.
    "reconnect_backoff_max_ms": 1_000,
}

Place = tuple[str, int]
"""(topic, partition)"""


class TopicsMissing(Broken):
    """Topics that have to be there are not, or may not be seen. A consumer that started now would wait for ever."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__(
            f"These topics are missing, or closed to this user: {', '.join(sorted(names))}."
            " Run `lotse topics create` with the administrator's log-in, then start again."
        )


class Admin:
    """Asks one Kafka; opens its connection at the first question."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._lock = Lock()
        self._opened: KafkaAdminClient | None = None

    @property
    def client(self) -> KafkaAdminClient:
        with self._lock:
            if self._opened is None:
                self._opened = KafkaAdminClient(**self._address.for_kafka_python, **COMMON)
            return self._opened

    def close(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def partitions(self, names: Collection[str]) -> dict[str, int]:
        """How many partitions each of these topics has; one that can't be seen is left out."""
        found = self._ask(lambda: self.client.describe_topics(sorted(names))) if names else []
        return {topic["name"]: len(topic["partitions"]) for topic in found if not topic["error_code"]}

    def create(self, topics: Sequence[Topic]) -> None:
        """Make what is missing, and wait until the servers know it. Raises `TopicsMissing` if we may not."""
        there = self.partitions([topic.name for topic in topics])
        if missing := {topic.name: _settings(topic) for topic in topics if topic.name not in there}:
            try:
                self._create(missing)
            except TopicAuthorizationFailedError:
                raise TopicsMissing(missing) from None
            self.client.wait_for_topics(list(missing))

    def _create(self, missing: Mapping[str, Any]) -> None:
        for name, settings in missing.items():  # one by one: somebody else may be making some of them right now
            try:
                self.client.create_topics({name: settings})
            except TopicAlreadyExistsError:
                continue

    def ends(self, names: Collection[str]) -> dict[Place, int]:
        """The offset after the last message. Raises `TopicsMissing`."""
        return self._offsets(names, OffsetSpec.LATEST)

    def starts(self, names: Collection[str]) -> dict[Place, int]:
        """The offset of the oldest message that is kept. Raises `TopicsMissing`."""
        return self._offsets(names, OffsetSpec.EARLIEST)

    def _offsets(self, names: Collection[str], spec: OffsetSpec) -> dict[Place, int]:
        there = self.partitions(names)
        if missing := set(names) - there.keys():
            raise TopicsMissing(missing)
        wanted = {TopicPartition(name, at): spec for name, count in there.items() for at in range(count)}
        found = self._ask(lambda: self.client.list_partition_offsets(wanted)) if wanted else {}
        return {(place.topic, place.partition): offset.offset for place, offset in found.items()}

    def positions(self, group: str) -> dict[Place, int]:
        """Up to where a group has dealt with each partition; one that it never touched is left out."""
        found = self._ask(lambda: self.client.list_group_offsets({group: None}))[group]
        return {(place.topic, place.partition): at.offset for place, at in found.items() if at.offset >= 0}

    def lag(self, group: str, names: Collection[str]) -> dict[Place, int]:
        """Messages that the group has not dealt with."""
        positions = self.positions(group)
        ends, starts = self.ends(names), self.starts(names)
        return {place: end - max(positions.get(place, 0), starts[place]) for place, end in ends.items()}

    def _ask(self, question: Any) -> Any:
        for attempt in stamina.retry_context(on=_passes, attempts=None, timeout=PATIENCE, wait_max=1.0):
            with attempt:
                return question()
        raise AssertionError("not reached")


def answers(address: Address) -> bool:
    """Whether a server is up and lets us in."""
    try:
        client = KafkaAdminClient(**{**address.for_kafka_python, **COMMON, "bootstrap_timeout_ms": 1_000})
    except KafkaError:
        return False
    try:
        client.describe_topics([])
    except KafkaError:
        return False
    finally:
        client.close()
    return True


def _passes(error: Exception) -> bool:
    """Elections and coordinators that are just being made: they are over in a moment."""
    return isinstance(error, KafkaError) and bool(getattr(error, "retriable", False))


def _settings(topic: Topic) -> dict[str, Any]:
    kept = int(topic.retention.total_seconds() * 1000)
    return {"num_partitions": topic.partitions, "configs": {"cleanup.policy": "delete", "retention.ms": str(kept)}}
