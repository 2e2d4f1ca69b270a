"""Where preferences lie: a row for everybody who said something."""

from collections.abc import Sequence
from datetime import time
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Column, String, Time, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from infra.chassis.db import Tx
from infra.chassis.schema import table
from services.notifications.preference.domain import Email, Preference, QuietHours

SCHEMA: Final = "preference"


class PreferenceRow(SQLModel, table=True):
    """One person's preferences; staff by their id, participants by theirs."""

    __tablename__ = "preference"
    __table_args__ = {"schema": SCHEMA}

    person: UUID = Field(primary_key=True)
    email: str
    language: str | None = None
    quiet_begin: time | None = Field(default=None, sa_column=Column(Time))
    quiet_end: time | None = Field(default=None, sa_column=Column(Time))
    muted: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))


async def of(tx: Tx, people: Sequence[UUID]) -> dict[UUID, Preference]:
    """The preferences of these people; those who said nothing get the defaults."""
    unknown = [person for person in people if (Preference, person) not in tx.memo]
    tx.memo.update({(Preference, person): Preference(person) for person in unknown})
    for row in await tx.rows(_rows().where(col(PreferenceRow.person).in_(unknown))) if unknown else ():
        quiet = None if row.quiet_begin is None else QuietHours(row.quiet_begin, row.quiet_end)
        said = Preference(row.person, Email(row.email), row.language, quiet, frozenset(row.muted))
        tx.memo[Preference, row.person] = said
    return {person: tx.memo[Preference, person] for person in people}


async def save(tx: Tx, preference: Preference) -> None:
    """This counts from now on."""
    quiet = preference.quiet_hours
    values = {
        "person": preference.person,
        "email": preference.email,
        "language": preference.language,
        "quiet_begin": quiet.begin if quiet else None,
        "quiet_end": quiet.end if quiet else None,
        "muted": sorted(preference.muted),
    }
    tx.memo.pop((Preference, preference.person), None)
    await tx.execute(insert(PreferenceRow).values(values).on_conflict_do_update(index_elements=["person"], set_=values))


async def forget(tx: Tx, person: UUID) -> None:
    tx.memo.pop((Preference, person), None)
    await tx.execute(delete(PreferenceRow).where(col(PreferenceRow.person) == person))


def _rows() -> Any:
    return select(table(PreferenceRow))
