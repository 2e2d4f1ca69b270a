"""What an agency offers, and whether it can take somebody on. Holds nothing about any participant.

Names follow Human Services Data Specification (HSDS) 3 where it has them: `name`, `description` and `assured_at` are
`service.name`, `service.description` and `service.assured_date`; `eligibility` is `service.eligibility_description`;
`agency` is `service.organization_id`; `languages` are `language.code` of the service; `free_places` is
`service_capacity.available`; `contact` is a `contact` of the service. HSDS has no word for our `need` (there it would
be a `taxonomy_term` of a taxonomy of ours) nor for `capacity_state`, which is ours.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.refusal import Invalid
from contracts.vocabulary import AgencyId, LanguageCode, NeedDomain


class CapacityState(StrEnum):
    """Whether somebody who is sent there now will be helped."""

    CAPACITY = "capacity"
    NO_CAPACITY = "no-capacity"
    WAITLIST = "waitlist"
    ADDITIONAL_ASSESSMENT_REQUIRED = "additional-assessment-required"


@dataclass(frozen=True, slots=True)
class Capacity:
    """State and, where it is counted, the number of free places."""

    state: CapacityState
    free_places: int | None = None

    def __post_init__(self) -> None:
        """Raises `Invalid` if the two contradict each other."""
        full = self.state in (CapacityState.NO_CAPACITY, CapacityState.WAITLIST)
        if full and self.free_places:
            raise Invalid(
                f"A service with free places is not {self.state.value!r}.",
                way_out="Set free_places to 0, or the state to 'capacity'.",
                field="free_places",
            )

    @property
    def takes_on(self) -> bool:
        """A waiting list and a further assessment still lead to help; a full service does not."""
        if self.state is CapacityState.CAPACITY:
            return self.free_places != 0
        return self.state is not CapacityState.NO_CAPACITY


@dataclass(frozen=True, slots=True)
class ListedService:
    """One entry. `assured_at` is business time of the last word of the agency that all this still holds."""

    id: UUID
    agency: AgencyId
    name: str
    need: NeedDomain
    description: str
    languages: tuple[LanguageCode, ...]
    eligibility: str
    capacity: Capacity
    contact: str | None
    assured_at: datetime
    version: int = 1
