"""What is sent and answered about requests."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from contracts.vocabulary import GrantId, Moment, RightDecision, RightKind
from infra.chassis.sent import In, example
from services.intake.rights.domain import CheckedBy, How, Reason, Request, State

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]


class FileIn(In, json_schema_extra=example(kind="rectification", words="My birth year is 1993, not 1994.")):
    """Which right, and in the person's own words what it is about. `how` is for what staff record."""

    kind: RightKind
    words: Words = ""
    how: How = How.IN_PERSON
    grant: GrantId | None = None


class CheckIn(In, json_schema_extra=example(how="document")):
    """What made certain that it is the person who asks. No copy of a document is kept."""

    how: CheckedBy


class ExtendIn(In, json_schema_extra=example(why="Four agencies have to be asked.", months=2)):
    """Why it takes longer, as the person is told, and by how many months."""

    why: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1000)]
    months: Annotated[int, Field(ge=1, le=2)] = 2


class DecideIn(In, json_schema_extra=example(decision="granted", answer="We will do so at once.")):
    """The answer. A refusal needs its reason and words; an erasure that is put off, the norm and until when."""

    decision: RightDecision
    answer: Words = ""
    reason: Reason | None = None
    norm: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=100)] | None = None
    keep_until: Moment | None = None


class RequestOut(BaseModel):
    """A request. `participant` is null once the person was erased; the words are for the person and who answers."""

    id: UUID
    participant: UUID | None
    agency: str
    kind: RightKind
    state: State
    how: How
    filed_at: datetime
    recorded_by: UUID | None
    due_at: datetime
    grant: UUID | None
    checked: CheckedBy | None
    checked_by: UUID | None
    checked_at: datetime | None
    reason: Reason | None
    norm: str | None
    decided_by: UUID | None
    decided_at: datetime | None
    keep_until: datetime | None
    done_at: datetime | None
    proof: dict[str, int]
    version: int
    words: str | None = None
    extended: str | None = None
    answer: str | None = None

    @classmethod
    def of(cls, request: Request, *, words: bool) -> Self:
        out = cls.model_validate(request, from_attributes=True)
        if not words:
            out.words = out.extended = out.answer = None
        return out
