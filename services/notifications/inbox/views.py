"""What of an item goes out, by list and by stream alike."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.notifications.inbox.domain import Item, State


class ItemOut(BaseModel):
    """One item. Texts are made from `message` by whoever shows it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0199c7a2-5d1e-7c44-9a0e-1f2d3c4b5a69",
                    "event": "0199c7a2-5c00-7000-8000-000000000001",
                    "type": "lotse.referrals.referral-requested",
                    "message": "referral-requested",
                    "participant": "5f7c3b8e-2a53-4c39-9d35-0f6f5f0d2b11",
                    "reference": "P-7KQ2-M4XH",
                    "link": "/referrals/0199c7a2-5b11-7abc-8def-0123456789ab",
                    "at": "2026-03-02T09:00:00Z",
                    "state": "unread",
                    "snoozed_until": None,
                    "team": True,
                }
            ]
        }
    )

    id: UUID
    event: UUID
    type: str
    message: str
    participant: UUID | None
    """Null when it concerns nobody in particular, or somebody whom the reader may not know yet."""
    reference: str | None
    link: str | None
    at: datetime
    state: State
    snoozed_until: datetime | None
    team: bool
    """In a team's queue: `done` is done for all of them."""

    @classmethod
    def of(cls, item: Item) -> Self:
        return cls(
            id=item.id,
            event=item.event,
            type=item.type,
            message=item.message,
            participant=item.participant,
            reference=item.reference,
            link=item.link,
            at=item.at,
            state=item.state,
            snoozed_until=item.snoozed_until,
            team=item.recipient.startswith("queue:"),
        )
