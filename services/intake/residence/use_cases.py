"""Record statuses, answer what they allow, and look again on the day on which the answer changes, and weeks before.

Never commits.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID

from contracts.vocabulary import ParticipantId
from contracts.work_rights import History, ResidenceFacts
from infra.chassis import deadlines
from infra.chassis.db import Tx
from services.intake.residence import domain, store
from services.intake.residence.store import Residence

CHANGES: Final = "work-rights-change"


async def write(tx: Tx, participant: ParticipantId, facts: ResidenceFacts, version: int) -> Residence:
    """The status that began last is this one, from now on. Raises `Stale`, `Invalid`."""
    before = await store.lock(tx, participant, version)
    return await _recorded(tx, participant, before, domain.corrected(before.history, facts))


async def follow(tx: Tx, participant: ParticipantId, facts: ResidenceFacts, version: int) -> Residence:
    """Another status has begun, and has ended the one before. Raises `Stale`, `Invalid`."""
    before = await store.lock(tx, participant, version)
    return await _recorded(tx, participant, before, domain.followed(before.history, facts))


async def take_out(tx: Tx, participant: ParticipantId, since: date, version: int) -> Residence:
    """The status that began on this day was recorded by mistake. Raises `Stale`, `NotFound`."""
    before = await store.lock(tx, participant, version)
    return await _recorded(tx, participant, before, domain.without(before.history, since))


async def look_again(tx: Tx, participant_id: UUID, _details: Mapping[str, Any]) -> None:
    """The day has come on which the answer is another one, or will be in some weeks. The facts are the same."""
    participant = ParticipantId(participant_id)
    kept = await store.lock(tx, participant)
    if kept.history:
        await _tell(tx, participant, kept)


async def history_of(tx: Tx, participant: ParticipantId) -> History:
    """The statuses for the service's own deciding: no disclosure."""
    return (await store.load(tx, participant)).history


async def forget(tx: Tx, participant: ParticipantId) -> int:
    """The person was erased, and no day changes anything for them any more."""
    await deadlines.cancel(tx, CHANGES, participant)
    return await store.forget(tx, participant)


async def _recorded(tx: Tx, participant: ParticipantId, before: Residence, history: History) -> Residence:
    if history == before.history:
        return before
    return await _tell(tx, participant, replace(before, history=history, version=before.version + 1))


async def _tell(tx: Tx, participant: ParticipantId, kept: Residence) -> Residence:
    today = tx.now.date()
    told, ahead = domain.to_tell(kept.history, today), domain.to_announce(kept.history, today)
    after = replace(kept, told=told, announced=ahead or kept.announced)
    await store.save(tx, participant, after)
    day = domain.look_again(kept.history, today)
    if day is None:
        await deadlines.cancel(tx, CHANGES, participant)
    else:
        await deadlines.put(tx, CHANGES, participant, datetime.combine(day, time.min, UTC))
    await tx.say(*domain.tell(participant, kept.told, told, now=tx.now))
    if ahead and ahead != kept.announced:
        await tx.say(domain.WorkRightsChanging(participant, ahead, tx.now))
    return after
