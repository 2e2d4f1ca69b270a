"""The words all services share: identifiers, roles, data categories, domains of need.

Only names and codes live here. A rule about them belongs to a service's `domain.py`, a table of what may follow
what to `transitions.py`.
"""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Final, NewType
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, StringConstraints

ParticipantId = NewType("ParticipantId", UUID)
StaffId = NewType("StaffId", UUID)
"""A member of an agency's staff: the random subject of the log-in, never a name."""
GrantId = NewType("GrantId", UUID)
OpportunityId = NewType("OpportunityId", UUID)
PlacementId = NewType("PlacementId", UUID)
ReferralId = NewType("ReferralId", UUID)
JourneyId = NewType("JourneyId", UUID)
CohortId = NewType("CohortId", UUID)
EnrolmentId = NewType("EnrolmentId", UUID)

AgencyId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
"""A short, stable name such as `job-centre`; the `agency` claim of every token of that agency."""
ConceptUri = Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$", max_length=200)]
"""An ESCO concept, e.g. `http://data.europa.eu/esco/skill/...`."""
ProgrammeRef = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+@[0-9]+$", max_length=80)]
"""A programme template pinned to its version, e.g. `talents-fast-track@1`."""
Reference = Annotated[str, StringConstraints(pattern=r"^P-[A-Z2-9]{4}-[A-Z2-9]{4}$")]
"""A participant's code for the phone, e.g. `P-7KQ2-M4XH`. A pseudonym, never a right."""
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
"""A short word of a list that lies elsewhere: a reason, a stage, a rule. Never a sentence.
"""
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=20)]
"""BCP 47."""

FIRST_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)
PAST_LAST_MOMENT: Final = datetime(2201, 1, 1, tzinfo=UTC)
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2200, 12, 31)


def _written(given: object) -> object:
    """Pydantic would read a number as seconds since 1970, and `0` in an address, too: nobody means that."""
    if isinstance(given, int | float) or (
        isinstance(given, str) and given.strip().lstrip("+-").replace(".", "").isdigit()
    ):
        raise ValueError("write a day as 2026-05-17, a moment as 2026-05-17T09:00:00Z")
    return given


def _moment(given: datetime) -> datetime:
    if not FIRST_MOMENT <= given < PAST_LAST_MOMENT:
        raise ValueError("a moment lies in the years 2000 to 2200 (UTC)")
    return given


def _day(given: date) -> date:
    if not FIRST_DAY <= given <= LAST_DAY:
        raise ValueError("a day lies in the years 1900 to 2200")
    return given


Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_moment)]
"""A moment that somebody sends us: with its time zone, in the years 2000 to 2200 (UTC).

Bounded, because a moment near the end of the calendar can be stored, but no longer be moved to another time zone.
"""
Day = Annotated[date, BeforeValidator(_written), AfterValidator(_day)]
"""A day that somebody sends us, in the years 1900 to 2200."""

REGIONAL_MATCHING: Final = "regional-matching"
"""The one recipient of a grant that is no agency: the profile may be used for suggestions in the region."""


class Role(StrEnum):
    """Realm roles. What each may do is decided by `policy/`, nowhere else."""

    CASEWORKER = "caseworker"
    SUPERVISOR = "supervisor"
    COACH = "coach"
    EMPLOYER = "employer"
    MENTOR = "mentor"
    COORDINATOR = "coordinator"
    AGENCY_ADMIN = "agency_admin"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    PARTICIPANT = "participant"


class NeedDomain(StrEnum):
    """What stands between a person and work. The care domains travel on the care topics only."""

    HEALTH = "health"
    MENTAL_HEALTH = "mental-health"
    HOUSING = "housing"
    LEGAL = "legal"
    FINANCE = "finance"
    FAMILY = "family"
    LANGUAGE = "language"
    TRANSPORT = "transport"
    DISCRIMINATION = "discrimination"
    DIGITAL = "digital"


CARE_DOMAINS: Final = frozenset(
    {
        NeedDomain.HEALTH,
        NeedDomain.MENTAL_HEALTH,
        NeedDomain.LEGAL,
        NeedDomain.FAMILY,
        NeedDomain.DISCRIMINATION,
    }
)
"""Needs whose mere existence is a special category of data or reveals one (GDPR Art. 9 and neighbours)."""


