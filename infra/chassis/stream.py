"""Live streams of server-sent events: the edge for routes whose answer goes on for as long as the caller listens.

The right is decided like everywhere else, in a short transaction that is over before the first byte leaves. From then
on the token is looked at again at least every second: when it has expired, or the person's access has ended, the stream
closes. What may be shown is decided by the source at the moment of sending.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol

from fastapi import Request, Response
from fastapi.routing import APIRoute
from fastapi.sse import EventSourceResponse, ServerSentEvent, format_sse_event

from infra.chassis.db import Actor
from infra.chassis.edge import NothingDecided, authenticate
from infra.chassis.identity.oidc import Unauthenticated

LOOK_EVERY: Final = 1.0
"""Seconds between two looks at the token."""
HEARTBEAT: Final = 15.0
"""Seconds of silence after which a comment shows that the line is alive."""


class Stream(APIRoute):
    """The route class of a stream: `APIRouter(route_class=Stream)`. The route returns `sending(...)`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            principal = await authenticate(request)
            async with request.app.state.runtime.db.transaction(Actor(principal.subject, principal.agency)) as tx:
                request.state.tx = tx
                response = await inner(request)
                caller = getattr(request.state, "caller", None)
                if caller is None or not caller.decided:
                    raise NothingDecided(self.path)
                return response

        return handle


class Source(Protocol):
    """Where a stream's events come from."""

    def listening(self) -> AbstractAsyncContextManager[None]:
        """Entered while somebody listens."""

    async def next(self, within: float) -> Sequence[ServerSentEvent]:
        """What may be sent now; waits at most `within` seconds for it and may come back with nothing.

        Opens transactions of its own and leaves none open while it waits.
        """


def sending(request: Request, source: Source) -> EventSourceResponse:
    """The answer that sends what `source` gives until the caller leaves or loses the right to listen."""
    return EventSourceResponse(
        _bytes(request, source), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


async def _bytes(request: Request, source: Source) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    async with source.listening():
        yield format_sse_event(comment="connected")
        last_sent = loop.time()
        while await _still_welcome(request):
            for event in await source.next(LOOK_EVERY):
                # An answer that was made before the token ended may not leave after it.
                if not await _still_welcome(request):
                    return
                yield _formatted(event)
                last_sent = loop.time()
            if loop.time() - last_sent >= HEARTBEAT:
                yield format_sse_event(comment="still here")
                last_sent = loop.time()


async def _still_welcome(request: Request) -> bool:
    try:
        await authenticate(request)
    except Unauthenticated:
        return False
    return True


def _formatted(event: ServerSentEvent) -> bytes:
    data = event.data.model_dump_json() if event.data is not None else event.raw_data
    return format_sse_event(data_str=data, event=event.event, id=event.id, retry=event.retry, comment=event.comment)
