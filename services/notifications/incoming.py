"""What notifications hears, and what it does about it. Nothing else belongs here."""

from collections.abc import Mapping
from typing import Final

from contracts.envelope import Fact
from contracts.events import intake
from contracts.webhooks import OFFERS
from infra.chassis.arrival import Handler
from infra.chassis.db import Tx
from services.notifications.inbox import use_cases as inbox
from services.notifications.rules import store as parts
from services.notifications.rules.table import TABLE
from services.notifications.webhook import use_cases as webhook


async def tell_people_and_systems(tx: Tx, fact: Fact) -> None:
    """People find it in their inboxes, agencies' systems get it by webhook."""
    await inbox.tell(tx, fact)
    await webhook.tell(tx, fact)


PROJECTIONS: Final[Mapping[str, Mapping[type[Fact], Handler]]] = {
    parts.SCHEMA: parts.PROJECTION,
}

REACTIONS: Final[Mapping[type[Fact], Handler]] = {
    **dict.fromkeys(TABLE, inbox.tell),
    **dict.fromkeys(OFFERS, webhook.tell),
    **dict.fromkeys(TABLE.keys() & OFFERS.keys(), tell_people_and_systems),
    intake.ParticipantErased: inbox.forget,
}

IGNORED: Final[frozenset[type[Fact]]] = frozenset(
    {
        # Known through the chassis' picture of who may see whom.
        intake.StaffAccessEnded,
        intake.ProcessingRestricted,
        intake.RestrictionLifted,
    }
)
