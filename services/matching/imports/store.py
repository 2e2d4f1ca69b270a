"""Which rows are in, by a digest of what they said. Nothing personal: places of companies, in their own words."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, LargeBinary, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from contracts.vocabulary import AgencyId, OpportunityId
from infra.chassis.db import Tx
from infra.chassis.schema import instant

SCHEMA = "opportunity_imports"


class OpportunityTakenIn(SQLModel, table=True):
    """One row that was taken in by a company."""

    __tablename__ = "taken_in"
    __table_args__ = {"schema": SCHEMA}

    agency: str = Field(primary_key=True)
    key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    opportunity: UUID | None = None
    at: datetime = instant()


@dataclass(frozen=True, slots=True)
class Known:
    """A row that is in."""

    content: bytes
    opportunity: OpportunityId | None = None


def digest(text: str) -> bytes:
    """As it is kept."""
    return hashlib.sha256(text.encode()).digest()


async def known(tx: Tx, agency: AgencyId, keys: Collection[bytes]) -> dict[bytes, Known]:
    """Those of the keys that are in."""
    query = select(
        col(OpportunityTakenIn.key), col(OpportunityTakenIn.content), col(OpportunityTakenIn.opportunity)
    ).where(col(OpportunityTakenIn.agency) == agency, col(OpportunityTakenIn.key).in_(keys))
    return {bytes(row.key): Known(bytes(row.content), row.opportunity) for row in await tx.rows(query)}


async def claim(tx: Tx, agency: AgencyId, contents: Mapping[bytes, bytes]) -> frozenset[bytes]:
    """The keys that nobody had; they are this transaction's now.

    Claimed in their order, so that two can't wait for each other.
    """
    if not contents:
        return frozenset()
    rows = [
        {"agency": agency, "key": key, "content": content, "at": tx.now} for key, content in sorted(contents.items())
    ]
    query = insert(OpportunityTakenIn).values(rows).on_conflict_do_nothing().returning(col(OpportunityTakenIn.key))
    return frozenset(bytes(row.key) for row in await tx.rows(query))


def became(tx: Tx, agency: AgencyId, key: bytes, content: bytes, opportunity: OpportunityId) -> None:
    """The row is this opportunity, and says this."""
    tx.later(
        "update opportunity_imports.taken_in set opportunity = %(opportunity)s, content = %(content)s"
        " where agency = %(agency)s and key = %(key)s",
        opportunity=opportunity,
        content=content,
        agency=agency,
        key=key,
    )
