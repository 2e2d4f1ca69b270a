"""What is known of people for suggestions: a read table that intake's facts alone fill, rebuilt by replay.

Holds levels, concepts and answers under the participant's random id; no name, contact, birth date or status.
"""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, String, delete, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlmodel import Field, SQLModel, col

from contracts.events import intake
from contracts.vocabulary import Allowed, Cefr, Evidence, ParticipantId, SkillLevel
from infra.chassis.db import Tx
from infra.chassis.schema import table
from services.matching.suggestion.terms import Candidate, HeldSkill, Rights

SCHEMA = "candidate"


class CandidateRow(SQLModel, table=True):
    """One participant; what no event has told yet is empty."""

    __tablename__ = "candidate"
    __table_args__ = {"schema": SCHEMA}

    participant: UUID = Field(primary_key=True)
    agency: str | None = None
    skills: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSONB))
    languages: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSONB))
    occupations: list[str] | None = Field(default=None, sa_column=Column(ARRAY(String)))
    available_from: date | None = None
    work: str | None = None
    training: str | None = None
    internship: str | None = None
    since: date | None = None
    until: date | None = None


async def load(tx: Tx, participant: ParticipantId) -> Candidate:
    """What is known; an empty candidate if nothing is."""
    row = await tx.row(select(table(CandidateRow)).where(col(CandidateRow.participant) == participant))
    return _read(row) if row is not None else Candidate()


async def registered(tx: Tx, fact: intake.ParticipantRegistered) -> None:
    await _know(tx, fact.participant, agency=fact.agency)


async def profile_updated(tx: Tx, fact: intake.ProfileUpdated) -> None:
    """The whole current state: it replaces what was known."""
    await _know(
        tx,
        fact.participant,
        skills=[{"concept": s.concept, "level": s.level, "evidence": s.evidence} for s in fact.skills],
        languages=[{"language": one.language, "level": one.level} for one in fact.languages],
        occupations=list(fact.occupations),
        available_from=fact.available_from,
    )


async def work_rights_changed(tx: Tx, fact: intake.WorkRightsChanged) -> None:
    await _know(
        tx,
        fact.participant,
        work=fact.work,
        training=fact.training,
        internship=fact.internship,
        since=fact.since,
        until=fact.until,
    )


async def erased(tx: Tx, fact: intake.ParticipantErased) -> None:
    await tx.execute(delete(CandidateRow).where(col(CandidateRow.participant) == fact.participant))


async def _know(tx: Tx, participant: ParticipantId, **values: Any) -> None:
    row = insert(CandidateRow).values(participant=participant, **values)
    await tx.execute(row.on_conflict_do_update(index_elements=["participant"], set_=values))


def _read(row: Any) -> Candidate:
    rights = None
    if row.since is not None:
        rights = Rights(Allowed(row.work), Allowed(row.training), Allowed(row.internship), row.since, row.until)
    return Candidate(
        skills=tuple(
            HeldSkill(skill["concept"], SkillLevel(skill["level"]), Evidence(skill["evidence"]))
            for skill in row.skills or ()
        ),
        languages=tuple((one["language"], Cefr(one["level"])) for one in row.languages or ()),
        occupations=frozenset(row.occupations or ()),
        available_from=row.available_from,
        rights=rights,
    )
