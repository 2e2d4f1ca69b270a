"""A participant's place in a programme: what every fact about a journey says, and what never changes about it."""

from dataclasses import dataclass

from contracts.vocabulary import AgencyId, CohortId, JourneyId, ParticipantId, ProgrammeRef, StaffId


@dataclass(frozen=True, slots=True)
class Seat:
    """Whose journey it is, on which version of which programme, and who leads it."""

    journey: JourneyId
    participant: ParticipantId
    cohort: CohortId
    programme: ProgrammeRef
    agency: AgencyId
    """The agency that leads the cohort."""
    coach: StaffId
