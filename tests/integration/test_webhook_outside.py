"""The only door to the outside, with real connections: where it leads, and what a receiver can do to us."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from services.notifications.webhook.domain import Trouble
from services.notifications.webhook.outside import MOST_READ, SHOWN, Outside, Unreachable
from tests.support.certificates import Authority
from tests.support.hooked import SILENT, receiver

BODY = b"{}"
HEADERS = {"webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": "v1,"}


async def trouble(outside: Outside, url: str) -> Trouble:
    with pytest.raises(Unreachable) as refused:
        await outside.post(url, HEADERS, BODY)
    return refused.value.problem


def names_lead_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """The name server's answers, one after the other, the last for ever; gives the names that were asked for."""
    asked: list[str] = []
    left = list(answers)

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


async def test_in_production_not_even_a_name_leads_to_this_machine() -> None:
    async with receiver() as there, Outside(loopback=False, seconds=5) as outside:
        by_name = there.url.replace("127.0.0.1", "localhost")
        assert await trouble(outside, by_name) is Trouble.ADDRESS
        assert await trouble(outside, there.url) is Trouble.ADDRESS
        assert there.got == []


async def test_a_name_that_leads_elsewhere_later_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: fine when it was registered, private when we connect."""
    asked = names_lead_to(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    async with receiver() as there:
        url = there.url.replace("127.0.0.1", "case.example")
        for said in (204, Trouble.ADDRESS):
            async with Outside(loopback=True, seconds=5) as outside:
                if said == 204:
                    assert (await outside.post(url, HEADERS, BODY)).status == 204
                else:
                    assert await trouble(outside, url) is said
    assert asked == ["case.example", "case.example"], "each connection goes to the one answer that was looked at"


async def test_of_several_addresses_only_a_permitted_one_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    names_lead_to(monkeypatch, ["169.254.169.254", "10.0.0.1", "127.0.0.1"])
    async with receiver() as there, Outside(loopback=True, seconds=5) as outside:
        answer = await outside.post(there.url.replace("127.0.0.1", "case.example"), HEADERS, BODY)
        assert answer.status == 204
        assert there.got[0].headers["host"].startswith("case.example:")


async def test_a_name_that_nobody_knows_and_a_port_that_nobody_has() -> None:
    async with Outside(loopback=True, seconds=5) as outside:
        assert await trouble(outside, "http://no-such-name.invalid/") is Trouble.CONNECTION
        async with receiver() as there:
            url = there.url
        assert await trouble(outside, url) is Trouble.CONNECTION


async def test_a_silent_receiver_is_given_up_in_time() -> None:
    async with receiver(SILENT) as there, Outside(loopback=True, seconds=0.3) as outside:
        began = asyncio.get_running_loop().time()
        assert await trouble(outside, there.url) is Trouble.TIME_OUT
        assert asyncio.get_running_loop().time() - began < 2


async def test_an_answer_that_trickles_is_given_up_in_time() -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 -\r\ncontent-length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with answering(trickle) as url, Outside(loopback=True, seconds=0.4) as outside:
        assert await trouble(outside, url) is Trouble.TIME_OUT


async def test_of_an_endless_answer_little_is_read() -> None:
    sent = 0

    async def flood(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 -\r\ncontent-length: 1000000000\r\n\r\n")
        while True:
            writer.write(b"x" * 1000)
            await writer.drain()
            sent += 1000

    async with answering(flood) as url, Outside(loopback=True, seconds=10) as outside:
        answer = await outside.post(url, HEADERS, BODY)
        assert (answer.status, len(answer.said)) == (200, SHOWN)
        assert sent < 1000 * MOST_READ


async def test_a_redirect_is_an_answer_and_no_way() -> None:
    async with receiver(302) as there, receiver() as elsewhere, Outside(loopback=True, seconds=5) as outside:
        there.more = f"location: {elsewhere.url}\r\n"
        assert (await outside.post(there.url, HEADERS, BODY)).problem is Trouble.REDIRECT
        assert elsewhere.got == []


async def test_nonsense_is_no_answer() -> None:
    async def nonsense(writer: asyncio.StreamWriter) -> None:
        writer.write(b"what?\r\n\r\n")
        await writer.drain()

    async with answering(nonsense) as url, Outside(loopback=True, seconds=5) as outside:
        assert await trouble(outside, url) is Trouble.CONNECTION


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    strange = Authority.made("nobody knows us").server()
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_text(strange.chain)
    key.write_text(strange.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)

    async def fine(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 204 -\r\n\r\n")
        await writer.drain()

    async with answering(fine, context) as url, Outside(loopback=True, seconds=5) as outside:
        assert await trouble(outside, url) is Trouble.TLS


@asynccontextmanager
async def answering(
    answer: Callable[[asyncio.StreamWriter], Any], context: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """The address of a server that does this once a request has come."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        scheme = "http" if context is None else "https"
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()
