"""A concept, and its words as they are looked up: without case, marks and order. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final
from zlib import crc32

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


@dataclass(frozen=True, slots=True)
class Found:
    """A concept that was looked for; `matched` is the label by which it was found, as it is compared."""

    concept: Labelled
    matched: str


def folded(label: str) -> str:
    """Lower case, without marks, single spaces: "Kellner/in" and "KELLNER/IN" are one."""
    letters = unicodedata.normalize("NFKD", label.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


ARTICLE: Final = "\u0627\u0644"
"""The Arabic article, written together with its word: who looks for food does not type it."""
BEGIN: Final = 8
"""Letters of a word by which a misspelt one is found; the rest only orders what was found."""


def words(labels: tuple[str, ...]) -> tuple[str, ...]:
    """The words of all labels, each once; Arabic ones without their article, too."""
    return tuple(dict.fromkeys(word for label in labels for word in _words(folded(label))))


def _words(label: str) -> Iterator[str]:
    for word in re.findall(r"\w+", label):
        yield word
        if word.startswith(ARTICLE) and len(word) > len(ARTICLE) + 2:
            yield word.removeprefix(ARTICLE)


def slips(word: str) -> int:
    """How many letters may be wrong: none in short words, for they would be others."""
    return 0 if len(word) < 4 else 1 if len(word) < 6 else 2


def shortened(language: str, word: str) -> tuple[int, ...]:
    """Its begin and what is left of it when letters are taken out, as numbers.

    Two words of a language that are one or two slips apart (a letter too many, too few, another, or two swapped) have
    one of these in common: SymSpell's way, which finds them by an index instead of comparing all.
    """
    begin = word[:BEGIN]
    left = {
        "".join(letter for place, letter in enumerate(begin) if place not in out)
        for many in range(min(slips(word), len(begin) - 1) + 1)
        for out in combinations(range(len(begin)), many)
    }
    return tuple(sorted(crc32(f"{language} {one}".encode()) - 2**31 for one in left))


def apart(one: str, other: str) -> int:
    """How many slips lie between two words; two neighbours swapped are one (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, its in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
