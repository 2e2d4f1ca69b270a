"""Register and change subscriptions, queue what happens, take what is due, note how it ended. Never commits, and never
touches the network: that is `sender.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import uniform
from typing import Final
from uuid import UUID

from contracts.envelope import Fact
from contracts.refusal import Conflict
from contracts.vocabulary import AgencyId, ParticipantId, StaffId
from contracts.webhooks import OFFERS, dataschema
from infra.chassis import access, audit
from infra.chassis.audit import Entry
from infra.chassis.db import Tx
from infra.chassis.deliver import NotYet
from infra.chassis.freshness import GrantsStale
from services.notifications.delivery.domain import pause
from services.notifications.inbox import use_cases as inbox
from services.notifications.inbox.domain import ParticipantForgotten
from services.notifications.rules.domain import about
from services.notifications.webhook import domain, listing, queue, signing, store
from services.notifications.webhook.bell import BELL
from services.notifications.webhook.domain import (
    Delivery,
    Happening,
    Listed,
    Progress,
    Secrets,
    Subscription,
    SubscriptionState,
    SubscriptionStopped,
    Tried,
    Why,
)
from services.notifications.webhook.rights import NOBODY, names_the_person, opens

WHILE_STALE: Final = timedelta(seconds=5)
"""After which a delivery is looked at again of which nobody knows whether it may still leave."""


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that may leave now."""

    delivery: Delivery
    named: bool
    """With the person's id."""
    own: bool
    """It is the agency's own participant."""


async def register(tx: Tx, agency: AgencyId, by: UUID, url: str, types: frozenset[str]) -> tuple[Subscription, bytes]:
    """(the subscription, its secret). Raises `Conflict` when the agency has as many as it can."""
    await tx.lock("webhooks", agency)
    if len(await store.of_agency(tx, agency)) >= domain.MOST_PER_AGENCY:
        raise Conflict(
            f"An agency has {domain.MOST_PER_AGENCY} subscriptions at most.",
            way_out="Delete one, or add the event types to one that there is.",
        )
    now = tx.system_now
    made = Subscription(
        id=tx.ids.random(),
        agency=agency,
        url=url,
        types=types,
        state=SubscriptionState.ACTIVE,
        why=None,
        responsible=by,
        vouched_at=now,
        tried_since=now,
        created_at=now,
        version=1,
    )
    secret = signing.new_secret()
    await store.add(tx, made, Secrets(secret))
    return made, secret


async def change(
    tx: Tx, subscription: UUID, by: UUID, url: str | None, types: frozenset[str] | None, version: int
) -> Subscription:
    """Raises `NotFound`, `Stale`. What waits already goes to the new address, whatever types there are now."""
    before = await store.lock(tx, subscription, version)
    after = domain.vouched(
        replace(before, url=url or before.url, types=types or before.types), by=by, now=tx.system_now
    )
    await store.save(tx, after)
    return after


async def pause_it(tx: Tx, subscription: UUID) -> Subscription:
    """Raises `Conflict` unless it is active."""
    after = domain.paused(await store.lock(tx, subscription))
    await store.save(tx, after)
    return after


async def resume(tx: Tx, subscription: UUID, by: UUID) -> Subscription:
    """Raises `Conflict` if it never stopped."""
    after = domain.resumed(await store.lock(tx, subscription), by, tx.system_now)
    await store.save(tx, after)
    queue.hurry(tx, subscription)
    tx.after_commit(BELL.ring)
    return after


async def rotate(tx: Tx, subscription: UUID) -> tuple[bytes, datetime]:
    """(the new secret, until when the one before signs, too)"""
    await store.lock(tx, subscription)
    secret, until = signing.new_secret(), tx.system_now + domain.SECRETS_OVERLAP
    before = (await store.secrets_of(tx, subscription)).current
    await store.save_secrets(tx, subscription, Secrets(secret, before, until))
    return secret, until


async def remove(tx: Tx, subscription: UUID) -> None:
    """With everything that waits for it."""
    await store.lock(tx, subscription)
    await queue.remove(tx, subscription)
    await store.remove(tx, subscription)


async def replay(tx: Tx, subscription: UUID, delivery: UUID) -> Listed:
    """Raises `NotFound`."""
    found = await listing.again(tx, subscription, delivery)
    tx.after_commit(BELL.ring)
    return found


async def replay_since(tx: Tx, subscription: UUID, since: datetime) -> int:
    """How many leave once more."""
    found = await listing.again_since(tx, subscription, since)
    tx.after_commit(BELL.ring)
    return found


async def tell(tx: Tx, fact: Fact) -> None:
    """Queue the fact for every subscription that wants its type and whose agency may know of it.

    Raises `NotYet` while intake's fact about the participant has not arrived.
    """
    subscribed = await store.subscribed(tx, fact.TYPE)
    if not subscribed:
        return
    agencies = sorted({agency for _, agency in subscribed})
    people: Sequence[ParticipantId | None] = (None,) if OFFERS[type(fact)].everybody else about(fact)
    for participant in people:
        standings = {}
        if participant is not None:
            standings = await access.standings_of(tx, [participant], agencies)
            if standings[participant, agencies[0]].owner is None:
                if await inbox.forgotten(tx, participant):
                    continue
                raise NotYet
        happening = _happening(tx, fact, participant)
        allowed = {
            agency
            for agency in agencies
            if opens(happening, agency, standings[participant, agency] if participant else NOBODY)
        }
        wanting = [subscription for subscription, agency in subscribed if agency in allowed]
        if wanting:
            queue.add(tx, happening, wanting)
            tx.after_commit(BELL.ring)


