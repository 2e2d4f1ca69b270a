"""Notifications as data: its capabilities, what it hears and says. API, worker, onebox and house rules read it."""

from pathlib import Path
from typing import Final

from infra.chassis.service import Service
from services.notifications import incoming, outgoing
from services.notifications.settings import NotificationsSettings

SERVICE: Final = Service(
    name="notifications",
    settings=NotificationsSettings,
    schemas=(),
    migrations=Path(__file__).parent / "migrations",
    routers=(),
    outgoing=outgoing.OUTGOING,
    projections=incoming.PROJECTIONS,
    reactions=incoming.REACTIONS,
    ignored=incoming.IGNORED,
)
