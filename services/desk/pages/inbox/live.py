"""Passes the feed of notifications on to the browser: that something came, not what.

The stream ends with the session, and does not keep it open: an open tab is nobody at the desk.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from time import monotonic
from typing import Final

from aiohttp import ClientError, ClientResponse
from fastapi import Request, Response
from fastapi.sse import EventSourceResponse, format_sse_event

from services.desk.calls.api import Away
from services.desk.door import Visit

LOOK_EVERY: Final = 10.0
"""Seconds between two looks at the session."""
CONNECT: Final = 5.0
SILENCE: Final = 40.0
"""The feed says at least every 15 s that it is alive."""


async def relayed(visit: Visit, request: Request) -> Response:
    """The stream. Raises `Away` if the feed can't be opened."""
    api, open_until = visit.calls.notifications, AsyncExitStack()
    opening = api.client.feed(
        f"{api.address}/v1/inbox/stream",
        headers={"Authorization": f"Bearer {api.token}"},
        connect=CONNECT,
        silence=SILENCE,
    )
    try:
        feed = await open_until.enter_async_context(opening)
    except (ClientError, TimeoutError) as error:
        raise Away(api.service) from error
    if feed.status != 200:
        await open_until.aclose()
        raise Away(api.service)
    return EventSourceResponse(
        _passed_on(visit, feed, open_until), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


async def _passed_on(visit: Visit, feed: ClientResponse, open_until: AsyncExitStack) -> AsyncIterator[bytes]:
    looked_at = monotonic()
    async with open_until:
        try:
            async for told in feed.content:
                if monotonic() - looked_at > LOOK_EVERY:
                    looked_at = monotonic()
                    if await visit.desk.sessions.find(visit.session.secret, noting=False) is None:
                        return
                line = told.rstrip(b"\r\n")
                if line == b"event: item":
                    yield format_sse_event(event="item", data_str="{}")
                elif line == b"event: ready":
                    yield format_sse_event(event="ready", data_str="{}")
                elif line.startswith(b":"):
                    yield format_sse_event(comment="still here")
        except (ClientError, TimeoutError):
            return  # the browser comes back by itself
