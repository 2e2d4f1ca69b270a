"""Write a note, correct it, forget it, give it out. Called by the API and by the workflows of rights; never commits."""

from functools import reduce
from typing import Any
from uuid import UUID

from contracts.vocabulary import AgencyId, ParticipantId, StaffId
from infra.chassis.db import Tx
from services.intake.note import domain, store
from services.intake.note.domain import Level, Note, Version


async def write(
    tx: Tx, participant: ParticipantId, *, agency: AgencyId, author: StaffId, text: str, level: Level
) -> Note:
    """Somebody writes something down. No event: what a note says, and that there is one, stays here."""
    first = Version(1, text, level, tx.now)
    [event] = domain.write(Note(tx.ids.ordered(), participant, agency, author, (first,)))
    note = domain.evolve(None, event)
    await store.add(tx, note)
    return note


async def correct(tx: Tx, note_id: UUID, text: str | None, level: Level | None, version: int) -> Note:
    """A further version of it. Raises `NotFound`, `Stale`, `Invalid`."""
    before = await store.lock(tx, note_id, version)
    events = domain.correct(before, text=text, level=level, now=tx.now)
    after = reduce(domain.evolve, events, before)
    if events:
        await store.add_version(tx, after)
    return after


async def forget(tx: Tx, participant: ParticipantId) -> int:
    """The person was erased: every version of every note goes; how many notes there were."""
    return await store.forget(tx, participant)


async def export(tx: Tx, participant: ParticipantId) -> list[dict[str, Any]]:
    """All of it, for the person's right to a copy; whose view of a talk it is stays out."""
    notes = await store.load(tx, await store.heads(tx, participant))
    return [
        {
            "agency": note.agency,
            "versions": [{"text": version.text, "at": version.at.isoformat()} for version in note.versions],
        }
        for note in notes
    ]
