"""Two people's particulars side by side: which name words belong together, and how well each field agrees.

Names come in any order, script and spelling; birth dates have unknown parts; many papers say 1 January for "unknown".
The result is levels, no values: what is added up and kept holds nothing of the person.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from anyascii import anyascii
from rapidfuzz.distance import JaroWinkler

from services.intake.duplicates.weights import NAMES_COUNTED, Field, Level
from services.intake.participant.domain import BirthDate, Contact, Identity

PARTICLES: Final = frozenset({"al", "el", "ul", "abu", "bin", "bint", "ibn", "ben", "von", "van", "de", "da", "di"})
"""Parts of a name that one register writes and the next leaves out."""
ARTICLE: Final = "ال"
"""The Arabic article, written together with the name."""

ALIKE_FROM: Final = 0.94
SIMILAR_FROM: Final = 0.85
"""Jaro-Winkler similarities: our own choice; `tests/unit/intake/test_comparison.py` holds the names it was tried on."""

PHONE_DIGITS: Final = 8
"""The last digits of a number: the same with and without the country's code."""

_SOUNDS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^y", "j"),
        (r"^w", "v"),
        (r"dsch|dj|zh", "j"),
        (r"tsch|sch|sh|zs", "s"),
        (r"kh|ch", "h"),
        (r"gh", "g"),
        (r"ph", "f"),
        (r"th", "t"),
        (r"ck|q|c|x|g", "k"),
        (r"v", "f"),
        (r"z", "s"),
        (r"d", "t"),
        (r"b", "p"),
        (r"(?<=[aeiou])h$", ""),
        (r"[aeiouyw]", ""),
        (r"(.)\1+", r"\1"),
    )
)
"""From Latin letters to a skeleton of consonants; vowels are what transliterations differ in."""


def name_words(identity: Identity) -> tuple[str, ...]:
    """All words of the name in Latin letters, in alphabetical order; particles only if there is nothing else."""
    text = unicodedata.normalize("NFKC", f"{identity.given_name} {identity.family_name}")
    bare = " ".join(word.removeprefix(ARTICLE) if len(word) > 4 else word for word in text.split())
    latin = re.sub(r"['’ʼ`]", "", anyascii(bare)).lower()
    words = re.findall(r"[a-z]+", latin)
    return tuple(sorted({word for word in words if word not in PARTICLES} or set(words)))


def skeleton(word: str) -> str:
    """The consonants of a word as they sound; the word itself if that leaves less than two."""
    sound = word
    for pattern, replacement in _SOUNDS:
        sound = pattern.sub(replacement, sound)
    return sound if len(sound) > 1 else word


def phone_digits(contact: Contact) -> str | None:
    """The digits that count of a telephone number, if there are enough."""
    digits = "".join(filter(str.isdigit, contact.phone or ""))
    return digits[-PHONE_DIGITS:] if len(digits) >= PHONE_DIGITS else None


def compare(one: tuple[Identity, Contact], other: tuple[Identity, Contact]) -> Iterator[tuple[Field, Level]]:
    """What can be observed about the two; the same whichever comes first, and whichever name is called the family's."""
    for level in _names(name_words(one[0]), name_words(other[0])):
        yield Field.NAME, level
    yield Field.BIRTH, _births(one[0].birth, other[0].birth)
    yield Field.PHONE, _phones(phone_digits(one[1]), phone_digits(other[1]))


def _names(one: tuple[str, ...], other: tuple[str, ...]) -> Iterator[Level]:
    """A level per pair of words, best pairs first, as many as the shorter name has."""
    pairs = sorted((-_alike(a, b), min(a, b), max(a, b), a, b) for a in one for b in other)
    left_a, left_b = set(one), set(other)
    for _ in range(min(len(one), len(other), NAMES_COUNTED)):
        _, _, _, a, b = next(pair for pair in pairs if pair[3] in left_a and pair[4] in left_b)
        left_a.remove(a)
        left_b.remove(b)
        yield _name_level(a, b)


def _alike(a: str, b: str) -> float:
    """Orders pairs: equal words, then equal sounds, then similar letters."""
    similarity = max(JaroWinkler.normalized_similarity(a, b), JaroWinkler.normalized_similarity(b, a))
    return similarity + (1.0 if a == b else 0.5 if skeleton(a) == skeleton(b) else 0.0)


def _name_level(a: str, b: str) -> Level:
    if a == b:
        return Level.EXACT
    similarity = JaroWinkler.normalized_similarity(*sorted((a, b)))
    if skeleton(a) == skeleton(b) or similarity >= ALIKE_FROM:
        return Level.SOUNDS_ALIKE
    return Level.SIMILAR if similarity >= SIMILAR_FROM else Level.DIFFERENT


def _births(one: BirthDate, other: BirthDate) -> Level:
    if one.year is None or other.year is None:
        return Level.UNKNOWN
    if one.year != other.year:
        return Level.YEAR_BESIDE if abs(one.year - other.year) == 1 else Level.DIFFERENT
    (month_a, day_a), (month_b, day_b) = _known(one), _known(other)
    if month_a is None or month_b is None:
        return Level.SAME_YEAR
    if day_a is not None and day_b is not None:
        if (month_a, day_a) == (month_b, day_b):
            return Level.SAME_DAY
        if (month_a, day_a) == (day_b, month_b):
            return Level.DAY_AND_MONTH_SWAPPED
        return Level.SAME_MONTH if month_a == month_b else Level.SAME_YEAR
    return Level.SAME_MONTH if month_a == month_b else Level.SAME_YEAR


def _known(birth: BirthDate) -> tuple[int | None, int | None]:
    """Month and day; 1 January is what offices write when nobody knows."""
    return (None, None) if (birth.month, birth.day) == (1, 1) else (birth.month, birth.day)


def _phones(one: str | None, other: str | None) -> Level:
    if one is None or other is None:
        return Level.UNKNOWN
    return Level.EXACT if one == other else Level.DIFFERENT


def keys(identity: Identity, contact: Contact) -> frozenset[str]:
    """Under which a record is filed. Two records are compared only if they share a key."""
    sounds = sorted({skeleton(word) for word in name_words(identity)})
    found = {f"pair {a} {b}" for a, b in combinations(sounds, 2)}
    if len(sounds) == 1 or identity.birth.year is not None:
        found |= {f"year {sound} {identity.birth.year or ''}" for sound in sounds}
    if phone := phone_digits(contact):
        found.add(f"phone {phone}")
    return frozenset(found)


def keys_beside(identity: Identity) -> frozenset[str]:
    """More keys to look under: an estimated year may be one off, and may be missing in the other record."""
    year = identity.birth.year
    if year is None:
        return frozenset()
    sounds = {skeleton(word) for word in name_words(identity)}
    return frozenset(f"year {sound} {near}" for sound in sounds for near in (year - 1, year + 1, ""))
