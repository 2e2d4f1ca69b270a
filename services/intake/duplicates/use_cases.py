"""Look for records of the same person, and take the answers. Called by the API and by the record's own events."""

from collections.abc import Collection
from functools import reduce
from typing import Final

from contracts.vocabulary import ParticipantId
from infra.chassis import access
from infra.chassis.db import Tx
from services.intake.duplicates import comparison, domain, store, weights
from services.intake.duplicates.domain import Candidate, Event, Side
from services.intake.participant import use_cases as participants
from services.intake.participant.domain import Participant, ParticipantChanged, ParticipantRegistered

SHARING: Final = 50
"""So many records that share a key are looked at, however common the name is."""
OPENED: Final = 5
"""So many of them are decrypted to be compared: looking must never hold up urgent help."""


async def look(tx: Tx, event: ParticipantRegistered | ParticipantChanged) -> None:
    """A record is new or different: file it under its keys and tell both sides of each possible match.

    A protected one takes no part: that somebody is known elsewhere would tell where to look for them.
    """
    if event.protected:
        await store.withdraw(tx, event.participant)
        return
    own = comparison.keys(event.identity, event.contact)
    keys = own | comparison.keys_beside(event.identity)
    best = (await store.sharing(tx, event.participant, keys, SHARING))[:OPENED] if keys else []
    await store.file(tx, event.participant, own, known=isinstance(event, ParticipantChanged))
    if not best:
        return
    known = await participants.identity_of(tx, [event.participant, *best])
    this = known[event.participant]
    for other in (known[one] for one in best if one in known):
        score = weights.score(comparison.compare((this.identity, this.contact), (other.identity, other.contact)))
        if score.possible:
            await _found(tx, this, other, score)


async def _found(tx: Tx, this: Participant, other: Participant, score: weights.Score) -> None:
    first, second = sorted((this, other), key=lambda one: (one.registered_at, one.id))
    sides = Side(first.id, first.agency), Side(second.id, second.agency)
    events = domain.find(tx.ids.ordered(), *sides, now=tx.now)
    if await store.add(tx, domain.evolve(None, events[0]), score):
        await tx.say(*events)


async def possible(tx: Tx, participants: Collection[ParticipantId]) -> frozenset[ParticipantId]:
    """Those of them with a possible match of whatever stage. Not with whom."""
    return await store.matched(tx, participants) if participants else frozenset()


async def confirm(tx: Tx, candidate: Candidate, mine: frozenset[ParticipantId]) -> Candidate:
    """The agency of the records `mine` says: one person. Raises `Conflict`."""
    owners = [(await access.standing(tx, record, None)).owner for record in candidate.records]
    agencies = frozenset(owner for owner in owners if owner is not None)
    return await _apply(tx, candidate, domain.confirm(candidate, mine, agencies, tx.ids.ordered(), now=tx.now))


async def decline(tx: Tx, candidate: Candidate) -> Candidate:
    """Two people. Raises `Conflict`."""
    return await _apply(tx, candidate, domain.decline(candidate, now=tx.now))


async def remove_link(tx: Tx, candidate: Candidate) -> Candidate:
    """The link was a mistake. Raises `Conflict`."""
    return await _apply(tx, candidate, domain.remove_link(candidate, now=tx.now))


async def sides(tx: Tx, candidate: Candidate, agency: str) -> frozenset[ParticipantId]:
    """Those of the two records that are this agency's now; none for a stranger."""
    return frozenset([one for one in candidate.records if (await access.standing(tx, one, None)).owner == agency])


async def _apply(tx: Tx, candidate: Candidate, events: list[Event]) -> Candidate:
    after = reduce(domain.evolve, events, candidate)
    if events:
        await store.save(tx, after)
        await tx.say(*(event for event in events if isinstance(event, domain.SAID)))
    return after
