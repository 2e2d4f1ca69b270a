"""What is sent and answered about a record. The one room that decides what a withheld section still says."""

from datetime import datetime
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from contracts.vocabulary import Category, LanguageCode, StaffId
from infra.chassis.caller import not_allowed
from infra.chassis.sent import In, example
from services.intake.participant.domain import (
    EMAIL,
    LONGEST_LINE,
    PHONE,
    BirthDate,
    ChangeParticipant,
    Contact,
    Identity,
    Participant,
)

SECTIONS: Final = (Category.IDENTITY, Category.CONTACT)

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_LINE)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=PHONE)]


class BirthIn(In):
    """Leave out what is unknown."""

    year: Annotated[int | None, Field(ge=1900, le=2100)] = None
    month: Annotated[int | None, Field(ge=1, le=12)] = None
    day: Annotated[int | None, Field(ge=1, le=31)] = None


class IdentityIn(In):
    """The name as the person gives it."""

    given_name: Line = ""
    family_name: Line = ""
    birth: BirthIn = BirthIn()

    def as_identity(self) -> Identity:
        birth = BirthDate(self.birth.year, self.birth.month, self.birth.day)
        return Identity(self.given_name, self.family_name, birth)


class ContactIn(In):
    """How the person can be reached."""

    phone: Phone | None = None
    email: Annotated[str, StringConstraints(max_length=LONGEST_LINE, pattern=EMAIL)] | None = None
    address: Line | None = None

    def as_contact(self) -> Contact:
        return Contact(self.phone, self.email, self.address)


class RegisterIn(
    In,
    json_schema_extra=example(
        identity={"given_name": "Amal", "family_name": "Haddad", "birth": {"year": 1994, "month": 3}},
        contact={"phone": "+49 30 5550101"},
        language="ar",
    ),
):
    """A new person."""

    identity: IdentityIn
    contact: ContactIn = ContactIn()
    language: LanguageCode | None = None


class ChangeIn(In, json_schema_extra=example(contact={"phone": "+49 30 5550102"}, language="de")):
    """What shall become different."""

    identity: IdentityIn | None = None
    contact: ContactIn | None = None
    language: LanguageCode | None = None
    caseworker: UUID | None = None
    protected: Annotated[
        bool | None, Field(description="Show the contact to the assigned caseworker and supervisors only.")
    ] = None

    def as_command(self) -> ChangeParticipant:
        return ChangeParticipant(
            identity=self.identity.as_identity() if self.identity else None,
            contact=self.contact.as_contact() if self.contact else None,
            language=self.language,
            caseworker=StaffId(self.caseworker) if self.caseworker else None,
            protected=self.protected,
        )


class BirthOut(BaseModel):
    year: int | None
    month: int | None
    day: int | None


class IdentityOut(BaseModel):
    given_name: str
    family_name: str
    birth: BirthOut


class ContactOut(BaseModel):
    phone: str | None
    email: str | None
    address: str | None


class Withheld(BaseModel):
    """A section that the caller may not see, and how to ask for it."""

    category: Category
    way_out: str


GUARDED: Final = "This contact is protected. Ask the assigned caseworker, or a supervisor of your agency."


class ParticipantOut(BaseModel):
    """A record, as far as the caller may see it."""

    id: UUID
    reference: str
    agency: str
    caseworker: UUID | None
    registered_at: datetime
    version: int
    identity: IdentityOut | None = None
    contact: ContactOut | None = None
    language: str | None = None
    protected: bool | None = None
    """Whether the contact is for those who look after the person alone; told to the responsible agency."""
    withheld: list[Withheld] = []

    @classmethod
    def of(cls, participant: Participant, shown: set[Category], reader: str | None) -> Self:
        """Only the sections in `shown`, for somebody of the agency `reader`."""
        out = cls(
            id=participant.id,
            reference=participant.reference,
            agency=participant.agency,
            caseworker=participant.caseworker,
            registered_at=participant.registered_at,
            version=participant.version,
        )
        if Category.IDENTITY in shown:
            out.identity = IdentityOut.model_validate(participant.identity, from_attributes=True)
            out.language = participant.language
        if Category.CONTACT in shown:
            out.contact = ContactOut.model_validate(participant.contact, from_attributes=True)
        at_home = reader == participant.agency
        out.protected = participant.protected if at_home else None
        guarded = {Category.CONTACT} if participant.protected and at_home else set()
        out.withheld = [
            Withheld(category=section, way_out=GUARDED if section in guarded else not_allowed("", section).way_out)
            for section in SECTIONS
            if section not in shown
        ]
        return out


class SaidIdentity(BaseModel):
    """Name, birth date and language, before and after."""

    before: IdentityOut
    after: IdentityOut


class SaidContact(BaseModel):
    before: ContactOut
    after: ContactOut


class SaidCode(BaseModel):
    """A language, a member of staff, an agency, or yes and no."""

    before: str | None
    after: str | None


class ChangeOut(BaseModel):
    """One change of a record, as far as the caller may see its sections."""

    version: int
    at: datetime
    by: UUID | None
    by_agency: str | None
    identity: SaidIdentity | None = None
    contact: SaidContact | None = None
    language: SaidCode | None = None
    caseworker: SaidCode | None = None
    agency: SaidCode | None = None
    protected: SaidCode | None = None
    withheld: list[Category] = []
    """Sections that were changed, too, and that the caller may not see."""


class ReferenceOut(BaseModel):
    """Whose code it is."""

    participant: UUID


class TraceNumberOut(BaseModel):
    """A pseudonym: it is in traces and logs, and leads to nobody."""

    number: UUID


class NameOut(BaseModel):
    """What a list calls somebody."""

    participant: UUID
    reference: str
    given_name: str
    family_name: str


class LoginOut(BaseModel):
    """To be handed over in person. The code is shown this once."""

    reference: str
    code: str
