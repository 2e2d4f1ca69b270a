"""What pages ask of notifications: the inbox."""

from datetime import datetime
from uuid import UUID

from services.desk.calls.api import Api, Listed, Out


class Item(Out):
    """Something that happened, for this reader."""

    id: UUID
    message: str
    participant: UUID | None
    reference: str | None
    link: str | None
    at: datetime
    state: str
    team: bool


async def inbox(api: Api, state: str, after: str | None = None) -> Listed[Item]:
    """A page of it, newest first."""
    return await api.page(Item, "/v1/inbox", state=state, after=after, limit=30)


async def done(api: Api, item: UUID, once: str) -> Item:
    """It is dealt with."""
    return await api.post(Item, f"/v1/inbox/{item}/done", once=once)
