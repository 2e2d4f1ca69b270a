"""Load, decide, save. Called by the API, by deadlines and by reactions alike; never commits."""

from collections.abc import Mapping, Sequence
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
from services.intake.grant.domain import BreakGlass, By, Event, GiveGrant, Grant, Recorded

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


async def break_glass(tx: Tx, command: BreakGlass) -> Grant:
    """An agency sees a record in an emergency; everybody who has to know is told by the event. Raises `NotFound`."""
    standing = await access.standing(tx, command.participant, None)
    if standing.owner is None or standing.restricted:
        raise NotFound
    events = domain.break_glass(command, home=standing.owner, now=tx.now)
    grant = reduce(domain.evolve, events[1:], domain.evolve(None, events[0]))
    await store.add(tx, grant)
    await deadlines.put(tx, EXPIRES, grant.id, grant.valid_until)
    await tx.say(*events)
    return grant


async def end(tx: Tx, grant_id: GrantId, why: GrantEnd, by: By) -> Grant:
    """The grant is over, and with it every access that rests on it."""
    grant = await store.lock(tx, grant_id)
    return await _apply(tx, grant, domain.end(grant, why, by=by, now=tx.now))


async def narrow(tx: Tx, grant_id: GrantId, keep: frozenset[Category], by: By) -> Grant:
    """All categories but `keep` are closed."""
    grant = await store.lock(tx, grant_id)
    return await _apply(tx, grant, domain.narrow(grant, keep, by=by, now=tx.now))


async def expire(tx: Tx, grant_id: UUID, _details: Mapping[str, Any]) -> None:
    """The deadline of a grant has come."""
    grant = await store.lock(tx, GrantId(grant_id))
    if grant.ended is None:
        await _apply(tx, grant, domain.end(grant, GrantEnd.EXPIRED, by=By.PLATFORM, now=tx.now))


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
        placement=fact.placement,
    )
    await give(tx, command)


async def placement_began(tx: Tx, fact: matching.PlacementStarted) -> None:
    """Remembered for the end: what never began leaves the company no reason to see anybody."""
    grant = await store.lock_of_placement(tx, fact.placement)
    if grant is not None:
        await _apply(tx, grant, domain.began(grant, fact.started_on))


async def placement_over(tx: Tx, fact: matching.PlacementEnded) -> None:
    """The company sees name and contact for a short while longer, or no more at all if nothing ever began."""
    grant = await store.lock_of_placement(tx, fact.placement)
    if grant is not None:
        await _apply(tx, grant, domain.placement_over(grant, fact.ended_on, now=tx.now))


async def grant_of(tx: Tx, grant: GrantId) -> Grant:
    """Raises `NotFound`."""
    return await store.load(tx, grant)


async def grants_of(tx: Tx, participant: ParticipantId) -> Sequence[Grant]:
    """All grants of a participant for the service's own deciding, newest first."""
    return await store.of(tx, participant)


async def end_all(tx: Tx, participant: ParticipantId) -> int:
    """The person will be erased: whoever sees anything is told neutrally, and what rests on it ends; how many."""
    living = [grant for grant in await store.of(tx, participant) if grant.ended is None]
    for grant in living:
        await end(tx, grant.id, GrantEnd.ERASED, By.PLATFORM)
    return len(living)


async def forget(tx: Tx, participant: ParticipantId) -> int:
    """The person was erased: the record of grants goes, and none of them expires any more."""
    gone = await store.forget(tx, participant)
    for grant in gone:
        await deadlines.cancel(tx, EXPIRES, grant)
    return len(gone)


async def _apply(tx: Tx, grant: Grant, events: list[Event]) -> Grant:
    after = reduce(domain.evolve, events, grant)
    await store.save(tx, after)
    if after.ended is not None:
        await deadlines.cancel(tx, EXPIRES, grant.id)
    elif after.valid_until != grant.valid_until:
        await deadlines.put(tx, EXPIRES, grant.id, after.valid_until)
    await tx.say(*(event for event in events if not isinstance(event, domain.KEPT)))
    return after
