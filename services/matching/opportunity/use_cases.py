"""Load, decide, save. Called by the API and, through domain events, by placements; never commits."""

from collections.abc import Callable
from functools import reduce

from contracts.vocabulary import AgencyId, OpportunityId
from infra.chassis.db import Tx
from services.matching.opportunity import domain, store
from services.matching.opportunity.domain import Event, Offer, Opportunity
from services.matching.placement.domain import PlacementConfirmed, PlacementEnded, PlacementForgotten

on_offer = store.on_offer
load = store.load
hold = store.lock
"""Whoever changes placements of an opportunity holds it first: then nobody waits for each other in a circle."""


async def draft(tx: Tx, agency: AgencyId, offer: Offer) -> Opportunity:
    """Nobody but the company knows of it yet."""
    opportunity = Opportunity(OpportunityId(tx.ids.ordered()), agency, offer)
    await store.add(tx, opportunity)
    return opportunity


async def change(tx: Tx, opportunity_id: OpportunityId, offer: Offer, version: int) -> Opportunity:
    """Rewrite a draft. Raises `NotFound`, `Stale`, `Conflict`."""
    opportunity = await store.lock(tx, opportunity_id, version)
    return await _save(tx, opportunity, domain.change(opportunity, offer, now=tx.now))


async def publish(tx: Tx, opportunity_id: OpportunityId) -> Opportunity:
    """It is on offer. Raises `NotFound`, `Conflict`."""
    return await _act(tx, opportunity_id, lambda it: domain.publish(it, now=tx.now))


async def close(tx: Tx, opportunity_id: OpportunityId) -> Opportunity:
    """It is no longer on offer; proposals for it end. Raises `NotFound`, `Conflict`."""
    return await _act(tx, opportunity_id, lambda it: domain.close(it, now=tx.now))


async def take_place(tx: Tx, event: PlacementConfirmed) -> None:
    """Both sides agreed. Raises `NoPlaceLeft`: then nothing of it has happened."""
    opportunity = await store.lock(tx, event.placement.opportunity)
    await _save(tx, opportunity, domain.take_place(opportunity, now=tx.now))


async def free_place(tx: Tx, event: PlacementEnded | PlacementForgotten) -> None:
    """Somebody left."""
    opportunity = await store.lock(tx, event.placement.opportunity)
    await _save(tx, opportunity, domain.free_place(opportunity, now=tx.now))


async def _act(tx: Tx, opportunity_id: OpportunityId, decide: Callable[[Opportunity], list[Event]]) -> Opportunity:
    opportunity = await store.lock(tx, opportunity_id)
    events = decide(opportunity)
    after = await _save(tx, opportunity, events)
    await tx.say(*events)
    return after


async def _save(tx: Tx, opportunity: Opportunity, events: list[Event]) -> Opportunity:
    after = reduce(domain.evolve, events, opportunity)
    if events:
        await store.save(tx, after)
    return after
