"""How people read their inboxes and say what they dealt with."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse

from contracts.refusal import NotFound
from contracts.vocabulary import Moment, ParticipantId, StaffId
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx, Running
from infra.chassis.paging import After, Limit, Page
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from infra.chassis.service import Runtime
from infra.chassis.stream import Stream, sending
from services.notifications.inbox import store, use_cases
from services.notifications.inbox.domain import Item, Reader, State
from services.notifications.inbox.feed import Feed, InboxSource, read
from services.notifications.inbox.views import ItemOut

router = APIRouter(prefix="/v1/inbox", route_class=Edge, tags=["inbox"], responses=responses())
live_router = APIRouter(prefix="/v1/inbox", route_class=Stream, tags=["inbox"], responses=responses())


class SnoozeIn(In, json_schema_extra=example(until="2026-12-07T07:00:00Z")):
    """Until when it shall be out of sight."""

    until: Moment


@router.get("", summary="My inbox, and my teams'")
async def list_items(
    state: Annotated[State | None, Query(description="All states if left out.")] = None,
    participant: Annotated[ParticipantId | None, Query(description="Only what concerns this participant.")] = None,
    limit: Limit = 50,
    after: After = None,
    who: Caller = may("inbox:read"),
    tx: Tx = InTx,
) -> Page[ItemOut]:
    """Newest first. What concerns a participant whom the reader may no longer know of is left out."""
    reader = await _reader(who, tx)
    items, following = await store.page(tx, reader, state=state, participant=participant, limit=limit, after=after)
    await who.listed(tx, [item.participant for item in items if item.participant is not None])
    return Page(items=[ItemOut.of(item) for item in items], next=following)


@router.post("/{item}/done", summary="Dealt with")
async def done(item: UUID, who: Caller = may("inbox:change"), tx: Tx = InTx) -> ItemOut:
    """In a team's queue: for the whole team. Repeating it changes nothing."""
    return ItemOut.of(await use_cases.done(tx, await _own_item(who, tx, item)))


@router.post("/{item}/snooze", summary="Put off")
async def snooze(item: UUID, body: SnoozeIn, who: Caller = may("inbox:change"), tx: Tx = InTx) -> ItemOut:
    """Out of sight until then, and unread again from then on (business time)."""
    return ItemOut.of(await use_cases.snooze(tx, await _own_item(who, tx, item), body.until))


def _feed(request: Request) -> Feed:
    """One per process."""
    state = request.app.state
    if not hasattr(state, "inbox_feed"):
        state.inbox_feed = Feed(state.runtime.db)
    feed: Feed = state.inbox_feed
    return feed


@live_router.get(
    "/stream",
    summary="My inbox, live",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Events"}},
)
async def stream(
    request: Request,
    last_event_id: Annotated[str | None, Header(max_length=400, description="Go on after this event.")] = None,
    feed: Feed = Depends(_feed),
    who: Caller = may("inbox:read"),
    tx: Tx = InTx,
    runtime: Runtime = Running,
) -> EventSourceResponse:
    """Server-sent events: `ready` once, then an `item` for each that arrives.

    Open the stream, wait for `ready`, then read the list: nothing falls between the two.
    """
    reader = await _reader(who, tx)
    await who.listed(tx, ())
    seen = read(last_event_id) if last_event_id else await store.latest(tx, reader.inboxes())
    return sending(request, InboxSource(feed, runtime.db, reader, seen))


async def _reader(who: Caller, tx: Tx) -> Reader:
    principal = who.principal
    if not await who.can(tx, Record("inbox", staff=frozenset({principal.subject}))):
        raise NotFound
    return Reader(StaffId(principal.subject), principal.agency, principal.participant, principal.roles)


async def _own_item(who: Caller, tx: Tx, item_id: UUID) -> Item:
    item, team = await store.load(tx, await _reader(who, tx), item_id)
    owners, staff = (
        (frozenset({team}), frozenset[UUID]()) if team else (frozenset(), frozenset({who.principal.subject}))
    )
    await who.allow(tx, Record("inbox-item", str(item.id), item.participant, owners=owners, staff=staff))
    return item
