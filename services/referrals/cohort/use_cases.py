"""Load, decide, save. Called by the API and by reactions alike; never commits."""

from collections.abc import Mapping
from datetime import date
from functools import reduce

from contracts.events import intake
from contracts.programmes.loader import all_programmes
from contracts.refusal import Invalid
from contracts.vocabulary import (
    AgencyId,
    Category,
    CohortId,
    EnrolmentId,
    JourneyId,
    ParticipantId,
    ProgrammeRef,
    StaffId,
)
from infra.chassis import access
from infra.chassis.db import Tx
from services.referrals.cohort import domain, store
from services.referrals.cohort.domain import Cohort, Enrolment


async def open_cohort(
    tx: Tx,
    *,
    programme: ProgrammeRef,
    name: str,
    starts_on: date,
    bindings: Mapping[str, AgencyId],
    agency: AgencyId,
    coach: StaffId,
) -> Cohort:
    """A class on this version of the programme. Raises `Invalid` for a function that nobody took."""
    template = all_programmes().get(programme)
    if template is None:
        raise Invalid(
            "There is no such programme.",
            way_out=f"Choose one of: {', '.join(sorted(all_programmes()))}.",
            field="programme",
        )
    domain.bind(template, bindings)
    cohort = Cohort(CohortId(tx.ids.ordered()), programme, name, starts_on, agency, coach, bindings)
    await store.add(tx, cohort)
    return cohort


async def request(
    tx: Tx, cohort_id: CohortId, participant: ParticipantId, *, agency: AgencyId, by: StaffId
) -> Enrolment:
    """Ask for a place; intake answers whether the participant fits. Raises `NotFound`, `Conflict`."""
    cohort = await store.load(tx, cohort_id)
    await tx.lock("enrolment", cohort_id, participant)
    wanted = Enrolment(EnrolmentId(tx.ids.ordered()), cohort.id, participant, by, agency, tx.now)
    earlier = await store.enrolments_of(tx, cohort.id, participant)
    events = domain.request(wanted, cohort, leads_lawfully=await _lawful(tx, cohort, participant), earlier=earlier)
    enrolment = domain.evolve(None, events[0])
    await store.add_enrolment(tx, enrolment)
    await tx.say(*events)
    return enrolment


async def answered(tx: Tx, fact: intake.EligibilityDecided) -> None:
    """Intake says whether the participant fits. An enrolment that is gone belonged to somebody who was forgotten."""
    before = await store.enrolment(tx, fact.enrolment, hold=True)
    if before is None:
        return
    cohort = await store.load(tx, before.cohort)
    events = domain.answer(
        before,
        cohort,
        reasons=fact.reasons,
        eligible=fact.eligible,
        leads_lawfully=await _lawful(tx, cohort, before.participant),
        journey=JourneyId(tx.ids.ordered()),
        now=tx.now,
    )
    if events:
        await store.save_enrolment(tx, reduce(domain.evolve, events, before))
        await tx.say(*events)


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """The person is erased."""
    await store.forget(tx, participant)


async def _lawful(tx: Tx, cohort: Cohort, participant: ParticipantId) -> bool:
    standing = await access.standing(tx, participant, cohort.agency)
    return standing.owner == cohort.agency or Category.JOURNEY in standing.granted
