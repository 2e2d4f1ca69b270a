"""Where feedback lies: ratings and comment sealed together."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, LargeBinary, UniqueConstraint, delete, insert, select
from sqlmodel import Field, SQLModel, col

from contracts.seat import Seat
from contracts.vocabulary import ParticipantId, Rater
from infra.chassis.db import Tx
from infra.chassis.schema import instant, table
from services.referrals.feedback.domain import Feedback

SCHEMA = "feedback"


class FeedbackRow(SQLModel, table=True):
    """One corner's view of one stage."""

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("journey", "stage", "rater", "agency", postgresql_nulls_not_distinct=True),
        {"schema": SCHEMA},
    )

    id: UUID = Field(primary_key=True)
    journey: UUID
    participant: UUID = Field(index=True)
    stage: str
    rater: str
    agency: str | None = None
    said: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    at: datetime = instant()


async def add(tx: Tx, seat: Seat, feedback: Feedback) -> None:
    said = {"ratings": dict(feedback.ratings), "comment": feedback.comment}
    await tx.execute(
        insert(FeedbackRow).values(
            id=tx.ids.ordered(),
            journey=seat.journey,
            participant=seat.participant,
            stage=feedback.stage,
            rater=feedback.rater,
            agency=feedback.agency,
            said=await tx.vault.seal(tx, seat.participant, said),
            at=feedback.at,
        )
    )


async def of(tx: Tx, seat: Seat) -> Sequence[Feedback]:
    """All feedback on a journey, in the order in which it was given."""
    query = select(table(FeedbackRow)).where(col(FeedbackRow.journey) == seat.journey)
    found = []
    for row in await tx.rows(query.order_by(col(FeedbackRow.id))):
        said = await tx.vault.unseal(seat.participant, row.said)
        found.append(Feedback(row.stage, Rater(row.rater), row.agency, said["ratings"], said["comment"], row.at))
    return found


async def given(tx: Tx, seat: Seat) -> frozenset[tuple[str, Rater]]:
    """(stage, corner) of all feedback on a journey, without a word of it."""
    query = select(col(FeedbackRow.stage), col(FeedbackRow.rater)).where(col(FeedbackRow.journey) == seat.journey)
    return frozenset((row.stage, Rater(row.rater)) for row in await tx.rows(query))


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """Without its key it is noise; the rows go, too."""
    await tx.execute(delete(FeedbackRow).where(col(FeedbackRow.participant) == participant))
