"""What tests of notifications need: facts as another service would state them, inboxes, caught mails, live streams."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx

from contracts.envelope import Fact
from contracts.events import referrals
from contracts.vocabulary import CohortId, JourneyId, ParticipantId, StaffId
from infra.onebox.mail import MailCatcher
from tests.support.referring import with_grant
from tests.support.region import Person, Region

VERA = StaffId(UUID("6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0004"))


async def known_to(region: Region, agency: str, categories: Sequence[str]) -> str:
    """The id of a person who is new with Jonas, and of whom this agency was granted these categories.

    Nobody else is called so: no possible match with somebody of another test is told.
    """
    jonas = await region.as_("jonas")
    given, family = ("".join(chr(ord("a") + int(one, 16)) for one in uuid4().hex[:12]) for _ in range(2))
    body = {"identity": {"given_name": given.title(), "family_name": family.title()}}
    made = await jonas.post("intake", "/v1/participants", body)
    assert made.status_code == 201, made.text
    return await with_grant(region, agency, str(made.json()["id"]), categories)


async def state(region: Region, service: str, *facts: Fact) -> None:
    """The service says this."""
    runtime = region.box.runtimes[service]
    async with runtime.db.transaction() as tx:
        await runtime.outbox.append(tx, facts)


@dataclass(frozen=True)
class Journey:
    """A journey that Vera coaches, as far as its facts tell."""

    region: Region
    id: JourneyId
    participant: ParticipantId

    async def began(self) -> None:
        await self.says(referrals.JourneyStarted, cohort=CohortId(uuid4()))

    async def enters(self, stage: str) -> None:
        await self.says(referrals.StageEntered, stage=stage)

    async def says(self, kind: type[Fact], **more: object) -> None:
        common = {
            "at": self.region.box.runtimes["referrals"].clock.business(),
            "journey": self.id,
            "participant": self.participant,
            "programme": "talents-fast-track@1",
            "agency": "adult-education",
            "coach": VERA,
        }
        await state(self.region, "referrals", kind.model_validate(common | more))


def a_journey(region: Region, participant: str) -> Journey:
    return Journey(region, JourneyId(uuid4()), ParticipantId(UUID(participant)))


async def items(person: Person, **query: str) -> list[dict[str, Any]]:
    """The inbox of this person, newest first."""
    page = await person.get("notifications", "/v1/inbox", params={"limit": "200", **query})
    assert page.status_code == 200, page.text
    found: list[dict[str, Any]] = page.json()["items"]
    return found


async def messages(person: Person, **query: str) -> list[str]:
    """The message keys of this person's items, oldest first."""
    return [item["message"] for item in reversed(await items(person, **query))]


async def mails(region: Region, to: str, word: str) -> list[dict[str, Any]]:
    """The caught mails to this address with this word in them."""
    caught = await region.http.get(f"{region.box.origin}/mail/api/mails", params={"to": to})
    assert caught.status_code == 200, caught.text
    return [mail for mail in caught.json() if word in mail["text"]]


async def mailed(region: Region, to: str, word: str, *, at_least: int = 1, within: float = 10) -> list[dict[str, Any]]:
    """The same, once that many are there."""
    deadline = asyncio.get_running_loop().time() + within
    while len(found := await mails(region, to, word)) < at_least:
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"not {at_least} but {len(found)} mails to {to} within {within} s")
        await asyncio.sleep(0.1)
    return found


def mail_server(region: Region) -> MailCatcher:
    assert region.box.mail is not None
    return region.box.mail


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    name: str
    id: str
    data: Any


@dataclass
class Live:
    """An open stream."""

    lines: AsyncIterator[str]

    async def next(self, within: float = 5) -> Event | None:
        """The next event; None when the stream has ended. Raises TimeoutError."""
        async with asyncio.timeout(within):
            found: dict[str, str] = {}
            async for line in self.lines:
                if not line and found:
                    return Event(found["event"], found["id"], json.loads(found["data"]))
                name, _, value = line.partition(": ")
                if name:
                    found[name] = value
        return None

    async def silent(self, seconds: float) -> bool:
        """Whether nothing comes for so long. The stream can't be read afterwards."""
        try:
            return await self.next(seconds) is None
        except TimeoutError:
            return True


@asynccontextmanager
async def live(person: Person, after: str | None = None) -> AsyncIterator[Live]:
    """This person's stream."""
    headers = {"Authorization": f"Bearer {await person.session.token()}"}
    if after is not None:
        headers["Last-Event-ID"] = after
    url = f"{person.box.addresses['notifications']}/v1/inbox/stream"
    async with person.http.stream("GET", url, headers=headers, timeout=httpx.Timeout(20)) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Live(answer.aiter_lines())


async def ready(stream: Live) -> Event:
    """The stream's first event."""
    first = await stream.next()
    assert first is not None
    assert first.name == "ready"
    return first


def only(found: Sequence[Any]) -> Any:
    """The one that there is."""
    assert len(found) == 1, found
    return found[0]
