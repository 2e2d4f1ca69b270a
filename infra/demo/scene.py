"""What everybody's life in the demo region needs: log-ins, dates, and requests that must succeed."""

import asyncio
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

import httpx

from infra.demo.diary import Diary
from infra.demo.people import Invented
from infra.demo.size import Size
from infra.story.cast import Region

AT_ONCE: Final = 6
"""Requests under way: more only wait in the region."""
TRIES: Final = 5
YEAR: Final = 365
STEP: Final = 5
"""Days: so far business time moves at once."""


class NotMade(RuntimeError):
    """The region did not take what the demo asks for."""


@dataclass
class Known:
    """An invented person as the region knows the record."""

    person: Invented
    id: str
    worker: str
    """User name of the caseworker."""
    reference: str
    possible_match: bool = False


@dataclass
class Scene:
    """A region in the making."""

    region: Region
    size: Size
    seed: int
    began: datetime
    """Business time of day 0."""
    diary: Diary
    known: list[Known] = field(default_factory=list)
    requests: int = 0
    places: dict[tuple[str, str], str] = field(default_factory=dict)
    """(company's user name, kind) -> an opportunity with room for all."""
    cohorts: dict[int, str] = field(default_factory=dict)
    """First day -> cohort."""
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def dice(self, *names: object) -> Random:
        """Chance of its own for each purpose: what one does with it changes nothing for another."""
        return Random(f"{self.seed} {names}")  # noqa: S311 - repeatable, and no secret

    def on(self, day: int) -> date:
        """The date of a day."""
        return (self.began + timedelta(days=day)).date()

    def moment(self, day: int) -> str:
        return (self.began + timedelta(days=day)).isoformat()

    @property
    def today(self) -> str:
        return self.on(self.diary.day).isoformat()

    async def get(self, who: str, service: str, path: str) -> Any:
        return (await self._asked(who, "GET", service, path)).json()

    async def post(self, who: str, service: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return (await self._asked(who, "POST", service, path, json=body or {})).json()

    async def put_first(self, who: str, service: str, path: str, body: dict[str, Any]) -> None:
        """Write what was not there yet."""
        await self._asked(who, "PUT", service, path, json=body, headers={"If-Match": '"0"'})

    async def act(self, who: str, service: str, thing: str, action: str, body: dict[str, Any] | None = None) -> Any:
        """Act on the latest version of something; if time has changed it meanwhile, look and act again."""
        left = TRIES
        while True:
            seen = await self._asked(who, "GET", service, thing)
            match = {"If-Match": seen.headers["ETag"]}
            answer = await self._sent(who, "POST", service, f"{thing}/{action}", json=body or {}, headers=match)
            left -= 1
            if answer.status_code != httpx.codes.PRECONDITION_FAILED or not left:
                return _good(answer, who).json()

    async def _asked(self, who: str, method: str, service: str, path: str, **more: Any) -> httpx.Response:
        return _good(await self._sent(who, method, service, path, **more), who)

    async def _sent(self, who: str, method: str, service: str, path: str, **more: Any) -> httpx.Response:
        async with self._gate:
            self.requests += 1
            return await (await self.region.as_(who)).call(method, service, path, **more)

    async def turn(self, days: float) -> None:
        """All events of the day are dealt with, then business time moves on; what is due by then happens beside."""
        await self.region.settled()
        if days > 0:
            for service in self.region.box.addresses:
                await self.post("opal", service, "/v1/operations/clock", {"days": float(days)})


def _good(answer: httpx.Response, who: str) -> httpx.Response:
    """Raises `NotMade` for a refusal."""
    if answer.is_error:
        request = answer.request
        raise NotMade(f"{who}: {request.method} {request.url.path}: {answer.status_code}: {answer.text}")
    return answer
