"""Names of the PostgreSQL schemas that the chassis brings to every service's database."""

from typing import Final

CHASSIS: Final = "chassis"
"""Outbox, inbox, lanes, deadlines, audit, answers: the machinery."""
ACCESS: Final = "access"
"""Who may see whom: the projection of grants, owners and links."""
