"""Load, decide, save. Called by the API and by reactions alike; never commits."""

import secrets
from collections.abc import Collection, Mapping
from functools import reduce
from typing import Any, Final
from uuid import UUID

from contracts.refusal import Invalid, NotFound
from contracts.vocabulary import AgencyId, LanguageCode, ParticipantId, StaffId
from infra.chassis import deadlines
from infra.chassis.db import Tx
from infra.chassis.identity.base import ParticipantAccounts
from services.intake.participant import deputies, domain, history, store
from services.intake.participant.domain import (
    ChangeParticipant,
    Contact,
    Event,
    Identity,
    Participant,
    RegisterParticipant,
)
from services.intake.participant.reference import ALPHABET, new_reference, read_reference


async def register(
    tx: Tx,
    *,
    agency: AgencyId,
    caseworker: StaffId | None,
    identity: Identity,
    contact: Contact,
    language: LanguageCode | None,
) -> Participant:
    """A person is known from now on, under a random id and a code to read out."""
    command = RegisterParticipant(
        id=ParticipantId(tx.ids.random()),
        reference=new_reference(secrets.randbelow),
        agency=agency,
        caseworker=caseworker,
        identity=identity,
        contact=contact,
        language=language,
    )
    [event] = domain.register(command, now=tx.now)
    participant = domain.evolve(None, event)
    await store.add(tx, participant)
    await tx.say(event)
    return participant


async def change(tx: Tx, participant_id: ParticipantId, command: ChangeParticipant, version: int) -> Participant:
    """Change parts of the record. Raises `NotFound`, `Stale`."""
    before = await store.lock(tx, participant_id, version)
    events = domain.change(before, command, now=tx.now)
    after = reduce(domain.evolve, events, before)
    if events:
        await store.save(tx, after)
        await history.note(tx, before, after)
        await tx.say(*events)
    return after


INDEX: Final = "participant-index"
"""Deadline: records of a release before are made findable by all that this one finds them by. A migration sets it."""
INDEXED: Final = 200
"""Records of one transaction."""


async def index_again(tx: Tx, about: UUID, details: Mapping[str, Any]) -> None:
    """Some records more, and the rest afterwards."""
    if some := await next_after(tx, details.get("after")):
        await store.index_again(tx, some)
        await deadlines.put(tx, INDEX, about, tx.now, after=str(some[-1].id))


async def next_after(tx: Tx, after: str | None) -> list[Participant]:
    """Some records more, by id, for a job over all of them; held until the transaction ends."""
    return await store.lock_next(tx, UUID(after) if after else None, INDEXED)


async def claim(tx: Tx, participant_id: ParticipantId, staff: StaffId) -> Participant:
    """Take somebody from the team's queue. Raises `NotFound`, `Conflict`."""
    before = await store.lock(tx, participant_id)
    return await _assigned(tx, before, domain.claim(before, staff, now=tx.now))


async def succeed(tx: Tx, agency: AgencyId, staff: StaffId, successor: StaffId) -> int:
    """Everybody whom `staff` looked after is the successor's; how many. Standing in for `staff` ends, too."""
    people = await store.lock_assigned_to(tx, agency, staff, MOST_AT_ONCE)
    for before in people:
        await _assigned(tx, before, domain.assign(before, successor, now=tx.now))
    if len(people) < MOST_AT_ONCE:
        await deputies.end_all(tx, agency, staff)
    return len(people)


MOST_AT_ONCE: Final = 500
"""Records of one transaction: more than anybody looks after; whoever has more sends the command again."""


async def _assigned(tx: Tx, before: Participant, events: list[Event]) -> Participant:
    after = reduce(domain.evolve, events, before)
    if events:
        await store.save_assigned(tx, after)
        await history.note(tx, before, after)
        await tx.say(*events)
    return after


async def by_reference(tx: Tx, text: str) -> ParticipantId:
    """Whose code somebody typed. Raises `Invalid` for what can't be a code, `NotFound` for nobody's."""
    reference = read_reference(text)
    if reference is None:
        raise Invalid(
            "This is no reference code.",
            way_out="Compare it letter by letter: P-XXXX-XXXX, without I, L, O, U, 0 and 1.",
            field="reference",
        )
    participant = await store.by_reference(tx, reference)
    if participant is None:
        raise NotFound
    return participant


async def identity_of(tx: Tx, participants: Collection[ParticipantId]) -> Mapping[ParticipantId, Participant]:
    """The records of these ids for the service's own deciding: no disclosure. Ids of nobody are left out."""
    return {one.id: one for one in await store.load_all(tx, participants)}


async def issue_login(tx: Tx, participant_id: ParticipantId, accounts: ParticipantAccounts) -> tuple[str, str]:
    """(reference, log-in code) to be handed over in person; the code is kept nowhere. An earlier one ends.

    Raises `Unavailable` if the identity provider can't be reached.
    """
    participant = await store.load(tx, participant_id)
    code = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
    await accounts.enrol(participant.id, participant.reference, code)
    return participant.reference, code


async def forget(tx: Tx, participant: ParticipantId) -> int:
    """The person was erased: record and search tokens go."""
    return await store.forget(tx, participant)
