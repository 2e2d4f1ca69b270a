"""What tests of webhooks need: a real receiver that does as it is told, systems that are logged in, subscriptions."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from infra.chassis.identity.embedded.people import load_people
from infra.chassis.identity.login import Session, log_in_system
from infra.onebox.layout import PEOPLE
from services.notifications.webhook.signing import signature
from tests.support.region import Person, Region
from tests.support.waiting import until

SILENT: Final = 0
"""Instead of a status: the receiver takes the request and never answers."""
JOURNEY: Final = "lotse.referrals.journey-started"
STAGE: Final = "lotse.referrals.stage-entered"


@dataclass(frozen=True)
class Got:
    """One request, as it came over the wire."""

    headers: dict[str, str]
    body: bytes
    at: float
    """The loop's time."""

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def signed_with(self, secret: str) -> bool:
        """Verified as Standard Webhooks says, by hand."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        right = signature(self.id, int(self.headers["webhook-timestamp"]), self.body, key)
        return right in self.headers["webhook-signature"].split()


@dataclass
class Receiver:
    """A server on this machine. `status` says how it answers; a function decides by what came."""

    url: str
    status: int | Callable[[Got], int] = 204
    more: str = ""
    """Further header lines of each answer."""
    said: bytes = b""
    got: list[Got] = field(default_factory=list)
    taken: list[Got] = field(default_factory=list)
    """Those that were answered with 2xx."""
    connections: int = 0
    """That are open."""

    def events(self, participant: str) -> list[dict[str, Any]]:
        """The events about this person that were taken, in the order in which they came."""
        return [one.event for one in self.taken if one.event["data"].get("participant") == participant]

    async def has(self, count: int, within: float = 10) -> None:
        async def there() -> bool:
            return len(self.taken) >= count

        await until(there, f"{count} events were taken", within)

    async def asked(self, count: int, within: float = 10) -> None:
        async def there() -> bool:
            return len(self.got) >= count

        await until(there, f"{count} requests came", within)

    async def alone(self) -> None:
        """Wait until nobody is connected any more: all that was on its way has come."""

        async def so() -> bool:
            return self.connections == 0

        await until(so, "nobody is connected")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                lines = [line.partition(": ") for line in head.split("\r\n")[1:] if line]
                headers = {name.lower(): value for name, _, value in lines}
                body = await reader.readexactly(int(headers["content-length"]))
                got = Got(headers, body, asyncio.get_running_loop().time())
                self.got.append(got)
                status = self.status if isinstance(self.status, int) else self.status(got)
                if status == SILENT:
                    await reader.read()
                    return
                if 200 <= status < 300:
                    self.taken.append(got)
                answer = f"HTTP/1.1 {status} -\r\ncontent-length: {len(self.said)}\r\n{self.more}\r\n"
                writer.write(answer.encode() + self.said)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.connections -= 1
            writer.close()


@asynccontextmanager
async def receiver(status: int | Callable[[Got], int] = 204) -> AsyncIterator[Receiver]:
    """A receiver that listens until the block ends."""
    made = Receiver("", status)
    server = await asyncio.start_server(made._serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/lotse"
    try:
        yield made
    finally:
        server.close()


async def system(region: Region, agency: str) -> Person:
    """An agency's own software, logged in with client credentials."""
    name = f"{agency}-system"
    client = load_people(PEOPLE).client(name)
    assert client is not None
    tokens = await log_in_system(region.box.issuer, name, client.secret or "", http=region.http)
    return Person(name, region.box, region.http, Session(tokens, region.box.issuer, http=region.http))


@dataclass(frozen=True)
class Hook:
    """A subscription, and whose it is."""

    who: Person
    id: str
    secret: str

    async def seen(self) -> dict[str, Any]:
        answer = await self.who.get("notifications", f"/v1/webhooks/{self.id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def deliveries(self, **query: str) -> list[dict[str, Any]]:
        """Newest first."""
        answer = await self.who.get("notifications", f"/v1/webhooks/{self.id}/deliveries", params=query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def stands(self, *states: str) -> None:
        """Wait until its deliveries, newest first, are in these states."""

        async def so() -> bool:
            return tuple(one["state"] for one in await self.deliveries()) == states

        await until(so, f"deliveries are {states}")

    async def does(self, what: str, body: Any = None, status: int = 200) -> dict[str, Any]:
        answer = await self.who.post("notifications", f"/v1/webhooks/{self.id}/{what}", body)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found


@asynccontextmanager
async def subscribed(who: Person, url: str, *types: str) -> AsyncIterator[Hook]:
    """A subscription that is deleted when the block ends."""
    made = await who.post("notifications", "/v1/webhooks", {"url": url, "types": list(types)})
    assert made.status_code == 201, made.text
    hook = Hook(who, made.json()["id"], made.json()["secret"])
    try:
        yield hook
    finally:
        gone = await who.call("DELETE", "notifications", f"/v1/webhooks/{hook.id}")
        assert gone.status_code in (204, 404, 401), gone.text
