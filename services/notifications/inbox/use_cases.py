"""Tell people of a fact; mark what they did about it. Called by reactions and by the API; never commits."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from contracts.envelope import Fact
from contracts.events import intake
from contracts.vocabulary import ParticipantId, Role
from infra.chassis.db import Tx
from services.notifications.inbox import domain, store
from services.notifications.inbox.domain import Item, ItemAdded, ParticipantForgotten, State
from services.notifications.rules import use_cases as rules
from services.notifications.rules.domain import Queue, Staff, Telling, about
from services.notifications.rules.table import STOPPED
from services.notifications.webhook.domain import SubscriptionStopped


async def tell(tx: Tx, fact: Fact) -> None:
    """Everybody whom the fact concerns gets an item, exactly once per event."""
    items: dict[str, ItemAdded] = {}
    for participant in about(fact):
        if await store.forgotten(tx, participant):
            continue
        reference, tellings = await rules.concerned(tx, fact, participant, await _told_before(tx, fact, participant))
        for telling in tellings:
            items.setdefault(telling.recipient.key, _item(tx, fact, telling, reference))
    fresh = await store.add(tx, list(items.values()), fact.at)
    if fresh:
        await tx.say(*fresh)


async def forget(tx: Tx, fact: intake.ParticipantErased) -> None:
    """Nothing about the participant stays in any inbox, nor on its way."""
    await store.forget(tx, fact.participant)
    await tx.say(ParticipantForgotten(fact.participant))


async def forgotten(tx: Tx, participant: ParticipantId) -> bool:
    """Was the participant erased? Then nothing about them is told any more, in any way."""
    return await store.forgotten(tx, participant)


async def webhook_stopped(tx: Tx, event: SubscriptionStopped) -> None:
    """The agency's supervisors are told that its system hears nothing any more."""
    item = ItemAdded(
        event=tx.ids.ordered(),
        type=STOPPED,
        message=STOPPED,
        recipient=Queue(event.agency, Role.SUPERVISOR),
        participant=None,
        reference=None,
        link=None,
        party=False,
        blind=False,
        escalation=True,
    )
    await tx.say(*await store.add(tx, [item], tx.now))


async def done(tx: Tx, item: Item) -> Item:
    """Dealt with, for everybody who shares the inbox."""
    await store.save_state(tx, item.id, State.DONE)
    return replace(item, state=State.DONE, snoozed_until=None)


async def snooze(tx: Tx, item: Item, until: datetime) -> Item:
    """Out of sight until then (business time). Raises `Invalid`."""
    until = domain.snooze_until(until, now=tx.now)
    await store.save_state(tx, item.id, State.SNOOZED, until)
    return replace(item, state=State.SNOOZED, snoozed_until=until)


async def _told_before(tx: Tx, fact: Fact, participant: ParticipantId) -> Sequence[Staff]:
    if isinstance(fact, intake.GrantEnded | intake.RecordRectified):
        return await store.told(tx, participant, fact.recipient)
    return ()


def _item(tx: Tx, fact: Fact, telling: Telling, reference: str) -> ItemAdded:
    return ItemAdded(
        event=_event(tx),
        type=fact.TYPE,
        message=telling.message,
        recipient=telling.recipient,
        participant=telling.participant,
        reference=None if telling.participant is None else reference,
        link=telling.link,
        party=telling.party,
        blind=telling.blind,
        escalation=telling.escalation,
    )


def _event(tx: Tx) -> UUID:
    if tx.cause is None:
        raise LookupError("people are told of events only")
    return tx.cause.id
