"""Where residence facts lie: sealed, together with what was told of them last."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Column, LargeBinary, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from contracts.refusal import Stale
from contracts.vocabulary import ParticipantId
from contracts.work_rights import ResidenceFacts
from infra.chassis.db import Tx
from services.intake.residence.domain import Told

SCHEMA = "residence"


@dataclass(frozen=True, slots=True)
class Residence:
    """What is recorded; version 0 before anything is."""

    facts: ResidenceFacts | None = None
    told: Told | None = None
    version: int = 0


_TOLD: TypeAdapter[Told] = TypeAdapter(Told)


class ResidenceRow(SQLModel, table=True):
    """One person's status."""

    __tablename__ = "residence"
    __table_args__ = {"schema": SCHEMA}

    participant: UUID = Field(primary_key=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    version: int


async def load(tx: Tx, participant: ParticipantId) -> Residence:
    """What is recorded, which may be nothing."""
    row = await tx.row(_rows().where(col(ResidenceRow.participant) == participant))
    if row is None:
        return Residence()
    kept = await tx.vault.unseal(participant, row.sealed)
    return Residence(
        ResidenceFacts.model_validate(kept["facts"]),
        _TOLD.validate_python(kept["told"]) if kept["told"] else None,
        row.version,
    )


async def lock(tx: Tx, participant: ParticipantId, version: int | None = None) -> Residence:
    """What is recorded, held until the transaction ends. Raises `Stale` if `version` is given and another one."""
    await tx.lock(SCHEMA, participant)
    residence = await load(tx, participant)
    if version is not None and residence.version != version:
        raise Stale
    return residence


async def save(tx: Tx, participant: ParticipantId, facts: ResidenceFacts, told: Told, version: int) -> None:
    """What is recorded now, as `version`."""
    kept = {"facts": facts.model_dump(mode="json"), "told": _TOLD.dump_python(told, mode="json")}
    sealed = await tx.vault.seal(tx, participant, kept)
    row = insert(ResidenceRow).values(participant=participant, sealed=sealed, version=version)
    await tx.execute(
        row.on_conflict_do_update(
            index_elements=["participant"], set_={"sealed": row.excluded.sealed, "version": version}
        )
    )


def _rows() -> Any:
    return select(ResidenceRow.__table__)  # type: ignore[attr-defined]
