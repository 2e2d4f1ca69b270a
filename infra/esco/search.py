"""Finding a concept while somebody types: words in any order and language, begun or misspelt.

First every word as it stands, or as the begin of one. If no label has them all, each may be one of the words that it
was meant to be. What is found is ordered by how much of the label was typed: the label itself, its begin, preferred
ones, short ones.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import text

from infra.chassis.db import Tx
from infra.esco.concept import Found, Kind, apart, folded, shortened, slips, words
from infra.esco.store import labelled, lexeme

MOST_WORDS: Final = 8
"""More of them find nothing else, only later."""
MEANT: Final = 6
"""Words of a language that a misspelt one may stand for."""
SPARE: Final = 5
"""Labels that are looked at for each concept that is shown: many are of the same."""

LABELS: Final = text("""
    select concept, folded from (
        select l.concept, l.folded, l.preferred,
               case when l.folded = :typed then 0 when starts_with(l.folded, :typed) then 1 else 2 end as fit
        from esco.label l
        where l.tokens @@ cast(:asked as tsquery)
        order by fit, not l.preferred, length(l.folded), l.folded collate "C", l.concept
        limit :most
    ) l
    where exists (select from esco.concept where uri = l.concept and not obsolete)
    order by fit, not preferred, length(folded), folded collate "C", concept
""")
LIKE: Final = text("select language, word from esco.word where shortened && cast(:numbers as int[])")
LANGUAGES: Final = text("select distinct language from esco.release order by language")


async def search(
    tx: Tx, typed: str, kinds: Collection[Kind], *, language: str, typed_in: Collection[str], most: int
) -> list[Found]:
    """At most so many concepts, best first; `language` is that of the labels, `typed_in` empty: any that is here."""
    said = folded(typed)
    sought = words((said,))[:MOST_WORDS]
    if not sought:
        return []
    tongues = sorted(typed_in) or [row.language for row in (await tx.execute(LANGUAGES)).all()]
    asked = [_any_of(_begun(kinds, tongues, word)) for word in sought]
    found = await _labels(tx, said, asked, most)
    if not found and any(slips(word) for word in sought):
        meant = await _meant(tx, sought, tongues)
        asked = [
            _any_of([*_begun(kinds, tongues, word), *(_lexeme(kind, *one) for kind in kinds for one in meant[word])])
            for word in sought
        ]
        found = await _labels(tx, said, asked, most)
    shown = {one.uri: one for one in await labelled(tx, found.keys(), language)}
    return [Found(shown[uri], matched) for uri, matched in found.items() if uri in shown]


async def _labels(tx: Tx, typed: str, asked: Sequence[str], most: int) -> dict[str, str]:
    """Concept -> the label by which it was found, best first; nothing where no part is in to be searched."""
    if "()" in asked:
        return {}
    query = {"typed": typed, "asked": " & ".join(asked), "most": most * SPARE}
    found: dict[str, str] = {}
    for row in (await tx.execute(LABELS, query)).all():
        if len(found) < most:
            found.setdefault(row.concept, row.folded)
    return found


async def _meant(tx: Tx, sought: Sequence[str], tongues: Sequence[str]) -> Mapping[str, list[tuple[str, str]]]:
    """Word -> (language, word) of those few that it is nearest to."""
    long = [word for word in sought if slips(word)]
    numbers = sorted({number for word in long for tongue in tongues for number in shortened(tongue, word)})
    rows = (await tx.execute(LIKE, {"numbers": numbers})).all()
    known = [(row.language, row.word) for row in rows]
    return {word: _nearest(word, known) if slips(word) else [] for word in sought}


def _nearest(word: str, known: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    distances = [(apart(word, one), language, one) for language, one in known if abs(len(one) - len(word)) <= 2]
    near = sorted(each for each in distances if each[0] <= slips(word))
    chosen: dict[str, list[tuple[str, str]]] = {}
    for _, language, one in near:
        of_this = chosen.setdefault(language, [])
        if len(of_this) < MEANT:
            of_this.append((language, one))
    return [each for of_this in chosen.values() for each in of_this]


def _begun(kinds: Iterable[Kind], tongues: Iterable[str], word: str) -> list[str]:
    """Whatever begins with the word; a single letter is itself only."""
    end = ":*" if len(word) > 1 else ""
    return [f"{_lexeme(kind, tongue, word)}{end}" for kind in kinds for tongue in tongues]


def _lexeme(kind: Kind, language: str, word: str) -> str:
    """Quoted. Words hold letters, digits and underscores only, so there is nothing to escape in them."""
    return f"'{lexeme(kind, language, word)}'"


def _any_of(choices: Sequence[str]) -> str:
    return f"({' | '.join(choices)})"
