"""Publishing with kafka-python: idempotent, acknowledged by all replicas, in order per key whatever fails."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from itertools import zip_longest
from threading import Lock
from time import monotonic
from typing import Any, Final, TypeAlias

import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError, UnknownTopicOrPartitionError

from infra.chassis.bus.base import Message
from infra.chassis.bus.kafka.address import Address
from infra.chassis.bus.kafka.admin import TopicsMissing
from infra.chassis.bus.partition import partition_of

log = structlog.get_logger()

GIVE_UP_AFTER: Final = 10_000
"""Milliseconds for which the library tries to get a message through; afterwards the caller knows, and tries again."""
ANSWERED_WITHIN: Final = 1.5 * GIVE_UP_AFTER / 1000
"""Seconds after which a producer that has not said what became of a message never will."""
Lane: TypeAlias = tuple[str, str, int | None]
"""(topic, key, the partition if it is named): messages of one keep their order."""
LARGEST: Final = 1_048_576
"""Bytes of a message. The servers take more, so that one message which is too large never fails its neighbours."""


class Producer:
    """Blocks: call it in a thread."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._lock = Lock()
        self._opened: KafkaProducer | None = None

    def publish(self, messages: Sequence[Message]) -> list[Exception | None]:
        """Send all; per message None or why it failed.

        In rounds: the next message of a key is sent when the one before it was acknowledged. Sent together, the first
        could fail in the end and the second arrive. Taking only what it can get acknowledged is the back-pressure.
        """
        failures: list[Exception | None] = [None] * len(messages)
        of_key: defaultdict[Lane, list[int]] = defaultdict(list)
        for at, message in enumerate(messages):
            of_key[_lane(message)].append(at)
        failed: dict[Lane, Exception] = {}
        with self._lock:
            missing = self._missing({message.topic for message in messages})
            for place in of_key:
                if place[0] in missing:
                    failed[place] = missing[place[0]]
            for turn in zip_longest(*of_key.values()):
                sent = {}
                for at in (at for at in turn if at is not None):
                    place = _lane(messages[at])
                    if place in failed:
                        failures[at] = failed[place]
                    else:
                        sent[at] = self._send(messages[at])
                end = monotonic() + ANSWERED_WITHIN
                for at, answer in sent.items():
                    if (failure := _failure(answer, end)) is not None:
                        failures[at] = failed[_lane(messages[at])] = failure
                if not all(_answered(answer) for answer in sent.values()):
                    self._give_up()
        return failures

    def close(self) -> None:
        with self._lock:
            if self._opened is not None:
                with suppress(KafkaError):  # what is not acknowledged is not noted as published, and comes again
                    self._opened.close(timeout=2)
                self._opened = None

    def _give_up(self) -> None:
        """Begin again with another one.

        The library promises an answer, yes or no, within `GIVE_UP_AFTER`. Away for longer than that, the server leaves
        an idempotent producer behind that asks for a new identity for ever, and neither sends nor says so.
        """
        if self._opened is not None:
            log.warning("the producer does not answer any more: another one takes its place")
            self._opened._sender.force_close()  # its own `close` would wait for what it does not send
            self._opened = None

    @property
    def _producer(self) -> KafkaProducer:
        if self._opened is None:
            self._opened = KafkaProducer(
                **self._address.for_kafka_python,
                acks="all",
                enable_idempotence=True,
                allow_auto_create_topics=False,
                linger_ms=0,
                batch_size=262_144,
                max_request_size=LARGEST,
                max_block_ms=GIVE_UP_AFTER // 2,
                request_timeout_ms=GIVE_UP_AFTER // 2,
                delivery_timeout_ms=GIVE_UP_AFTER,
                bootstrap_timeout_ms=GIVE_UP_AFTER // 2,
                reconnect_backoff_max_ms=1_000,
            )
        return self._opened

    def _missing(self, topics: set[str]) -> dict[str, Exception]:
        """Asked once per topic and call, for each message would wait for the answer again."""
        found: dict[str, Exception] = {}
        for topic in topics:
            try:
                if not self._producer.partitions_for(topic):
                    found[topic] = TopicsMissing([topic])
            except KafkaError as error:
                found[topic] = error
        return found

    def _send(self, message: Message) -> Any:
        """What the acknowledgement can be had from, or why it was not sent."""
        headers = [(name, value.encode()) for name, value in message.headers.items()]
        try:
            count = len(self._producer.partitions_for(message.topic) or ())
            place = partition_of(message.key, count or 1) if message.partition is None else message.partition
            if not 0 <= place < count:
                return UnknownTopicOrPartitionError(f"{message.topic}[{place}]")
            return self._producer.send(message.topic, message.value, message.key.encode(), headers, partition=place)
        except KafkaError as error:
            return error


def _lane(message: Message) -> Lane:
    return message.topic, message.key, message.partition


def _answered(answer: Any) -> bool:
    """Whether it is known what became of a message."""
    return isinstance(answer, KafkaError) or bool(answer.is_done)


def _failure(answer: Any, end: float) -> Exception | None:
    """Wait for the acknowledgement until `end`."""
    try:
        if isinstance(answer, KafkaError):
            raise answer
        answer.get(timeout=max(0.0, end - monotonic()))
    except Exception as error:
        return error
    return None
