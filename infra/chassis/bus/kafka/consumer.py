"""Faust, held to what we can rely on: it fetches and keeps our place in the group. What is finished, we say ourselves.

Faust counts an event as done when its handler raised or was cancelled, and commits past a gap of one event. So its own
count is not used: only an offset up to which our handlers have finished everything is ever committed.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import faust
from faust.transport.drivers.aiokafka import Consumer, Transport
from faust.types import TP

from infra.chassis.bus.kafka.address import Address
from infra.chassis.crashpoints import Crashpoints

CHECKPOINT_EVERY: Final = 0.5
"""Seconds between two notes of the position; after a kill, what was handled since comes again."""
BUFFER: Final = 100
"""Messages of a partition that wait here; when they are that many, no more are fetched of it."""


class PositionKeeper(Consumer):
    """Commits `finished` of its app: per partition, the offset after the last message that was dealt with."""

    app: "Region"

    def _filter_tps_with_pending_acks(self, topics: Iterable[Any] | None = None) -> Iterator[TP]:
        return iter([tp for tp in self.app.finished if topics is None or tp in topics or tp.topic in topics])

    def _new_offset(self, tp: TP) -> int | None:
        for theirs in (self._acked, self._acked_index, self._gap):
            theirs.pop(tp, None)  # never read, so it would only grow
        return self.app.finished.get(tp)

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        self.app.crashpoints.reach("before-checkpoint")
        return bool(await super()._commit(offsets))


class _Transport(Transport):
    Consumer = PositionKeeper


class Region(faust.App):
    """A Faust app that only consumes: no tables, no web pages, no topics and no producer of its own."""

    def __init__(self, address: Address, group: str, session: float, crashpoints: Crashpoints) -> None:
        self.finished: dict[TP, int] = {}
        self.crashpoints = crashpoints
        self.hand_over: Callable[[], Awaitable[None]] | None = None
        """Called before partitions may go to another member."""
        super().__init__(
            group,
            **address.for_faust,
            store="memory://",
            web_enabled=False,
            topic_disable_leader=True,
            topic_allow_declare=False,
            key_serializer="raw",
            value_serializer="raw",
            consumer_auto_offset_reset="earliest",
            broker_session_timeout=session,
            broker_heartbeat_interval=session / 4,
            broker_commit_interval=CHECKPOINT_EVERY,
            broker_request_timeout=max(30.0, session + 5),
            stream_buffer_maxsize=BUFFER,
            # It would wait without limit for events that are never done; `hand_over` waits for a while.
            stream_wait_empty=False,
        )

    def _new_transport(self) -> Transport:
        return _Transport(self.conf.broker_consumer, self)

    async def _consumer_wait_empty(self, consumer: Any, logger: Any) -> None:
        if self.hand_over is not None:
            await self.hand_over()
