"""Whether a row says what is offered and asked for: what it must hold, and what is wrong with it.

Pure. A row is as somebody wrote it, all texts. Nothing is guessed: what can't be read is a fault of the row, named with
its column and what to do.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from contracts.refusal import Invalid
from contracts.vocabulary import FIRST_DAY, LAST_DAY, Cefr, ConceptUri, LanguageCode, OpportunityKind, SkillLevel
from services.matching.opportunity.domain import LanguageNeed, Offer, SkillNeed, SkillWish

URI: Final = re.compile(r"https?://[!-~]{1,190}")
LANGUAGE: Final = re.compile(r"([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\s*[:=]?\s*([ABC][12])", re.IGNORECASE)
SKILL: Final = re.compile(r"(?P<concept>.*?)(?:\s*=\s*(?P<level>[a-z]+))?(?:\s*\*\s*(?P<weight>[\d.,]+))?", re.DOTALL)
BETWEEN: Final = re.compile(r"[;|\n]+")
POINTS: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
MIDNIGHT: Final = re.compile(r"[T ]00:00(:00)?$")
LONGEST_LINE: Final = 200
MOST_PLACES: Final = 10_000
MOST_SKILLS: Final = 50
HEAVIEST: Final = 10.0
KINDS: Final[Mapping[str, OpportunityKind]] = {
    **{kind.value.replace("-", " "): kind for kind in OpportunityKind},
    "stelle": OpportunityKind.JOB,
    "arbeitsstelle": OpportunityKind.JOB,
    "ausbildung": OpportunityKind.APPRENTICESHIP,
    "lehre": OpportunityKind.APPRENTICESHIP,
    "praktikum": OpportunityKind.INTERNSHIP,
    "probearbeit": OpportunityKind.JOB_SAMPLING,
    "schnupperlehre": OpportunityKind.JOB_SAMPLING,
    "weiterbildung": OpportunityKind.TRAINING,
    "sprachkurs": OpportunityKind.LANGUAGE_COURSE,
    "ehrenamt": OpportunityKind.VOLUNTEERING,
}
COLUMNS: Final = (
    "own_number", "kind", "title", "occupation", "region", "capacity", "starts_on", "must_skills", "can_skills",
    "languages", "description",
)  # fmt: skip


class Outcome(StrEnum):
    """What became of a row."""

    NEW = "new"
    """A trial run: it would be drafted."""
    TAKEN_IN = "taken-in"
    CHANGED = "changed"
    """A draft under the company's own number says something else now."""
    ALREADY_IN = "already-in"
    KNOWN_OTHERWISE = "known-otherwise"
    """Under the own number something else was published: that stays as it is."""
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was written."""

    row: int
    own_number: str = ""
    kind: str = ""
    title: str = ""
    occupation: str = ""
    region: str = ""
    capacity: str = ""
    starts_on: str = ""
    must_skills: str = ""
    can_skills: str = ""
    languages: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one column, and what to do. Repeats no value."""

    column: str
    what: str
    way_out: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A row after reading. With any fault there is no offer."""

    row: int
    own_number: str
    offer: Offer | None
    faults: tuple[Fault, ...] = ()

    @property
    def content(self) -> str:
        """All that it says: equal for two rows that say the same, however they are written."""
        return repr(self.offer)

    @property
    def key(self) -> str:
        """What makes it this row: the company's own number, else all that it says."""
        return f"number {self.own_number}" if self.own_number else f"content {self.content}"


@dataclass(frozen=True, slots=True)
class Words:
    """Words in small letters -> the ESCO concept that they mean."""

    occupations: Mapping[str, ConceptUri]
    skills: Mapping[str, ConceptUri]


def occupation_words(row: Row) -> Iterator[str]:
    """What stands where an occupation is meant, and is no address: a word to be looked up."""
    concept = " ".join(row.occupation.split())
    if concept and not URI.fullmatch(concept):
        yield concept.casefold()


def skill_words(row: Row) -> Iterator[str]:
    """What stands where skills are meant, and is no address."""
    for text in (*BETWEEN.split(row.must_skills), *BETWEEN.split(row.can_skills)):
        concept = _parts(text)[0]
        if concept and not URI.fullmatch(concept):
            yield concept.casefold()


def read(row: Row, words: Words) -> Reading:
    """The row with everything that is wrong with it, not only the first."""
    faults: list[Fault] = []
    number = " ".join(row.own_number.split())
    offer = _offer(row, words, faults)
    if len(number) > LONGEST_LINE:
        faults.append(Fault("own_number", f"It is longer than {LONGEST_LINE} characters.", "Shorten it."))
    return Reading(row.row, number, None if faults else offer, tuple(faults))


