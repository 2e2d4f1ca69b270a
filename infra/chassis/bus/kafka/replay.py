"""Reads what a topic holds, outside of any group. Blocks: call it in a thread."""

from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Any, Final

from kafka import KafkaConsumer, TopicPartition

from infra.chassis.bus.base import Received
from infra.chassis.bus.kafka.address import Address

AT_ONCE: Final = 500
SILENCE: Final = 30.0


class Silent(RuntimeError):
    """The servers stopped answering in the midst of it."""


class Reader:
    """From some offsets up to others, oldest first per partition. `close` it in the end."""

    def __init__(self, address: Address, topic: str, since: Mapping[int, int], upto: Mapping[int, int]) -> None:
        self._upto = {partition: end for partition, end in upto.items() if since[partition] < end}
        self._consumer = KafkaConsumer(
            **address.for_kafka_python,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=AT_ONCE,
            allow_auto_create_topics=False,
        )
        places = {partition: TopicPartition(topic, partition) for partition in self._upto}
        self._consumer.assign(list(places.values()))
        for partition, place in places.items():
            self._consumer.seek(place, since[partition])

    def batches(self) -> Iterator[list[Received]]:
        """Raises `Silent` when nothing comes for long, although there is something."""
        left, heard = dict(self._upto), monotonic()
        while left:
            found = self._consumer.poll(timeout_ms=500)
            batch = [_received(record) for records in found.values() for record in records]
            wanted = [message for message in batch if message.offset < left.get(message.partition, 0)]
            for place in self._consumer.assignment():
                if place.partition in left and self._consumer.position(place) >= left[place.partition]:
                    del left[place.partition]
                    self._consumer.pause(place)
            if batch:
                heard = monotonic()
            elif left and monotonic() - heard > SILENCE:
                raise Silent("The bus stopped answering while a topic was read: try again when it is up.")
            if wanted:
                yield wanted

    def close(self) -> None:
        self._consumer.close()


def _received(record: Any) -> Received:
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    key = (record.key or b"").decode(errors="replace")
    return Received(record.topic, key, record.value or b"", headers, record.partition, record.offset)
