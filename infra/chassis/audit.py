"""Who did or saw what: plain rows in the transaction of the deed, chained afterwards so that no change goes unnoticed.

One sealer per service chains committed rows in batches (at most a second behind). `verify` finds an edited, inserted,
removed or reordered row and a cut tail. Rows hold pseudonyms and codes only, so the chain survives an erasure.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, LargeBinary, func, insert, select
from sqlmodel import Field, SQLModel, col

from infra.chassis.db import Tx
from infra.chassis.paging import cursor, number, position
from infra.chassis.schema import CHASSIS, instant, table

SEAL_BATCH: Final = 500
LOOK_BACK: Final = 10_000
"""Ids behind the last sealed row among which a late commit is looked for at once; any other is found in an hour."""
START: Final = bytes(32)


class AuditRow(SQLModel, table=True):
    """One deed or disclosure. The service's role may insert and read, not change or delete."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_participant", "participant", "id"), {"schema": CHASSIS})

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    at: datetime = instant()
    """Business time; the order is that of `id`."""
    actor: UUID | None
    agency: str | None
    action: str
    participant: UUID | None
    subject: str | None
    """What it was done to, e.g. `referral/0199...`."""
    category: str | None
    own: bool
    """By the agency whose record it is, or by the person; otherwise across agencies."""


class SealRow(SQLModel, table=True):
    """The chain over the audit rows, in the order in which they were sealed."""

    __tablename__ = "audit_seal"
    __table_args__ = {"schema": CHASSIS}

    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    audit_id: int = Field(sa_column=Column(BigInteger, nullable=False, unique=True))
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """SHA-256 over the previous digest and the row."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is noted."""

    action: str
    participant: UUID | None = None
    subject: str | None = None
    category: str | None = None
    own: bool = field(kw_only=True)
    """See `AuditRow.own`; never a guess."""


async def note(tx: Tx, *entries: Entry) -> None:
    """Note deeds or disclosures in the name of the transaction's actor."""
    for entry in entries:
        tx.add(
            AuditRow,
            at=tx.now,
            actor=tx.by.subject,
            agency=tx.by.agency,
            action=entry.action,
            participant=entry.participant,
            subject=entry.subject,
            category=entry.category,
            own=entry.own,
        )


def _digest(before: bytes, row: Any) -> bytes:
    canonical = json.dumps(
        [
            row.id,
            row.at.isoformat(),
            str(row.actor),
            row.agency,
            row.action,
            str(row.participant),
            row.subject,
            row.category,
            row.own,
        ],
        separators=(",", ":"),
    )
    return hashlib.sha256(before + canonical.encode()).digest()


async def seal(tx: Tx, look_back: int | None = None) -> int:
    """Chain the next committed rows; the number sealed. One sealer at a time.

    Ids are drawn before commits, so a row may appear behind sealed ones: `look_back` says how many ids behind the last
    sealed one are looked through, None all. Looking through all of a long trail twice a second would cost too much.
    """
    await tx.lock("audit-sealer")
    head = await tx.row(
        select(col(SealRow.position), col(SealRow.digest)).order_by(col(SealRow.position).desc()).limit(1)
    )
    position, digest = (head.position, head.digest) if head else (0, START)
    unsealed = (
        select(table(AuditRow))
        .outerjoin(table(SealRow), col(SealRow.audit_id) == col(AuditRow.id))
        .where(col(SealRow.audit_id).is_(None))
        .order_by(col(AuditRow.id))
        .limit(SEAL_BATCH)
    )
    if head is not None and look_back is not None:
        [last] = (await tx.execute(select(func.max(col(SealRow.audit_id))))).one()
        unsealed = unsealed.where(col(AuditRow.id) > last - look_back)
    seals = []
    for row in await tx.rows(unsealed):
        position, digest = position + 1, _digest(digest, row)
        seals.append({"position": position, "audit_id": row.id, "digest": digest})
    if seals:
        await tx.execute(insert(SealRow), seals)
    return len(seals)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The audit chain as it was found; `fault` is null if every sealed row is as it was."""

    sealed: int
    unsealed: int
    head: str
    """The last digest in hex: other services keep it as witnesses, so that a cut tail shows."""
    fault: str | None


async def verify(tx: Tx, witness: tuple[int, str] | None = None) -> Verdict:
    """Recompute the chain. `witness` is an earlier (position, head) kept elsewhere."""
    digest, position, fault = START, 0, None
    async for seal_row, row in _chain(tx):
        position += 1
        if seal_row.position != position:
            fault = f"seal {position} is missing"
            break
        if row.id is None:
            fault = f"audit row {seal_row.audit_id} was removed"
            break
        digest = _digest(digest, row)
        if digest != seal_row.digest:
            fault = f"audit row {row.id} was changed, inserted or moved"
            break
        if witness and witness[0] == position and witness[1] != digest.hex():
            fault = f"the chain differs from the witness at {position}"
            break
    if fault is None and witness and witness[0] > position:
        fault = f"the tail was cut: {witness[0]} rows were sealed once, {position} are left"
    [total] = (await tx.execute(select(func.count()).select_from(AuditRow))).one()
    return Verdict(position, total - position, digest.hex(), fault)


async def _chain(tx: Tx) -> AsyncIterator[tuple[Any, Any]]:
    seals, rows = table(SealRow), table(AuditRow)
    after = 0
    while True:
        query = select(seals.c.position, seals.c.audit_id, seals.c.digest, *rows.c).select_from(
            seals.outerjoin(rows, rows.c.id == seals.c.audit_id)
        )
        page = await tx.rows(query.where(seals.c.position > after).order_by(seals.c.position).limit(2000))
        if not page:
            return
        for row in page:
            yield row, row
        after = page[-1].position


async def disclosures(tx: Tx, participants: Sequence[UUID], limit: int = 200) -> Sequence[Any]:
    """Who has looked: the newest entries about these records, whoever made them."""
    query = select(table(AuditRow)).where(col(AuditRow.participant).in_(participants))
    return await tx.rows(query.order_by(col(AuditRow.id).desc()).limit(limit))


async def all_about(tx: Tx, participant: UUID) -> Sequence[Any]:
    """Every entry about this record, oldest first: for the person's own copy."""
    query = select(table(AuditRow)).where(col(AuditRow.participant) == participant)
    return await tx.rows(query.order_by(col(AuditRow.id)))


async def page_about(tx: Tx, participant: UUID, limit: int, after: str | None) -> tuple[Sequence[Any], str | None]:
    """A page of the entries about this record, newest first."""
    query = select(table(AuditRow)).where(col(AuditRow.participant) == participant)
    if (place := position(after, number)) is not None:
        query = query.where(col(AuditRow.id) < place[0])
    found = await tx.rows(query.order_by(col(AuditRow.id).desc()).limit(limit + 1))
    return found[:limit], cursor(found[limit - 1].id) if len(found) > limit else None
