"""How messages that wait reach whoever handles them: together if that works, else one after the other."""

from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from infra.chassis.bus.base import Broken, Handle, Received, Together

log = structlog.get_logger()

Done = Callable[[Received], None]


class Feed(Protocol):
    """`feed`, knowing whom."""

    async def __call__(self, messages: Sequence[Received], *, done: Done) -> None: ...


async def feed(messages: Sequence[Received], handle: Handle, together: Together | None, done: Done) -> None:
    """Messages, those of each partition in order. `done` is called, in this order, for those that have been dealt with.

    Raises what `handle` raises: that message and those behind it have not been dealt with.
    """
    if together is not None and len(messages) > 1:
        try:
            await together(messages)
        except Broken:
            raise
        except Exception as error:
            # One of them stands in the way of all. Alone it is set aside, and the others go on.
            log.info("one after the other", messages=len(messages), error=type(error).__name__)
        else:
            for message in messages:
                done(message)
            return
    for message in messages:
        await handle(message)
        done(message)
