"""What a programme template holds. Frozen data, checked as a whole; names no agency and no person.

A fact from a document names its `source`; what has none is our own choice. Running journeys stay pinned to the version
they started on, so a changed programme is a new version and never an edit.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import Field

from contracts.programmes.eligibility import AgeRange, Eligibility, EligibilityReason, LanguageNeed, WorkRightNeed
from contracts.programmes.parts import EarlyWarningRule, Gate, Slug, Sourced, Words
from contracts.programmes.soundness import problems_of
from contracts.vocabulary import Destination, ProgrammeRef, Rater
from contracts.yaml_file import Part, Problem, Whole

__all__ = [
    "AgeRange",
    "Benchmark",
    "ConsortiumFunction",
    "Curriculum",
    "EarlyWarningRule",
    "Eligibility",
    "EligibilityReason",
    "FeedbackPoint",
    "FollowUps",
    "Gate",
    "Indicator",
    "LanguageNeed",
    "LearningPlan",
    "Module",
    "Programme",
    "ProgrammeKind",
    "Source",
    "Stage",
    "Step",
    "Strand",
    "StrandHours",
    "Support",
    "WorkRightNeed",
]


class ProgrammeKind(StrEnum):
    """What sort of programme it is."""

    FAST_TRACK = "fast-track"
    MENTORING = "mentoring"
    VOCATIONAL_PREPARATION = "vocational-preparation"
    INTEGRATION_COURSE = "integration-course"
    ONE_STOP_SHOP = "one-stop-shop"
    CODING_SCHOOL = "coding-school"
    EMPLOYER_LED = "employer-led"
    EARLY_INTERVENTION = "early-intervention"
    PLATFORM = "platform"
    CITIZEN_LED = "citizen-led"


class Strand(StrEnum):
    """The three strands that alternate."""

    LANGUAGE = "language"
    PROFESSION = "profession"
    CULTURE = "culture"


class Source(Part):
    """A document that facts of the template come from."""

    id: Slug
    title: str
    year: int | None = None


class ConsortiumFunction(Sourced):
    """Something that somebody of the consortium must take. Any agency may take any function."""

    id: Slug
    name: Words
    required: bool
    """Whether a cohort can't start before an agency has taken it."""
    falls_to: Slug | None = None
    """The required function whose agency does this work where nobody else has taken it."""


class Module(Sourced):
    """A piece of the curriculum."""

    id: Slug
    strand: Strand
    name: Words


class Curriculum(Sourced):
    """What is learnt. A cohort keeps its own version, changed with the feedback of its companies."""

    shaped_by_company: bool
    levels: bool
    """Whether participants follow it at different levels and speeds."""
    modules: Annotated[tuple[Module, ...], Field(min_length=1)]


class StrandHours(Part):
    """Planned hours per strand over the whole stage."""

    language: Annotated[int, Field(ge=0)]
    profession: Annotated[int, Field(ge=0)]
    culture: Annotated[int, Field(ge=0)]


class Step(Sourced):
    """A task of a stage, done by whoever took the function."""

    id: Slug
    name: Words
    owner: Slug
    days: Annotated[int, Field(ge=1)]
    """Planned duration, in calendar days."""
    after: tuple[Slug, ...] = ()
    """Steps that must be done before: earlier in this stage, or in an earlier stage."""


class FeedbackPoint(Part):
    """One corner of the triangle rates the skills of this workplace."""

    rater: Rater
    due_after_days: Annotated[int, Field(ge=1)]
    """Days from entering the stage."""


class Stage(Sourced):
    """A part of the way with its own entry, steps and feedback."""

    id: Slug
    name: Words
    entry: tuple[Gate, ...] = ()
    hours: StrandHours
    days: Annotated[int, Field(ge=1)]
    """Planned duration, in calendar days."""
    guidance_every_days: Annotated[int, Field(ge=1)]
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    feedback: Annotated[tuple[FeedbackPoint, ...], Field(min_length=1)]

    @property
    def raters(self) -> tuple[Rater, ...]:
        """Who gives feedback in this stage, in the order of the template."""
        return tuple(point.rater for point in self.feedback)


class LearningPlan(Sourced):
    """The plan of learning while working."""

    shared_by: Annotated[tuple[Slug, ...], Field(min_length=1)]
    after_job_start: bool


class Support(Part):
    """Help that stays open after the training, and the function that gives it."""

    id: Slug
    name: Words
    owner: Slug


class FollowUps(Sourced):
    """What happens after the programme: when somebody asks how things went, and the help that stays open."""

    months: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]
    responsible: Slug
    support: tuple[Support, ...] = ()


class Benchmark(Sourced):
    """A published figure. `bound` tells how the document words it; it is a comparison, never a promise."""

    bound: Literal["up-to", "exactly", "about", "at-least"]
    value: Annotated[float, Field(ge=0)]
    unit: Literal["share", "count"]


class Indicator(Part):
    """Something to measure, always with its denominator."""

    id: Slug
    name: Words
    counts: Words
    """Who is counted."""
    out_of: Words
    """Out of whom: the denominator."""
    after_months: Annotated[int, Field(ge=0)]
    """Months after the end of the journey; 0 is the end itself."""
    benchmark: Benchmark | None = None


class Programme(Whole):
    """A programme template, pinned by `ref`."""

    id: Slug
    version: Annotated[int, Field(ge=1)]
    name: Words
    kind: ProgrammeKind
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    funders: tuple[str, ...] = ()
    eligibility: Eligibility
    consortium: Annotated[tuple[ConsortiumFunction, ...], Field(min_length=1)]
    curriculum: Curriculum
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    early_warning: tuple[EarlyWarningRule, ...] = ()
    learning_plan: LearningPlan | None = None
    destinations: Annotated[tuple[Destination, ...], Field(min_length=1)]
    follow_ups: FollowUps
    indicators: tuple[Indicator, ...] = ()

    def problems(self) -> Iterator[Problem]:
        """References into nothing, names given twice, things in an impossible order."""
        return problems_of(self)

    @property
    def ref(self) -> ProgrammeRef:
        """`id@version`."""
        return f"{self.id}@{self.version}"

    @property
    def first_stage(self) -> Stage:
        """Where every journey begins."""
        return self.stages[0]

    @property
    def required_functions(self) -> tuple[ConsortiumFunction, ...]:
        """What a cohort needs somebody for before it can start."""
        return tuple(function for function in self.consortium if function.required)

    def stage(self, stage_id: str) -> Stage:
        """The stage of this id. Raises `KeyError`."""
        return _one(self.stages, stage_id)

    def stage_after(self, stage_id: str) -> Stage | None:
        """The stage that follows; none after the last. Raises `KeyError` for an unknown stage."""
        following = self.stages.index(self.stage(stage_id)) + 1
        return self.stages[following] if following < len(self.stages) else None

    def rule(self, rule_id: str) -> EarlyWarningRule:
        """The early-warning rule of this id. Raises `KeyError`."""
        return _one(self.early_warning, rule_id)

    def function(self, function_id: str) -> ConsortiumFunction:
        """The function of the consortium of this id. Raises `KeyError`."""
        return _one(self.consortium, function_id)


class _Named(Protocol):
    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=_Named)


def _one(named: Iterable[N], wanted: str) -> N:
    for one in named:
        if one.id == wanted:
            return one
    raise KeyError(wanted)