def _offer(row: Row, known: Words, faults: list[Fault]) -> Offer | None:
    kind = KINDS.get(" ".join(row.kind.replace("-", " ").split()).casefold())
    if kind is None:
        faults.append(Fault("kind", "This is no kind of opportunity.", f"Write one of: {', '.join(OpportunityKind)}."))
    title, region = _line("title", row.title, faults), _line("region", row.region, faults)
    occupation = _concept("occupation", row.occupation, known.occupations, faults)
    capacity, starts_on = _capacity(row.capacity, faults), _day(row.starts_on, faults)
    must = [SkillNeed(c, level) for c, level, _ in _skills("must_skills", row.must_skills, known.skills, faults)]
    can = [
        SkillWish(c, level, weight) for c, level, weight in _skills("can_skills", row.can_skills, known.skills, faults)
    ]
    languages = _languages(row.languages, faults)
    if kind is None or occupation is None or capacity is None or starts_on is None or faults:
        return None
    try:
        return Offer(
            kind, title, occupation, region, capacity, starts_on, tuple(must), tuple(can), languages,
            row.description.strip(),
        )  # fmt: skip
    except Invalid as wrong:
        faults.append(Fault(wrong.field or "", wrong.detail, wrong.way_out))
        return None


def _line(column: str, text: str, faults: list[Fault]) -> str:
    line = " ".join(text.split())
    if not line:
        faults.append(Fault(column, "It is empty.", "Write it; one word is enough."))
    elif len(line) > LONGEST_LINE:
        faults.append(Fault(column, f"It is longer than {LONGEST_LINE} characters.", "Shorten it."))
    return line


def _concept(column: str, text: str, concepts: Mapping[str, ConceptUri], faults: list[Fault]) -> ConceptUri | None:
    text = " ".join(text.split())
    if URI.fullmatch(text):
        return text
    if found := concepts.get(text.casefold()):
        return found
    what = "It is empty." if not text else "ESCO as it is here has no such concept, or several."
    faults.append(Fault(column, what, "Write the ESCO address (http://data.europa.eu/esco/...), or ESCO's own label."))
    return None


def _skills(
    column: str, text: str, concepts: Mapping[str, ConceptUri], faults: list[Fault]
) -> list[tuple[ConceptUri, SkillLevel, float]]:
    found = []
    for one in filter(None, map(str.strip, BETWEEN.split(text))):
        words, level, weight = _parts(one)
        concept = _concept(column, words, concepts, faults)
        if level not in list(SkillLevel):
            way_out = f"Write `skill = level` with one of: {', '.join(SkillLevel)}."
            faults.append(Fault(column, "A level does not exist.", way_out))
        elif not 0 < weight <= HEAVIEST:
            faults.append(Fault(column, "A weight is not above 0 and at most 10.", "Write `skill = level * 2`."))
        elif concept is not None:
            found.append((concept, SkillLevel(level), weight))
    if len(found) > MOST_SKILLS:
        faults.append(Fault(column, f"These are more than {MOST_SKILLS} skills.", "Name the most important ones."))
    return found


def _parts(text: str) -> tuple[str, str, float]:
    """(concept, level, weight) of `concept = level * weight`; 0 for a weight that is no number."""
    match = SKILL.fullmatch(text.strip())
    if match is None:
        return text.strip(), SkillLevel.BASIC, 1.0
    try:
        weight = float((match["weight"] or "1").replace(",", "."))
    except ValueError:
        weight = 0.0
    return " ".join(match["concept"].split()), match["level"] or SkillLevel.BASIC, weight


def _capacity(text: str, faults: list[Fault]) -> int | None:
    text = text.strip() or "1"
    if text.isdecimal() and 1 <= int(text) <= MOST_PLACES:
        return int(text)
    faults.append(Fault("capacity", "This is no number of places.", f"Write a number from 1 to {MOST_PLACES:,}."))
    return None


def _day(text: str, faults: list[Fault]) -> date | None:
    text = MIDNIGHT.sub("", text.strip())
    try:
        if points := POINTS.fullmatch(text):
            day, month, year = map(int, points.groups())
            found = date(year, month, day)
        else:
            found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not FIRST_DAY <= found <= LAST_DAY:
        faults.append(Fault("starts_on", "This is no day.", "Write 2027-01-04 or 04.01.2027."))
        return None
    return found


def _languages(text: str, faults: list[Fault]) -> tuple[LanguageNeed, ...]:
    found = []
    for one in filter(None, map(str.strip, re.split(r"[;|,\n]+", text))):
        match = LANGUAGE.fullmatch(one)
        if match is None:
            way_out = "Write the code and the CEFR level: `de B1; en A2`."
            faults.append(Fault("languages", "This is no language with its level.", way_out))
            continue
        code: LanguageCode = match[1].lower()
        found.append(LanguageNeed(code, Cefr(match[2].upper())))
    return tuple(found)
