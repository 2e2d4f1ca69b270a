"""The sender of webhooks: a lane per subscription, so that nobody waits for anybody else's receiver. At least once, and
each time under the same `webhook-id`.

A lane runs while something is due: note how the last tries ended, claim the next and look at the right to each, in one
transaction; then hand over, several at a time. The network is touched between transactions, never inside one. A sender
that dies in between leaves a lease that runs out, and another one sends the same again.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from contracts.refusal import NotFound
from infra.chassis import telemetry
from infra.chassis.db import Actor
from infra.chassis.harmless import class_name
from infra.chassis.service import Runtime
from infra.chassis.wake import go_on, woken_or_after
from services.notifications.settings import NotificationsSettings
from services.notifications.webhook import domain, listing, message, queue, store, use_cases
from services.notifications.webhook.bell import BELL
from services.notifications.webhook.domain import Secrets, Subscription, Tried, Trouble
from services.notifications.webhook.outside import Outside, Unreachable
from services.notifications.webhook.use_cases import Due

log = structlog.get_logger()

CHANNEL: Final = "webhook"
LOOK_EVERY: Final = 0.25
"""Seconds after which due deliveries are looked for although nobody rang."""
BETWEEN_LOOKS: Final = 0.005
AT_ONCE_IN_THE_DATABASE: Final = 4
"""Lanes in a transaction at the same time: a worker has other things to ask the database, too."""
MOMENT: Final = 0.01
AGE_EVERY: Final = 5.0
TIDY_EVERY: Final = 3600.0


class Sender:
    """One worker's lanes."""

    def __init__(self, runtime: Runtime, settings: NotificationsSettings, outside: Outside) -> None:
        self._runtime, self._settings, self._outside = runtime, settings, outside
        self._lanes: dict[UUID, Lane] = {}
        self._turns = asyncio.Semaphore(AT_ONCE_IN_THE_DATABASE)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tell_age())
            tasks.create_task(self._tidy())
            with BELL.ear() as rung:
                while go_on():
                    await self._look(tasks)
                    await asyncio.sleep(BETWEEN_LOOKS)
                    await woken_or_after(rung, LOOK_EVERY)

    async def _look(self, tasks: asyncio.TaskGroup) -> None:
        async with self._runtime.db.transaction() as tx:
            due = await queue.due(tx)
        for subscription in due:
            lane = self._lanes.get(subscription)
            if lane is not None:
                lane.wake()
                continue
            self._lanes[subscription] = Lane(self._runtime, self._settings, self._outside, self._turns, subscription)
            tasks.create_task(self._drive(subscription))

    async def _drive(self, subscription: UUID) -> None:
        """A lane to its end. What goes wrong in it, such as a lost database, ends it; the next look begins another."""
        try:
            await self._lanes[subscription].run()
        except Exception as error:
            log.warning("webhook lane failed", error=class_name(error))
            await asyncio.sleep(1)
        finally:
            del self._lanes[subscription]

    async def _tell_age(self) -> None:
        while go_on():
            async with self._runtime.db.transaction() as tx:
                oldest = await listing.oldest(tx)
                age = 0.0 if oldest is None else (tx.system_now - oldest).total_seconds()
            self._runtime.metrics.webhooks_oldest_seconds.set(age)
            await asyncio.sleep(AGE_EVERY)

    async def _tidy(self) -> None:
        while go_on():
            async with self._runtime.db.transaction() as tx:
                await queue.tidy(tx)
            await asyncio.sleep(TIDY_EVERY)


class Lane:
    """What leaves to one subscription."""

    def __init__(
        self,
        runtime: Runtime,
        settings: NotificationsSettings,
        outside: Outside,
        turns: asyncio.Semaphore,
        subscription: UUID,
    ) -> None:
        self._runtime, self._settings, self._outside, self._turns = runtime, settings, outside, turns
        self._id = subscription
        self._lease = runtime.ids.random()
        self._term = timedelta(seconds=settings.lease_seconds)
        self._in_flight: set[asyncio.Task[None]] = set()
        self._tried: list[tuple[Due, Tried]] = []
        self._full = False
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Until nothing is due and nothing is under way."""
        try:
            while go_on():
                self._woken.clear()
                something = await self._turn()
                if self._in_flight:
                    await self._woken.wait()
                    await self._some_more()
                elif not something and not self._woken.is_set():
                    return
        finally:
            for task in self._in_flight:
                task.cancel()
            await asyncio.gather(*self._in_flight, return_exceptions=True)

    async def _some_more(self) -> None:
        """While most are under way still, a moment for others to land: a transaction for each would cost more."""
        if len(self._in_flight) > self._settings.webhooks_at_once // 2:
            await asyncio.sleep(MOMENT)

    def wake(self) -> None:
        """Something is due. While as many are under way as may be, that is no news."""
        if not self._full:
            self._woken.set()

    async def _turn(self) -> bool:
        """Note what was tried, take what is next and send it off; True if there was anything."""
        tried, self._tried = self._tried, []
        async with self._turns, self._runtime.db.transaction() as tx:
            try:
                subscription, secrets = await store.load_to_send(tx, self._id)
            except NotFound:
                return False
            tx.by = Actor(subscription.responsible, subscription.agency)
            if tried:
                subscription = await use_cases.settle(tx, subscription, tried, self._lease)
            at_once = self._settings.webhooks_at_once
            room = domain.room(subscription.health, len(self._in_flight), at_once, now=tx.system_now)
            due = await use_cases.take(tx, subscription, self._lease, self._term, room)
        self._full = room <= len(due)
        self._count(tried)
        for one in due:
            task = asyncio.create_task(self._hand_over(one, subscription, secrets))
            self._in_flight.add(task)
            task.add_done_callback(self._landed)
        return bool(tried or due)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        self._woken.set()

    async def _hand_over(self, due: Due, subscription: Subscription, secrets: Secrets) -> None:
        delivery = due.delivery
        happening = delivery.happening
        with self._runtime.telemetry.continued(
            happening.traceparent,
            "hand over webhook",
            link=delivery.tries > 0,
            event=happening.event,
            event_type=happening.type,
            channel=CHANNEL,
            attempt=delivery.tries + 1,
        ):
            body = message.body_of(happening, named=due.named)
            headers = message.headers(delivery.id, body, secrets, self._runtime.clock.system())
            self._runtime.crashpoints.reach("before-webhook")
            status, problem = await self._post(subscription.url, headers, body)
            self._runtime.crashpoints.reach("after-webhook")
            telemetry.mark(outcome=problem.value if problem else "delivered")
        self._tried.append((due, Tried(delivery, status, problem)))

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int | None, Trouble | None]:
        try:
            answer = await self._outside.post(url, headers, body)
        except Unreachable as error:
            return None, error.problem
        except Exception as error:  # of a library, about what somebody else has sent: no reason to stop for others
            log.warning("webhook hand-over failed oddly", error=class_name(error))
            return None, Trouble.CONNECTION
        return answer.status, answer.problem

    def _count(self, tried: list[tuple[Due, Tried]]) -> None:
        for _, one in tried:
            self._runtime.metrics.deliveries.labels(CHANNEL, "sent" if one.taken else "failed").inc()


async def send(runtime: Runtime) -> None:
    """The worker's loop."""
    settings = runtime.settings
    if not isinstance(settings, NotificationsSettings):
        raise TypeError("the sender needs the settings of notifications")
    async with Outside(loopback=settings.webhooks_to_loopback, seconds=settings.webhook_seconds) as outside:
        await Sender(runtime, settings, outside).run()
