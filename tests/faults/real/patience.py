"""How an agency's system meets a region in which things die: it sends the same request again until there is an answer.

A POST goes with its Idempotency-Key, so the repeats act once. 503 is an answer of somebody who misses somebody else.
"""

import asyncio
from typing import Final

import httpx

PAUSE: Final = 0.3
GIVE_UP_AFTER: Final = 120.0
"""Seconds. Whatever was killed is back by then."""
AGAIN: Final = frozenset({500, 502, 503})
"""500 stands for a database that was lost in the midst of a request."""


class Patient(httpx.AsyncBaseTransport):
    """Counts, in `repeats`, how often it had to ask again."""

    def __init__(self) -> None:
        self._wire = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))
        self.repeats = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        end = asyncio.get_running_loop().time() + GIVE_UP_AFTER
        lost = 0
        while True:
            late = asyncio.get_running_loop().time() > end
            try:
                answer = await self._wire.handle_async_request(request)
            except httpx.TransportError:
                if late:
                    raise
            else:
                if answer.status_code not in AGAIN or late:
                    answer.extensions["lost"] = lost
                    return answer
                await answer.aclose()
            lost += 1
            self.repeats += 1
            await asyncio.sleep(PAUSE)

    async def aclose(self) -> None:
        await self._wire.aclose()
