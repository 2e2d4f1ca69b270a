"""What intake's facts change in the picture of who may see whom (`access.py`).

Every service hears them; intake itself applies the same functions in the transaction that states the fact.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import delete, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from contracts.envelope import Fact
from contracts.events import intake
from infra.chassis.access import EndedAccess, Grant, Link, Person
from infra.chassis.arrival import Handler
from infra.chassis.db import Tx


async def registered(tx: Tx, fact: intake.ParticipantRegistered) -> None:
    correlation = tx.cause.correlationid if tx.cause else tx.ids.random()
    tx.add(
        Person,
        id=fact.participant,
        reference=fact.reference,
        agency=fact.agency,
        caseworker=fact.caseworker,
        correlation=correlation,
        restricted=False,
        registered_at=fact.at,
    )
    tx.memo[Person, fact.participant] = correlation


async def changed(tx: Tx, fact: intake.ParticipantChanged) -> None:
    await tx.execute(
        update(Person).where(col(Person.id) == fact.participant).values(agency=fact.agency, caseworker=fact.caseworker)
    )


async def given(tx: Tx, fact: intake.GrantGiven) -> None:
    for category in fact.categories:
        row = insert(Grant).values(
            id=fact.grant,
            category=category,
            participant=fact.participant,
            recipient=fact.recipient,
            valid_from=fact.valid_from,
            valid_until=fact.valid_until,
        )
        await tx.execute(row.on_conflict_do_nothing())


async def ended_grant(tx: Tx, fact: intake.GrantEnded) -> None:
    await tx.execute(
        delete(Grant).where(col(Grant.id) == fact.grant, col(Grant.category).in_([str(c) for c in fact.categories]))
    )


async def linked(tx: Tx, fact: intake.SamePersonLinked) -> None:
    row = insert(Link).values(id=fact.link, a=fact.a, b=fact.b, canonical=fact.canonical)
    await tx.execute(row.on_conflict_do_nothing())


async def unlinked(tx: Tx, fact: intake.LinkRemoved) -> None:
    await tx.execute(delete(Link).where(col(Link.id) == fact.link))


async def restricted(tx: Tx, fact: intake.ProcessingRestricted) -> None:
    await tx.execute(update(Person).where(col(Person.id) == fact.participant).values(restricted=True))


async def lifted(tx: Tx, fact: intake.RestrictionLifted) -> None:
    await tx.execute(update(Person).where(col(Person.id) == fact.participant).values(restricted=False))


async def erased(tx: Tx, fact: intake.ParticipantErased) -> None:
    """The pseudonym goes too: traces of this person can no longer be found by anybody."""
    await tx.execute(delete(Grant).where(col(Grant.participant) == fact.participant))
    await tx.execute(delete(Link).where(or_(col(Link.a) == fact.participant, col(Link.b) == fact.participant)))
    await tx.execute(delete(Person).where(col(Person.id) == fact.participant))


async def staff_ended(tx: Tx, fact: intake.StaffAccessEnded) -> None:
    row = insert(EndedAccess).values(staff=fact.staff, not_before=fact.not_before)
    await tx.execute(row.on_conflict_do_update(index_elements=["staff"], set_={"not_before": row.excluded.not_before}))


PROJECTION: Final[Mapping[type[Fact], Handler]] = {
    intake.ParticipantRegistered: registered,
    intake.ParticipantChanged: changed,
    intake.GrantGiven: given,
    intake.GrantEnded: ended_grant,
    intake.SamePersonLinked: linked,
    intake.LinkRemoved: unlinked,
    intake.ParticipantErased: erased,
    intake.ProcessingRestricted: restricted,
    intake.RestrictionLifted: lifted,
    intake.StaffAccessEnded: staff_ended,
}
