"""How ESCO comes in, how its labels are read and found: the same routes at each service that keeps a copy."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StringConstraints

from contracts.vocabulary import ConceptUri, LanguageCode
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from infra.esco import search as finding
from infra.esco import store
from infra.esco.concept import Concept, Kind

router = APIRouter(prefix="/v1", route_class=Edge, tags=["esco"], responses=responses())

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)]
Release = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+){0,3}$", max_length=20)]
MOST: Final = 1000
MOST_ASKED: Final = 200


class EscoConceptIn(In):
    """A concept in one language, in our words for the columns of ESCO's files."""

    uri: Annotated[ConceptUri, Field(description="conceptUri")]
    preferred: Annotated[Label, Field(description="preferredLabel")]
    others: Annotated[list[Label], Field(default_factory=list, max_length=500, description="altLabels")]
    code: Annotated[Short | None, Field(description="code")] = None
    group: Annotated[Short | None, Field(description="iscoGroup")] = None
    reuse: Annotated[Short | None, Field(description="reuseLevel")] = None


class EscoIn(
    In,
    json_schema_extra=example(
        release="1.2.0",
        language="en",
        kind="skill",
        concepts=[
            {
                "uri": "http://data.europa.eu/esco/skill/001115fb-569f-4ee6-8381-c6807ef2527f",
                "preferred": "show initiative",
                "others": ["take the initiative"],
            }
        ],
    ),
):
    """Up to 1,000 concepts of one part of ESCO in one language."""

    release: Annotated[Release, Field(description="ESCO's version.")]
    language: LanguageCode
    kind: Kind
    concepts: Annotated[list[EscoConceptIn], Field(min_length=1, max_length=MOST)]
    complete: Annotated[
        int | None, Field(ge=1, le=1_000_000, description="With the last batch: how many concepts the part has.")
    ] = None
    trial: Annotated[bool, Field(description="Only say whether it can be read.")] = False


class EscoOut(BaseModel):
    """How many concepts got labels in this language for the first time, got others, or have them already."""

    new: int
    changed: int
    unchanged: int


class EscoReleaseOut(BaseModel):
    """A part of ESCO that is wholly in."""

    kind: Kind
    language: str
    release: str
    concepts: int
    at: datetime


class EscoConceptOut(BaseModel):
    """A concept and its label. `obsolete`: the release that is here no longer has it."""

    uri: str
    kind: Kind
    label: str
    language: str
    obsolete: bool


class EscoFoundOut(BaseModel):
    """A concept that was found, its label, and by which label, in small letters, it was found."""

    uri: str
    kind: Kind
    label: str
    language: str
    matched: str


@router.post("/imports/esco", summary="Take in concepts of ESCO")
async def take_in(body: EscoIn, who: Caller = may("esco:import"), tx: Tx = InTx) -> EscoOut:
    """Adds concepts and labels, and renews those that say something else; the same again changes nothing.

    With `complete` the part counts as wholly in: what an earlier release had and this one has not is obsolete from then
    on. It keeps its labels, because people and places name it.
    """
    await who.allow(tx, Record("esco"))
    concepts = [
        Concept(one.uri, one.preferred, tuple(one.others), one.code or None, one.group or None, one.reuse or None)
        for one in body.concepts
    ]
    new = changed = 0
    if not body.trial:
        new, changed = await store.put(tx, body.kind, body.language, body.release, concepts)
        if body.complete is not None:
            await store.complete(tx, body.kind, body.language, body.release, body.complete)
    return EscoOut(new=new, changed=changed, unchanged=len(concepts) - new - changed)


@router.get("/esco/releases", summary="Which ESCO is here")
async def releases(who: Caller = may("esco:read"), tx: Tx = InTx) -> list[EscoReleaseOut]:
    """By part and language."""
    await who.allow(tx, Record("esco"))
    return [EscoReleaseOut.model_validate(row, from_attributes=True) for row in await store.releases(tx)]


@router.get("/esco/concepts", summary="Labels of concepts")
async def concepts(
    uri: Annotated[list[ConceptUri], Query(max_length=MOST_ASKED, description="One or more.")],
    who: Caller = may("esco:read"),
    tx: Tx = InTx,
    language: LanguageCode = "en",
) -> list[EscoConceptOut]:
    """In this language, else in English, else in any; what is not known is left out."""
    await who.allow(tx, Record("esco"))
    found = await store.labelled(tx, uri, language)
    return [EscoConceptOut.model_validate(one, from_attributes=True) for one in found]


@router.get("/esco/search", summary="Find concepts by words")
async def search(
    q: Annotated[str, Query(min_length=1, max_length=100, description="Words of a label, begun or misspelt.")],
    who: Caller = may("esco:read"),
    tx: Tx = InTx,
    kind: Annotated[list[Kind] | None, Query(max_length=3, description="Only these parts; skills if left out.")] = None,
    language: Annotated[LanguageCode, Query(description="Of the labels in the answer.")] = "en",
    typed_in: Annotated[
        list[LanguageCode] | None, Query(max_length=40, description="Languages of `q`; any that is here if left out.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> list[EscoFoundOut]:
    """Best first: by preferred labels and all others, in any order of the words. Obsolete concepts are left out."""
    await who.allow(tx, Record("esco"))
    kinds = sorted(set(kind or [Kind.SKILL]))
    found = await finding.search(tx, q, kinds, language=language, typed_in=set(typed_in or ()), most=limit)
    return [
        EscoFoundOut(uri=c.uri, kind=c.kind, label=c.label, language=c.language, matched=one.matched)
        for one in found
        for c in (one.concept,)
    ]
