"""Where ESCO lies, in the service's own database: concepts, their labels per language, the words of all labels.

Laid out for looking up while somebody types (`search.py`), without extensions: each label has its words as lexemes
that name part and language, in whose index a prefix is found; a misspelt word is found by what is left of it when
letters are taken out.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import ARRAY, Column, Index, Integer, String, select, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, SQLModel, col

from contracts.vocabulary import ConceptUri
from infra.chassis.db import Tx
from infra.chassis.schema import instant
from infra.esco.concept import Concept, Kind, Labelled, folded, shortened, words

SCHEMA: Final = "esco"


class ConceptRow(SQLModel, table=True):
    """One concept. `release` is the last one that named it; `obsolete` if a later one did not."""

    __tablename__ = "concept"
    __table_args__ = {"schema": SCHEMA}

    uri: str = Field(primary_key=True)
    kind: str
    code: str | None = None
    isco_group: str | None = None
    reuse: str | None = None
    release: str
    obsolete: bool


class LabelsRow(SQLModel, table=True):
    """All labels of a concept in one language. `folded` repeats them, for the index."""

    __tablename__ = "labels"
    __table_args__ = (
        Index("labels_folded", "folded", postgresql_using="gin"),
        {"schema": SCHEMA},
    )

    concept: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    preferred: str
    others: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    folded: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))


class LabelRow(SQLModel, table=True):
    """One label of a concept. `tokens` are its words with part and language, for the index."""

    __tablename__ = "label"
    __table_args__ = (
        Index("label_tokens", "tokens", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        {"schema": SCHEMA},
    )

    concept: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    folded: str = Field(primary_key=True)
    preferred: bool
    tokens: str = Field(sa_column=Column(TSVECTOR, nullable=False))


class WordRow(SQLModel, table=True):
    """A word that stands in labels of a language; `shortened`: see `concept.shortened`."""

    __tablename__ = "word"
    __table_args__ = (
        Index("word_shortened", "shortened", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        {"schema": SCHEMA},
    )

    language: str = Field(primary_key=True)
    word: str = Field(sa_column=Column(String(collation="C"), primary_key=True))
    shortened: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))


class ReleaseRow(SQLModel, table=True):
    """Which release of which part is wholly in, in which language, and since when."""

    __tablename__ = "release"
    __table_args__ = {"schema": SCHEMA}

    kind: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    release: str
    concepts: int
    at: datetime = instant()


CONCEPTS: Final = text("""
    insert into esco.concept as c (uri, kind, code, isco_group, reuse, release, obsolete)
    select uri, :kind, code, isco_group, reuse, :release, false
    from jsonb_to_recordset(cast(:rows as jsonb)) as t(uri text, code text, isco_group text, reuse text)
    on conflict (uri) do update
    set code = coalesce(excluded.code, c.code), isco_group = coalesce(excluded.isco_group, c.isco_group),
        reuse = coalesce(excluded.reuse, c.reuse), release = excluded.release, obsolete = false
    where (c.release, c.obsolete) is distinct from (excluded.release, false)
       or excluded.code <> coalesce(c.code, '') or excluded.isco_group <> coalesce(c.isco_group, '')
       or excluded.reuse <> coalesce(c.reuse, '')
""")
LABELS: Final = text("""
    insert into esco.labels as l (concept, language, preferred, others, folded)
    select uri, :language, preferred, others, folded
    from jsonb_to_recordset(cast(:rows as jsonb)) as t(uri text, preferred text, others text[], folded text[])
    on conflict (concept, language) do update
    set preferred = excluded.preferred, others = excluded.others, folded = excluded.folded
    where (l.preferred, l.others) is distinct from (excluded.preferred, excluded.others)
       or not exists (select from esco.label where concept = l.concept and language = l.language)
    returning concept, (xmax = 0) as new
""")
FORGET: Final = text("delete from esco.label where language = :language and concept = any(:concepts)")
LABEL: Final = text("""
    insert into esco.label (concept, language, folded, preferred, tokens)
    select concept, :language, folded, preferred, array_to_tsvector(tokens)
    from jsonb_to_recordset(cast(:rows as jsonb)) as t(concept text, folded text, preferred boolean, tokens text[])
""")
WORDS: Final = text("""
    insert into esco.word (language, word, shortened)
    select :language, word, shortened from jsonb_to_recordset(cast(:rows as jsonb)) as t(word text, shortened int[])
    on conflict do nothing
""")
COMPLETE: Final = text("""
    insert into esco.release (kind, language, release, concepts, at) values (:kind, :language, :release, :concepts, :at)
    on conflict (kind, language) do update
    set release = excluded.release, concepts = excluded.concepts, at = excluded.at
    where (release.release, release.concepts) is distinct from (excluded.release, excluded.concepts)
