"""How the desk's calls travel: connections that are kept, each call a step of the page's trace.

A page makes up to a dozen calls, so what one costs decides what a page costs. Nothing here knows a service or a token.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from aiohttp import ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from infra.chassis.telemetry import Telemetry

MOST: Final = 1000
"""Connections at once: a page that lies open keeps one for its feed."""
KEPT_FOR: Final = 60
"""Seconds that an idle connection is kept: shorter than the services keep theirs (`infra/chassis/serving.py`)."""
_JSON: Final = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class Client:
    """One for the whole process. Made inside its event loop."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._session = ClientSession(
            connector=TCPConnector(limit=MOST, keepalive_timeout=KEPT_FOR),
            cookie_jar=DummyCookieJar(),  # one person's answer sets no cookie for the next
            headers={"Accept-Encoding": "identity", "User-Agent": "lotse-desk"},
        )

    async def close(self) -> None:
        await self._session.close()

    async def send(
        self,
        method: str,
        address: str,
        params: Mapping[str, Any],
        json: object = None,
        *,
        headers: Mapping[str, str],
        seconds: float,
        content: bytes | None = None,
    ) -> Answer:
        """One request, and its whole answer within `seconds`. Raises `aiohttp.ClientError`, `TimeoutError`."""
        url = URL(f"{address}?{_query(params)}" if params else address, encoded=True)
        body = None if json is None else orjson.dumps(json)
        with self._telemetry.calling(method, url.host or "", url.port) as call:
            async with self._session.request(
                method,
                url,
                data=content if body is None else body,
                headers={**headers, **(_JSON if body is not None else {}), **call.headers},
                timeout=ClientTimeout(total=seconds),
                allow_redirects=False,
            ) as answer:
                call.status = answer.status
                return Answer(answer.status, answer.headers, await answer.read())

    @asynccontextmanager
    async def feed(
        self, address: str, *, headers: Mapping[str, str], connect: float, silence: float
    ) -> AsyncIterator[ClientResponse]:
        """An answer that goes on. Raises `aiohttp.ClientError`, `TimeoutError` after so much silence."""
        timeout = ClientTimeout(total=None, sock_connect=connect, sock_read=silence)
        url = URL(address, encoded=True)
        with self._telemetry.calling("GET", url.host or "", url.port) as call:
            answer = await self._session.get(
                url, headers={**headers, **call.headers}, timeout=timeout, allow_redirects=False
            )
            call.status = answer.status
        async with answer:
            yield answer


def _query(params: Mapping[str, Any]) -> str:
    """Lists repeat their name, as the services read them."""
    return urlencode({name: _text(value) for name, value in params.items()}, doseq=True)


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, (list, tuple)) else str(value)
