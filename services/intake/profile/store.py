"""Where profiles lie: sealed as a whole, since titles, labels and wishes say who somebody is."""

from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Column, LargeBinary, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from contracts.refusal import Stale
from contracts.vocabulary import ParticipantId
from infra.chassis.db import Tx
from services.intake.profile.domain import Profile

SCHEMA = "profile"

_PROFILE: TypeAdapter[Profile] = TypeAdapter(Profile)


class ProfileRow(SQLModel, table=True):
    """One profile."""

    __tablename__ = "profile"
    __table_args__ = {"schema": SCHEMA}

    participant: UUID = Field(primary_key=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    version: int


async def load(tx: Tx, participant: ParticipantId) -> tuple[Profile, int]:
    """(profile, version); an empty one of version 0 before the first was written."""
    row = await tx.row(_rows().where(col(ProfileRow.participant) == participant))
    return await _read(tx, row)


async def lock(tx: Tx, participant: ParticipantId, version: int) -> Profile:
    """The profile, held until the transaction ends. Raises `Stale` if it has another version.

    The lock is on the participant, not the row: two first profiles take turns, too.
    """
    await tx.lock(SCHEMA, participant)
    profile, current = await load(tx, participant)
    if current != version:
        raise Stale
    return profile


async def save(tx: Tx, participant: ParticipantId, profile: Profile, version: int) -> None:
    """The profile as it is now, as `version`."""
    sealed = await tx.vault.seal(tx, participant, _PROFILE.dump_python(profile, mode="json"))
    row = insert(ProfileRow).values(participant=participant, sealed=sealed, version=version)
    await tx.execute(
        row.on_conflict_do_update(
            index_elements=["participant"], set_={"sealed": row.excluded.sealed, "version": version}
        )
    )


async def forget(tx: Tx, participant: ParticipantId) -> int:
    """The person was erased; how many rows there were."""
    return (await tx.execute(delete(ProfileRow).where(col(ProfileRow.participant) == participant))).rowcount


def _rows() -> Any:
    return select(ProfileRow.__table__)  # type: ignore[attr-defined]


async def _read(tx: Tx, row: Any) -> tuple[Profile, int]:
    if row is None:
        return Profile(), 0
    return _PROFILE.validate_python(await tx.vault.unseal(row.participant, row.sealed)), row.version
