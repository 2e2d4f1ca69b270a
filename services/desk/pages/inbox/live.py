"""Passes the feed of notifications on to the browser: that something came, not what.

The stream ends with the session, and does not keep it open: an open tab is nobody at the desk.
"""

from collections.abc import AsyncIterator
from time import monotonic
from typing import Final

import httpx
from fastapi import Request, Response
from fastapi.sse import EventSourceResponse, format_sse_event

from services.desk.calls.api import Away
from services.desk.door import Visit

LOOK_EVERY: Final = 10.0
"""Seconds between two looks at the session."""
SILENCE: Final = httpx.Timeout(5, read=40)
"""The feed says at least every 15 s that it is alive."""


async def relayed(visit: Visit, request: Request) -> Response:
    """The stream. Raises `Away` if the feed can't be opened."""
    api = visit.calls.notifications
    asked = api.http.build_request(
        "GET", f"{api.address}/v1/inbox/stream", headers={"Authorization": f"Bearer {api.token}"}, timeout=SILENCE
    )
    try:
        feed = await api.http.send(asked, stream=True)
    except httpx.HTTPError as error:
        raise Away(api.service) from error
    if not feed.is_success:
        await feed.aclose()
        raise Away(api.service)
    return EventSourceResponse(
        _passed_on(visit, feed), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


async def _passed_on(visit: Visit, feed: httpx.Response) -> AsyncIterator[bytes]:
    looked_at = monotonic()
    try:
        async for line in feed.aiter_lines():
            if monotonic() - looked_at > LOOK_EVERY:
                looked_at = monotonic()
                if await visit.desk.sessions.find(visit.session.secret, noting=False) is None:
                    return
            if line == "event: item":
                yield format_sse_event(event="item", data_str="{}")
            elif line == "event: ready":
                yield format_sse_event(event="ready", data_str="{}")
            elif line.startswith(":"):
                yield format_sse_event(comment="still here")
    except httpx.HTTPError:
        return  # the browser comes back by itself
    finally:
        await feed.aclose()
