"""What an agency offers, and whether it can take somebody on. Holds nothing about any participant.

Names follow Human Services Data Specification (HSDS) 3 where it has them: `name`, `description` and `assured_at` are
`service.name`, `service.description` and `service.assured_date`; `eligibility` is `service.eligibility_description`;
`agency` is `service.organization_id`; `languages` are `language.code` of the service; `free_places` is
`service_capacity.available`; `contact` is a `contact` of the service. HSDS has no word for our `need` (there it would
be a `taxonomy_term` of a taxonomy of ours) nor for `capacity_state`, which is ours. What comes in from HSDS files keeps
the ids of HSDS: so it is known again.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
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
class Opening:
    """When it is open (`schedule`). `days` as iCalendar writes them: `MO,TH`, or `1,15` within a month."""

    freq: str = ""
    interval: int | None = None
    days: str = ""
    opens_at: time | None = None
    closes_at: time | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    description: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What it costs, and for whom (`cost_option`)."""

    option: str = ""
    amount: float | None = None
    currency: str = ""
    description: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What else HSDS says of a service: what it costs, when it is open, who it is for, how to get in."""

    alternate_name: str = ""
    website: str = ""
    email: str = ""
    fees: str = ""
    costs: tuple[Cost, ...] = ()
    openings: tuple[Opening, ...] = ()
    minimum_age: float | None = None
    maximum_age: float | None = None
    application: str = ""
    documents: tuple[str, ...] = ()
    waiting_time: str = ""
    interpretation: str = ""
    accreditations: str = ""
    areas: tuple[str, ...] = ()
    alert: str = ""
    assurer: str = ""
    """Address of the office that says whether all this still holds."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where letters or people go (`address`)."""

    kind: str
    lines: tuple[str, ...]
    city: str
    state: str
    postal_code: str
    country: str


@dataclass(frozen=True, slots=True)
class Location:
    """A place where help is given. `agency` keeps the entry."""

    id: UUID
    agency: AgencyId
    kind: str
    name: str = ""
    alternate_name: str = ""
    description: str = ""
    website: str = ""
    transportation: str = ""
    latitude: float | None = None
    longitude: float | None = None
    addresses: tuple[Address, ...] = ()
    accessibility: tuple[str, ...] = ()
    languages: tuple[LanguageCode, ...] = ()
    openings: tuple[Opening, ...] = ()


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who offers help. `agency` keeps the entry: an organisation need not be an agency of the region."""

    id: UUID
    agency: AgencyId
    name: str
    description: str
    alternate_name: str = ""
    email: str = ""
    website: str = ""
    legal_status: str = ""
    parent: UUID | None = None


@dataclass(frozen=True, slots=True)
class ListedService:
    """One entry of `agency`, to which referrals go; `organisation` is named where that is somebody else.

    `assured_at` is business time of the last word of the agency that all this still holds.
    """

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
    organisation: UUID | None = None
    locations: tuple[UUID, ...] = ()
    details: Details = field(default_factory=Details)


def renewed(known: ListedService, said: ListedService, *, assured: bool) -> ListedService:
    """The entry after a file said it anew; equal to the known one if that is no change.

    How full it is stays what the agency has said since, unless the file says that it is closed. A file without a day
    assures nothing.
    """
    closed = said.capacity.state is CapacityState.NO_CAPACITY
    return ListedService(
        id=known.id,
        agency=known.agency,
        name=said.name,
        need=said.need,
        description=said.description,
        languages=said.languages,
        eligibility=said.eligibility,
        capacity=said.capacity if closed else known.capacity,
        contact=said.contact,
        assured_at=max(known.assured_at, said.assured_at) if assured else known.assured_at,
        version=known.version,
        organisation=said.organisation,
        locations=said.locations,
        details=said.details,
    )
