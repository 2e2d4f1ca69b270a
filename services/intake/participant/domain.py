"""A participant's record: who the person is, as far as anybody knows, and who is responsible.

Pure: no I/O, no clock, no ids made here. Names arrive as people write them; nothing is "corrected".
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from contracts.refusal import Conflict, Invalid
from contracts.vocabulary import AgencyId, LanguageCode, ParticipantId, StaffId

LONGEST_LINE: Final = 200
"""Characters of a name, an address or an e-mail address."""
PHONE: Final = r"^\+?[0-9 ()/.-]{4,30}$"
EMAIL: Final = r"^[^@\s]+@[^@\s]+$"


@dataclass(frozen=True, slots=True)
class BirthDate:
    """A birth date of which parts may be unknown: many papers give only the year."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        """Raises `Invalid` for a date that can't be."""
        if self.month is None and self.day is not None:
            raise Invalid("A day without a month says nothing.", way_out="Give the month, too.", field="birth.month")
        try:
            date(self.year or 2000, self.month or 1, self.day or 1)
        except ValueError as error:
            raise Invalid(
                "This date does not exist.", way_out="Leave out the parts that are unknown.", field="birth"
            ) from error


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the person is."""

    given_name: str
    family_name: str
    birth: BirthDate = BirthDate()


@dataclass(frozen=True, slots=True)
class Contact:
    """How the person can be reached."""

    phone: str | None = None
    email: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """The state of a record; `version` counts its changes."""

    id: ParticipantId
    reference: str
    """P-XXXX-XXXX: to be read out on the phone. Never a right."""
    agency: AgencyId
    caseworker: StaffId | None
    identity: Identity
    contact: Contact
    language: LanguageCode | None
    registered_at: datetime
    protected: bool = False
    """Where the person lives may cost them their safety: the contact is for those who look after them alone."""
    version: int = 1


@dataclass(frozen=True, slots=True)
class RegisterParticipant:
    """A new person at this agency."""

    id: ParticipantId
    reference: str
    agency: AgencyId
    caseworker: StaffId | None
    identity: Identity
    contact: Contact = Contact()
    language: LanguageCode | None = None


@dataclass(frozen=True, slots=True)
class ChangeParticipant:
    """Parts of the record become something else; None leaves a part as it is."""

    identity: Identity | None = None
    contact: Contact | None = None
    language: LanguageCode | None = None
    caseworker: StaffId | None = None
    protected: bool | None = None


@dataclass(frozen=True, slots=True)
class ParticipantRegistered:
    participant: ParticipantId
    reference: str
    agency: AgencyId
    caseworker: StaffId | None
    identity: Identity
    contact: Contact
    language: LanguageCode | None
    at: datetime
    protected: bool = False


@dataclass(frozen=True, slots=True)
class ParticipantChanged:
    participant: ParticipantId
    reference: str
    agency: AgencyId
    caseworker: StaffId | None
    identity: Identity
    contact: Contact
    language: LanguageCode | None
    at: datetime
    protected: bool = False


@dataclass(frozen=True, slots=True)
class ParticipantAssigned:
    """Somebody else looks after the person now; nothing else of the record changed."""

    participant: ParticipantId
    reference: str
    agency: AgencyId
    caseworker: StaffId
    at: datetime


Event = ParticipantRegistered | ParticipantChanged | ParticipantAssigned


def register(command: RegisterParticipant, *, now: datetime) -> list[Event]:
    """A person is known from now on."""
    _named(command.identity)
    return [
        ParticipantRegistered(
            participant=command.id,
            reference=command.reference,
            agency=command.agency,
            caseworker=command.caseworker,
            identity=command.identity,
            contact=command.contact,
            language=command.language,
            at=now,
        )
    ]


def change(participant: Participant, command: ChangeParticipant, *, now: datetime) -> list[Event]:
    """What changes, as one event; nothing if all is as it was. Raises `Conflict` for an empty command."""
    if command == ChangeParticipant():
        raise Conflict("Nothing was given to change.", way_out="Send at least one part of the record.")
    identity = command.identity or participant.identity
    _named(identity)
    event = ParticipantChanged(
        participant=participant.id,
        reference=participant.reference,
        agency=participant.agency,
        caseworker=command.caseworker or participant.caseworker,
        identity=identity,
        contact=command.contact or participant.contact,
        language=command.language or participant.language,
        at=now,
        protected=participant.protected if command.protected is None else command.protected,
    )
    return [] if evolve(participant, event) == replace(participant, version=participant.version + 1) else [event]


def claim(participant: Participant, staff: StaffId, *, now: datetime) -> list[Event]:
    """Somebody takes the person from the team's queue. Raises `Conflict` if a colleague was quicker."""
    if participant.caseworker == staff:
        return []
    if participant.caseworker is not None:
        raise Conflict(
            "A colleague looks after this person already.",
            way_out="Take another one from the queue, or have the record assigned to you.",
        )
    return assign(participant, staff, now=now)


def assign(participant: Participant, staff: StaffId, *, now: datetime) -> list[Event]:
    """The person is looked after by `staff` from now on."""
    if participant.caseworker == staff:
        return []
    return [ParticipantAssigned(participant.id, participant.reference, participant.agency, staff, now)]


def evolve(participant: Participant | None, event: Event) -> Participant:
    """The state after the event. Raises ValueError for an event that can't follow."""
    match participant, event:
        case None, ParticipantRegistered():
            return Participant(
                id=event.participant,
                reference=event.reference,
                agency=event.agency,
                caseworker=event.caseworker,
                identity=event.identity,
                contact=event.contact,
                language=event.language,
                registered_at=event.at,
            )
        case Participant(), ParticipantChanged():
            return replace(
                participant,
                caseworker=event.caseworker,
                identity=event.identity,
                contact=event.contact,
                language=event.language,
                protected=event.protected,
                version=participant.version + 1,
            )
        case Participant(), ParticipantAssigned():
            return replace(participant, caseworker=event.caseworker, version=participant.version + 1)
    raise ValueError(f"{type(event).__name__} can't follow here")


GUARDED: Final = ("contact", "protected", "caseworker")
"""What only those change of a protected record who see its contact: else whoever takes the case sees the address."""


def touches_what_is_guarded(participant: Participant, command: ChangeParticipant) -> bool:
    """Whether the change needs the right to see a protected contact."""
    return participant.protected and any(getattr(command, part) is not None for part in GUARDED)


def _named(identity: Identity) -> None:
    """Somebody with one name only has it as the family name; nobody has none."""
    if not identity.family_name.strip() and not identity.given_name.strip():
        raise Invalid(
            "A person needs at least one name.",
            way_out="Enter the name as the person gives it; one word is enough.",
            field="identity.family_name",
        )
