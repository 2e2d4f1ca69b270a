"""A repeated POST with one `Idempotency-Key` acts once and answers the same.

The row is written in the transaction of the deed: a second request with the key waits for the first and then gets its
answer. Answers are kept for a day, encrypted. When a right to a person in them ends, the answer is blanked: a repeat
still does not act twice, but is told to read the record with the rights that are left. Erasure deletes the row.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Column, LargeBinary, delete, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from contracts.refusal import Conflict, Invalid
from contracts.vocabulary import ParticipantId
from infra.chassis.db import Tx
from infra.chassis.schema import CHASSIS, instant, table
from infra.chassis.sealed import Vault

LONGEST_KEY: Final = 200


class Answer(SQLModel, table=True):
    """The answer to one request."""

    __tablename__ = "answer"
    __table_args__ = {"schema": CHASSIS}

    subject: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    status: int | None = None
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    etag: str | None = None
    location: str | None = None
    participant: UUID | None = Field(default=None, index=True)
    at: datetime = instant(index=True)


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that was given before."""

    status: int
    body: bytes
    etag: str | None
    location: str | None
    participant: ParticipantId | None = None


class AnswerBlanked(Conflict):
    """The request was carried out; a right that its answer rested on has ended since."""

    slug = "answer-blanked"


def fingerprint(method: str, target: str, version: str, body: bytes) -> bytes:
    """What makes two requests the same: method, path with query, If-Match and body."""
    return hashlib.sha256(b"\0".join((method.encode(), target.encode(), version.encode(), body))).digest()


async def recall(tx: Tx, vault: Vault, subject: UUID, key: str, print_: bytes) -> Given | None:
    """The earlier answer, or None if this request is the first (its row is written now).

    Raises `Invalid` if the key was used for another request.
    """
    if not key or len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise Invalid(
            f"The Idempotency-Key must be 1 to {LONGEST_KEY} printable ASCII characters.",
            way_out="Send a new random UUID as the key.",
            field="Idempotency-Key",
        )
    row = insert(Answer).values(subject=subject, key=key, fingerprint=print_, at=tx.system_now)
    fresh = await tx.execute(row.on_conflict_do_nothing().returning(literal(1)))
    if fresh.one_or_none() is not None:
        return None
    known = (
        await tx.execute(select(table(Answer)).where(col(Answer.subject) == subject, col(Answer.key) == key))
    ).one()
    if known.fingerprint != print_:
        raise Invalid(
            "This Idempotency-Key was used for another request.",
            way_out="Send a new random UUID as the key.",
            field="Idempotency-Key",
        )
    if known.body is None:
        raise AnswerBlanked(
            "This request was carried out before; its answer is no longer kept.",
            way_out="Nothing has to be repeated. Read the record with the rights that you have now.",
        )
    body = vault.unseal_brief(known.body, subject.bytes)
    return Given(known.status, body, known.etag, known.location, known.participant)


async def remember(tx: Tx, vault: Vault, subject: UUID, key: str, given: Given) -> None:
    """Keep the answer for a repeat."""
    await tx.execute(
        update(Answer)
        .where(col(Answer.subject) == subject, col(Answer.key) == key)
        .values(
            status=given.status,
            body=vault.seal_brief(given.body, subject.bytes),
            etag=given.etag,
            location=given.location,
            participant=given.participant,
        )
    )


async def blank(tx: Tx, participant: UUID) -> None:
    """A right to this participant has ended: what was answered before may say more than may be seen now."""
    await tx.execute(update(Answer).where(col(Answer.participant) == participant).values(body=None))


async def forget(tx: Tx, participant: UUID) -> None:
    """Delete all answers in which this participant appears."""
    await tx.execute(delete(Answer).where(col(Answer.participant) == participant))
