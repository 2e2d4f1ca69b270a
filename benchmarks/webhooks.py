"""G13: webhooks, with intake's, referrals' and notifications' real workers over the embedded bus, one worker each.

What stands against ours was measured of Open Notificaties 1.16.1 on this kind of machine: 32.6 deliveries a second at
best with one worker, from rows that wait; publish -> delivered 4.1 s in the middle at 20 a second, at its best setting;
a receiver that never answers made its neighbour's p99 3.5 times as long, and rising.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any, Final
from uuid import UUID, uuid4

import httpx

from benchmarks.result import Result
from contracts.envelope import Fact
from contracts.events import intake, referrals
from contracts.vocabulary import Basis, Category, GrantId, JourneyId, ParticipantId, StaffId
from infra.chassis.identity.embedded.people import load_people
from infra.chassis.identity.login import log_in, log_in_system
from infra.chassis.service import Runtime, running
from infra.onebox import children
from infra.onebox.box import box
from infra.onebox.layout import PEOPLE, Box
from infra.onebox.ports import free_port

EVENT: Final = referrals.AttendanceRecorded.TYPE
PERSONS: Final = 100
BACKLOG: Final = 1_000
"""Events, each for three subscribers."""
PER_SECOND: Final = 20
SECONDS: Final = 8
ROUNDS: Final = 3
WITHIN: Final = 180.0
THEIR_RATE: Final = 32.6
THEIR_MEDIAN: Final = 4.1


async def measure() -> list[Result]:
    """The three figures of G13."""
    folder = Path(tempfile.mkdtemp(prefix="lotse-bench-"))
    services = ("intake", "referrals", "notifications")
    untraced = {"otlp_url": None}  # as theirs were
    started = box(folder / "box", environment="test", apart=True, keep=False, services=services, extra=untraced)
    async with started as made, Field.over(made) as all_:
        await all_.known()
        rates = [await all_.drained() for _ in range(ROUNDS + 1)][1:]
        flat_out = [await all_.flat_out() for _ in range(ROUNDS)]
        alone, beside = [], []
        for _ in range(ROUNDS + 1):
            alone.append(await all_.neighbour(silent=False))
            beside.append(await all_.neighbour(silent=True))
    (p50, p99), p99_beside = (_quantile(alone[1:], share) for share in (0.5, 0.99)), _quantile(beside[1:], 0.99)
    what = "webhooks,"
    return [
        Result("G13", f"{what} 3 subscribers, rows waiting : Open Notificaties", median(rates), THEIR_RATE, "/s", 10.0),
        Result("G13", f"{what} 3 subscribers, published flat out, to the last delivery", median(flat_out), None, "/s"),
        Result(
            "G13", f"{what} publish -> delivered at 20/s, p50 : theirs", p50, THEIR_MEDIAN, "s", 0.049, at_most=True
        ),
        Result("G13", f"{what} p99 beside a silent receiver : alone", p99_beside, p99, "s", 1.2, at_most=True),
    ]


def _quantile(rounds: list[list[float]], share: float) -> float:
    """The median over the rounds of this quantile, in milliseconds."""
    return median(sorted(one)[int(len(one) * share)] for one in rounds) * 1000


@dataclass
class Field:
    """Three agencies' receivers, people whom all three may know of, and what came."""

    made: Box
    http: httpx.AsyncClient
    port: int
    intake: Runtime
    referrals: Runtime
    people: list[ParticipantId] = field(default_factory=lambda: [ParticipantId(uuid4()) for _ in range(PERSONS)])
    tokens: dict[str, str] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def over(cls, made: Box) -> AsyncIterator["Field"]:
        """With a receiver, and with runtimes that state facts; the workers' relays carry them."""
        port = free_port()
        receiver = await children.start(sys.executable, "-m", "benchmarks.receiver", str(port))
        by_name = {service.name: service for service in made.services}
        async with AsyncExitStack() as stack:
            stack.callback(receiver.terminate)
            http = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
            runtimes = [
                await stack.enter_async_context(running(by_name[name], made.settings[name]))
                for name in ("intake", "referrals")
            ]
            announcing = [asyncio.create_task(one.wake.announce()) for one in runtimes]
            yield cls(made, http, port, runtimes[0], runtimes[1])
            for task in announcing:
                task.cancel()
            await asyncio.gather(*announcing, return_exceptions=True)

    async def known(self) -> None:
        """Everybody is registered, and open to two more agencies; the systems are logged in."""
        now = datetime.now(UTC)
        facts: list[Fact] = []
        for person in self.people:
            facts.append(
                intake.ParticipantRegistered(participant=person, reference="P-7K3M-9Q2X", agency="job-centre", at=now)
            )
            facts += [
                intake.GrantGiven(
                    grant=GrantId(uuid4()),
                    participant=person,
                    recipient=agency,
                    categories=(Category.ATTENDANCE,),
                    basis=Basis.CONSENT,
                    valid_from=now - timedelta(days=1),
                    valid_until=now + timedelta(days=1),
                    at=now,
                )
                for agency in ("adult-education", "family-advice")
            ]
        await _commit(self.intake, facts)
        known = load_people(PEOPLE)
        for agency in ("adult-education", "family-advice"):
            client = known.client(f"{agency}-system")
            assert client is not None
            tokens = await log_in_system(self.made.issuer, client.client_id, client.secret or "", http=self.http)
            self.tokens[agency] = tokens.access_token
        tokens = await log_in(self.made.issuer, "paul", known.password, http=self.http)
        self.tokens["job-centre"] = tokens.access_token
        async with self.subscribed(*self.tokens):  # until all of them may know of everybody
            await _commit(self.referrals, [_recorded(person) for person in self.people])
            await self.came(3 * PERSONS)

    async def drained(self) -> float:
        """Deliveries a second, of rows that wait for three subscribers, from the moment at which these go on."""
        async with self.subscribed(*self.tokens) as hooks:
            for agency, hook in hooks.items():
                await self.ask("POST", agency, f"/{hook}/pause")
            await _commit(self.referrals, self.facts(BACKLOG))
            for agency, hook in hooks.items():
                await self.queued(agency, hook)
            began = monotonic()
            for agency, hook in hooks.items():
                await self.ask("POST", agency, f"/{hook}/resume")
            found = await self.came(3 * BACKLOG)
            return 3 * BACKLOG / (max(at for _, _, at in found) - began)

    async def queued(self, agency: str, hook: str) -> None:
        """Wait until the whole backlog waits for this subscription."""
        async with asyncio.timeout(WITHIN):
            while (await self.ask("GET", agency, f"/{hook}"))["waiting"] < BACKLOG:  # noqa: ASYNC110 - no event to wait for
                await asyncio.sleep(0.1)

    async def flat_out(self) -> float:
        """Deliveries a second, from the commit of a thousand events to their last delivery."""
        async with self.subscribed(*self.tokens):
            began = monotonic()
            await _commit(self.referrals, self.facts(BACKLOG))
            found = await self.came(3 * BACKLOG)
            return 3 * BACKLOG / (max(at for _, _, at in found) - began)

    async def neighbour(self, *, silent: bool) -> list[float]:
        """Seconds from a commit to its delivery, 20 a second; `silent`: another receiver takes all, never answers."""
        count = PER_SECOND * SECONDS
        async with self.subscribed("job-centre"), AsyncExitStack() as stack:
            if silent:
                await stack.enter_async_context(self.subscribed("adult-education", path="silent"))
            committed: list[float] = []
            events: list[UUID] = []
            started = monotonic()
            for number, fact in enumerate(self.facts(count), 1):
                events += await _commit(self.referrals, [fact])
                committed.append(monotonic())
                await asyncio.sleep(max(0.0, started + number / PER_SECOND - monotonic()))
            found = {event: at for _, event, at in await self.came(count)}
            return [max(0.0, found[str(event)] - at) for event, at in zip(events, committed, strict=True)]

    def facts(self, count: int) -> list[Fact]:
        return [_recorded(self.people[number % PERSONS]) for number in range(count)]

    @asynccontextmanager
    async def subscribed(self, *agencies: str, path: str | None = None) -> AsyncIterator[dict[str, str]]:
        """Agency -> its subscription, until the block ends."""
        hooks = {}
        for agency in agencies:
            url = f"http://127.0.0.1:{self.port}/{path or agency}"
            hooks[agency] = str((await self.ask("POST", agency, "", {"url": url, "types": [EVENT]}))["id"])
        try:
            yield hooks
        finally:
            for agency, hook in hooks.items():
                await self.ask("DELETE", agency, f"/{hook}")

    async def came(self, count: int) -> list[tuple[str, str, float]]:
        """What the receiver took, once that many have come; more would be repeats. Raises TimeoutError."""
        found: list[tuple[str, str, float]] = []
        async with asyncio.timeout(WITHIN):
            while len(found) < count:
                await asyncio.sleep(0.25)
                found += (await self.http.get(f"http://127.0.0.1:{self.port}/")).json()
        assert len(found) == count == len({(name, event) for name, event, _ in found}), "each once"
        return found

    async def ask(self, method: str, agency: str, path: str, body: Any = None) -> Any:
        url = f"{self.made.addresses['notifications']}/v1/webhooks{path}"
        headers = {"Authorization": f"Bearer {self.tokens[agency]}"}
        answer = (await self.http.request(method, url, json=body, headers=headers)).raise_for_status()
        return answer.json() if answer.content else None


async def _commit(runtime: Runtime, facts: list[Fact]) -> list[UUID]:
    """State these facts; the ids of their events."""
    made: list[UUID] = []
    async with runtime.db.transaction() as tx:
        draw = tx.ids

        class Noted:
            """The ids as they are drawn: an outbox gives none back."""

            def ordered(self) -> UUID:
                made.append(draw.ordered())
                return made[-1]

            def random(self) -> UUID:
                return draw.random()

        tx.ids = Noted()
        await runtime.outbox.append(tx, facts)
    return made


def _recorded(person: ParticipantId) -> referrals.AttendanceRecorded:
    return referrals.AttendanceRecorded(
        journey=JourneyId(uuid4()),
        participant=person,
        programme="talents-fast-track@1",
        agency="adult-education",
        coach=StaffId(UUID("6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0004")),
        on=date(2026, 3, 2),
        present=True,
        recorded_by="adult-education",
        at=datetime.now(UTC),
    )
