"""Notifications as data: its capabilities, what it hears and says. API, worker, onebox and house rules read it."""

from pathlib import Path
from typing import Final

from infra.chassis.service import Service
from services.notifications import incoming, outgoing
from services.notifications.delivery import sender
from services.notifications.delivery import use_cases as delivery
from services.notifications.inbox import api as inbox_api
from services.notifications.inbox import use_cases as inbox
from services.notifications.inbox.domain import ItemAdded, ParticipantForgotten
from services.notifications.preference import api as preference_api
from services.notifications.settings import NotificationsSettings
from services.notifications.webhook import api as webhook_api
from services.notifications.webhook import sender as webhook_sender
from services.notifications.webhook import use_cases as webhook
from services.notifications.webhook.domain import SubscriptionStopped

SERVICE: Final = Service(
    name="notifications",
    settings=NotificationsSettings,
    schemas=("inbox", "rules", "preference", "delivery", "webhook"),
    migrations=Path(__file__).parent / "migrations",
    routers=(inbox_api.router, inbox_api.live_router, preference_api.router, webhook_api.router),
    outgoing=outgoing.OUTGOING,
    inside={
        ItemAdded: (delivery.plan,),
        ParticipantForgotten: (delivery.forget, webhook.forget),
        SubscriptionStopped: (inbox.webhook_stopped,),
    },
    projections=incoming.PROJECTIONS,
    reactions=incoming.REACTIONS,
    ignored=incoming.IGNORED,
    loops=(sender.send, webhook_sender.send),
)
