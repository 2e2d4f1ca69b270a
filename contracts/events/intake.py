"""What intake tells the others: that a person is there, what may be shared, and what helps to find work.

No name, contact, birth date or free text: those never leave intake on an event.
"""

from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.envelope import Fact
from contracts.topics import INTAKE, INTAKE_CARE
from contracts.vocabulary import (
    AgencyId,
    Allowed,
    Basis,
    Category,
    Cefr,
    Code,
    ConceptUri,
    EnrolmentId,
    Evidence,
    GrantEnd,
    GrantId,
    LanguageCode,
    NeedDomain,
    ParticipantId,
    ProgrammeRef,
    Reference,
    RightDecision,
    RightKind,
    SkillLevel,
    StaffId,
)


class Part(BaseModel):
    """A part of a fact."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Skill(Part):
    """An ESCO skill, how well and how that is known."""

    concept: ConceptUri
    level: SkillLevel
    evidence: Evidence


class Language(Part):
    """A language at its overall CEFR level: the lowest of the four skills that were assessed."""

    language: LanguageCode
    level: Cefr


class Barrier(Part):
    """A need that blocks, without any word of explanation."""

    barrier: UUID
    domain: NeedDomain
    severity: Literal["low", "medium", "high"]
    open: bool


class ParticipantRegistered(Fact):
    """A person came to an agency and is known from now on."""

    TYPE = "lotse.intake.participant-registered"
    TOPICS = (INTAKE,)
    participant: ParticipantId
    reference: Reference
    agency: AgencyId
    caseworker: StaffId | None = None


class ParticipantChanged(Fact):
    """Something of the record changed; what matters to others is who is responsible now."""

    TYPE = "lotse.intake.participant-changed"
    TOPICS = (INTAKE,)
    participant: ParticipantId
    reference: Reference
    agency: AgencyId
    caseworker: StaffId | None = None


class PossibleMatchFound(Fact):
    """Two records may describe one person. Says nothing of either."""

    TYPE = "lotse.intake.possible-match-found"
    TOPICS = (INTAKE,)
    candidate: UUID
    participant: ParticipantId
    agency: AgencyId
    other_agency: AgencyId
    """The agency of the other record; each of the two gets an event of its own."""


class SamePersonLinked(Fact):
    """Both agencies confirmed: two records are one person. Widens nobody's access."""

    TYPE = "lotse.intake.same-person-linked"
    TOPICS = (INTAKE,)
    KEY = "canonical"
    link: UUID
    a: ParticipantId
    b: ParticipantId
    canonical: ParticipantId
    agencies: tuple[AgencyId, ...]


class LinkRemoved(Fact):
    """The link was a mistake. Ids and rows never changed, so nothing has to be taken apart."""

    TYPE = "lotse.intake.link-removed"
    TOPICS = (INTAKE,)
    KEY = "canonical"
    link: UUID
    a: ParticipantId
    b: ParticipantId
    canonical: ParticipantId


class GrantGiven(Fact):
    """Another agency may see the named categories from now on."""

    TYPE = "lotse.intake.grant-given"
    TOPICS = (INTAKE,)
    grant: GrantId
    participant: ParticipantId
    recipient: AgencyId
    categories: tuple[Category, ...]
    basis: Basis
    valid_from: datetime
    valid_until: datetime


class GrantEnded(Fact):
    """That right is over, for the reason given."""

    TYPE = "lotse.intake.grant-ended"
    TOPICS = (INTAKE,)
    grant: GrantId
    participant: ParticipantId
    recipient: AgencyId
    categories: tuple[Category, ...]
    why: GrantEnd


class ProfileUpdated(Fact):
    """Skills, languages and wishes, as far as they matter for finding a place. The whole current state."""

    TYPE = "lotse.intake.profile-updated"
    TOPICS = (INTAKE,)
    participant: ParticipantId
    skills: tuple[Skill, ...]
    languages: tuple[Language, ...]
    occupations: tuple[ConceptUri, ...]
    available_from: date | None = None


class WorkRightsChanged(Fact):
    """What the person may do, from when until when. The residence status behind it stays in intake."""

    TYPE = "lotse.intake.work-rights-changed"
    TOPICS = (INTAKE,)
    participant: ParticipantId
    work: Allowed
    training: Allowed
    internship: Allowed
    since: date
    until: date | None = None


class WorkRightsChanging(Fact):
    """Some weeks ahead: on this day an answer about the person's right to work, train or attend a course changes."""

    TYPE = "lotse.intake.work-rights-changing"
    TOPICS = (INTAKE,)
    participant: ParticipantId
    on: date


class EligibilityDecided(Fact):
    """The answer to `enrolment-requested`: yes or no with reason codes, so that nobody else needs age or origin."""

    TYPE = "lotse.intake.eligibility-decided"
    TOPICS = (INTAKE,)
    enrolment: EnrolmentId
    participant: ParticipantId
    programme: ProgrammeRef
    eligible: bool
    reasons: tuple[Code, ...] = ()


