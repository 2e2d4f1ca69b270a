"""Where residence facts lie: sealed, together with what was told of them last."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Column, LargeBinary, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from contracts.refusal import Stale
from contracts.vocabulary import ParticipantId
from contracts.work_rights import History, ResidenceFacts
from infra.chassis.db import Tx
from services.intake.residence.domain import Told

SCHEMA = "residence"


@dataclass(frozen=True, slots=True)
class Residence:
    """What is recorded; version 0 before anything is."""

    history: History = ()
    told: Told | None = None
    announced: date | None = None
    """The change of which the caseworker has been told ahead."""
    version: int = 0

    @property
    def facts(self) -> ResidenceFacts | None:
        """The status that began last."""
        return self.history[-1] if self.history else None


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
    recorded = (*kept.get("earlier", ()), *([kept["facts"]] if kept["facts"] else ()))
    return Residence(
        tuple(ResidenceFacts.model_validate(one) for one in recorded),
        _TOLD.validate_python(kept["told"]) if kept["told"] else None,
        date.fromisoformat(kept["announced"]) if kept.get("announced") else None,
        row.version,
    )


async def lock(tx: Tx, participant: ParticipantId, version: int | None = None) -> Residence:
    """What is recorded, held until the transaction ends. Raises `Stale` if `version` is given and another one."""
    await tx.lock(SCHEMA, participant)
    residence = await load(tx, participant)
    if version is not None and residence.version != version:
        raise Stale
    return residence


async def save(tx: Tx, participant: ParticipantId, kept_now: Residence) -> None:
    """What is recorded now. A release that knows one status only reads the last."""
    *earlier, last = [None, *(facts.model_dump(mode="json") for facts in kept_now.history)]
    kept = {
        "facts": last,
        "earlier": earlier[1:],
        "told": _TOLD.dump_python(kept_now.told, mode="json") if kept_now.told else None,
        "announced": kept_now.announced.isoformat() if kept_now.announced else None,
    }
    sealed = await tx.vault.seal(tx, participant, kept)
    row = insert(ResidenceRow).values(participant=participant, sealed=sealed, version=kept_now.version)
    await tx.execute(
        row.on_conflict_do_update(
            index_elements=["participant"], set_={"sealed": row.excluded.sealed, "version": kept_now.version}
        )
    )


async def forget(tx: Tx, participant: ParticipantId) -> int:
    """The person was erased; how many rows there were."""
    return (await tx.execute(delete(ResidenceRow).where(col(ResidenceRow.participant) == participant))).rowcount


def _rows() -> Any:
    return select(ResidenceRow.__table__)  # type: ignore[attr-defined]
