"""What a service holds about one person, whole and in the person's own hands (GDPR Art. 15 and 20); and who has looked.

The tables are read from the models, so a new table is in the copy on the day it is written: every row that names the
person, and every row that belongs to such a row. What is sealed is opened; keyed tokens, which say nothing, are left
out. No rule about a capability belongs here.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import Column, Table, Uuid, or_, select
from sqlmodel import SQLModel

from contracts.vocabulary import ParticipantId
from infra.chassis.db import Tx
from infra.chassis.schema import table
from infra.chassis.sealed import Gone

NAMING: Final = ("participant", "person")
"""Columns that say whose row it is."""
_SAME: Final = (str, int, float, bool, type(None), list, dict)


@cache
def tables(service: str) -> Mapping[str, tuple[Table, tuple[Table, Column[Any]] | None]]:
    """`schema.table` -> the table, and for one that names nobody the table of the rows that its rows belong to."""
    mine = [
        table(mapper.class_)
        for mapper in SQLModel._sa_registry.mappers
        if mapper.class_.__module__.startswith(f"services.{service}.")
    ]
    naming = {one.name: one for one in mine if _whose(one)}
    found: dict[str, tuple[Table, tuple[Table, Column[Any]] | None]] = {}
    for one in mine:
        if _whose(one):
            found[f"{one.schema}.{one.name}"] = (one, None)
            continue
        for column in one.columns:
            owner = naming.get(column.name)
            if owner is not None and "id" in owner.columns and isinstance(column.type, Uuid):
                found[f"{one.schema}.{one.name}"] = (one, (owner, column))
    return dict(sorted(found.items()))


async def about(tx: Tx, service: str, participant: ParticipantId) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """`schema.table` -> its rows about this person, as JSON takes them; tables without any are left out."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for name, (one, owned) in tables(service).items():
        query = select(one)
        if owned is None:
            query = query.where(_names(one, participant))
        else:
            owner, column = owned
            query = query.where(column.in_(select(owner.c.id).where(_names(owner, participant))))
        rows = [await _shown(tx, participant, row._mapping) for row in await tx.rows(query)]
        if rows:
            found[name] = rows
    return found


def _whose(one: Table) -> list[Column[Any]]:
    """The columns that name the person. The record itself is its own."""
    named = [column for column in one.columns if column.name in NAMING and isinstance(column.type, Uuid)]
    if one.name == one.schema == "participant":
        named.append(one.c.id)
    return named


def _names(one: Table, participant: ParticipantId) -> Any:
    return or_(*(column == participant for column in _whose(one)))


async def _shown(tx: Tx, participant: ParticipantId, row: Mapping[Any, Any]) -> Mapping[str, Any]:
    shown: dict[str, Any] = {}
    for column, value in row.items():
        if isinstance(value, (bytes, memoryview)):
            try:
                shown[str(column)] = await tx.vault.unseal(participant, bytes(value))
            except (Gone, InvalidTag, ValueError):
                continue  # a keyed token, or a file that is read by its own route
        else:
            shown[str(column)] = _plain(value)
    return shown


def _plain(value: Any) -> Any:
    """As JSON takes it."""
    match value:
        case Enum():
            return value.value
        case datetime() | date():
            return value.isoformat()
        case UUID():
            return str(value)
        case list() | tuple() | set() | frozenset():
            return [_plain(one) for one in value]
        case _ if isinstance(value, _SAME):
            return value
    return str(value)
