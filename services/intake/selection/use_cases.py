"""Load, decide, save. Never commits."""

from collections.abc import Mapping, Sequence

from contracts.refusal import Invalid
from contracts.selection import Procedure, Step, all_procedures
from contracts.vocabulary import ParticipantId, ProgrammeRef, StaffId
from infra.chassis.db import Tx
from services.intake.selection import domain, store
from services.intake.selection.domain import Answer, Decision, Filled, Judgement, Outcome


def procedure_of(ref: ProgrammeRef) -> Procedure:
    """Raises `Invalid` for one that this release does not have."""
    found = all_procedures().get(ref)
    if found is None:
        known = ", ".join(sorted(all_procedures()))
        raise Invalid("There is no such procedure.", way_out=f"There are {known}.", field="procedure")
    return found


async def fill_in(
    tx: Tx, participant: ParticipantId, ref: ProgrammeRef, step: Step, answers: Mapping[str, Answer], by: StaffId
) -> Filled:
    """An assessor fills in a form. Raises `Conflict`, `Invalid`."""
    procedure = procedure_of(ref)
    await store.take_turns(tx, participant)
    filled = Filled(tx.ids.ordered(), participant, ref, step, by, answers, tx.now)
    events = domain.fill_in(procedure, filled, await store.filled_for(tx, participant))
    await store.add(tx, filled)
    await tx.say(*events)
    return filled


async def decide(
    tx: Tx,
    participant: ParticipantId,
    ref: ProgrammeRef,
    outcome: Outcome,
    judgements: Sequence[Judgement],
    reason: str,
    by: StaffId,
) -> Decision:
    """A person decides on all forms that are there. Raises `Conflict`, `Invalid`."""
    procedure = procedure_of(ref)
    await store.take_turns(tx, participant)
    before = [one for one in await store.filled_for(tx, participant) if one.procedure == ref]
    rests_on = tuple(sorted(one.id for one in before))
    decision = Decision(tx.ids.ordered(), participant, ref, outcome, tuple(judgements), reason, by, rests_on, tx.now)
    events = domain.decide(procedure, decision, before)
    await store.add_decision(tx, decision)
    await tx.say(*events)
    return decision


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """The person was erased: forms and decisions go."""
    await store.forget(tx, participant)
