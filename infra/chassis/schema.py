"""The PostgreSQL schemas that the chassis brings to every service, the tables behind models, and a column of many."""

from typing import Any, Final

from sqlalchemy import Column, DateTime, Table
from sqlmodel import Field, SQLModel

CHASSIS: Final = "chassis"
"""Outbox, inbox, lanes, deadlines, audit, answers: the machinery."""
ACCESS: Final = "access"
"""Who may see whom: the projection of grants, owners and links."""


def table(model: type[SQLModel]) -> Table:
    """The table behind a model, for whole rows and columns in plain statements."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


def instant(*, optional: bool = False, index: bool = False) -> Any:
    """A column for a moment with its time zone; without a value only if `optional`."""
    column = Column(DateTime(timezone=True), nullable=optional, index=index)
    return Field(default=None, sa_column=column) if optional else Field(sa_column=column)
