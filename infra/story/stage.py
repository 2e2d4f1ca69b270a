"""The stage on which the story is played: who is logged in, what is in their hands, and how effects are verified."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import httpx

from infra.story.cast import Person, Region
from infra.story.table import Row

READERS: Final = ("mira", "jonas", "ken", "vera", "hanna", "amal")


class NotAsTold(AssertionError):
    """Something did not happen as the table says."""


@dataclass
class Props:
    """What the people hold in their hands: ids that answers gave them."""

    ids: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.ids[name]

    def __setitem__(self, name: str, value: str) -> None:
        self.ids[name] = value


@dataclass
class Report:
    """What one step did, as seen from outside."""

    row: Row
    said: dict[str, list[str]]
    """Service -> short names of the facts it stated."""
    handled: Counter[str]
    """`service/consumer` -> facts dealt with."""
    told: dict[str, list[str]]
    """Person -> message keys of new inbox items."""
    seen: list[str]
    seconds: float


class Stage:
    """One performance over a running region."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.has = Props()
        self.seen: list[str] = []
        self._positions: dict[str, int] = {}
        self._ahead = region.ahead
        self._begun = datetime.now(UTC)
        self._items: dict[str, set[str]] = {}
        self.journey: str | None = None
        """The correlation id under which everything about the participant is traced."""

    async def person(self, name: str) -> Person:
        """Somebody of the cast; Amal logs in with the code that she was handed."""
        if name == "amal" and "amal" not in self.region.people:
            amal = await self.region.as_(self.has["reference"], self.has["login code"])
            self.region.people["amal"] = amal
        return await self.region.as_(name)

    async def ok(self, answer: Awaitable[httpx.Response], status: int = 200) -> Any:
        """The body of an answer that must have this status."""
        response = await answer
        if response.status_code != status:
            raise NotAsTold(
                f"{response.request.method} {response.request.url.path}: {response.status_code} instead of {status}:"
                f" {response.text}"
            )
        return response.json() if response.content else None

    def today(self) -> date:
        """Business time's today."""
        return (datetime.now(UTC) + self._ahead).date()

    async def advance(self, days: int) -> None:
        """Move business time forward, as an operator of a demo may, in every service."""
        operator = await self.region.as_("opal")
        for service in self.region.box.addresses:
            await self.ok(operator.post(service, "/v1/operations/clock", {"days": days}))
        self._ahead += timedelta(days=days)

    async def within(self, seconds: float, what: str, true: Callable[[], Awaitable[bool]]) -> None:
        """Wait until something is so. Raises `NotAsTold` if it takes longer."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not await true():
            if asyncio.get_running_loop().time() > deadline:
                raise NotAsTold(f"not within {seconds} s: {what}")
            await asyncio.sleep(0.05)

    def that(self, true: bool, what: str) -> None:
        """Something must be so."""
        if not true:
            raise NotAsTold(what)

    @asynccontextmanager
    async def sees(self, phrase: str) -> AsyncIterator[None]:
        """The block verifies one phrase of the table's last column, by requests of the people it names."""
        await self.region.settled()
        yield
        self.seen.append(phrase)

    async def begin(self) -> None:
        """Note where every service and inbox stands."""
        await self._new_events()
        for name in READERS:
            await self._new_items(name)
        self.seen = []
        self._begun = datetime.now(UTC)

    async def finish(self, row: Row, seconds: float) -> Report:
        """What happened since `begin`, held against the row. Raises `NotAsTold`."""
        await self.region.settled()
        said = await self._new_events()
        told = {name: keys for name in READERS if (keys := await self._new_items(name))}
        flowed = Counter(fact for facts in said.values() for fact in facts if fact not in ALWAYS)
        self.that(flowed == Counter(row.events), f"events: {dict(flowed)} instead of {row.events}")
        names = frozenset(name.capitalize() for name in told)
        self.that(names == row.told, f"told: {sorted(names)} instead of {sorted(row.told)}: {told}")
        self.that(tuple(self.seen) == row.sees, f"seen: {self.seen} instead of {row.sees}")
        return Report(row, said, await self._handled(), told, list(self.seen), seconds)

    async def _new_events(self) -> dict[str, list[str]]:
        operator = await self.region.as_("opal")
        found: dict[str, list[str]] = {}
        for service in self.region.box.addresses:
            after = self._positions.get(service, 0)
            while events := await self.ok(operator.get(service, f"/v1/operations/events?after={after}&limit=200")):
                found.setdefault(service, []).extend(event["type"].rpartition(".")[2] for event in events)
                after = events[-1]["position"]
                self.journey = self.journey or events[0]["journey"]
            self._positions[service] = after
        return found

    async def _handled(self) -> Counter[str]:
        operator = await self.region.as_("opal")
        found: Counter[str] = Counter()
        for service in self.region.box.addresses:
            since = {"since": self._begun.isoformat(), "limit": 200}
            for row in await self.ok(operator.get(service, "/v1/operations/handled", params=since)):
                found[f"{service}/{row['consumer']}"] += 1
        return found

    async def _new_items(self, name: str) -> list[str]:
        if name == "amal" and "login code" not in self.has.ids:
            return []
        person = await self.person(name)
        page = await self.ok(person.get("notifications", "/v1/inbox?limit=200"))
        known = self._items.setdefault(name, set())
        new = [item for item in page["items"] if item["id"] not in known]
        known.update(item["id"] for item in new)
        return [item["message"] for item in reversed(new)]


ALWAYS: Final = frozenset({"message-delivered"})
"""Said after every mail: not worth a mention in each row."""
