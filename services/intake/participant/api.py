"""How the world speaks to the record: parse, authorise, call, respond."""

from datetime import datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.refusal import Invalid, NotFound
from contracts.vocabulary import Category, LanguageCode, ParticipantId, Role, StaffId
from infra.chassis.allowance import Allowance
from infra.chassis.caller import Caller, may, not_allowed
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, IfMatch, InTx, Running, etag
from infra.chassis.paging import After, Limit, Page
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from infra.chassis.service import Runtime
from services.intake.participant import store, use_cases
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

router = APIRouter(prefix="/v1/participants", route_class=Edge, tags=["participant"], responses=responses())

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


class RegisterIn(In):
    """A new person."""

    identity: IdentityIn
    contact: ContactIn = ContactIn()
    language: LanguageCode | None = None

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "identity": {"given_name": "Amal", "family_name": "Haddad", "birth": {"year": 1994, "month": 3}},
                    "contact": {"phone": "+49 30 5550101"},
                    "language": "ar",
                }
            ]
        },
    )


class ChangeIn(In, json_schema_extra=example(contact={"phone": "+49 30 5550102"}, language="de")):
    """What shall become different."""

    identity: IdentityIn | None = None
    contact: ContactIn | None = None
    language: LanguageCode | None = None
    caseworker: UUID | None = None

    def as_command(self) -> ChangeParticipant:
        return ChangeParticipant(
            identity=self.identity.as_identity() if self.identity else None,
            contact=self.contact.as_contact() if self.contact else None,
            language=self.language,
            caseworker=StaffId(self.caseworker) if self.caseworker else None,
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
    withheld: list[Withheld] = []

    @classmethod
    def of(cls, participant: Participant, shown: set[Category]) -> Self:
        """Only the sections in `shown`."""
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
        out.withheld = [
            Withheld(category=section, way_out=not_allowed("", section).way_out)
            for section in SECTIONS
            if section not in shown
        ]
        return out


LOOK_UPS = Allowance(30, timedelta(minutes=1))
"""Codes that one person may look up: enough for a desk, too few to try codes out."""
SECTIONS = (Category.IDENTITY, Category.CONTACT)
CASEWORKERS = frozenset({Role.CASEWORKER, Role.SUPERVISOR})


class ReferenceOut(BaseModel):
    """Whose code it is."""

    participant: UUID


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


@router.post("", status_code=201, summary="Register a person")
async def register(
    body: RegisterIn, response: Response, who: Caller = may("participant:register"), tx: Tx = InTx
) -> ParticipantOut:
    """Registers a person with the caller's agency and assigns the caller.

    Whether the person may be known already is looked for in the background and never holds this up: see
    `GET /v1/participants/{id}/possible-matches`.
    """
    await who.allow(tx, Record("participant", owners=frozenset({who.agency})))
    participant = await use_cases.register(
        tx,
        agency=who.agency,
        caseworker=who.principal.staff,
        identity=body.identity.as_identity(),
        contact=body.contact.as_contact(),
        language=body.language,
    )
    who.about = participant.id
    response.headers["Location"] = f"/v1/participants/{participant.id}"
    etag(response, participant.version)
    return ParticipantOut.of(participant, set(SECTIONS))


@router.get("", summary="Find participants")
async def find(
    who: Caller = may("participant:list"),
    tx: Tx = InTx,
    q: Annotated[str | None, Query(max_length=100, description="Words of the name, phone or reference.")] = None,
    mine: Annotated[bool, Query(description="Only those who are assigned to the caller.")] = False,
    limit: Limit = 50,
    after: After = None,
) -> Page[ParticipantOut]:
    """The participants whose identity the caller's agency may see, newest first."""
    await who.allow(tx, Record("participant", owners=frozenset({who.agency})))
    found, following = await store.find(tx, who.agency, q, limit, after, who.principal.subject if mine else None)
    await who.listed(tx, [participant.id for participant in found], Category.IDENTITY)
    return Page(items=[ParticipantOut.of(one, {Category.IDENTITY}) for one in found], next=following)


@router.get("/names", summary="Names of several participants")
async def names(
    participant: Annotated[
        list[ParticipantId], Query(alias="id", max_length=200, description="Up to 200 ids; repeat the parameter.")
    ],
    who: Caller = may("participant:read"),
    tx: Tx = InTx,
) -> list[NameOut]:
    """For lists that know ids only. Whoever the caller may not see by name is left out; nothing tells why."""
    shown = [one for one in set(participant) if await who.can(tx, Record.of_participant(one), Category.IDENTITY)]
    found = await store.load_all(tx, shown)
    await who.listed(tx, [one.id for one in found], Category.IDENTITY)
    return [
        NameOut(
            participant=one.id,
            reference=one.reference,
            given_name=one.identity.given_name,
            family_name=one.identity.family_name,
        )
        for one in sorted(found, key=lambda one: one.reference)
    ]


@router.get("/by-reference/{reference}", summary="Whose code this is", responses=responses(429))
async def by_reference(
    reference: Annotated[str, Path(max_length=40, description="As it was read out: `P-XXXX-XXXX`.")],
    who: Caller = may("participant:read"),
    tx: Tx = InTx,
) -> ReferenceOut:
    """For everybody who has some right to the record; the code itself is none. At most 30 in a minute."""
    LOOK_UPS.spend(who.principal.subject, tx.system_now)
    participant = await use_cases.by_reference(tx, reference)
    record = Record.of_participant(participant)
    opened = [category for category in Category if await who.can(tx, record, category)]
    if not opened:
        raise NotFound
    await who.note(tx, record)
    return ReferenceOut(participant=participant)


@router.get("/{participant}", summary="One participant", responses=responses(403))
async def read(
    participant: ParticipantId, response: Response, who: Caller = may("participant:read"), tx: Tx = InTx
) -> ParticipantOut:
    """The sections that the caller may see; withheld ones are named with the way to ask for them."""
    record = Record.of_participant(participant)
    shown = {category for category in Category if await who.can(tx, record, category)}
    if not shown:
        await who.allow(tx, record, Category.IDENTITY)
    found = await store.load(tx, participant)
    await who.note(tx, record, *sorted(shown & set(SECTIONS)))
    etag(response, found.version)
    return ParticipantOut.of(found, shown)


@router.patch("/{participant}", summary="Change a record", responses=responses(409, 412, 428, 503))
async def change(
    participant: ParticipantId,
    body: ChangeIn,
    response: Response,
    who: Caller = may("participant:change"),
    tx: Tx = InTx,
    version: int = IfMatch,
    runtime: Runtime = Running,
) -> ParticipantOut:
    """Changes the parts that are sent; needs the ETag that was read. A caseworker is one of the own agency."""
    await who.allow(tx, Record.of_participant(participant))
    if body.caseworker is not None:
        home = (await who.standing(tx, participant)).owner
        await _works_there(runtime, StaffId(body.caseworker), home)
    changed = await use_cases.change(tx, participant, body.as_command(), version)
    etag(response, changed.version)
    return ParticipantOut.of(changed, set(SECTIONS))


@router.post("/{participant}/login-code", status_code=201, summary="Hand over a log-in", responses=responses(503))
async def issue_login(
    participant: ParticipantId, who: Caller = may("participant:issue-login"), tx: Tx = InTx, runtime: Runtime = Running
) -> LoginOut:
    """Makes a code with which the person logs in. To be handed over in person; an earlier code ends."""
    await who.allow(tx, Record.of_participant(participant))
    reference, code = await use_cases.issue_login(tx, participant, runtime.identity.participants)
    return LoginOut(reference=reference, code=code)


async def _works_there(runtime: Runtime, staff: StaffId, home: str | None) -> None:
    """Raises `Invalid` for somebody who is no caseworker of the agency `home`, `Unavailable` if nobody can say."""
    member = await runtime.identity.directory.member(staff)
    if member is None or member.agency != home or not member.roles & CASEWORKERS:
        raise Invalid(
            "This is no caseworker of the responsible agency.",
            way_out="Name a caseworker or supervisor of the agency whose record it is.",
            field="caseworker",
        )
