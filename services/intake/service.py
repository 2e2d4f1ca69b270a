"""Intake as data: its capabilities, what it hears and says. API, worker, onebox and house rules read it."""

from pathlib import Path
from typing import Final

from infra.chassis.service import Service
from services.intake import incoming, outgoing
from services.intake.grant import api as grant_api
from services.intake.grant import use_cases as grant
from services.intake.participant import api as participant_api
from services.intake.settings import IntakeSettings

SERVICE: Final = Service(
    name="intake",
    settings=IntakeSettings,
    schemas=("participant", "grant"),
    migrations=Path(__file__).parent / "migrations",
    routers=(participant_api.router, grant_api.router),
    outgoing=outgoing.OUTGOING,
    projections=incoming.PROJECTIONS,
    reactions=incoming.REACTIONS,
    ignored=incoming.IGNORED,
    deadlines={grant.EXPIRES: grant.expire},
)
