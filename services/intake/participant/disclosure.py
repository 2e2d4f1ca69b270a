"""Which sections of a record the caller sees. The one room that knows of protected contacts."""

from uuid import UUID

from contracts.vocabulary import Category, ParticipantId
from infra.chassis.caller import Caller
from infra.chassis.db import Tx
from infra.chassis.policy import Record
from services.intake.participant import deputies, store
from services.intake.participant.domain import Participant

GUARDED = "participant:read-protected"


async def opened(tx: Tx, who: Caller, participant: ParticipantId) -> tuple[Participant, set[Category]]:
    """The record and the categories that are open to the caller. Raises as `Caller.allow` does if none is."""
    record = Record.of_participant(participant)
    shown = {category for category in Category if await who.can(tx, record, category)}
    if not shown:
        await who.allow(tx, record, Category.IDENTITY)
    found = await store.load(tx, participant)
    return found, await guarded(tx, who, found, shown)


async def guarded(tx: Tx, who: Caller, found: Participant, shown: set[Category]) -> set[Category]:
    """Without a contact that is protected from the caller: no grant and no colleague opens it."""
    if found.protected and not await who.can(tx, await _looked_after(tx, found), Category.CONTACT, GUARDED):
        return shown - {Category.CONTACT}
    return shown


async def allow_guarded(tx: Tx, who: Caller, participant: ParticipantId) -> None:
    """Go on only if the caller sees the contact though it is protected. Raises `NotFound`, `NotAllowed`."""
    await who.allow(tx, await _looked_after(tx, await store.load(tx, participant)), Category.CONTACT, action=GUARDED)


async def _looked_after(tx: Tx, found: Participant) -> Record:
    """With the assigned caseworker and those who stand in today."""
    staff = frozenset[UUID]()
    if found.caseworker is not None:
        staff = await deputies.of(tx, found.agency, found.caseworker) | {found.caseworker}
    return Record("participant", str(found.id), found.id, staff=staff)
