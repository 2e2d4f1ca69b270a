"""A selection procedure: pre-selection -> evaluation -> selection. Questions are data; a score decides nothing.

The order and what is evaluated are the Talents fast-track's: competences, experience, interests, attitudes, individual
learning needs and, above all, motivation.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from contracts.programmes.parts import Slug, Sourced, Words
from contracts.vocabulary import LanguageCode, ProgrammeRef
from contracts.yaml_file import Location, Part, Problem, Whole


class Step(StrEnum):
    """In this order."""

    PRE_SELECTION = "pre-selection"
    EVALUATION = "evaluation"
    SELECTION = "selection"


class Area(StrEnum):
    """What a question is about."""

    INTEREST_IN_PLACE = "interest-in-place"
    CONDITIONS = "conditions"
    COMPETENCES = "competences"
    EXPERIENCE = "experience"
    INTERESTS = "interests"
    ATTITUDES = "attitudes"
    LEARNING_NEEDS = "learning-needs"
    MOTIVATION = "motivation"


EVALUATED: Final = (
    Area.COMPETENCES,
    Area.EXPERIENCE,
    Area.INTERESTS,
    Area.ATTITUDES,
    Area.LEARNING_NEEDS,
    Area.MOTIVATION,
)
"""What every evaluation asks about."""


class Kind(StrEnum):
    """How a question is answered."""

    SCALE = "scale"
    CHOICE = "choice"
    YES_NO = "yes-no"
    WORDS = "words"


SCALE: Final = range(1, 6)
"""From "not at all" to "fully"."""


class Choice(Part):
    """One of the answers to choose from."""

    id: Slug
    words: Words


class Question(Sourced):
    """`required` false: may stay open."""

    id: Slug
    area: Area
    kind: Kind
    words: Words
    choices: tuple[Choice, ...] = ()
    required: bool = True


class Form(Part):
    """The questions of one step; so many different people fill it in before the next one begins."""

    assessors: Annotated[int, Field(ge=1, le=5)] = 1
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]

    def question(self, id_: str) -> Question | None:
        """The question of this id."""
        return next((one for one in self.questions if one.id == id_), None)


class Criterion(Sourced):
    """What the people who decide look at; `areas` of the evaluation speak to it."""

    id: Slug
    words: Words
    areas: Annotated[tuple[Area, ...], Field(min_length=1)]


class Deciding(Part):
    """The last step: each criterion is judged with a reason, and a person decides."""

    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]


class Document(Part):
    """Where something is said."""

    id: Slug
    title: str
    year: int | None = None


class Procedure(Whole):
    """One way of choosing, pinned by its version."""

    id: Slug
    version: Annotated[int, Field(ge=1)]
    name: Words
    sources: tuple[Document, ...] = ()
    languages: Annotated[tuple[LanguageCode, ...], Field(min_length=2)]
    """Every text is there in each of them."""
    pre_selection: Form
    evaluation: Form
    selection: Deciding

    @property
    def ref(self) -> ProgrammeRef:
        return f"{self.id}@{self.version}"

    def form(self, step: Step) -> Form:
        """The questions of a step. Raises KeyError for the selection, which has criteria instead."""
        return {Step.PRE_SELECTION: self.pre_selection, Step.EVALUATION: self.evaluation}[step]

    def problems(self) -> Iterable[Problem]:
        for place, words in self._words():
            if missing := [language for language in self.languages if not words.get(language, "").strip()]:
                yield Problem(place, f"a text is missing in {', '.join(missing)}")
        known = {document.id for document in self.sources}
        for place, source in self._sources():
            if source is not None and source not in known:
                yield Problem((*place, "source"), f"there is no source {source}")
        for name, form in (("pre_selection", self.pre_selection), ("evaluation", self.evaluation)):
            yield from _twice((name, "questions"), [one.id for one in form.questions])
            for number, question in enumerate(form.questions):
                yield from _choices((name, "questions", number), question)
        asked = {question.area for question in self.evaluation.questions}
        if missing_areas := [area for area in EVALUATED if area not in asked]:
            yield Problem(("evaluation", "questions"), f"nothing is asked about {', '.join(missing_areas)}")
        yield from _twice(("selection", "criteria"), [one.id for one in self.selection.criteria])
        for number, criterion in enumerate(self.selection.criteria):
            if unasked := [area for area in criterion.areas if area not in asked]:
                at = ("selection", "criteria", number, "areas")
                yield Problem(at, f"the evaluation asks nothing about {', '.join(unasked)}")

    def _words(self) -> Iterator[tuple[Location, dict[LanguageCode, str]]]:
        yield ("name",), self.name
        for name, form in (("pre_selection", self.pre_selection), ("evaluation", self.evaluation)):
            for number, question in enumerate(form.questions):
                yield (name, "questions", number, "words"), question.words
                for place, choice in enumerate(question.choices):
                    yield (name, "questions", number, "choices", place, "words"), choice.words
        for number, criterion in enumerate(self.selection.criteria):
            yield ("selection", "criteria", number, "words"), criterion.words

    def _sources(self) -> Iterator[tuple[Location, str | None]]:
        for name, form in (("pre_selection", self.pre_selection), ("evaluation", self.evaluation)):
            for number, question in enumerate(form.questions):
                yield (name, "questions", number), question.source
        for number, criterion in enumerate(self.selection.criteria):
            yield ("selection", "criteria", number), criterion.source


def _choices(place: Location, question: Question) -> Iterator[Problem]:
    if question.kind is Kind.CHOICE and len(question.choices) < 2:
        yield Problem(place, "a choice needs at least two answers")
    if question.kind is not Kind.CHOICE and question.choices:
        yield Problem((*place, "choices"), "only a choice has answers to choose from")
    yield from _twice((*place, "choices"), [one.id for one in question.choices])


def _twice(place: Location, ids: list[str]) -> Iterator[Problem]:
    for number, one in enumerate(ids):
        if one in ids[:number]:
            yield Problem((*place, number, "id"), f"{one} is there already")
