"""Load, decide, save. Called by the API, by reactions and by siblings that need a journey; never commits."""

from functools import reduce

from contracts.programmes.loader import all_programmes
from contracts.programmes.template import Programme
from contracts.refusal import Invalid, NotFound
from contracts.seat import Seat
from contracts.vocabulary import AgencyId, JourneyId, ParticipantId, PlacementId
from infra.chassis.db import Tx
from services.referrals.cohort.domain import Admitted
from services.referrals.journey import domain, gates, store
from services.referrals.journey.domain import Event, Journey, Transition
from services.referrals.journey.gates import Shut
from services.referrals.needs import use_cases as needs
from services.referrals.placements import use_cases as placements
from services.referrals.placements.domain import companies


async def begin(tx: Tx, event: Admitted) -> None:
    """There is a place in the cohort: the journey starts on the cohort's version of the programme."""
    await _apply(tx, None, domain.start(event.seat, programme_of(event.seat), now=event.at))


async def find(tx: Tx, journey: JourneyId) -> Journey:
    """Raises `NotFound`."""
    return await store.load(tx, journey)


async def under_way(tx: Tx, participant: ParticipantId) -> list[Journey]:
    """The participant's journeys that have not ended."""
    return await store.under_way(tx, participant)


async def at_work(tx: Tx, placement: PlacementId) -> Journey:
    """The journey under way of whoever has this placement. Raises `NotFound`."""
    participant = await placements.whose(tx, placement)
    for journey in await store.under_way(tx, participant) if participant else ():
        return journey
    raise NotFound


async def shut_before(tx: Tx, journey: Journey) -> tuple[str | None, list[Shut]]:
    """(the stage that comes next, what keeps its gate shut once the current stage is completed)"""
    following = programme_of(journey.seat).stage_after(journey.stage.id)
    if following is None or journey.ending is not None:
        return None, []
    completed = journey.completed | {journey.stage.id}
    known = await placements.of(tx, journey.seat.participant)
    agreed = {placement.kind for placement in known if placement.agreed}
    open_needs = await needs.open_of(tx, journey.seat.participant)
    return following.id, gates.shut(following, completed=completed, agreed=agreed, needs=open_needs)


async def complete_stage(tx: Tx, journey_id: JourneyId, stage: str) -> Journey:
    """The current stage is done. Raises `NotFound`, `Conflict`, `GateShut`."""
    journey = await store.load(tx, journey_id, hold=True)
    _, shut = await shut_before(tx, journey)
    words = [one.detail for one in shut]
    events = domain.complete_stage(journey, stage, programme_of(journey.seat), shut=words, now=tx.now)
    return await _apply(tx, journey, events)


async def decide_transition(tx: Tx, journey_id: JourneyId, to: Transition) -> Journey:
    """Where the way leads; the journey ends. Raises `NotFound`, `Conflict`, `Invalid`."""
    journey = await store.load(tx, journey_id, hold=True)
    known = {placement.id for placement in await placements.of(tx, journey.seat.participant)}
    if to.placement is not None and to.placement not in known:
        raise Invalid(
            "This participant has no such placement.", way_out="Name one of theirs, or none.", field="placement"
        )
    return await _apply(tx, journey, domain.decide_transition(journey, to, programme_of(journey.seat), now=tx.now))


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """What is left can be counted and belongs to nobody."""
    await store.forget(tx, participant, tx.ids.random())


async def companies_of(tx: Tx, journey: Journey) -> frozenset[AgencyId]:
    """The companies with a part in this journey: those where the participant had a placement while it ran."""
    last = journey.ended_at
    known = await placements.of(tx, journey.seat.participant)
    return companies(known, journey.started_at.date(), last.date() if last else None)


def programme_of(seat: Seat) -> Programme:
    """The template that the journey is pinned to."""
    return all_programmes()[seat.programme]


async def _apply(tx: Tx, before: Journey | None, events: list[Event]) -> Journey:
    after = reduce(domain.evolve, events, before)
    if after is None:
        raise ValueError("a journey begins with an event")
    await store.save(tx, after)
    await tx.say(*events)
    return after
