"""What is sent and answered about a profile: the same sections in both directions; unknown fields are refused."""

import re
from dataclasses import asdict
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from contracts.vocabulary import Cefr, ConceptUri, Day, Evidence, LanguageCode, ParticipantId, SkillLevel
from infra.chassis.sent import example
from services.intake.profile.domain import Daytime, Licence, Profile, Translator

_NO_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_PROFILE: Final[TypeAdapter[Profile]] = TypeAdapter(Profile)


def _text(given: str) -> str:
    """Lines end in one way, and signs that no page and no XML file can hold are refused."""
    if _NO_TEXT.search(given):
        raise ValueError("a control character is no text: remove it")
    return given.replace("\r\n", "\n").replace("\r", "\n")


Line = Annotated[str, AfterValidator(_text), StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Short = Annotated[str, AfterValidator(_text), StringConstraints(strip_whitespace=True, max_length=200)]
Long = Annotated[str, AfterValidator(_text), StringConstraints(strip_whitespace=True, max_length=4000)]
Words = Annotated[str, AfterValidator(_text), StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Year = Annotated[int, Field(ge=1900, le=2100)]
Month = Annotated[int, Field(ge=1, le=12)]
DayOfMonth = Annotated[int, Field(ge=1, le=31)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""


class Section(BaseModel):
    """A part of a profile."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class VersionPart(Section):
    """The words of one field in another language, and who put them into it."""

    part: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
    language: LanguageCode
    text: Words
    by: Translator


Versions = Annotated[list[VersionPart], Field(max_length=30)]


class SkillPart(Section):
    """An ESCO skill, what the person calls it, how well, how that is known, and what shows it."""

    concept: ConceptUri
    label: Short = ""
    level: SkillLevel
    evidence: Evidence = Evidence.SELF_DECLARED
    proof: Short = ""
    versions: Versions = []


class LanguagePart(Section):
    """Leave out, or send null for, what was not assessed. `spoken` is spoken production, `interaction` conversation."""

    language: LanguageCode
    listening: Cefr | None = None
    reading: Cefr | None = None
    interaction: Cefr | None = None
    spoken: Cefr | None = None
    written: Cefr | None = None
    mother_tongue: bool = False
    certificate: Short = ""


class EducationPart(Section):
    """`year` is that of the end; `eqf` the level of the European Qualifications Framework."""

    title: Line
    country: Country | None = None
    year: Year | None = None
    recognised: bool | None = None
    institution: Short = ""
    subject: Short = ""
    from_year: Year | None = None
    eqf: Annotated[int, Field(ge=1, le=8)] | None = None
    completed: bool | None = None
    versions: Versions = []


class WorkExperiencePart(Section):
    """A job; leave out the parts of its dates that are unknown. `occupation` is an ESCO occupation or an ISCO group."""

    title: Line
    from_year: Year | None = None
    from_month: Month | None = None
    from_day: DayOfMonth | None = None
    to_year: Year | None = None
    to_month: Month | None = None
    to_day: DayOfMonth | None = None
    current: bool = False
    occupation: ConceptUri | None = None
    employer: Short = ""
    country: Country | None = None
    tasks: Long = ""
    versions: Versions = []


class DrivingLicencePart(Section):
    category: Licence
    country: Country | None = None
    valid_until: Day | None = None
    exchanged: bool | None = None


class ProfileIn(
    Section,
    json_schema_extra=example(
        said_in="ar",
        skills=[
            {
                "concept": "http://data.europa.eu/esco/skill/serve-food",
                "label": "تقديم الطعام",
                "level": "independent",
                "evidence": "demonstrated",
                "versions": [{"part": "label", "language": "de", "text": "Servieren", "by": "interpreter"}],
            }
        ],
        languages=[
            {"language": "ar", "mother_tongue": True},
            {"language": "de", "listening": "B1", "interaction": "A2"},
        ],
        occupations=["http://data.europa.eu/esco/occupation/waiter"],
        work_experience=[{"title": "نادل", "from_year": 2015, "from_month": 3, "to_year": 2019, "country": "SY"}],
        driving_licences=[{"category": "B", "country": "SY", "exchanged": False}],
        mobility_km=15,
    ),
):
    """A whole profile: a section that is left out is empty."""

    said_in: LanguageCode | None = None
    skills: Annotated[list[SkillPart], Field(max_length=200)] = []
    languages: Annotated[list[LanguagePart], Field(max_length=30)] = []
    occupations: Annotated[list[ConceptUri], Field(max_length=50)] = []
    education: Annotated[list[EducationPart], Field(max_length=50)] = []
    work_experience: Annotated[list[WorkExperiencePart], Field(max_length=50)] = []
    driving_licences: Annotated[list[DrivingLicencePart], Field(max_length=20)] = []
    expectations: Long = ""
    versions: Versions = []
    available_from: Day | None = None
    hours_per_week: Annotated[int, Field(ge=1, le=80)] | None = None
    daytimes: Annotated[list[Daytime], Field(max_length=5)] = []
    mobility_km: Annotated[int, Field(ge=0, le=2000)] | None = None
    own_vehicle: bool | None = None
    would_move: bool | None = None

    def as_profile(self) -> Profile:
        return _PROFILE.validate_python(self.model_dump())

    @classmethod
    def of_profile(cls, profile: Profile) -> Self:
        return cls.model_validate(asdict(profile))


class SectionsIn(ProfileIn, json_schema_extra=example(languages=[{"language": "de", "interaction": "B1"}])):
    """Some sections: those that are sent are replaced, the others stay."""

    def on(self, profile: Profile) -> Profile:
        """The profile with these sections in the place of its own."""
        sent = {name: value for name, value in self.model_dump().items() if name in self.model_fields_set}
        return _PROFILE.validate_python({**asdict(profile), **sent})


class ProfileOut(ProfileIn, json_schema_extra={}):
    """The whole profile; version 0 before the first was written."""

    participant: UUID
    version: int

    @classmethod
    def of(cls, participant: ParticipantId, profile: Profile, version: int) -> Self:
        sections: dict[str, Any] = asdict(profile)
        return cls.model_validate({**sections, "participant": participant, "version": version})