async def forget(tx: Tx, event: ParticipantForgotten) -> None:
    """Nothing about an erased participant leaves any more."""
    await queue.forget(tx, event.participant)


async def take(tx: Tx, subscription: Subscription, lease: UUID, term: timedelta, room: int) -> list[Due]:
    """What may leave to this subscription now, at most `room` deliveries, held by this lease.

    The right to each is looked at here, last of all before it leaves.
    """
    if room == 0 or subscription.state is not SubscriptionState.ACTIVE or await _access_ended(tx, subscription):
        return []
    claimed = await queue.claim(tx, subscription.id, lease, term, room)
    agency = subscription.agency
    people = sorted({one.happening.participant for one in claimed if one.happening.participant is not None})
    standings = await access.standings_of(tx, people, [agency])
    found, barred, unsure = [], [], []
    for one in claimed:
        participant = one.happening.participant
        standing = NOBODY if participant is None else standings[participant, agency]
        try:
            if opens(one.happening, agency, standing):
                named = names_the_person(one.happening, agency, standing)
                found.append(Due(one, named, own=standing.owner == agency))
            else:
                barred.append(one.id)
        except GrantsStale:
            unsure.append(one.id)
    queue.withheld(tx, barred, lease)
    queue.postponed(tx, unsure, lease, tx.system_now + WHILE_STALE)
    return found


async def settle(tx: Tx, subscription: Subscription, tried: Sequence[tuple[Due, Tried]], lease: UUID) -> Subscription:
    """Note how tries ended; the subscription as it stands then."""
    now, health = tx.system_now, subscription.health
    was_tired, why = health.tired, None
    for _, one in tried:
        health = domain.after_try(health, one, now=now, jitter=uniform(0.8, 1.2))  # noqa: S311 - no secret
        why = Why.GONE if one.gone else why
    for _, one in tried:
        if one.taken:
            continue
        over = domain.given_up(one.delivery, subscription, now=now)
        if over and health.tired:
            why = why or Why.FAILING
        state = Progress.PARKED if over and not health.tired else Progress.WAITING
        at = now + pause(one.delivery.tries + 1, uniform(0.8, 1.2))  # noqa: S311 - no secret
        queue.failed(tx, one.delivery.id, lease, state, at, one.status, one.problem)
    taken = [due for due, one in tried if one.taken]
    queue.delivered(tx, [due.delivery.id for due in taken], lease)
    disclosed = [(due.delivery.happening.participant, due.own) for due in taken if due.named]
    subject = f"webhook/{subscription.id}"  # in the audit trail like any other look
    await audit.note(tx, *(Entry("webhook:deliver", person, subject, own=own) for person, own in disclosed))
    store.note_health(tx, subscription.id, health)
    if was_tired and not health.tired:
        queue.hurry(tx, subscription.id)
    after = replace(subscription, health=health)
    return after if why is None else await _stop(tx, after, why)


async def _access_ended(tx: Tx, subscription: Subscription) -> bool:
    """Whether the access of whoever answers for it has ended since they did; then it stops."""
    not_before = (await access.ended(tx)).get(StaffId(subscription.responsible))
    if not_before is None or subscription.vouched_at >= not_before:
        return False
    await _stop(tx, subscription, Why.ACCESS_ENDED)
    return True


async def _stop(tx: Tx, subscription: Subscription, why: Why) -> Subscription:
    """Unless somebody has paused, stopped or deleted it meanwhile."""
    current = await store.still_active(tx, subscription.id)
    if current is None:
        return subscription
    after = domain.stopped(current, why)
    await store.save(tx, after)
    await tx.say(SubscriptionStopped(after.id, after.agency, why))
    return after


def _happening(tx: Tx, fact: Fact, participant: ParticipantId | None) -> Happening:
    """What may leave of the fact: what the offer lists."""
    if tx.cause is None:
        raise LookupError("webhooks tell of events only")
    offer, said = OFFERS[type(fact)], fact.model_dump(mode="json")
    data = {field: said[field] for field in ("at", *offer.fields) if said.get(field) is not None}
    named = [said.get(field) for field in offer.parts]
    return Happening(
        event=tx.cause.id,
        key=participant or fact.key,
        type=fact.TYPE,
        source=tx.cause.source,
        dataschema=dataschema(type(fact)),
        time=tx.cause.time,
        participant=participant,
        subject=str(data[offer.fields[0]]) if offer.fields else str(fact.key),
        data=data,
        parts=frozenset(agency for agency in named if agency is not None),
        leading=said.get("agency") if offer.leading else None,
        blind=offer.blind and not said.get("both", False),
        traceparent=tx.cause.traceparent,
    )
