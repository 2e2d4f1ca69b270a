"""Agree on an appointment, move it, say what became of it, remind of it. Never commits."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from contracts.refusal import NotFound
from contracts.vocabulary import AgencyId, ParticipantId, StaffId
from infra.chassis import deadlines
from infra.chassis.db import Tx
from services.intake.appointment import domain, store
from services.intake.appointment.domain import Appointment, State, Terms

NEAR: Final = "appointment-near"


async def plan(tx: Tx, participant: ParticipantId, *, agency: AgencyId, staff: StaffId, terms: Terms) -> Appointment:
    """They will meet."""
    appointment = Appointment(tx.ids.ordered(), participant, agency, staff, terms)
    await store.add(tx, appointment)
    await _watch(tx, appointment)
    return appointment


async def move(tx: Tx, appointment_id: UUID, terms: Terms, version: int) -> Appointment:
    """They will meet at another time or place: the new appointment. Raises `NotFound`, `Stale`, `Conflict`."""
    found = await store.lock(tx, appointment_id, version)
    before, after = domain.move(found, tx.ids.ordered(), terms)
    await store.save(tx, before)
    await store.add(tx, after)
    for one in (before, after):
        await _watch(tx, one)
    return after


async def decide(tx: Tx, appointment_id: UUID, outcome: State, version: int) -> Appointment:
    """What became of it. Raises `NotFound`, `Stale`, `Conflict`."""
    before = await store.lock(tx, appointment_id, version)
    after = domain.decide(before, outcome, tx.now)
    if after != before:
        await store.save(tx, after)
        await _watch(tx, after)
    return after


async def remind(tx: Tx, appointment_id: UUID, _details: Mapping[str, Any]) -> None:
    """It is near, if it still stands."""
    try:
        appointment = await store.lock(tx, appointment_id)
    except NotFound:
        return
    await tx.say(*domain.near(appointment, tx.now))


async def agreed(tx: Tx, appointment_id: UUID, participant: ParticipantId, agency: AgencyId) -> Terms | None:
    """What this agency agreed with this person, for a letter about it; None if there is no such appointment."""
    try:
        found = await store.load(tx, appointment_id)
    except NotFound:
        return None
    return found.terms if (found.participant, found.agency) == (participant, agency) else None


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """The person was erased: the appointments go, and nobody is reminded."""
    for appointment in await store.forget(tx, participant):
        await deadlines.cancel(tx, NEAR, appointment)


async def export(tx: Tx, participant: ParticipantId) -> list[dict[str, Any]]:
    """All of them, for the person's right to a copy."""
    return [
        {
            "agency": one.agency,
            **asdict(one.terms),
            "begins_at": one.terms.begins_at.isoformat(),
            "state": one.state.value,
        }
        for one in await store.of(tx, participant)
    ]


async def _watch(tx: Tx, appointment: Appointment) -> None:
    at = domain.remind_at(appointment, tx.now)
    if at is None:
        await deadlines.cancel(tx, NEAR, appointment.id)
    else:
        await deadlines.put(tx, NEAR, appointment.id, at)
