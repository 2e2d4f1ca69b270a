"""Who may get which event, and whether it names the person. Asked when an event is queued, and again when it leaves."""

from contracts.vocabulary import AgencyId
from contracts.webhooks import BY_TYPE
from infra.chassis.access import Standing
from infra.chassis.freshness import GrantsStale
from services.notifications.webhook.domain import Happening

NOBODY = Standing(owner=None, reference=None, caseworker=None, granted=frozenset())
"""What everybody is to no participant."""


def opens(happening: Happening, agency: AgencyId, standing: Standing) -> bool:
    """May the agency be told of it? Raises `GrantsStale` where that can't be known for now."""
    offer = BY_TYPE.get(happening.type)
    if offer is None:  # an event that was taken off the list while it waited
        return False
    at_home = standing.owner == agency
    if offer.everybody or (offer.home and at_home) or agency in happening.parts:
        return True
    leads = offer.leading is not None and happening.leading == agency
    if leads and at_home:
        return True
    needed = {*offer.granted, *((offer.leading,) if leads and offer.leading else ())}
    return any([standing.demand(category) for category in sorted(needed)])


def names_the_person(happening: Happening, agency: AgencyId, standing: Standing) -> bool:
    """Only to whoever has a live right to them. Raises `GrantsStale` where that can't be known for now."""
    if happening.participant is None:
        return False
    if standing.owner == agency:
        return True
    if happening.blind and agency in happening.parts:
        return False
    if standing.withheld:
        raise GrantsStale
    return bool(standing.granted)
