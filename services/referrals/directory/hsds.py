"""What we take of the Human Services Data Specification 3, in its own words, and how it becomes an entry of ours.

Parses and names; decides nothing. A field that we don't take stays in `model_extra`, so that it can be told.
"""

from datetime import UTC, datetime, time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.vocabulary import AgencyId, Day, LanguageCode, NeedDomain
from services.referrals.directory.domain import (
    Address,
    Capacity,
    CapacityState,
    Cost,
    Details,
    ListedService,
    Location,
    Opening,
    Organisation,
)

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Age = Annotated[float | None, Field(ge=0, le=150)]


class Said(BaseModel):
    """Common to all: more than we take may stand there."""

    model_config = ConfigDict(extra="allow")


class Schedule(Said):
    freq: Literal["WEEKLY", "MONTHLY", ""] = ""
    interval: Annotated[int | None, Field(ge=1, le=1000)] = None
    byday: Line = ""
    bymonthday: Line = ""
    opens_at: time | None = None
    closes_at: time | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    description: Text = ""
    notes: Text = ""

    def taken(self) -> Opening:
        days = self.byday or self.bymonthday
        return Opening(
            self.freq, self.interval, days, self.opens_at, self.closes_at, self.valid_from, self.valid_to,
            self.description, self.notes,
        )  # fmt: skip


class CostOption(Said):
    option: Text = ""
    amount: Annotated[float | None, Field(ge=0, le=1e9)] = None
    currency: Line = ""
    amount_description: Text = ""
    valid_from: Day | None = None
    valid_to: Day | None = None

    def taken(self) -> Cost:
        return Cost(self.option, self.amount, self.currency, self.amount_description, self.valid_from, self.valid_to)


class Language(Said):
    code: LanguageCode


class Phone(Said):
    number: Line


class Contact(Said):
    name: Line = ""
    department: Line = ""
    email: Line = ""
    phones: Annotated[list[Phone], Field(max_length=50)] = []


class Document(Said):
    document: Text = ""


class Area(Said):
    name: Text = ""


class AtLocation(Said):
    location_id: UUID


class Amount(Said):
    available: Annotated[int, Field(ge=0, le=10_000)]


class ServiceSaid(Said):
    """`service`, without what is an object of its own."""

    id: UUID
    name: Name
    status: Literal["active", "inactive", "defunct", "temporarily closed"]
    organization_id: UUID | None = None
    alternate_name: Line = ""
    description: Text = ""
    url: Line = ""
    email: Line = ""
    interpretation_services: Text = ""
    application_process: Text = ""
    fees_description: Text = ""
    wait_time: Line = ""
    accreditations: Text = ""
    eligibility_description: Text = ""
    minimum_age: Age = None
    maximum_age: Age = None
    assured_date: Day | None = None
    assurer_email: Line = ""
    alert: Text = ""
    languages: Annotated[list[Language], Field(max_length=50)] = []
    schedules: Annotated[list[Schedule], Field(max_length=50)] = []
    cost_options: Annotated[list[CostOption], Field(max_length=50)] = []
    contacts: Annotated[list[Contact], Field(max_length=50)] = []
    phones: Annotated[list[Phone], Field(max_length=50)] = []
    required_documents: Annotated[list[Document], Field(max_length=50)] = []
    service_areas: Annotated[list[Area], Field(max_length=50)] = []
    service_at_locations: Annotated[list[AtLocation], Field(max_length=200)] = []
    service_capacity: Annotated[list[Amount], Field(max_length=1)] = []

    def taken(self, agency: AgencyId, need: NeedDomain, *, now: datetime) -> ListedService:
        """Raises `Invalid` where free places and state contradict each other."""
        assured = datetime.combine(self.assured_date, time(), UTC) if self.assured_date else now
        return ListedService(
            id=self.id,
            agency=agency,
            name=self.name,
            need=need,
            description=self.description,
            languages=tuple(dict.fromkeys(one.code for one in self.languages)),
            eligibility=self.eligibility_description,
            capacity=self._capacity(),
            contact=self._contact(),
            assured_at=assured,
            organisation=self.organization_id,
            locations=tuple(dict.fromkeys(one.location_id for one in self.service_at_locations)),
            details=Details(
                alternate_name=self.alternate_name,
                website=self.url,
                email=self.email,
                fees=self.fees_description,
                costs=tuple(one.taken() for one in self.cost_options),
                openings=tuple(one.taken() for one in self.schedules),
                minimum_age=self.minimum_age,
                maximum_age=self.maximum_age,
                application=self.application_process,
                documents=tuple(one.document for one in self.required_documents if one.document),
                waiting_time=self.wait_time,
                interpretation=self.interpretation_services,
                accreditations=self.accreditations,
                areas=tuple(one.name for one in self.service_areas if one.name),
                alert=self.alert,
                assurer=self.assurer_email,
            ),
        )

    def _capacity(self) -> Capacity:
        """HSDS says whether a service exists, seldom how full it is: then whoever sends somebody there asks first."""
        if self.status != "active":
            return Capacity(CapacityState.NO_CAPACITY, 0)
        if self.service_capacity:
            free = self.service_capacity[0].available
            return Capacity(CapacityState.CAPACITY if free else CapacityState.NO_CAPACITY, free)
        return Capacity(CapacityState.ADDITIONAL_ASSESSMENT_REQUIRED)

    def _contact(self) -> str | None:
        """The first person or desk with its number, in one line; else the first number."""
        if not self.contacts:
            return self.phones[0].number.strip('"') if self.phones else None
        first = self.contacts[0]
        parts = [first.name, first.department, *(one.number.strip('"') for one in first.phones[:1]), first.email]
        return ", ".join(filter(None, parts))[:200] or None


