"""Load, decide, save. Called by the API, by deadlines and by reactions alike; never commits."""

from collections.abc import Mapping
from datetime import timedelta
from functools import reduce
from typing import Any, Final
from uuid import UUID

from contracts.events import matching
from contracts.refusal import NotFound
from contracts.vocabulary import Basis, Category, GrantEnd, GrantId, ParticipantId
from infra.chassis import access, deadlines
from infra.chassis.db import Tx
from services.intake.grant import domain, store
from services.intake.grant.domain import Event, GiveGrant, Grant, Recorded

EXPIRES: Final = "grant-expires"
PROPOSAL_TEXT: Final = "proposal-1"
"""Version of the text that a participant agrees to by accepting a proposal."""
PLACEMENT_TERM: Final = timedelta(days=730)


async def give(tx: Tx, command: GiveGrant) -> Grant:
    """A grant lives from now on, until its end comes by itself."""
    standing = await access.standing(tx, command.participant, None)
    if standing.owner is None:
        raise NotFound
    events = domain.give(command, home=standing.owner, now=tx.now)
    grant = domain.evolve(None, events[0])
    await store.add(tx, grant)
    await deadlines.put(tx, EXPIRES, grant.id, grant.valid_until)
    await tx.say(*events)
    return grant


async def end(tx: Tx, grant_id: GrantId, why: GrantEnd) -> Grant:
    """The grant is over, and with it every access that rests on it."""
    grant = await store.lock(tx, grant_id)
    return await _apply(tx, grant, domain.end(grant, why, now=tx.now))


async def narrow(tx: Tx, grant_id: GrantId, keep: frozenset[Category]) -> Grant:
    """All categories but `keep` are closed."""
    grant = await store.lock(tx, grant_id)
    return await _apply(tx, grant, domain.narrow(grant, keep, now=tx.now))


async def expire(tx: Tx, grant_id: UUID, _details: Mapping[str, Any]) -> None:
    """The deadline of a grant has come."""
    grant = await store.lock(tx, GrantId(grant_id))
    if grant.ended is None:
        await _apply(tx, grant, domain.end(grant, GrantEnd.EXPIRED, now=tx.now))


async def open_to_employer(tx: Tx, fact: matching.MatchAccepted) -> None:
    """Both sides accepted: by accepting, the participant agreed that the company sees name and contact."""
    if not fact.both:
        return
    command = GiveGrant(
        id=GrantId(tx.ids.ordered()),
        participant=ParticipantId(fact.participant),
        recipient=fact.employer,
        categories=frozenset({Category.IDENTITY, Category.CONTACT}),
        basis=Basis.CONSENT,
        purpose=f"placement:{fact.kind}",
        valid_until=tx.now + PLACEMENT_TERM,
        recorded_by=None,
        recorded_how=Recorded.ACCEPTED_PROPOSAL,
        text_version=PROPOSAL_TEXT,
        language="en",
    )
    await give(tx, command)


async def _apply(tx: Tx, grant: Grant, events: list[Event]) -> Grant:
    after = reduce(domain.evolve, events, grant)
    await store.save(tx, after)
    if after.ended is not None:
        await deadlines.cancel(tx, EXPIRES, grant.id)
    await tx.say(*events)
    return after
