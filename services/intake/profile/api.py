"""How the world speaks to profiles: read the whole, write the whole."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.vocabulary import Category, Cefr, ConceptUri, Day, Evidence, LanguageCode, ParticipantId, SkillLevel
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, IfMatch, InTx, etag
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import example
from services.intake.profile import store, use_cases
from services.intake.profile.domain import Education, Language, Profile, Skill, WorkExperience

router = APIRouter(prefix="/v1/participants", route_class=Edge, tags=["profile"], responses=responses())

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Year = Annotated[int, Field(ge=1900, le=2100)]


class Section(BaseModel):
    """A part of a profile, the same in both directions: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class SkillPart(Section):
    """An ESCO skill, what the person calls it, how well, and how that is known."""

    concept: ConceptUri
    label: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    level: SkillLevel
    evidence: Evidence = Evidence.SELF_DECLARED


class LanguagePart(Section):
    """Leave out, or send null for, what was not assessed."""

    language: LanguageCode
    listening: Cefr | None = None
    reading: Cefr | None = None
    spoken: Cefr | None = None
    written: Cefr | None = None


class EducationPart(Section):
    title: Line
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    """ISO 3166-1 alpha-2."""
    year: Year | None = None
    recognised: bool | None = None


class WorkExperiencePart(Section):
    title: Line
    from_year: Year | None = None
    to_year: Year | None = None


class ProfileIn(
    Section,
    json_schema_extra=example(
        skills=[
            {
                "concept": "http://data.europa.eu/esco/skill/serve-food",
                "level": "independent",
                "evidence": "demonstrated",
            }
        ],
        languages=[{"language": "ar", "spoken": "C2"}, {"language": "de", "listening": "B1", "spoken": "A2"}],
        occupations=["http://data.europa.eu/esco/occupation/waiter"],
        mobility_km=15,
    ),
):
    """The whole profile: a section that is left out is empty from then on."""

    skills: Annotated[list[SkillPart], Field(max_length=200)] = []
    languages: Annotated[list[LanguagePart], Field(max_length=30)] = []
    occupations: Annotated[list[ConceptUri], Field(max_length=50)] = []
    education: Annotated[list[EducationPart], Field(max_length=50)] = []
    work_experience: Annotated[list[WorkExperiencePart], Field(max_length=50)] = []
    expectations: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""
    available_from: Day | None = None
    mobility_km: Annotated[int, Field(ge=0, le=2000)] | None = None

    def as_profile(self) -> Profile:
        return Profile(
            skills=tuple(Skill(**one.model_dump()) for one in self.skills),
            languages=tuple(Language(**one.model_dump()) for one in self.languages),
            occupations=tuple(self.occupations),
            education=tuple(Education(**one.model_dump()) for one in self.education),
            work_experience=tuple(WorkExperience(**one.model_dump()) for one in self.work_experience),
            expectations=self.expectations,
            available_from=self.available_from,
            mobility_km=self.mobility_km,
        )


class ProfileOut(ProfileIn, json_schema_extra={}):
    """The whole profile; version 0 before the first was written."""

    participant: UUID
    version: int

    @classmethod
    def of(cls, participant: ParticipantId, profile: Profile, version: int) -> Self:
        sections = ProfileIn.model_validate(profile, from_attributes=True)
        return cls.model_validate({**sections.model_dump(), "participant": participant, "version": version})


@router.get("/{participant}/profile", summary="A profile")
async def read(
    participant: ParticipantId, response: Response, who: Caller = may("profile:read"), tx: Tx = InTx
) -> ProfileOut:
    """Skills, languages, education, experience and wishes; empty, of version 0, before the interview."""
    await who.allow(tx, Record.of_participant(participant, "profile"), Category.PROFILE)
    profile, version = await store.load(tx, participant)
    etag(response, version)
    return ProfileOut.of(participant, profile, version)


@router.put("/{participant}/profile", summary="Write a profile", responses=responses(412, 428))
async def write(
    participant: ParticipantId,
    body: ProfileIn,
    response: Response,
    who: Caller = may("profile:write"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> ProfileOut:
    """Replaces the whole profile; needs the ETag that was read ("0" for the first)."""
    await who.allow(tx, Record.of_participant(participant, "profile"))
    profile = body.as_profile()
    written = await use_cases.write(tx, participant, profile, version)
    etag(response, written)
    return ProfileOut.of(participant, profile, written)