""")
GONE: Final = text(
    "update esco.concept set obsolete = true where kind = :kind and release <> :release and not obsolete"
)


async def put(tx: Tx, kind: Kind, language: str, release: str, concepts: Sequence[Concept]) -> tuple[int, int]:
    """(how many have labels in this language for the first time, how many have others than before)"""
    await tx.lock(SCHEMA, "import")
    rows = [_row(one) for one in concepts]
    said = orjson.dumps(rows).decode()
    await tx.execute(CONCEPTS, {"kind": kind, "release": release, "rows": said})
    changed = (await tx.execute(LABELS, {"language": language, "rows": said})).all()
    if changed:
        which = {row.concept for row in changed}
        await _make_searchable(tx, kind, language, [one for one in concepts if one.uri in which])
    new = sum(row.new for row in changed)
    return new, len(changed) - new


async def _make_searchable(tx: Tx, kind: Kind, language: str, concepts: Sequence[Concept]) -> None:
    await tx.execute(FORGET, {"language": language, "concepts": [one.uri for one in concepts]})
    labels = [label for one in concepts for label in _labels(kind, language, one)]
    await tx.execute(LABEL, {"language": language, "rows": orjson.dumps(labels).decode()})
    found = sorted({word for one in concepts for word in words(one.labels)})
    every = [{"word": word, "shortened": shortened(language, word)} for word in found]
    await tx.execute(WORDS, {"language": language, "rows": orjson.dumps(every).decode()})


def _labels(kind: Kind, language: str, one: Concept) -> Iterator[Mapping[str, object]]:
    """Those that differ by more than case and marks."""
    for place, label in enumerate(dict.fromkeys(map(folded, one.labels))):
        tokens = [lexeme(kind, language, word) for word in words((label,))]
        yield {"concept": one.uri, "folded": label, "preferred": place == 0, "tokens": tokens}


def lexeme(kind: Kind, language: str, word: str) -> str:
    """A word as the index of labels has it: only labels of this part and language are found by it."""
    return f"{kind} {language} {word}"


def _row(one: Concept) -> Mapping[str, object]:
    return {
        "uri": one.uri,
        "code": one.code,
        "isco_group": one.group,
        "reuse": one.reuse,
        "preferred": one.preferred,
        "others": [label for label in one.labels if label != one.preferred],
        "folded": list(dict.fromkeys(map(folded, one.labels))),
    }


async def complete(tx: Tx, kind: Kind, language: str, release: str, concepts: int) -> None:
    """All of this part is in, in this language: what an earlier release named and this one does not is obsolete."""
    await tx.execute(GONE, {"kind": kind, "release": release})
    values = {"kind": kind, "language": language, "release": release, "concepts": concepts, "at": tx.system_now}
    await tx.execute(COMPLETE, values)


async def releases(tx: Tx) -> Sequence[Any]:
    """Rows of `release`, by part and language."""
    rows = select(ReleaseRow.kind, ReleaseRow.language, ReleaseRow.release, ReleaseRow.concepts, col(ReleaseRow.at))  # type: ignore[call-overload]
    return await tx.rows(rows.order_by(col(ReleaseRow.kind), col(ReleaseRow.language)))


LABELLED: Final = text("""
    select distinct on (c.uri) c.uri, c.kind, l.preferred, l.language, c.obsolete
    from esco.concept c join esco.labels l on l.concept = c.uri
    where c.uri = any(:uris)
    order by c.uri, l.language <> :language, l.language <> 'en', l.language
""")
MEANT: Final = text("""
    select c.uri, l.folded[1] as preferred, l.folded
    from esco.labels l join esco.concept c on c.uri = l.concept
    where l.folded && cast(:words as varchar[]) and c.kind = :kind and not c.obsolete
""")


async def labelled(tx: Tx, uris: Collection[ConceptUri], language: str) -> list[Labelled]:
    """Those of the concepts that are known, in this language, else in English, else in any."""
    rows = (await tx.execute(LABELLED, {"uris": sorted(uris), "language": language})).all()
    return [Labelled(row.uri, Kind(row.kind), row.preferred, row.language, row.obsolete) for row in rows]


async def meant(tx: Tx, labels: Collection[str], kind: Kind) -> dict[str, set[ConceptUri]]:
    """Label -> the concepts that bear it, in whatever language; only preferred ones where there is one."""
    wanted = {folded(label): label for label in labels}
    if not wanted:
        return {}
    rows = (await tx.execute(MEANT, {"words": sorted(wanted), "kind": kind})).all()
    first: dict[str, set[ConceptUri]] = {}
    others: dict[str, set[ConceptUri]] = {}
    for row in rows:
        for word in wanted.keys() & set(row.folded):
            (first if word == row.preferred else others).setdefault(wanted[word], set()).add(row.uri)
    return others | first
