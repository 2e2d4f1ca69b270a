"""Record and change barriers; answer whether somebody may take part in a programme. Never commits."""

from functools import reduce
from uuid import UUID

from contracts.events import referrals
from contracts.programmes import all_programmes
from contracts.vocabulary import NeedDomain, ParticipantId
from infra.chassis.db import Tx
from infra.chassis.deliver import NotYet
from services.intake.assessment import domain, eligibility, store
from services.intake.assessment.domain import Barrier, Severity
from services.intake.participant import use_cases as participants
from services.intake.profile import use_cases as profiles
from services.intake.residence import domain as residence
from services.intake.residence import use_cases as residences


async def record(tx: Tx, participant: ParticipantId, need: NeedDomain, severity: Severity, note: str) -> Barrier:
    """A need was found."""
    events = domain.record(Barrier(tx.ids.ordered(), participant, need, severity, note, recorded_at=tx.now))
    barrier = domain.evolve(None, events[0])
    await _take_turns(tx, participant)
    await store.add(tx, barrier)
    await _tell(tx, participant)
    return barrier


async def change(tx: Tx, barrier: UUID, severity: Severity | None, is_open: bool | None, version: int) -> Barrier:
    """It weighs more or less, is over, or is back. Raises `NotFound`, `Stale`, `Invalid`."""
    await _take_turns(tx, await store.whose(tx, barrier))
    before = await store.lock(tx, barrier, version)
    events = domain.change(before, severity=severity, is_open=is_open, now=tx.now)
    after = reduce(domain.evolve, events, before)
    if events:
        await store.save(tx, after)
        await _tell(tx, before.participant)
    return after


async def decide_eligibility(tx: Tx, asked: referrals.EnrolmentRequested) -> None:
    """A place in a cohort is asked for: answer yes or no. Waits while person or programme are unknown here."""
    participant, programme = asked.participant, all_programmes().get(asked.programme)
    known = (await participants.identity_of(tx, [participant])).get(participant)
    if known is None:
        raise NotYet("the participant is not known here yet")
    if programme is None:
        raise NotYet("this release does not have the programme yet")
    profile, history = await profiles.profile_of(tx, participant), await residences.history_of(tx, participant)
    birth = known.identity.birth
    person = eligibility.Person(
        birth_year=birth.year,
        birth_month=birth.month,
        birth_day=birth.day,
        rights=residence.rights_on(history, asked.on),
        residence_status=residence.status_on(history, asked.on),
        languages=profile.levels,
        occupations=profile.known_occupations,
    )
    reasons = eligibility.reasons_against(programme.eligibility, person, asked.on)
    await tx.say(eligibility.EligibilityDecided(asked.enrolment, participant, asked.programme, reasons, tx.now))


async def forget(tx: Tx, participant: ParticipantId) -> int:
    """The person was erased: every barrier goes."""
    return await store.forget(tx, participant)


async def _take_turns(tx: Tx, participant: ParticipantId) -> None:
    """The whole state is told: two changes at the same time must not each leave out the other."""
    await tx.lock(store.SCHEMA, participant)


async def _tell(tx: Tx, participant: ParticipantId) -> None:
    barriers = await store.of(tx, participant, list(NeedDomain))
    await tx.say(domain.whole_state(participant, barriers, now=tx.now))
