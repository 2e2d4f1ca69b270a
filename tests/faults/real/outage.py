"""The broker is away: each agency goes on with its own, what rests on grants stops in time, the rest drains by itself.

Agencies write without a pause before, while and after the broker is down, and nobody asks twice: each answer counts.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Any, Final
from uuid import UUID

import httpx

from contracts.vocabulary import ParticipantId
from infra.chassis.freshness import place_of
from infra.realstack.stack import Stack
from infra.story.cast import Person, Region
from tests.faults.real.checker import Checker, Verdict
from tests.faults.real.patience import Patient
from tests.faults.real.workload import UNTIL, a_name
from tests.simulation.agency import Ledger
from tests.support.matching import offer
from tests.support.waiting import until

STALE: Final = "urn:lotse:problem:grants-stale"
SHARED: Final = {"adult-education": ["profile", "journey"], "family-advice": ["identity", "contact", "barriers.family"]}
GOES_ON: Final = 0.5
"""Of what agencies write while the broker is there, so much at least they write without it."""
AT_ONCE: Final = 2
"""Writers of each service."""
READ_AT_ONCE: Final = 8
AT_MOST: Final = 120.0
"""Seconds until somebody who waits for a refusal gives up: longer than any knowledge of grants lasts."""


@dataclass
class Outage:
    """What was seen."""

    down: float
    """Seconds from the kill until the broker answered again."""
    before: float
    """Writes per second."""
    during: float
    writes: int
    not_accepted: list[str]
    lost: list[str]
    """Accepted, and not there in the end."""
    refused_after: float
    """Seconds from the moment up to which referrals knew of the grants to the first `grants-stale`."""
    drained_after: float
    """Seconds from the broker's first answer until nothing waited anywhere."""
    verdict: Verdict

    @property
    def ratio(self) -> float:
        return self.during / self.before

    def faults_within(self, refused_within: float) -> list[str]:
        """What is not as it must be, in sentences, given the seconds in which what rests on a grant has to end."""
        late = [f"refused after {self.refused_after:.1f} s"] if self.refused_after > refused_within else []
        slow = [f"{self.ratio:.2f} of the writes went on"] if self.ratio < GOES_ON else []
        return [*self.not_accepted, *self.lost, *late, *slow, *self.verdict.faults]

    @property
    def table(self) -> str:
        rows = {
            "broker down for": f"{self.down:.0f} s",
            "writes / lost": f"{self.writes} / {len(self.lost)}",
            "not accepted": len(self.not_accepted),
            "writes/s before": f"{self.before:.1f}",
            "writes/s during": f"{self.during:.1f} (ratio {self.ratio:.2f})",
            "grants stale after": f"{self.refused_after:.1f} s",
            "drained after": f"{self.drained_after:.1f} s",
            "other faults": len(self.verdict.faults),
        }
        return "\n".join(f"{name:20} {value}" for name, value in rows.items())


async def broker_outage(stack: Stack, *, seconds: float, seed: int, tell: Callable[[str], None]) -> Outage:
    """Raises AssertionError when what rests on a grant goes on, or the region does not come to rest."""
    async with httpx.AsyncClient(timeout=30) as http, httpx.AsyncClient(timeout=30, transport=Patient()) as patient:
        region, observer = Region(stack, http), Region(stack, patient, patience=AT_MOST)
        await observer.settled()
        with Checker(stack) as checker:
            checker.watch()
            agencies = Agencies(region, random.Random(seed))
            person = await agencies.somebody_shared()
            await observer.settled()
            opal = await region.as_("opal")
            async with asyncio.TaskGroup() as tasks:
                writing = tasks.create_task(agencies.write())
                begun = monotonic()
                await asyncio.sleep(seconds / 4)
                killed = monotonic()
                await stack.kill("kafka")
                lag = tasks.create_task(opal.get("referrals", "/v1/operations/lag"))
                tell(f"the broker is down; {len(agencies.accepted)} writes so far")
                refused_after = await _refused(region, checker, person)
                tell(f"what rests on grants is refused after {refused_after:.1f} s")
                await asyncio.sleep(max(0.0, seconds - (monotonic() - killed)))
                await _still_so(region, person)
                assert (await lag).status_code == 503, "an operator learns that the bus is away"
                back = monotonic()
                await stack.restart("kafka")
                answers = monotonic()
                agencies.stop.set()
                await writing
            await observer.settled()
            drained_after = monotonic() - answers
            before, during = agencies.rate(begun, killed), agencies.rate(killed, back)
            lost = await agencies.lost()
            verdict = await asyncio.to_thread(checker.verdict, agencies.ledger)
    return Outage(
        down=answers - killed,
        before=before,
        during=during,
        writes=len(agencies.accepted),
        not_accepted=agencies.not_accepted,
        lost=lost,
        refused_after=refused_after,
        drained_after=drained_after,
        verdict=verdict,
    )


