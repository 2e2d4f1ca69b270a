"""A small closed-loop HTTP load: some connections, each sending its next request when the last answer is read."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Load:
    """What came back: answers per second, and latencies in milliseconds."""

    per_second: float
    p50: float
    p99: float
    answers: int
    wrong: int
    """Answers with another status than expected."""


async def run(
    url: str, request: Callable[[int], bytes], *, expect: int, connections: int = 16, seconds: float = 3.0
) -> Load:
    """Send `request(n)` for n = 0, 1, 2 ... over keep-alive connections; stops by itself after `seconds`."""
    place = urlsplit(url)
    numbers = iter(range(10**9))
    latencies: list[float] = []
    wrong = 0
    end = perf_counter() + seconds

    async def one() -> None:
        nonlocal wrong
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        try:
            while (started := perf_counter()) < end:
                writer.write(request(next(numbers)))
                wrong += await _status(reader) != expect
                latencies.append((perf_counter() - started) * 1000)
        finally:
            writer.close()

    started = perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    took = perf_counter() - started
    latencies.sort()
    count = len(latencies)
    return Load(count / took, latencies[count // 2], latencies[int(count * 0.99)], count, wrong)


async def _status(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            length = int(line[15:])
    if length:
        await reader.readexactly(length)
    return int(head[9:12])


def post(path: str, body: bytes, host: str, *headers: str) -> bytes:
    """The bytes of a POST with a JSON body."""
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
