"""Whom to tell of a fact: what is known, the table, and what people have muted."""

from collections.abc import Sequence

from contracts.envelope import Fact
from contracts.vocabulary import ParticipantId, StaffId
from infra.chassis import access
from infra.chassis.db import Tx
from infra.chassis.deliver import NotYet
from services.notifications.preference import use_cases as preference
from services.notifications.rules import store
from services.notifications.rules.domain import Known, Staff, Telling, whom
from services.notifications.rules.table import TABLE


async def concerned(
    tx: Tx, fact: Fact, participant: ParticipantId, told_before: Sequence[Staff] = ()
) -> tuple[str, list[Telling]]:
    """(the participant's reference code, everybody to be told of this fact because of this participant).

    Raises `NotYet` while intake's fact about the participant has not arrived.
    """
    standing = await access.standing(tx, participant, None)
    if standing.owner is None or standing.reference is None:
        raise NotYet
    coaches, employers = await store.parts(tx, participant)
    known = Known(
        participant=participant,
        home=standing.owner,
        caseworker=None if standing.caseworker is None else StaffId(standing.caseworker),
        coaches=coaches,
        employers=employers,
        deed_of=None if tx.cause is None else tx.cause.agency,
        told_before=tuple(told_before),
    )
    tellings = whom(fact, TABLE[type(fact)], known)
    people = [one.recipient.person for one in tellings if one.recipient.person is not None]
    muting = await preference.muting(tx, fact.TYPE, people)
    return standing.reference, [one for one in tellings if one.escalation or one.recipient.person not in muting]