class ParticipantErased(Fact):
    """The person asked to be forgotten, or the retention period ended: forget them everywhere."""

    TYPE = "lotse.intake.participant-erased"
    TOPICS = (INTAKE,)
    participant: ParticipantId


class GlassBroken(Fact):
    """An agency opened a record in an emergency, on its own word: for hours, and not unseen."""

    TYPE = "lotse.intake.glass-broken"
    TOPICS = (INTAKE,)
    grant: GrantId
    participant: ParticipantId
    recipient: AgencyId
    valid_until: datetime


class RightsRequest(Fact):
    """What the events of a request have in common: somebody makes use of a right to the own data."""

    request: UUID
    participant: ParticipantId
    kind: RightKind
    due_at: datetime


class RightsRequestFiled(RightsRequest):
    """The month begins in which it has to be answered."""

    TYPE = "lotse.intake.rights-request-filed"
    TOPICS = (INTAKE,)


class RightsRequestDue(RightsRequest):
    """A week before the term is over, nobody has answered."""

    TYPE = "lotse.intake.rights-request-due"
    TOPICS = (INTAKE,)


class RightsRequestOverdue(RightsRequest):
    """The term is over and nobody has answered."""

    TYPE = "lotse.intake.rights-request-overdue"
    TOPICS = (INTAKE,)


class RightsRequestDecided(RightsRequest):
    """It was answered. Why, and in which words, stays in intake."""

    TYPE = "lotse.intake.rights-request-decided"
    TOPICS = (INTAKE,)
    decision: RightDecision


class RecordRectified(Fact):
    """What an agency may see was put right (GDPR Art. 19). What it was and what it is now stays in intake."""

    TYPE = "lotse.intake.record-rectified"
    TOPICS = (INTAKE,)
    participant: ParticipantId
    recipient: AgencyId
    """One of those to whom a live grant opens what was wrong; each gets an event of its own."""


class ProcessingRestricted(Fact):
    """The record is kept and not used: no grant opens it, and its own agency reads it only (GDPR Art. 18)."""

    TYPE = "lotse.intake.processing-restricted"
    TOPICS = (INTAKE,)
    participant: ParticipantId


class RestrictionLifted(Fact):
    """The record is used again; grants that still live open it as before."""

    TYPE = "lotse.intake.restriction-lifted"
    TOPICS = (INTAKE,)
    participant: ParticipantId


class StaffAccessEnded(Fact):
    """Tokens of this member of staff issued before `not_before` (system time) are no longer honoured."""

    TYPE = "lotse.intake.staff-access-ended"
    TOPICS = (INTAKE,)
    KEY = "staff"
    staff: StaffId
    not_before: datetime


class BarriersUpdated(Fact):
    """The needs that block, as codes. The whole current state. Care topic: referrals alone reads it."""

    TYPE = "lotse.intake.barriers-updated"
    TOPICS = (INTAKE_CARE,)
    participant: ParticipantId
    barriers: tuple[Barrier, ...]


class DocumentExpiring(Fact):
    """A paper of the person expires before long. Which one, and when, stays in intake."""

    TYPE = "lotse.intake.document-expiring"
    TOPICS = (INTAKE,)
    participant: ParticipantId
    document: UUID


class AppointmentNear(Fact):
    """An appointment is tomorrow. Where and what about stays in intake."""

    TYPE = "lotse.intake.appointment-near"
    TOPICS = (INTAKE,)
    participant: ParticipantId
    appointment: UUID
    agency: AgencyId
    staff: StaffId


class AssessmentCompleted(Fact):
    """A step of a selection is done; the last one with what a person decided. Care topic: referrals alone reads it."""

    TYPE = "lotse.intake.assessment-completed"
    TOPICS = (INTAKE_CARE,)
    participant: ParticipantId
    assessment: UUID
    procedure: ProgrammeRef
    step: Literal["pre-selection", "evaluation", "selection"]
    outcome: Literal["selected", "not-selected", "later"] | None = None


FACTS: Final[tuple[type[Fact], ...]] = (
    ParticipantRegistered,
    ParticipantChanged,
    PossibleMatchFound,
    SamePersonLinked,
    LinkRemoved,
    GrantGiven,
    GrantEnded,
    ProfileUpdated,
    WorkRightsChanged,
    WorkRightsChanging,
    EligibilityDecided,
    ParticipantErased,
    GlassBroken,
    RightsRequestFiled,
    RightsRequestDue,
    RightsRequestOverdue,
    RightsRequestDecided,
    RecordRectified,
    ProcessingRestricted,
    RestrictionLifted,
    StaffAccessEnded,
    BarriersUpdated,
    DocumentExpiring,
    AppointmentNear,
    AssessmentCompleted,
)
