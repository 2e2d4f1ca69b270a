"""A document: what kind of paper it is, how long it holds, and whether the person has been given it.

The content never changes: another scan is another document. Pure: no I/O, no clock, no ids made here.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from contracts.refusal import Conflict, Invalid
from contracts.vocabulary import AgencyId, ParticipantId, StaffId
from services.intake.document.content import Media


class Kind(StrEnum):
    """What kind of paper it is."""

    IDENTITY = "identity-document"
    RESIDENCE_PERMIT = "residence-permit"
    WORK_PERMIT = "work-permit"
    CERTIFICATE = "certificate"
    RECOGNITION = "recognition"
    LANGUAGE_CERTIFICATE = "language-certificate"
    CV = "cv"
    CONTRACT = "contract"
    CONSENT_FORM = "consent-form"
    LETTER = "letter"
    OTHER = "other"


AHEAD: Final = {
    Kind.RESIDENCE_PERMIT: timedelta(days=90),
    Kind.WORK_PERMIT: timedelta(days=90),
    Kind.IDENTITY: timedelta(days=60),
}
"""How long before it expires the caseworker is told: an authority's appointment takes weeks."""
OTHERWISE_AHEAD: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class About:
    """What is known of it without opening it. Sealed: a residence permit tells of a residence status."""

    kind: Kind
    name: str
    issued_on: date | None = None
    valid_until: date | None = None

    def __post_init__(self) -> None:
        """Raises `Invalid`."""
        if self.issued_on and self.valid_until and self.valid_until < self.issued_on:
            raise Invalid(
                "It would expire before it was issued.",
                way_out="Compare both dates with the paper.",
                field="valid_until",
            )


@dataclass(frozen=True, slots=True)
class Document:
    """One paper; without `media` its content has not come yet."""

    id: UUID
    participant: ParticipantId
    agency: AgencyId
    author: StaffId
    about: About
    added_at: datetime
    media: Media | None = None
    size: int = 0
    digest: str = ""
    given: bool = False
    """The person sees it among the own papers."""
    version: int = 1


@dataclass(frozen=True, slots=True)
class DocumentExpiring:
    """Told ahead, so that it can be renewed. Which paper it is, is told to nobody."""

    document: UUID
    participant: ParticipantId
    at: datetime


Event = DocumentExpiring


def filled(document: Document, media: Media, size: int, digest: str) -> Document:
    """Its content has come. The same again changes nothing. Raises `Conflict` for another content."""
    if document.media is not None:
        if document.digest == digest:
            return document
        raise Conflict(
            "This document has its content already.",
            way_out="Add the other file as a document of its own, and remove this one if it was a mistake.",
        )
    return replace(document, media=media, size=size, digest=digest, version=document.version + 1)


def changed(document: Document, about: About, given: bool) -> Document:
    """The same paper, described better or handed out. Raises `Conflict` while there is nothing to hand out."""
    if given and document.media is None:
        raise Conflict("Its content has not come yet.", way_out="Send the content first: PUT .../content.")
    if (about, given) == (document.about, document.given):
        return document
    return replace(document, about=about, given=given, version=document.version + 1)


def tell_at(document: Document, now: datetime) -> datetime | None:
    """When somebody should be told that it expires; at once if that moment is over and the paper still holds."""
    until = document.about.valid_until
    if document.media is None or until is None or until < now.date():
        return None
    early = AHEAD.get(document.about.kind, OTHERWISE_AHEAD)
    return max(now, datetime.combine(until, time.min, UTC) - early)


def expires(document: Document, now: datetime) -> list[DocumentExpiring]:
    """The time to tell has come."""
    return [DocumentExpiring(document.id, document.participant, now)] if tell_at(document, now) == now else []
