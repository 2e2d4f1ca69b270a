"""A concept, and its words as they are looked up: without case, marks and order. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from contracts.vocabulary import ConceptUri


class Kind(StrEnum):
    """Which part of ESCO it belongs to."""

    SKILL = "skill"
    OCCUPATION = "occupation"
    ISCO_GROUP = "isco-group"


@dataclass(frozen=True, slots=True)
class Concept:
    """What a file says of one concept in one language. `group` is the ISCO group of an occupation."""

    uri: ConceptUri
    preferred: str
    others: tuple[str, ...] = ()
    code: str | None = None
    group: str | None = None
    reuse: str | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The preferred one first, each once."""
        return tuple(dict.fromkeys((self.preferred, *self.others)))


@dataclass(frozen=True, slots=True)
class Labelled:
    """A concept with its label; `language` is the one in which the label is."""

    uri: ConceptUri
    kind: Kind
    label: str
    language: str
    obsolete: bool


def folded(label: str) -> str:
    """Lower case, without marks, single spaces: "Kellner/in" and "KELLNER/IN" are one."""
    letters = unicodedata.normalize("NFKD", label.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def words(labels: tuple[str, ...]) -> tuple[str, ...]:
    """The words of all labels, each once."""
    return tuple(dict.fromkeys(word for label in labels for word in re.findall(r"\w+", folded(label))))


def grams(word: str) -> tuple[str, ...]:
    """Its parts of three letters, as pg_trgm cuts them: two words that share many are spelt alike."""
    padded = f"  {word} "
    return tuple(sorted({padded[at : at + 3] for at in range(len(padded) - 2)}))
