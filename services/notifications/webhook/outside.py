"""The only door to the outside: one POST to an address that somebody else has chosen.

A name is resolved here, and the very address that was found to be public is the one connected to, so a name that leads
elsewhere a moment later leads nowhere. No redirect is followed, no proxy of the environment used, and little is read.
"""

import asyncio
import socket
import ssl
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Self

import httpcore
from httpcore import AsyncNetworkBackend, AsyncNetworkStream

from services.notifications.webhook.addresses import permitted
from services.notifications.webhook.domain import Trouble

RESOLVERS: Final = 64
"""Names that are looked up at once. A thread each, apart from all others: a silent name server must not hold them."""
MOST_READ: Final = 16_384
"""Bytes of an answer; who sends more loses the connection and nothing else."""
KEPT_OPEN: Final = 15.0
"""Seconds for which a connection waits for the next event."""
KEPT_PER_RECEIVER: Final = 16
RECEIVERS: Final = 500
"""Whose connections are kept; whoever was not sent to for the longest time goes first."""
SHOWN: Final = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said."""

    status: int
    said: bytes

    @property
    def problem(self) -> Trouble | None:
        if 200 <= self.status < 300:
            return None
        return Trouble.REDIRECT if 300 <= self.status < 400 else Trouble.ANSWER


class Unreachable(Exception):
    """Nothing was said."""

    def __init__(self, problem: Trouble) -> None:
        super().__init__(problem.value)
        self.problem = problem


class AddressRefused(httpcore.ConnectError):
    """The name leads to an address that is not public."""


class Outside:
    """See the module. `loopback`: this machine may be sent to, for a demo. `seconds` for all of one POST."""

    def __init__(self, *, loopback: bool, seconds: float) -> None:
        self._seconds = seconds
        self._ways = Ways(loopback=loopback)
        self._tls = ssl.create_default_context()
        self._pools: OrderedDict[str, httpcore.AsyncConnectionPool] = OrderedDict()

    async def _pool(self, url: str) -> httpcore.AsyncConnectionPool:
        """Of the receiver alone: the work of finding a free connection grows with all that share a pool."""
        origin = "/".join(url.split("/", 3)[:3])
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = httpcore.AsyncConnectionPool(
                ssl_context=self._tls,
                max_connections=None,
                max_keepalive_connections=KEPT_PER_RECEIVER,
                keepalive_expiry=KEPT_OPEN,
                network_backend=self._ways,
            )
        self._pools.move_to_end(origin)
        if len(self._pools) > RECEIVERS:
            _, longest_unused = self._pools.popitem(last=False)
            await longest_unused.aclose()
        return pool

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Raises `Unreachable`."""
        sent = {"content-length": str(len(body)), "user-agent": "Lotse", "accept": "*/*", **headers}
        try:
            async with (
                asyncio.timeout(self._seconds),
                (await self._pool(url)).stream("POST", url, headers=list(sent.items()), content=body) as answer,
            ):
                said = b""
                async for part in answer.aiter_stream():
                    said += part
                    if len(said) > MOST_READ:
                        break
                return Answer(answer.status, said[:SHOWN])
        except TimeoutError as error:
            raise Unreachable(Trouble.TIME_OUT) from error
        except AddressRefused as error:
            raise Unreachable(Trouble.ADDRESS) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
            tls = isinstance(error.__context__, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError)
            raise Unreachable(Trouble.TLS if tls else Trouble.CONNECTION) from error

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for pool in self._pools.values():
            await pool.aclose()
        self._ways.close()


class Ways(AsyncNetworkBackend):
    """Connects to public addresses only."""

    def __init__(self, *, loopback: bool) -> None:
        self._loopback = loopback
        self._inner = httpcore.AnyIOBackend()
        self._resolvers = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="webhook-name")

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's word
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        """Raises `AddressRefused` if all that the name leads to is barred; else what connecting raises."""
        failure: Exception = AddressRefused("no public address")
        for address in await self._addresses(host, port):
            if permitted(address, loopback=self._loopback):
                try:
                    return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
                except httpcore.ConnectError as error:
                    failure = error
        raise failure

    async def _addresses(self, host: str, port: int) -> list[str]:
        """What the name leads to now, numeric, each once. Raises `httpcore.ConnectError`."""
        look = asyncio.get_running_loop().run_in_executor
        try:
            found = await look(self._resolvers, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("no such name") from error
        return list(dict.fromkeys(str(place[4][0]) for place in found))

    def close(self) -> None:
        self._resolvers.shutdown(wait=False, cancel_futures=True)
