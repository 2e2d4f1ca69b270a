"""Who may take part in a programme, as far as intake can answer it with yes or no.

The answer leaves intake as a reason code, so that no other service needs age, language or status.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from contracts.programmes.parts import Slug, Sourced
from contracts.vocabulary import Allowed, Cefr, ConceptUri, LanguageCode
from contracts.yaml_file import Part


class EligibilityReason(StrEnum):
    """Why intake said no. Stable; says which condition failed, never the value that failed it."""

    TOO_YOUNG = "too-young"
    TOO_OLD = "too-old"
    AGE_UNKNOWN = "age-unknown"
    WORK_RIGHT_MISSING = "work-right-missing"
    WORK_RIGHT_UNKNOWN = "work-right-unknown"
    STATUS_NOT_COVERED = "status-not-covered"
    LANGUAGE_BELOW_MINIMUM = "language-below-minimum"
    LANGUAGE_UNKNOWN = "language-unknown"
    OCCUPATION_NOT_COVERED = "occupation-not-covered"
    QUALIFICATION_MISSING = "qualification-missing"
    NOT_IN_TARGET_GROUP = "not-in-target-group"


class AgeRange(Part):
    """Age in completed years, both ends included."""

    minimum: Annotated[int, Field(ge=0, le=120)] | None = None
    maximum: Annotated[int, Field(ge=0, le=120)] | None = None


class WorkRightNeed(Part):
    """A right that the work-rights rules must answer in one of these ways."""

    right: Literal["work", "training", "internship"]
    accepts: Annotated[tuple[Allowed, ...], Field(min_length=1)]


class LanguageNeed(Part):
    """A language at this level or better."""

    language: LanguageCode
    level: Cefr


class Eligibility(Sourced):
    """Who may take part: only what intake can answer with yes or no. An empty tuple or an absent field asks nothing."""

    age: AgeRange | None = None
    work_right: WorkRightNeed | None = None
    residence_statuses: tuple[Slug, ...] = ()
    language: LanguageNeed | None = None
    occupations: tuple[ConceptUri, ...] = ()
    """ESCO occupations, one of which the participant has experience in or wants."""
    qualifications: tuple[Slug, ...] = ()
    target_groups: tuple[Slug, ...] = ()

    @property
    def reasons(self) -> frozenset[EligibilityReason]:
        """The codes a refusal under these conditions can carry."""
        reason = EligibilityReason
        asked = {
            reason.TOO_YOUNG: self.age and self.age.minimum is not None,
            reason.TOO_OLD: self.age and self.age.maximum is not None,
            reason.AGE_UNKNOWN: self.age,
            reason.WORK_RIGHT_MISSING: self.work_right,
            reason.WORK_RIGHT_UNKNOWN: self.work_right and Allowed.UNKNOWN not in self.work_right.accepts,
            reason.STATUS_NOT_COVERED: self.residence_statuses,
            reason.LANGUAGE_BELOW_MINIMUM: self.language,
            reason.LANGUAGE_UNKNOWN: self.language,
            reason.OCCUPATION_NOT_COVERED: self.occupations,
            reason.QUALIFICATION_MISSING: self.qualifications,
            reason.NOT_IN_TARGET_GROUP: self.target_groups,
        }
        return frozenset(code for code, condition in asked.items() if condition)
