"""Which rows are in. Keyed tokens only: what a row said lies with the record that was made of it, and nowhere else."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, LargeBinary, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from contracts.vocabulary import AgencyId, ParticipantId
from infra.chassis.db import Tx
from infra.chassis.schema import instant

SCHEMA = "imports"


class TakenIn(SQLModel, table=True):
    """One row that was taken in by an agency."""

    __tablename__ = "taken_in"
    __table_args__ = {"schema": SCHEMA}

    agency: str = Field(primary_key=True)
    key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """What the row said, as a token: only to be compared."""
    participant: UUID | None = Field(default=None, index=True)
    reference: str | None = None
    at: datetime = instant()


@dataclass(frozen=True, slots=True)
class Known:
    """A row that is in."""

    content: bytes
    participant: ParticipantId | None = None
    reference: str | None = None


def token(tx: Tx, text: str) -> bytes:
    """As it is kept."""
    return tx.vault.token("imports", text)


async def known(tx: Tx, agency: AgencyId, keys: Collection[bytes]) -> dict[bytes, Known]:
    """Those of the keys that are in."""
    query = select(col(TakenIn.key), col(TakenIn.content), col(TakenIn.participant), col(TakenIn.reference)).where(
        col(TakenIn.agency) == agency, col(TakenIn.key).in_(keys)
    )
    return {
        bytes(row.key): Known(bytes(row.content), ParticipantId(row.participant), row.reference)
        for row in await tx.rows(query)
    }


async def claim(tx: Tx, agency: AgencyId, contents: Mapping[bytes, bytes]) -> frozenset[bytes]:
    """The keys that nobody had; they are this transaction's now.

    Of two that claim the same key at once the second waits for the first. Keys are claimed in their order, so that
    two can't wait for each other.
    """
    if not contents:
        return frozenset()
    rows = [
        {"agency": agency, "key": key, "content": content, "at": tx.now} for key, content in sorted(contents.items())
    ]
    query = insert(TakenIn).values(rows).on_conflict_do_nothing().returning(col(TakenIn.key))
    return frozenset(bytes(row.key) for row in await tx.rows(query))


def became(tx: Tx, agency: AgencyId, key: bytes, participant: ParticipantId, reference: str) -> None:
    """The claimed row is this record now."""
    tx.later(
        "update imports.taken_in set participant = %(participant)s, reference = %(reference)s"
        " where agency = %(agency)s and key = %(key)s",
        participant=participant,
        reference=reference,
        agency=agency,
        key=key,
    )


async def forget(tx: Tx, participant: ParticipantId) -> int:
    """The person was erased: which row of which file they came from."""
    return (await tx.execute(delete(TakenIn).where(col(TakenIn.participant) == participant))).rowcount
