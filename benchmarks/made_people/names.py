"""Names of newcomers as registers spell them (`names.json`): first a name's usual Latin form, then others.

Our own lists: common names and made-up ones; together they name nobody. What a list does not spell out is made by rule
(`spellings`): the romanisations that differ between English, German and French offices. Eritreans bear their father's
given name as the second one.
"""

import json
import random
import re
from functools import cache
from pathlib import Path
from typing import Final

_DATA: Final = json.loads((Path(__file__).parent / "names.json").read_text())
GIVEN: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    culture: tuple(map(tuple, lists)) for culture, lists in _DATA["given"].items()
}
"""Per culture men's and women's names, each with all its spellings in one line."""
FAMILY: Final[dict[str, tuple[str, ...]]] = {culture: tuple(names) for culture, names in _DATA["family"].items()}
TAILS: Final[dict[str, tuple[list[str], list[str]]]] = _DATA["tails"]
"""Syllables and endings of names that are on no list."""
CYRILLIC: Final = tuple(
    dict(zip(_DATA["cyrillic"]["letters"], latin.split(), strict=True))
    for latin in _DATA["cyrillic"]["romanisations"].values()
)
_OFFICES: Final = (
    ("sh", "sch"),
    ("kh", "ch"),
    ("y", "j"),
    ("ou", "u"),
    ("ee", "i"),
    ("z", "s"),
    ("j", "dsch"),
    ("oo", "u"),
    ("w", "v"),
    ("ei", "ai"),
)


@cache
def spellings(name: str) -> tuple[str, ...]:
    """All ways in which offices write a name; the usual one first."""
    if re.match("[А-ЯҐЄІЇ]", name):
        latin = {"".join(table.get(letter, letter) for letter in name.lower()).replace("_", "") for table in CYRILLIC}
        return (*sorted(one.capitalize() for one in latin), name)
    own = name.split()
    made = {re.sub(a, b, own[0].lower()).capitalize() for a, b in _OFFICES if a in own[0].lower()}
    return (*own, *sorted(made - set(own)))


def drawn(source: random.Random, names: tuple[str, ...], culture: str, tail: float) -> str:
    """A name: few are very common, most are rare, and a share `tail` is on no list."""
    if source.random() < tail:
        parts, ends = TAILS[culture]
        syllables = source.choices(parts, k=source.choice((1, 2, 2, 2, 3)))
        return ("".join(syllables) + source.choice(ends)).capitalize()
    return names[int(len(names) * source.random() ** 1.8)]
