"""A repeated POST with one `Idempotency-Key` acts once and answers the same.

The row is written in the transaction of the deed: a second request with the key waits for the first and then gets its
answer. Answers are kept for a day, encrypted, and deleted when a person in them is erased.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Column, DateTime, LargeBinary, delete, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from contracts.refusal import Invalid
from infra.chassis.db import Tx
from infra.chassis.schema import CHASSIS, table
from infra.chassis.sealed import Vault

KEPT: Final = timedelta(hours=24)
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
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that was given before."""

    status: int
    body: bytes
    etag: str | None
    location: str | None


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """What makes two requests the same."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).digest()


async def recall(tx: Tx, vault: Vault, subject: UUID, key: str, print_: bytes) -> Given | None:
    """The earlier answer, or None if this request is the first (its row is written now).

    Raises `Invalid` if the key was used for another request.
    """
    if not key or len(key) > LONGEST_KEY or not key.isascii():
        raise Invalid(
            f"The Idempotency-Key must be 1 to {LONGEST_KEY} ASCII characters.",
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
    return Given(known.status, vault.unseal_brief(known.body, subject.bytes), known.etag, known.location)


async def remember(tx: Tx, vault: Vault, subject: UUID, key: str, given: Given, participant: UUID | None) -> None:
    """Keep the answer for a repeat."""
    await tx.execute(
        update(Answer)
        .where(col(Answer.subject) == subject, col(Answer.key) == key)
        .values(
            status=given.status,
            body=vault.seal_brief(given.body, subject.bytes),
            etag=given.etag,
            location=given.location,
            participant=participant,
        )
    )


async def forget(tx: Tx, participant: UUID | None = None) -> None:
    """Delete answers that are too old, or all in which this participant appears."""
    which = col(Answer.participant) == participant if participant else col(Answer.at) < tx.system_now - KEPT
    await tx.execute(delete(Answer).where(which))
