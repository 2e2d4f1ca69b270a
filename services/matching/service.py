"""Matching as data: its capabilities, what it hears and says. API, worker, onebox and house rules read it."""

from pathlib import Path
from typing import Final

from infra.chassis.service import Service
from infra.esco import api as esco_api
from services.matching import incoming, outgoing
from services.matching.imports import api as imports_api
from services.matching.opportunity import api as opportunity_api
from services.matching.opportunity import use_cases as opportunity
from services.matching.opportunity.domain import OpportunityClosed
from services.matching.placement import api as placement_api
from services.matching.placement import use_cases as placement
from services.matching.placement.domain import PlacementConfirmed, PlacementEnded, PlacementForgotten
from services.matching.settings import MatchingSettings
from services.matching.suggestion import api as suggestion_api

SERVICE: Final = Service(
    name="matching",
    settings=MatchingSettings,
    schemas=("opportunity", "opportunity_imports", "candidate", "placement", "esco"),
    migrations=Path(__file__).parent / "migrations",
    routers=(opportunity_api.router, imports_api.router, suggestion_api.router, placement_api.router, esco_api.router),
    outgoing=outgoing.OUTGOING,
    inside={
        PlacementConfirmed: (opportunity.take_place,),
        PlacementEnded: (opportunity.free_place,),
        PlacementForgotten: (opportunity.free_place,),
        OpportunityClosed: (placement.opportunity_closed,),
    },
    projections=incoming.PROJECTIONS,
    reactions=incoming.REACTIONS,
    ignored=incoming.IGNORED,
)
