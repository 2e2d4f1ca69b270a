"""A person is erased: every capability takes the person out of its rows, then the key is destroyed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from uuid import UUID

from contracts.events import intake
from contracts.vocabulary import ParticipantId
from infra.chassis.db import Tx
from services.intake.appointment import use_cases as appointment
from services.intake.assessment import use_cases as assessment
from services.intake.document import use_cases as document
from services.intake.duplicates import use_cases as duplicates
from services.intake.grant import use_cases as grant
from services.intake.imports import use_cases as imports
from services.intake.letter import use_cases as letter
from services.intake.note import use_cases as note
from services.intake.participant import use_cases as participant
from services.intake.profile import use_cases as profile
from services.intake.residence import use_cases as residence
from services.intake.rights import use_cases as rights
from services.intake.rights.domain import Erased
from services.intake.selection import use_cases as selection

FORGETS: Final[Mapping[str, Callable[[Tx, ParticipantId], Awaitable[int | None]]]] = {
    "participant": participant.forget,
    "grant": grant.forget,
    "duplicates": duplicates.forget,
    "profile": profile.forget,
    "residence": residence.forget,
    "assessment": assessment.forget,
    "imports": imports.forget,
    "rights": rights.forget,
    "note": note.forget,
    "document": document.forget,
    "appointment": appointment.forget,
    "letter": letter.forget,
    "selection": selection.forget,
}
"""Capability -> takes the person out of its rows; how many there were. A test holds it against the capabilities."""


async def carry_out(tx: Tx, request: UUID) -> None:
    """The erasure that was granted. Repeating it does nothing: the request is nobody's any more."""
    person = await rights.to_be_erased(tx, request)
    if person is None:
        return
    counted = await _forget(tx, person)
    await rights.done(tx, request, counted)
    await tx.say(Erased(person, tx.now))
    await tx.vault.shred(tx, person)


async def again(tx: Tx, fact: intake.ParticipantErased) -> None:
    """After a restore: what the back-up brought back goes as it went the first time."""
    await _forget(tx, fact.participant)
    await tx.vault.shred(tx, fact.participant)


async def _forget(tx: Tx, person: ParticipantId) -> dict[str, int]:
    """Rows per capability. Destroying the key comes after it, last: a roll-back does not undo that."""
    counted = {name: await forget(tx, person) for name, forget in FORGETS.items()}
    return {name: rows for name, rows in counted.items() if rows is not None}