class AddressSaid(Said):
    address_1: Line
    address_2: Line = ""
    city: Line
    state_province: Line
    postal_code: Line
    country: Annotated[str, StringConstraints(min_length=2, max_length=2)]
    address_type: Literal["physical", "postal", "virtual"]

    def taken(self) -> Address:
        lines = tuple(filter(None, (self.address_1, self.address_2)))
        return Address(self.address_type, lines, self.city, self.state_province, self.postal_code, self.country)


class Accessibility(Said):
    description: Text = ""


class LocationSaid(Said):
    """`location`."""

    id: UUID
    location_type: Literal["physical", "postal", "virtual"]
    name: Line = ""
    alternate_name: Line = ""
    description: Text = ""
    url: Line = ""
    transportation: Text = ""
    latitude: float | None = None
    longitude: float | None = None
    addresses: Annotated[list[AddressSaid], Field(max_length=20)] = []
    accessibility: Annotated[list[Accessibility], Field(max_length=50)] = []
    languages: Annotated[list[Language], Field(max_length=50)] = []
    schedules: Annotated[list[Schedule], Field(max_length=50)] = []

    @property
    def on_earth(self) -> bool:
        return (
            self.latitude is not None and self.longitude is not None
            and -90 <= self.latitude <= 90 and -180 <= self.longitude <= 180
        )  # fmt: skip

    def taken(self, agency: AgencyId) -> Location:
        return Location(
            id=self.id,
            agency=agency,
            kind=self.location_type,
            name=self.name,
            alternate_name=self.alternate_name,
            description=self.description,
            website=self.url,
            transportation=self.transportation,
            latitude=self.latitude if self.on_earth else None,
            longitude=self.longitude if self.on_earth else None,
            addresses=tuple(one.taken() for one in self.addresses),
            accessibility=tuple(one.description for one in self.accessibility if one.description),
            languages=tuple(dict.fromkeys(one.code for one in self.languages)),
            openings=tuple(one.taken() for one in self.schedules),
        )


class OrganisationSaid(Said):
    """`organization`."""

    id: UUID
    name: Name
    description: Text
    alternate_name: Line = ""
    email: Line = ""
    website: Line = ""
    legal_status: Line = ""
    parent_organization_id: UUID | None = None

    def taken(self, agency: AgencyId) -> Organisation:
        return Organisation(
            id=self.id,
            agency=agency,
            name=self.name,
            description=self.description,
            alternate_name=self.alternate_name,
            email=self.email,
            website=self.website,
            legal_status=self.legal_status,
            parent=self.parent_organization_id,
        )