@dataclass
class Agencies:
    """They write about what is their own: intake registers, referrals drafts, matching drafts."""

    region: Region
    chance: random.Random
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    accepted: list[tuple[float, str, str]] = field(default_factory=list)
    """(moment, service, path of what was made)"""
    not_accepted: list[str] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    own: str = ""
    """A participant of the job centre."""

    async def somebody_shared(self) -> str:
        """The id of a participant of whom two other agencies may see something."""
        jonas = await self.region.as_("jonas")
        self.own = await self.registers()
        for recipient, categories in SHARED.items():
            body = {"recipient": recipient, "categories": categories, "basis": "consent", "purpose": "a course"}
            body |= {"valid_until": UNTIL, "recorded_how": "signed-form", "language": "ar"}
            given = await jonas.post("intake", f"/v1/participants/{self.own}/grants", body)
            self.ledger.add("grant-given", given.raise_for_status().json()["id"])
        return self.own

    async def write(self) -> None:
        """Until told to stop."""
        jonas, hanna = await self.region.as_("jonas"), await self.region.as_("hanna")

        async def one_after_another(write: Callable[[], Awaitable[Any]]) -> None:
            while not self.stop.is_set():
                await write()

        referral, place = {"participant": self.own, "need": "family", "draft": True}, offer()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(one_after_another(self.registers))
                tasks.create_task(one_after_another(partial(self._made, jonas, "referrals", "/v1/referrals", referral)))
                tasks.create_task(one_after_another(partial(self._made, hanna, "matching", "/v1/opportunities", place)))

    async def registers(self) -> str:
        """The id of somebody who is new with Jonas; empty if that was not accepted."""
        identity = {"given_name": a_name(self.chance), "family_name": a_name(self.chance), "birth": {"year": 1994}}
        body = {"identity": identity, "language": "ar"}
        made = await self._made(await self.region.as_("jonas"), "intake", "/v1/participants", body)
        if made is None:
            return ""
        self.ledger.add("participant-registered", made)
        return made

    async def _made(self, who: Person, service: str, path: str, body: Any) -> str | None:
        try:
            answer = await who.post(service, path, body)
        except httpx.TransportError as error:
            self.not_accepted.append(f"{service} {path}: {type(error).__name__}")
            return None
        if not answer.is_success:
            self.not_accepted.append(f"{service} {path}: {answer.status_code} {answer.text}")
            return None
        made: str = answer.json()["id"]
        self.accepted.append((monotonic(), service, f"{path}/{made}"))
        return made

    def rate(self, since: float, until: float) -> float:
        """Accepted writes per second."""
        return sum(since <= at < until for at, *_ in self.accepted) / (until - since)

    async def lost(self) -> list[str]:
        """What was accepted and can't be read by who wrote it."""
        people = {"intake": "jonas", "referrals": "jonas", "matching": "hanna"}

        async def look(_: float, service: str, path: str) -> list[str]:
            status = (await (await self.region.as_(people[service])).get(service, path)).status_code
            return [f"lost: {service} {path}: {status}"] if status != 200 else []

        found: list[str] = []
        for at in range(0, len(self.accepted), READ_AT_ONCE):
            looks = await asyncio.gather(*(look(*each) for each in self.accepted[at : at + READ_AT_ONCE]))
            found += [fault for faults in looks for fault in faults]
        return found


async def _timeline(region: Region, who: str, person: str) -> httpx.Response:
    return await (await region.as_(who)).get("referrals", f"/v1/participants/{person}/timeline")


async def _refused(region: Region, checker: Checker, person: str) -> float:
    """Waits until somebody who has a right by a grant alone is refused. See `Outage.refused_after`."""

    async def refused() -> bool:
        answer = await _timeline(region, "vera", person)
        if answer.status_code == 200:
            return False
        assert (answer.status_code, answer.json()["type"]) == (503, STALE), answer.text
        return True

    await until(refused, "what rests on a grant is refused", within=AT_MOST)
    now = datetime.now(UTC)
    place = place_of(ParticipantId(UUID(person)))
    query = "select at from chassis.known_up_to where partition = %s"
    [known] = await asyncio.to_thread(checker.read, "referrals", query, place)
    return float((now - known.at).total_seconds())


async def _still_so(region: Region, person: str) -> None:
    """Nothing rests on grants again before the broker is back; who has the person in hand sees everything."""
    jonas = await region.as_("jonas")
    referral = {"participant": person, "need": "family", "receiver": "family-advice"}
    for answer in (
        await _timeline(region, "vera", person),
        await jonas.post("referrals", "/v1/referrals", referral),
    ):
        assert (answer.status_code, answer.json()["type"]) == (503, STALE), answer.text
    own = await _timeline(region, "jonas", person)
    assert own.status_code == 200, own.text
