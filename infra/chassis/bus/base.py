"""The event bus as the rest of the platform sees it: append keyed messages, consume them in order per key.

Every implementation passes `tests/support/bus_suite.py`. Nothing here, or behind it, knows what a message means.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from contracts.topics import Topic


@dataclass(frozen=True, slots=True)
class Message:
    """One keyed message. Messages of one key keep their order within a topic.

    Under every bus a key belongs to `partition_of(key, topic.partitions)` (`bus/partition.py`). A message that names
    its `partition` goes there; one that the topic lacks fails it. Such a message has an empty key: it is a signal about
    the partition (a heartbeat), worth nothing once there is a later one, so a bus that can forgets it early.
    """

    topic: str
    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    partition: int | None = None


@dataclass(frozen=True, slots=True)
class Received(Message):
    """A message at its place in the log."""

    partition: int = 0
    offset: int = 0


AT_ONCE: Final = 50
"""Messages that are taken together at most: many enough to share one commit, few enough to hold locks for a moment."""

HANDS: Final = 2
"""Each takes what waits in one go, whatever partitions it is of; another one begins with what comes meanwhile."""

Handle = Callable[[Received], Awaitable[None]]
"""Takes one message to its end. Raising means: stop, this message has not been dealt with.

It is called for a message once every earlier one of its partition has been dealt with: a heartbeat says what came
before it, so a bus that works on several keys of a partition at a time must wait for all of them first.
"""


Together = Callable[[Sequence[Received]], Awaitable[None]]
"""Takes several messages, those of each partition in order, all or none: raising means that none has been dealt with.

Then they are offered to `Handle` one after the other.
"""


class Broken(RuntimeError):
    """Waiting doesn't mend this: whoever consumes has to end. Everything else that a bus raises may pass by itself."""


class Bus(Protocol):
    """At least once, in order per key."""

    async def create_topics(self, topics: Sequence[Topic]) -> None:
        """Make the topics that don't exist yet. Before any consumer starts."""
        ...

    async def publish(self, messages: Sequence[Message]) -> Sequence[Exception | None]:
        """Append durably; the answer holds, per message, None or why it failed.

        Order per key is kept: where one fails, the later ones of its topic and key fail, too.
        """
        ...

    async def consume(
        self, group: str, topics: Sequence[Topic], handle: Handle, together: Together | None = None
    ) -> None:
        """Feed `handle` until cancelled. Members of a group share the partitions; a dead member's go to the others.

        Raises what `handle` raises, and leaves the position before that message. Where several messages wait,
        `together` gets them first, at most `AT_ONCE`, of whatever partitions.
        """
        ...

    async def replay(
        self,
        topic: Topic,
        upto: Mapping[int, int] | None,
        handle: Handle,
        since: Mapping[int, int] | None = None,
    ) -> None:
        """Feed the messages that the topic still holds, oldest first per partition.

        From the offsets `since` (the oldest, where a partition has none) up to the end offsets `upto` (None: those of
        now). No group's position is touched.
        """
        ...

    async def ends(self, topic: Topic) -> Mapping[int, int]:
        """Per partition the offset after the last message."""
        ...

    async def lag(self, group: str, topics: Sequence[Topic]) -> Mapping[tuple[str, int], int]:
        """Messages not yet dealt with, per topic and partition."""
        ...

    async def close(self) -> None: ...
