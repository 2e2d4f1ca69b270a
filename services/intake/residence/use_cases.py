"""Record a status, answer what it allows, and look again on the day on which the answer changes. Never commits."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID

from contracts.vocabulary import ParticipantId
from contracts.work_rights import ResidenceFacts
from infra.chassis import deadlines
from infra.chassis.db import Tx
from services.intake.residence import domain, store

CHANGES: Final = "work-rights-change"


async def write(tx: Tx, participant: ParticipantId, facts: ResidenceFacts, version: int) -> int:
    """These are the facts from now on; their new version. Raises `Stale`, `Invalid`."""
    before = await store.lock(tx, participant, version)
    if before.facts == facts:
        return version
    await _tell(tx, participant, facts, before.told, version + 1)
    return version + 1


async def look_again(tx: Tx, participant_id: UUID, _details: Mapping[str, Any]) -> None:
    """The day has come on which the answer is another one. The facts, and so their version, are the same."""
    participant = ParticipantId(participant_id)
    kept = await store.lock(tx, participant)
    if kept.facts is not None:
        await _tell(tx, participant, kept.facts, kept.told, kept.version)


async def facts_of(tx: Tx, participant: ParticipantId) -> ResidenceFacts | None:
    """The facts for the service's own deciding: no disclosure."""
    return (await store.load(tx, participant)).facts


async def _tell(
    tx: Tx, participant: ParticipantId, facts: ResidenceFacts, before: domain.Told | None, version: int
) -> None:
    today = tx.now.date()
    told = domain.to_tell(facts, today)
    await store.save(tx, participant, facts, told, version)
    following = domain.look_again(facts, today)
    if following is None:
        await deadlines.cancel(tx, CHANGES, participant)
    else:
        await deadlines.put(tx, CHANGES, participant, _begin_of(following))
    await tx.say(*domain.tell(participant, before, told, now=tx.now))


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
