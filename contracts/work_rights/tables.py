"""The parts of a country's file of work rights: rules that answer for rights and circumstances between two dates."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.vocabulary import Allowed
from contracts.yaml_file import Part

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""
Names = Mapping[Literal["en", "de"], str]
Start = Literal["since", "applied_on", "stay_since", "stay_or_since"]
"""The day from which months are counted: the status began, the asylum application was lodged, the stay began. With
`stay_or_since` the status stands in for a stay that nobody has recorded; with `stay_since` nothing does."""
Sources = Annotated[tuple[str, ...], Field(min_length=1)]


class Right(StrEnum):
    """What is asked for."""

    WORK = "work"
    TRAINING = "training"
    """In a company, with a contract: a dual apprenticeship."""
    SCHOOL_TRAINING = "school_training"
    """At a vocational school, without a contract of employment."""
    INTERNSHIP = "internship"
    """To find one's way into an occupation, for some weeks."""
    COMPULSORY_INTERNSHIP = "compulsory_internship"
    """As a school, a training or a study demands it."""
    ACTIVATION_MEASURE = "activation_measure"
    """With an employer, arranged and paid by the employment service."""
    INTEGRATION_COURSE = "integration_course"
    JOB_LANGUAGE_COURSE = "job_language_course"
    SELF_EMPLOYMENT = "self_employment"


class Circumstance(StrEnum):
    """A fact that is true, false or not known; fields of `ResidenceFacts`."""

    IN_RECEPTION_CENTRE = "in_reception_centre"
    MINOR_CHILDREN = "minor_children"
    TRAVEL_DOCUMENT = "travel_document"


class Statement(Part):
    """Something that the law says between two dates, with where it says so."""

    id: Slug
    valid_from: date
    """First day on which the law says so."""
    valid_until: date | None = None
    """Last day on which the law says so; none while it is in force."""
    counted_from: Start | None = None
    from_month: Annotated[int, Field(ge=1, le=120)] | None = None
    """It begins when so many months have ended, on the day after."""
    before_month: Annotated[int, Field(ge=1, le=120)] | None = None
    """It ends when so many months have ended, on that day."""
    sources: Sources
    note: str | None = None
    verify: str | None = None
    """What is not certain about it, and why; shown as "to be checked"."""


class Rule(Statement):
    """One answer for some rights. Exactly one rule of a status covers each right, day and circumstance."""

    rights: Annotated[tuple[Right, ...], Field(min_length=1)]
    answer: Allowed
    permission_of: tuple[Slug, ...] = ()
    """The offices that all have to agree; for `with-permission` only."""
    when: Mapping[Circumstance, bool] = {}
    """The circumstances in which it holds; none named: in all."""


class Support(Statement):
    """Which office helps. Several may at once."""

    kind: Literal["livelihood", "work"]
    office: Slug


class Continuation(Part):
    """The rights go on after the document has expired if its extension was requested in time."""

    sources: Sources
    note: str
    verify: str | None = None


class Status(Part):
    """A residence status and its rules."""

    code: Slug
    name: Names
    valid_from: date | None = None
    """First day for which the file describes it; none: that of the file."""
    valid_until: date | None = None
    """Last day for which the file describes it."""
    ends_with_document: bool = True
    """Whether the right ends when the document expires."""
    continues: Continuation | None = None
    includes: tuple[Slug, ...] = ()
    """Rule sets that belong to the status, too."""
    rules: tuple[Rule, ...] = ()
    supported_by: tuple[Slug, ...] = ()
    """Support sets that belong to the status."""