class Category(StrEnum):
    """What a disclosure grant can open. One grant names one or more."""

    IDENTITY = "identity"
    CONTACT = "contact"
    PROFILE = "profile"
    RESIDENCE = "residence"
    ASSESSMENT = "assessment"
    BARRIERS_HEALTH = "barriers.health"
    BARRIERS_MENTAL_HEALTH = "barriers.mental-health"
    BARRIERS_HOUSING = "barriers.housing"
    BARRIERS_LEGAL = "barriers.legal"
    BARRIERS_FINANCE = "barriers.finance"
    BARRIERS_FAMILY = "barriers.family"
    BARRIERS_LANGUAGE = "barriers.language"
    BARRIERS_TRANSPORT = "barriers.transport"
    BARRIERS_DISCRIMINATION = "barriers.discrimination"
    BARRIERS_DIGITAL = "barriers.digital"
    DOCUMENTS = "documents"
    NOTES = "notes"
    JOURNEY = "journey"
    ATTENDANCE = "attendance"
    FEEDBACK = "feedback"
    PLACEMENT = "placement"

    @classmethod
    def of_barrier(cls, domain: NeedDomain) -> "Category":
        """The category that opens barriers of this domain."""
        return cls(f"barriers.{domain}")


class Basis(StrEnum):
    """Why a disclosure is lawful (GDPR Art. 6). Only consent can be withdrawn."""

    CONSENT = "consent"
    STATUTORY_TASK = "statutory-task"
    CONTRACT = "contract"
    VITAL_INTEREST = "vital-interest"


OVERSIGHT: Final = "region"
"""The agency of those who watch over the whole region: auditors and data-protection officers, and operators."""


class RightKind(StrEnum):
    """Which of the own rights somebody makes use of (GDPR Art. 15 to 18, 20, 21)."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"


class RightDecision(StrEnum):
    """What was answered to it."""

    GRANTED = "granted"
    REFUSED = "refused"
    RESTRICTED = "restricted"
    """Instead of an erasure, while a law demands that the record is kept (Art. 17 (3) b, 18)."""


class GrantEnd(StrEnum):
    """How a grant came to its end."""

    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REVOKED = "revoked"
    OBJECTED = "objected"
    NARROWED = "narrowed"
    ERASED = "erased"


class Cefr(StrEnum):
    """Common European Framework of Reference for Languages; ordered."""

    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"


class SkillLevel(StrEnum):
    """How well a skill is mastered; ordered from first steps to teaching others."""

    BASIC = "basic"
    INDEPENDENT = "independent"
    PROFICIENT = "proficient"
    EXPERT = "expert"


class Evidence(StrEnum):
    """How a skill is known."""

    CERTIFICATE = "certificate"
    TESTED = "tested"
    DEMONSTRATED = "demonstrated"
    SELF_DECLARED = "self-declared"


class Allowed(StrEnum):
    """Answer of the work-rights rules. Information, not legal advice."""

    YES = "yes"
    WITH_PERMISSION = "with-permission"
    NO = "no"
    UNKNOWN = "unknown"


class OpportunityKind(StrEnum):
    """What a company or a training place can offer."""

    JOB = "job"
    APPRENTICESHIP = "apprenticeship"
    INTERNSHIP = "internship"
    JOB_SAMPLING = "job-sampling"
    TRAINING = "training"
    LANGUAGE_COURSE = "language-course"
    MENTOR = "mentor"
    VOLUNTEERING = "volunteering"


class Side(StrEnum):
    """The two sides of a match."""

    EMPLOYER = "employer"
    PARTICIPANT = "participant"


class Destination(StrEnum):
    """Where a journey leads. Nobody leaves without one."""

    JOB = "job"
    APPRENTICESHIP = "apprenticeship"
    FURTHER_TRAINING = "further-training"
    EDUCATION = "education"
    OTHER = "other"


class Rater(StrEnum):
    """The three corners of the feedback triangle."""

    COMPANY = "company"
    COACH = "coach"
    PARTICIPANT = "participant"


class Urgency(StrEnum):
    """How soon a referral wants an answer; the time limits are the region's."""

    ROUTINE = "routine"
    URGENT = "urgent"
