"""The PostgreSQL schemas that the chassis brings to every service's database, and the tables behind models."""

from typing import Final

from sqlalchemy import Table
from sqlmodel import SQLModel

CHASSIS: Final = "chassis"
"""Outbox, inbox, lanes, deadlines, audit, answers: the machinery."""
ACCESS: Final = "access"
"""Who may see whom: the projection of grants, owners and links."""


def table(model: type[SQLModel]) -> Table:
    """The table behind a model, for whole rows and columns in plain statements."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found
