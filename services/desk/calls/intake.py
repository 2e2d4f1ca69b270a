"""What pages ask of intake: who somebody is, what is known of them, and who may see it."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import orjson

from services.desk.calls.api import Api, Away, Listed, Out

AT_ONCE: Final = 200
TAKING_IN: Final = 30.0
"""Seconds for a batch of a file."""


class Name(Out):
    """What a list calls somebody."""

    participant: UUID
    reference: str
    given_name: str
    family_name: str

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip() or self.reference


class Birth(Out):
    """As far as it is known."""

    year: int | None
    month: int | None
    day: int | None

    @property
    def known(self) -> str:
        """In the order of ISO 8601, unknown parts left out."""
        parts = (f"{self.year}" if self.year else "", f"{self.month:02}" if self.month else "")
        day = f"{self.day:02}" if self.day else ""
        return "-".join(filter(None, (*parts, day)))

    @property
    def whole(self) -> date | None:
        return date(self.year, self.month, self.day) if self.year and self.month and self.day else None


class Identity(Out):
    given_name: str
    family_name: str
    birth: Birth


class Contact(Out):
    phone: str | None
    email: str | None
    address: str | None


class Withheld(Out):
    """A section that the reader may not see."""

    category: str
    way_out: str


class Participant(Out):
    """A record, as far as the reader may see it."""

    id: UUID
    reference: str
    agency: str
    caseworker: UUID | None
    registered_at: datetime
    version: int
    identity: Identity | None = None
    contact: Contact | None = None
    language: str | None = None
    withheld: tuple[Withheld, ...] = ()

    @property
    def name(self) -> str:
        """The name, or the reference where the name is withheld."""
        identity = self.identity
        return f"{identity.given_name} {identity.family_name}".strip() if identity else self.reference


class Whose(Out):
    """Whose code it is."""

    participant: UUID


class Skill(Out):
    concept: str
    label: str = ""
    level: str
    evidence: str


class LanguageSkill(Out):
    """CEFR per part."""

    language: str
    listening: str | None = None
    reading: str | None = None
    spoken: str | None = None
    written: str | None = None


class Education(Out):
    title: str
    country: str | None = None
    year: int | None = None


class Work(Out):
    title: str
    from_year: int | None = None
    to_year: int | None = None


class Profile(Out):
    skills: tuple[Skill, ...] = ()
    languages: tuple[LanguageSkill, ...] = ()
    education: tuple[Education, ...] = ()
    work_experience: tuple[Work, ...] = ()
    expectations: str = ""
    available_from: date | None = None
    mobility_km: int | None = None
    version: int

    @property
    def empty(self) -> bool:
        return self.version == 0


class Residence(Out):
    version: int
    status: str | None = None
    since: date | None = None
    valid_until: date | None = None


class Barrier(Out):
    id: UUID
    domain: str
    severity: str
    note: str
    open: bool
    recorded_at: datetime
    version: int


class Grant(Out):
    """Who may see what, why and until when."""

    id: UUID
    recipient: str
    categories: tuple[str, ...]
    basis: str
    purpose: str
    valid_from: datetime
    valid_until: datetime
    recorded_how: str
    ended: str | None
    ended_at: datetime | None


class Look(Out):
    """One time that somebody looked."""

    at: datetime
    agency: str | None
    action: str
    category: str | None
    own: bool


class Disclosures(Out):
    grants: tuple[Grant, ...]
    looks: tuple[Look, ...]


async def names(api: Api, participants: Collection[UUID]) -> Mapping[UUID, Name]:
    """Of those whom the reader may know by name, in one call however many there are."""
    if not participants:
        return {}
    asked = [str(one) for one in sorted(participants)[:AT_ONCE]]
    found = await api.get(list[Name], "/v1/participants/names", id=asked)
    return {one.participant: one for one in found}


async def participants(api: Api, q: str, *, whose: str, after: str | None = None) -> Listed[Participant]:
    """Those whose name the agency may know: "mine", those of the team's "queue", or "all". Newest first."""
    mine, unassigned = whose == "mine" or None, whose == "queue" or None
    return await api.page(Participant, "/v1/participants", q=q, mine=mine, unassigned=unassigned, after=after, limit=30)


async def participant(api: Api, id_: UUID) -> Participant:
    return await api.get(Participant, f"/v1/participants/{id_}")


async def by_reference(api: Api, code: str) -> Whose:
    """Raises `SaidNo`: 404 for a code that leads the reader nowhere, 422 for a misheard one, 429 if tried too often."""
    return await api.get(Whose, f"/v1/participants/by-reference/{quote(code, safe='')}")


async def profile(api: Api, id_: UUID) -> Profile:
    return await api.get(Profile, f"/v1/participants/{id_}/profile")


async def residence(api: Api, id_: UUID) -> Residence:
    return await api.get(Residence, f"/v1/participants/{id_}/residence")


async def barriers(api: Api, id_: UUID) -> tuple[Barrier, ...]:
    return await api.get(tuple[Barrier, ...], f"/v1/participants/{id_}/barriers")


async def grants(api: Api, id_: UUID) -> tuple[Grant, ...]:
    return await api.get(tuple[Grant, ...], f"/v1/participants/{id_}/grants")


async def disclosures(api: Api, id_: UUID) -> Disclosures:
    return await api.get(Disclosures, f"/v1/participants/{id_}/disclosures")


async def take_in(api: Api, batch: dict[str, Any]) -> Any:
    """Rows of a file; the body of the answer as `infra.importing` reads it. Takes longer than a page."""
    answer = await replace(api, seconds=TAKING_IN).send("POST", "/v1/imports/participants", json=batch)
    try:
        return orjson.loads(answer.content)
    except ValueError as error:
        raise Away(api.service) from error


async def withdraw(api: Api, grant: UUID, once: str) -> Grant:
    """The person takes a consent back."""
    return await api.post(Grant, f"/v1/grants/{grant}/end", {"why": "withdrawn"}, once=once)
