"""Names of people in any order, script and spelling: their words, and how well two words agree.

What differs between transliterations are vowels, doubled letters, particles and a handful of consonants; what differs
between twins called Hassan and Hussein is a vowel that no transliteration confuses.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from typing import Final

from anyascii import anyascii
from rapidfuzz.distance import JaroWinkler

PARTICLES: Final = frozenset({"al", "el", "ul", "abu", "bin", "bint", "ibn", "ben", "von", "van", "de", "da", "di"})
"""Parts of a name that one register writes and the next leaves out."""
ARTICLE: Final = "ال"
"""The Arabic article, written together with the name."""

ALIKE_FROM: Final = 0.94
SIMILAR_FROM: Final = 0.85
"""Jaro-Winkler similarities: our own choice; `tests/unit/intake/test_comparison.py` holds the names it was tried on."""

REMEMBERED: Final = 200_000
"""Words whose sound is kept in memory: a region has far fewer different ones than people."""

_SOUNDS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^y|^i(?=[aeou])|^i[ij](?=e)", "j"),
        (r"^w|(?<!o)w(?=.)", "v"),
        (r"(?<!s)ch(?=[eyi]nko|[uyia]k)", "sh"),  # Shevchenko as English writes it: no ch as in Khalil
        (r"dsch|dj|zh", "j"),
        (r"schtsch|shch|tsch|sch|sh|ts|tz|zs", "s"),
        (r"kh|ch", "h"),
        (r"gh", "g"),
        (r"ph", "f"),
        (r"th", "t"),
        (r"ck|q|c|x|g", "k"),
        (r"v", "f"),
        (r"z", "s"),
        (r"d", "t"),
        (r"b", "p"),
        (r"(?<=[iy])j|(?<=[ptkslmnrf])j(?=[aeou])|(?<=[aeiou])j$", ""),
        (r"h$", ""),
        (r"(.)\1+", r"\1"),
        (r"[aeiouyw]", ""),
    )
)
"""From Latin letters to a skeleton of consonants; vowels are what transliterations differ in."""
_SHORT: Final = tuple(
    (re.compile(pattern), sound) for pattern, sound in ((r"ei|ey|ee|y|j", "i"), (r"ou|oo|u|w", "o"), (r"(.)\1+", r"\1"))
)
"""What is left of short words, whose vowels are needed."""
_LETTERS: Final = str.maketrans(
    {"ч": "tsch", "Ч": "Tsch", "щ": "schtsch", "Щ": "Schtsch", "ц": "ts", "Ц": "Ts", "ة": "a", "ى": "a", "ئ": "i"}
)
"""Sounds that Latin letters of one language alone would not tell apart."""
_ARABIC_A: Final = re.compile("^ع")
_ARABIC_U: Final = re.compile("(?<=.)و(?![اة])")
_ARABIC_I: Final = re.compile("^[عإأا]?[يی](?![اوه])")
_FIRST_VOWEL: Final = re.compile(r"[aeiouyw]")
_OPENING: Final = "aeou"
_OPENED: Final = re.compile(r"[aeou]")


class Agreement(IntEnum):
    """How well two words of names agree, best first."""

    EXACT = 0
    SOUNDS_ALIKE = 1
    SIMILAR = 2
    DIFFERENT = 3


def words(given_name: str, family_name: str) -> tuple[str, ...]:
    """All words of the name in Latin letters, in alphabetical order; particles only if there is nothing else."""
    found = {*_words(given_name), *_words(family_name)}
    return tuple(sorted({word for word in found if word not in PARTICLES} or found))


@lru_cache(REMEMBERED)
def _words(text: str) -> tuple[str, ...]:
    normal = unicodedata.normalize("NFKC", text).translate(_LETTERS)
    without = (word.removeprefix(ARTICLE) if len(word) > 4 else word for word in normal.split())
    bare = " ".join(_ARABIC_U.sub("u", _ARABIC_A.sub("a", _ARABIC_I.sub("i", word))) for word in without)
    return tuple(re.findall(r"[a-z]+", re.sub(r"['’ʼ`]", "", anyascii(bare)).lower()))


@lru_cache(REMEMBERED)
def skeleton(word: str) -> str:
    """The consonants of a word as they sound; if that leaves less than two, its vowels, too."""
    sound = word
    for pattern, replacement in _SOUNDS:
        sound = pattern.sub(replacement, sound)
    if len(sound) > 1:
        return sound
    for pattern, replacement in _SHORT:
        word = pattern.sub(replacement, word)
    return word


def sounds(of: Iterable[str]) -> list[str]:
    """The skeletons of words, each once, in order."""
    return sorted({skeleton(word) for word in of})


def agreement(one: str, other: str) -> Agreement:
    """How well two words agree; the same whichever comes first."""
    return _agreement(one, other)[0] if one <= other else _agreement(other, one)[0]


@lru_cache(REMEMBERED)
def _agreement(one: str, other: str) -> tuple[Agreement, float]:
    """The level, and what orders pairs of the same level."""
    if one == other:
        return Agreement.EXACT, 0.0
    similarity = JaroWinkler.normalized_similarity(one, other)
    if similarity >= ALIKE_FROM or skeleton(one) == skeleton(other):
        level = Agreement.DIFFERENT if _another_name(one, other) else Agreement.SOUNDS_ALIKE
    else:
        level = Agreement.SIMILAR if similarity >= SIMILAR_FROM else Agreement.DIFFERENT
    return level, -similarity


def _another_name(one: str, other: str) -> bool:
    """Words of one sound that are two names all the same.

    Hassan and Hussein, Mahmoud and Muhammad: the first vowel is rounded in one and open in the other. Ahmad and Hamid:
    one begins with a vowel. Where a script writes no vowels, nobody can tell.
    """
    first, second = _FIRST_VOWEL.search(one), _FIRST_VOWEL.search(other)
    if first is None or second is None:
        return False
    if (one[0] in _OPENING) != (other[0] in _OPENING):
        return bool(_OPENED.search(one) and _OPENED.search(other)) and {one[0], other[0]} <= set("aeuoh")
    pair = {first[0], second[0]}
    return "u" in pair and bool(pair & {"a", "e", "i"})


def pairs(one: tuple[str, ...], other: tuple[str, ...], most: int) -> list[tuple[Agreement, str, str]]:
    """Which words belong together, best pairs first, as many as the shorter name has and at most `most`."""
    if one == other:
        return [(Agreement.EXACT, word, word) for word in one[:most]]
    ranked = sorted(
        (*(_agreement(a, b) if a <= b else _agreement(b, a)), min(a, b), max(a, b), a, b) for a in one for b in other
    )
    left, right = set(one), set(other)
    found: list[tuple[Agreement, str, str]] = []
    for level, _, _, _, a, b in ranked:
        if a in left and b in right:
            left.remove(a)
            right.remove(b)
            found.append((level, a, b))
            if len(found) == most:
                break
    return found
