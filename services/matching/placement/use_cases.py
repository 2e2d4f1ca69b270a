"""Load, decide, save. Called by the API and by reactions alike; never commits.

Locks are taken in one order everywhere: the opportunity, its placements, the person. So nobody waits in a circle, and a
place or a person is never given away twice.
"""

from datetime import date
from functools import reduce

from contracts.events import intake
from contracts.events.matching import PlacementOutcome
from contracts.vocabulary import (
    REGIONAL_MATCHING,
    AgencyId,
    Category,
    OpportunityId,
    ParticipantId,
    PlacementId,
    Side,
    StaffId,
)
from infra.chassis import access, idempotency
from infra.chassis.db import Tx
from services.matching.opportunity import use_cases as opportunity
from services.matching.opportunity.domain import Offer, OpportunityClosed, OpportunityState
from services.matching.placement import domain, store
from services.matching.placement.domain import (
    Answer,
    Decline,
    Event,
    GivenHow,
    Matched,
    Placement,
    PlacementForgotten,
    PlacementState,
)
from services.matching.suggestion import use_cases as suggestion
from services.matching.suggestion.rules import holds, speaks
from services.matching.suggestion.terms import Candidate

find = store.find
load = store.load


async def propose(
    tx: Tx, participant: ParticipantId, opportunity_id: OpportunityId, *, agency: AgencyId, by: StaffId
) -> Placement:
    """A caseworker proposes a person. Raises `NotFound`, `MatchingNotGranted`, `Conflict`."""
    candidate = await suggestion.candidate(tx, participant)
    offered = await opportunity.hold(tx, opportunity_id)
    placement = Placement(
        id=PlacementId(tx.ids.random()),
        participant=participant,
        agency=agency,
        opportunity=offered.id,
        employer=offered.agency,
        kind=offered.offer.kind,
        matched=matched(candidate, offered.offer),
        proposed_by=by,
        proposed_at=tx.now,
    )
    again = await store.is_in_play(tx, participant, offered.id)
    events = domain.propose(placement, on_offer=offered.state is OpportunityState.OPEN, again=again, now=tx.now)
    await store.add(tx, placement)
    await tx.say(*events)
    return placement


async def accept(tx: Tx, placement_id: PlacementId, answer: Answer, version: int) -> Placement:
    """One side says yes. With both, a place is taken and the person is bound, or nothing of it has happened.

    Raises `NotFound`, `Stale`, `Conflict`, `NoPlaceLeft`.
    """
    before = await _hold(tx, placement_id, version)
    events = domain.accept(before, answer, now=tx.now)
    if not await suggestion.granted(tx, before.participant):
        raise domain.not_any_more(answer.side)
    after = reduce(domain.evolve, events, before)
    if after.state is PlacementState.CONFIRMED:
        await _not_twice(tx, before, answer.side)
    return await _save(tx, after, events)


async def decline(tx: Tx, placement_id: PlacementId, answer: Answer, reason: Decline, version: int) -> Placement:
    """One side says no. Raises `NotFound`, `Stale`, `Conflict`."""
    before = await _hold(tx, placement_id, version)
    events = domain.decline(before, answer, reason, now=tx.now)
    return await _save(tx, reduce(domain.evolve, events, before), events)


async def start(tx: Tx, placement_id: PlacementId, on: date, version: int) -> Placement:
    """The first day. Raises `NotFound`, `Stale`, `Conflict`."""
    before = await _hold(tx, placement_id, version)
    events = domain.start(before, on, now=tx.now)
    return await _save(tx, reduce(domain.evolve, events, before), events)


async def end(tx: Tx, placement_id: PlacementId, on: date, outcome: PlacementOutcome, version: int) -> Placement:
    """The last day; the place is free again. Raises `NotFound`, `Stale`, `Conflict`, `Invalid`."""
    before = await _hold(tx, placement_id, version)
    events = domain.end(before, on, outcome, now=tx.now)
    return await _save(tx, reduce(domain.evolve, events, before), events)


async def matching_ended(tx: Tx, fact: intake.GrantEnded) -> None:
    """The profile is closed to regional matching: what is not confirmed is over. Other grants change nothing."""
    if fact.recipient != REGIONAL_MATCHING or Category.PROFILE not in fact.categories:
        return
    if await suggestion.granted(tx, fact.participant):
        return
    for proposal in await store.lock_proposals(tx, participant=fact.participant):
        await _decline_for(tx, proposal, Side.PARTICIPANT, Decline.GRANT_ENDED)


async def opportunity_closed(tx: Tx, event: OpportunityClosed) -> None:
    """Nobody can be confirmed any more: open proposals end, placements go on."""
    for proposal in await store.lock_proposals(tx, opportunity=event.opportunity):
        await _decline_for(tx, proposal, Side.EMPLOYER, Decline.OPPORTUNITY_CLOSED)


async def erase(tx: Tx, fact: intake.ParticipantErased) -> None:
    """Forget the person here; a place that is held becomes free."""
    for held in await store.opportunities_of(tx, fact.participant):
        await opportunity.hold(tx, held)
    for active in await store.active_of(tx, [fact.participant]):
        await tx.say(PlacementForgotten(active, tx.now))
    await store.forget(tx, fact.participant)
    await idempotency.forget(tx, fact.participant)


def matched(candidate: Candidate, offer: Offer) -> Matched:
    """What the place asks for and the person meets, at the level asked for: all that the company sees at first."""
    return Matched(
        must_skills=tuple((n.concept, n.level) for n in offer.must_skills if holds(candidate, n.concept, n.level)),
        can_skills=tuple((w.concept, w.level) for w in offer.can_skills if holds(candidate, w.concept, w.level)),
        languages=tuple((n.language, n.level) for n in offer.language_needs if speaks(candidate, n.language, n.level)),
    )


async def _hold(tx: Tx, placement_id: PlacementId, version: int) -> Placement:
    known = await store.load(tx, placement_id)
    await opportunity.hold(tx, known.opportunity)
    return await store.lock(tx, placement_id, version)


async def _not_twice(tx: Tx, placement: Placement, side: Side) -> None:
    """Holds every record of the person, so that two answers at once are one after the other."""
    records = await access.same_person(tx, placement.participant)
    for record in sorted(records):
        await tx.lock("placement-of", record, placement.kind)
    if await store.active_of(tx, records, placement.kind):
        raise domain.not_twice(side)


async def _decline_for(tx: Tx, proposal: Placement, side: Side, reason: Decline) -> None:
    answer = Answer(side, None, GivenHow.ONLINE, tx.now, reason)
    events = domain.decline(proposal, answer, reason, now=tx.now)
    await _save(tx, reduce(domain.evolve, events, proposal), events)


async def _save(tx: Tx, after: Placement, events: list[Event]) -> Placement:
    await store.save(tx, after)
    await tx.say(*events)
    return after
