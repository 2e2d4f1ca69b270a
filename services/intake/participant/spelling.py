"""One form for what people write in many: names in any script and spelling, digits of any script.

Pure. `words` loses nothing that tells two names apart in Latin letters; `sound` deliberately does.
"""

import re
import unicodedata
from typing import Final

from anyascii import anyascii

APOSTROPHES: Final = re.compile(r"['’ʼ`´]")
ARTICLES: Final = re.compile(r"^(?:al|el|ul)(?=.{3})")
ARABIC_ARTICLE: Final = re.compile(r"\bال(?=\w{3})")
"""The Arabic article, which is written together, apart or not at all."""
SERVANT: Final = re.compile(r"^abd(?:[aeiou][ldnrstz])?(?=.{4}|$)")
"""Abdulrahman, Abd al-Rahman, Abdur Rahman: one name, written in one or in several words."""
PARTICLES: Final = frozenset({"al", "el", "ul", "bin", "bint", "ibn", "ben", "von", "van", "de", "da", "di"})
"""Parts of a name that one paper writes and the next leaves out."""
HARD: Final = re.compile(r"^g(?!h)")
"""The first letter of Ганна: G in Russian, H in Ukrainian."""

_SOUNDS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^y", "j"),
        (r"^w", "v"),
        (r"dsch|dzh|dj|zh", "j"),
        (r"tsch|sch|sh|zs", "s"),
        (r"kh|ch", "h"),
        (r"gh", "g"),
        (r"ph", "f"),
        (r"th", "t"),
        (r"x", "ks"),
        (r"ck|q|c|g", "k"),
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


def latin(text: str) -> str:
    """The text in small Latin letters and European digits, marks and spaces as they stand."""
    return anyascii(ARABIC_ARTICLE.sub("al", APOSTROPHES.sub("", unicodedata.normalize("NFKC", text)))).lower()


def words(text: str) -> list[str]:
    """The words of a text in Latin letters; whatever is no letter or digit parts them."""
    bare = "".join(letter if letter.isalnum() else " " for letter in APOSTROPHES.sub("", latin(text)))
    return bare.split()


def sounds(word: str) -> frozenset[str]:
    """How a word of `words` may sound: as a whole, and without what is often left out or written apart.

    Nothing for a word of which less than two consonants are left: it would sound like half the region.
    """
    bare = {word, ARTICLES.sub("", word), SERVANT.sub("", word), HARD.sub("h", word)}
    found = {sound for sound in map(_sound, bare) if len(sound) > 1}
    return frozenset(found | {"abdul"} if SERVANT.match(word) else found)


def _sound(word: str) -> str:
    sound = word
    for pattern, replacement in _SOUNDS:
        sound = pattern.sub(replacement, sound)
    return sound
