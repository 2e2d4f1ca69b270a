"""The sender: a loop in the worker that works off what waits. At least once, each time under the same Message-ID.

claim (a lease) -> who is it, may they still know? -> hand over -> note it. The network is touched between transactions,
never inside one; a sender that dies in between leaves a lease that runs out, and another one sends the same again.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from infra.chassis import telemetry
from infra.chassis.freshness import GrantsStale
from infra.chassis.harmless import class_name
from infra.chassis.identity.base import StaffMember
from infra.chassis.service import Runtime
from infra.chassis.wake import go_on
from services.notifications.delivery import store, use_cases
from services.notifications.delivery.domain import Delivery
from services.notifications.delivery.mail import Envelope, compose
from services.notifications.delivery.post import ConsolePost, Post, SmtpPost
from services.notifications.delivery.words import language_for
from services.notifications.preference import use_cases as preferences
from services.notifications.preference.domain import Preference
from services.notifications.rules.domain import Queue
from services.notifications.settings import NotificationsSettings

log = structlog.get_logger()

LOOK_EVERY: Final = 0.25
WHILE_STALE: Final = timedelta(seconds=5)
"""After which a delivery is looked at again of which nobody knows whether it may still leave."""


class Sender:
    """One worker's way from waiting deliveries to the mail server."""

    def __init__(self, runtime: Runtime, settings: NotificationsSettings, post: Post) -> None:
        self._runtime, self._settings, self._post = runtime, settings, post
        self._zone = ZoneInfo(settings.time_zone)
        domain = parseaddr(settings.mail_from)[1].rpartition("@")[2]
        self._domain = domain
        self._list_id = f"Lotse <notifications.{settings.region}.{domain}>"

    async def run(self) -> None:
        """Several hand-overs at a time; run until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self._settings.senders):
                tasks.create_task(self._work())

    async def _work(self) -> None:
        while go_on():
            if not await self.one():
                await asyncio.sleep(LOOK_EVERY)

    async def one(self) -> bool:
        """Deal with the next due delivery; True if there was one."""
        lease = self._runtime.ids.random()
        async with self._runtime.db.transaction() as tx:
            claimed = await store.claim(tx, lease, timedelta(seconds=self._settings.lease_seconds))
        if not claimed:
            return False
        first = claimed[0]
        with telemetry.continued(
            first.traceparent,
            "hand over mail",
            link=first.tries > 0,
            event=first.notice.event,
            event_type=first.notice.type,
            channel=self._post.channel,
            attempt=first.tries + 1,
        ):
            try:
                await (self._spread(first, lease) if first.staff is None else self._hand_over(claimed, lease))
            except Exception as error:
                log.warning("delivery failed", delivery=first.id, tries=first.tries + 1, error=class_name(error))
                async with self._runtime.db.transaction() as tx:
                    await use_cases.failed(tx, claimed, lease, self._post.channel, class_name(error))
                self._count("failed", len(claimed))
        return True

    async def _spread(self, delivery: Delivery, lease: UUID) -> None:
        """To a team: its members as the directory knows them now."""
        if delivery.agency is None:
            raise LookupError("a delivery is for a person or for an agency's team")
        readers = Queue(delivery.agency, delivery.role).readers
        members = [
            one for one in await self._runtime.identity.directory.of_agency(delivery.agency) if one.roles & readers
        ]
        async with self._runtime.db.transaction() as tx:
            await use_cases.spread(tx, delivery, members, lease)

    async def _hand_over(self, claimed: Sequence[Delivery], lease: UUID) -> None:
        staff = claimed[0].staff
        member = None if staff is None else await self._runtime.identity.directory.member(staff)
        async with self._runtime.db.transaction() as tx:
            if member is None:
                await use_cases.withheld(tx, claimed, lease)
                return
            wish = await preferences.of(tx, member.id)
            try:
                allowed = [one for one in claimed if await use_cases.may_know(tx, one, member)]
            except GrantsStale:  # all of a bundle waits: it leaves as one message
                await use_cases.postponed(tx, claimed, lease, tx.system_now + WHILE_STALE)
                return
            await use_cases.withheld(tx, [one for one in claimed if one not in allowed], lease)
            quiet = self._quiet_until(allowed, wish)
            if quiet is not None:
                await use_cases.postponed(tx, allowed, lease, quiet)
        if not allowed or quiet is not None:
            return
        mail = compose(
            [one.notice for one in allowed],
            self._envelope(claimed[0], member),
            language_for(wish.language, member.language),
            self._settings.desk_url,
        )
        self._runtime.crashpoints.reach("before-smtp")
        await self._post.hand_over(mail, member.email)
        self._runtime.crashpoints.reach("after-smtp")
        async with self._runtime.db.transaction() as tx:
            await use_cases.sent(tx, allowed, lease, self._post.channel)
        self._count("sent", len(allowed))

    def _count(self, outcome: str, deliveries: int) -> None:
        self._runtime.metrics.deliveries.labels(self._post.channel, outcome).inc(deliveries)

    def _quiet_until(self, deliveries: Sequence[Delivery], wish: Preference) -> datetime | None:
        if wish.quiet_hours is None or any(one.notice.escalation for one in deliveries):
            return None
        return wish.quiet_hours.over_at(self._runtime.clock.system().astimezone(self._zone))

    def _envelope(self, delivery: Delivery, member: StaffMember) -> Envelope:
        """The id is made of (event, recipient, channel): a repeat is recognised, and it tells nothing."""
        about = delivery.bundle or delivery.notice.event
        token = self._runtime.vault.token("message-id", f"{about}/{delivery.recipient}/email").hex()
        return Envelope(
            sender=self._settings.mail_from,
            to=member.email,
            message_id=f"<{token}@{self._domain}>",
            list_id=self._list_id,
            at=self._runtime.clock.system(),
        )


async def send(runtime: Runtime) -> None:
    """The worker's loop."""
    settings = runtime.settings
    if not isinstance(settings, NotificationsSettings):
        raise TypeError("the sender needs the settings of notifications")
    url = settings.smtp_url
    post: Post = ConsolePost() if url is None else SmtpPost(url.get_secret_value(), parseaddr(settings.mail_from)[1])
    await Sender(runtime, settings, post).run()
