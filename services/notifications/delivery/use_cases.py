"""Plan deliveries for what came into inboxes; note how each of them ended. Never commits, never touches the network."""

from collections.abc import Sequence
from datetime import datetime
from random import uniform
from typing import Final
from uuid import UUID, uuid5

from contracts.vocabulary import StaffId
from infra.chassis import access, telemetry
from infra.chassis.db import Tx
from infra.chassis.freshness import GrantsStale
from infra.chassis.identity.base import StaffMember
from services.notifications.delivery import store
from services.notifications.delivery.domain import Channel, Delivery, Notice, Parked, Sent, State, given_up, pause
from services.notifications.inbox.domain import ItemAdded, ParticipantForgotten
from services.notifications.preference import use_cases as preferences
from services.notifications.preference.domain import Email, Preference, next_digest
from services.notifications.rules.domain import Queue, Staff

DIGEST: Final = UUID("5f0e8c1a-0b43-4f6f-9a53-8a3d4be0d6a1")
"""Namespace of the ids of digests."""


async def plan(tx: Tx, item: ItemAdded) -> None:
    """An item came into an inbox: mail it too, if the recipient wants that. Participants have their inbox only."""
    notice = Notice(
        event=item.event,
        type=item.type,
        message=item.message,
        participant=item.participant,
        reference=item.reference,
        link=item.link,
        party=item.party,
        blind=item.blind,
        escalation=item.escalation,
    )
    trace = telemetry.current_traceparent()
    match item.recipient:
        case Staff(id=staff, agency=agency):
            await _plan_for(tx, notice, await preferences.of(tx, staff), agency, trace)
        case Queue(agency=team, role=role) as queue:
            # Who is in the team is asked when it leaves: the directory is over the network.
            store.add(tx, notice, recipient=queue.key, staff=None, agency=team, role=role, traceparent=trace)


async def spread(tx: Tx, delivery: Delivery, members: Sequence[StaffMember], lease: UUID) -> None:
    """A delivery to a team becomes one for each member who wants it."""
    wishes = await preferences.of_all(tx, [member.id for member in members])
    for member in members:
        if delivery.notice.escalation or delivery.notice.type not in wishes[member.id].muted:
            await _plan_for(tx, delivery.notice, wishes[member.id], delivery.agency, delivery.traceparent)
    await store.end(tx, [delivery.id], lease, State.SPREAD)


async def may_know(tx: Tx, delivery: Delivery, member: StaffMember) -> bool:
    """Looked at again when it leaves: is the recipient still somebody who may know of this?

    Raises `GrantsStale` where that rests on a grant of which nothing recent is known.
    """
    not_before = (await access.ended(tx)).get(member.id)
    if not_before is not None and delivery.created_at < not_before:
        return False
    notice = delivery.notice
    if notice.participant is None or (notice.party and delivery.agency == member.agency):
        return True
    standing = await access.standing(tx, notice.participant, member.agency)
    if standing.owner == member.agency:
        return True
    if standing.withheld:
        raise GrantsStale
    return bool(standing.granted)


async def sent(tx: Tx, deliveries: Sequence[Delivery], lease: UUID, channel: Channel) -> None:
    """They were handed over."""
    gone = await store.end(tx, [one.id for one in deliveries], lease, State.SENT)
    await tx.say(*(Sent(one.id, one.notice.event, channel, tx.now) for one in deliveries if one.id in gone))


async def withheld(tx: Tx, deliveries: Sequence[Delivery], lease: UUID) -> None:
    """They must not, or can't, be handed over to anybody."""
    await store.end(tx, [one.id for one in deliveries], lease, State.WITHHELD)


async def failed(tx: Tx, deliveries: Sequence[Delivery], lease: UUID, channel: Channel, error: str) -> None:
    """The hand-over failed: later again, or parked after three days."""
    for delivery in deliveries:
        tries = delivery.tries + 1
        if not given_up(delivery, now=tx.system_now):
            at = tx.system_now + pause(tries, uniform(0.8, 1.2))  # noqa: S311 - no secret
            await store.later(tx, delivery.id, lease, at, tries, error)
        elif await store.end(tx, [delivery.id], lease, State.PARKED, error):
            await tx.say(Parked(delivery.id, delivery.notice.event, channel, tries, tx.now))


async def postponed(tx: Tx, deliveries: Sequence[Delivery], lease: UUID, until: datetime) -> None:
    """The recipient's quiet hours: no failure, only later."""
    for delivery in deliveries:
        await store.later(tx, delivery.id, lease, until, delivery.tries, None)


async def forget(tx: Tx, event: ParticipantForgotten) -> None:
    """Nothing about an erased participant leaves any more."""
    await store.forget(tx, event.participant)
    await preferences.forget(tx, event.participant)


async def _plan_for(tx: Tx, notice: Notice, wish: Preference, agency: str | None, trace: str | None) -> None:
    if wish.email is Email.OFF:
        return
    not_before, bundle = None, None
    if wish.email is Email.DIGEST and not notice.escalation:
        not_before = next_digest(tx.system_now)
        bundle = uuid5(DIGEST, f"{wish.person}/{not_before.isoformat()}")
    staff = StaffId(wish.person)
    store.add(
        tx,
        notice,
        recipient=Staff(staff).key,
        staff=staff,
        agency=agency,
        role=None,
        traceparent=trace,
        not_before=not_before,
        bundle=bundle,
    )
