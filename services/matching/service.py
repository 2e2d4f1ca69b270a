"""Matching as data: its capabilities, what it hears and says. API, worker, onebox and house rules read it."""

from pathlib import Path
from typing import Final

from infra.chassis.service import Service
from services.matching import incoming, outgoing
from services.matching.settings import MatchingSettings

SERVICE: Final = Service(
    name="matching",
    settings=MatchingSettings,
    schemas=(),
    migrations=Path(__file__).parent / "migrations",
    routers=(),
    outgoing=outgoing.OUTGOING,
    projections=incoming.PROJECTIONS,
    reactions=incoming.REACTIONS,
    ignored=incoming.IGNORED,
)
