"""The sender: a loop in the worker that works off what waits. At least once, each time under the same Message-ID.

claim (a lease) -> who is it, may they still know? -> hand over -> note it; several letters share each of these steps.
The network is touched between transactions, never inside one; a sender that dies in between leaves a lease that runs
out, and another one sends the same again.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from contracts.vocabulary import StaffId
from infra.chassis import telemetry
from infra.chassis.db import Tx
from infra.chassis.freshness import GrantsStale
from infra.chassis.harmless import class_name
from infra.chassis.identity.base import StaffMember
from infra.chassis.service import Runtime
from infra.chassis.wake import go_on
from services.notifications.delivery import store, use_cases
from services.notifications.delivery.domain import Delivery, Letter
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


@dataclass(frozen=True, slots=True)
class Ready:
    """What may leave now as one message."""

    deliveries: Letter
    to: StaffMember
    mail: EmailMessage


class Sender:
    """One worker's way from waiting deliveries to the mail server."""

    def __init__(self, runtime: Runtime, settings: NotificationsSettings, post: Post) -> None:
        self._runtime, self._settings, self._post = runtime, settings, post
        self._zone = ZoneInfo(settings.time_zone)
        domain = parseaddr(settings.mail_from)[1].rpartition("@")[2]
        self._domain = domain
        self._list_id = f"Lotse <notifications.{settings.region}.{domain}>"

    async def run(self) -> None:
        """Run until cancelled."""
        while go_on():
            if not await self.some():
                await asyncio.sleep(LOOK_EVERY)

    async def some(self) -> bool:
        """Deal with the next due letters, as many as leave at a time; True if there were any."""
        lease = self._runtime.ids.random()
        term = timedelta(seconds=self._settings.lease_seconds)
        async with self._runtime.db.transaction() as tx:
            letters = await store.claim(tx, lease, term, self._settings.senders)
        ready = await self._weighed(letters, lease)
        outcomes = await asyncio.gather(*(self._hand_over(each) for each in ready))
        if ready:
            async with self._runtime.db.transaction() as tx:
                gone = [
                    one for each, error in zip(ready, outcomes, strict=True) if not error for one in each.deliveries
                ]
                await use_cases.sent(tx, gone, lease, self._post.channel)
                for each, error in zip(ready, outcomes, strict=True):
                    if error is not None:
                        await use_cases.failed(tx, each.deliveries, lease, self._post.channel, class_name(error))
            self._count("sent", len(gone))
            self._count("failed", sum(len(each.deliveries) for each in ready) - len(gone))
        return bool(letters)

    async def _weighed(self, letters: Sequence[Letter], lease: UUID) -> list[Ready]:
        """What of it may leave at this moment. The rest is dealt with: withheld, postponed, spread, failed."""
        try:
            teams = {letter: await self._team(letter[0]) for letter in letters if letter[0].staff is None}
            readers = {letter: await self._reader(letter[0].staff) for letter in letters if letter[0].staff is not None}
            async with self._runtime.db.transaction() as tx:
                for letter, members in teams.items():
                    await use_cases.spread(tx, letter[0], members, lease)
                weighed = [await self._weigh(tx, letter, member, lease) for letter, member in readers.items()]
        except Exception as error:
            if len(letters) > 1:  # one of them stands in the way of all
                return [ready for letter in letters for ready in await self._weighed([letter], lease)]
            self._log_failure(letters[0], error)
            async with self._runtime.db.transaction() as tx:
                await use_cases.failed(tx, letters[0], lease, self._post.channel, class_name(error))
            self._count("failed", len(letters[0]))
            return []
        return [ready for ready in weighed if ready is not None]

    async def _team(self, delivery: Delivery) -> list[StaffMember]:
        """Its members as the directory knows them now."""
        if delivery.agency is None:
            raise LookupError("a delivery is for a person or for an agency's team")
        readers = Queue(delivery.agency, delivery.role).readers
        return [one for one in await self._runtime.identity.directory.of_agency(delivery.agency) if one.roles & readers]

    async def _reader(self, staff: StaffId) -> StaffMember | None:
        return await self._runtime.identity.directory.member(staff)

    async def _weigh(self, tx: Tx, letter: Letter, member: StaffMember | None, lease: UUID) -> Ready | None:
        if member is None:
            await use_cases.withheld(tx, letter, lease)
            return None
        wish = await preferences.of(tx, member.id)
        try:
            allowed = tuple([one for one in letter if await use_cases.may_know(tx, one, member)])
        except GrantsStale:  # all of a bundle waits: it leaves as one message
            await use_cases.postponed(tx, letter, lease, tx.system_now + WHILE_STALE)
            return None
        await use_cases.withheld(tx, [one for one in letter if one not in allowed], lease)
        if (quiet := self._quiet_until(allowed, wish)) is not None:
            await use_cases.postponed(tx, allowed, lease, quiet)
            return None
        if not allowed:
            return None
        language = language_for(wish.language, member.language)
        envelope = self._envelope(letter[0], member)
        return Ready(
            allowed, member, compose([one.notice for one in allowed], envelope, language, self._settings.desk_url)
        )

    async def _hand_over(self, ready: Ready) -> Exception | None:
        """Why it could not be handed over, or None."""
        first = ready.deliveries[0]
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
                self._runtime.crashpoints.reach("before-smtp")
                await self._post.hand_over(ready.mail, ready.to.email)
                self._runtime.crashpoints.reach("after-smtp")
            except Exception as error:
                self._log_failure(ready.deliveries, error)
                return error
        return None

    def _log_failure(self, letter: Letter, error: Exception) -> None:
        log.warning("delivery failed", delivery=letter[0].id, tries=letter[0].tries + 1, error=class_name(error))

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
