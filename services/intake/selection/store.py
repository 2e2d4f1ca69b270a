"""Where forms and decisions lie: answers, judgements and reasons sealed; steps and outcomes as codes."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Column, LargeBinary, Uuid, delete, insert, select
from sqlmodel import Field, SQLModel, col

from contracts.selection.procedure import Step
from contracts.vocabulary import ParticipantId, StaffId
from infra.chassis.db import Tx
from infra.chassis.schema import instant, table
from services.intake.selection.domain import Decision, Filled, Judgement, Outcome, Verdict

SCHEMA: Final = "selection"


class FilledRow(SQLModel, table=True):
    """A form that was filled in."""

    __tablename__ = "filled"
    __table_args__ = {"schema": SCHEMA}

    id: UUID = Field(primary_key=True)
    participant: UUID = Field(index=True)
    procedure: str
    step: str
    assessor: UUID
    answers: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    at: datetime = instant()


class DecisionRow(SQLModel, table=True):
    """A decision; `words` are the judgements and the reason."""

    __tablename__ = "decision"
    __table_args__ = {"schema": SCHEMA}

    id: UUID = Field(primary_key=True)
    participant: UUID = Field(index=True)
    procedure: str
    outcome: str
    words: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    decided_by: UUID
    rests_on: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    at: datetime = instant()


async def take_turns(tx: Tx, participant: ParticipantId) -> None:
    """What may follow depends on what is there: one at a time for each person."""
    await tx.lock(SCHEMA, participant)


async def add(tx: Tx, filled: Filled) -> None:
    values = asdict(filled) | {"answers": await tx.vault.seal(tx, filled.participant, dict(filled.answers))}
    await tx.execute(insert(FilledRow).values(**values))


async def add_decision(tx: Tx, decision: Decision) -> None:
    values = asdict(decision)
    words = {"judgements": values.pop("judgements"), "reason": values.pop("reason")}
    values |= {"words": await tx.vault.seal(tx, decision.participant, words), "rests_on": list(decision.rests_on)}
    await tx.execute(insert(DecisionRow).values(**values))


async def filled_for(tx: Tx, participant: ParticipantId) -> list[Filled]:
    """Newest first."""
    query = select(table(FilledRow)).where(col(FilledRow.participant) == participant)
    rows: Sequence[Any] = await tx.rows(query.order_by(col(FilledRow.at).desc(), col(FilledRow.id).desc()))
    return [
        Filled(
            id=row.id,
            participant=participant,
            procedure=row.procedure,
            step=Step(row.step),
            assessor=StaffId(row.assessor),
            answers=await tx.vault.unseal(participant, row.answers),
            at=row.at,
        )
        for row in rows
    ]


async def decisions_for(tx: Tx, participant: ParticipantId) -> list[Decision]:
    """Newest first."""
    query = select(table(DecisionRow)).where(col(DecisionRow.participant) == participant)
    rows: Sequence[Any] = await tx.rows(query.order_by(col(DecisionRow.at).desc(), col(DecisionRow.id).desc()))
    return [await _decision(tx, participant, row) for row in rows]


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """On erasure: the rows go; what was sealed in them is noise in back-ups once the key is gone."""
    for model in (FilledRow, DecisionRow):
        await tx.execute(delete(model).where(col(model.participant) == participant))


async def _decision(tx: Tx, participant: ParticipantId, row: Any) -> Decision:
    words = await tx.vault.unseal(participant, row.words)
    return Decision(
        id=row.id,
        participant=participant,
        procedure=row.procedure,
        outcome=Outcome(row.outcome),
        judgements=tuple(
            Judgement(one["criterion"], Verdict(one["verdict"]), one["reason"]) for one in words["judgements"]
        ),
        reason=words["reason"],
        decided_by=StaffId(row.decided_by),
        rests_on=tuple(row.rests_on),
        at=row.at,
    )
