"""What a record said before, change by change. Part of the store: beside it the only room with SQL of the record.

Old names and contacts are sealed under the person's key; the rows go with the record. What a change made of it is not
kept twice: it is what the next change found, or what the record says now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Column, ForeignKey, LargeBinary, String, Uuid, select
from sqlmodel import Field, SQLModel, col

from infra.chassis.db import Tx
from infra.chassis.schema import instant, table
from services.intake.participant.domain import BirthDate, Contact, Identity, Participant


class ChangeRow(SQLModel, table=True):
    """One change: who made it, and what those parts said before. Columns of other parts are empty."""

    __tablename__ = "change"
    __table_args__ = {"schema": "participant"}

    participant: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("participant.participant.id", ondelete="CASCADE"), primary_key=True)
    )
    version: int = Field(primary_key=True)
    """The version that it made."""
    at: datetime = instant()
    by: UUID | None = None
    by_agency: str | None = None
    parts: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    identity: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    contact: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    language: str | None = None
    caseworker: UUID | None = None
    agency: str | None = None
    protected: bool | None = None


SEALED: Final = ("identity", "contact")
PARTS: Final = (*SEALED, "language", "caseworker", "agency", "protected")


@dataclass(frozen=True, slots=True)
class Change:
    """One change, with what its parts said before and after."""

    version: int
    at: datetime
    by: UUID | None
    by_agency: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


async def note(tx: Tx, before: Participant, after: Participant) -> None:
    """Keep what the parts that are different said before."""
    parts = [part for part in PARTS if getattr(before, part) != getattr(after, part)]
    values = {part: getattr(before, part) for part in parts}
    for part in SEALED:
        if part in values:
            values[part] = await tx.vault.seal(tx, before.id, asdict(values[part]))
    tx.add(
        ChangeRow,
        participant=before.id,
        version=after.version,
        at=tx.now,
        by=tx.by.subject,
        by_agency=tx.by.agency,
        parts=parts,
        **{part: values.get(part) for part in PARTS},
    )


async def of(tx: Tx, participant: Participant) -> Sequence[Change]:
    """All changes of a record as it is now, newest first."""
    rows = select(table(ChangeRow)).where(col(ChangeRow.participant) == participant.id)
    now: dict[str, Any] = {part: getattr(participant, part) for part in PARTS}
    found = []
    for row in await tx.rows(rows.order_by(col(ChangeRow.version).desc())):
        before = {part: await _read(tx, participant, part, getattr(row, part)) for part in row.parts}
        after = {part: now[part] for part in row.parts}
        found.append(Change(row.version, row.at, row.by, row.by_agency, before, after))
        now |= before
    return found


async def _read(tx: Tx, participant: Participant, part: str, value: Any) -> Any:
    if part not in SEALED:
        return value
    said = await tx.vault.unseal(participant.id, value)
    if part == "contact":
        return Contact(**said)
    return Identity(said["given_name"], said["family_name"], BirthDate(**said["birth"]))
