"""The live feed of inboxes: wakes open streams when something arrives, and gives each what its reader may see now.

One look at the database for all streams of a process, four times a second while anybody listens; none else.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from typing import Final

from fastapi.sse import ServerSentEvent
from sqlalchemy.exc import SQLAlchemyError

from contracts.refusal import Invalid
from infra.chassis import access, audit
from infra.chassis.audit import Entry
from infra.chassis.db import Actor, Database
from services.notifications.inbox import store
from services.notifications.inbox.domain import Item, Reader
from services.notifications.inbox.views import ItemOut

LOOK_EVERY: Final = 0.25
OVERLAP: Final = 2.0
"""Seconds for which a position may become visible after a higher one: the longest that telling somebody takes."""
LOOK_ANYWAY: Final = 10.0
"""Seconds after which a stream looks without having been woken."""
LOOK_AGAIN: Final = 1.0
"""The same while something is withheld: it may be shown as soon as it is known who may see it."""
BATCH: Final = 100


class Feed:
    """Wakes the streams of this process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._ears: dict[str, set[asyncio.Event]] = {}
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def ear(self, inboxes: Mapping[str, str]) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever something arrives in one of these inboxes."""
        woken = asyncio.Event()
        for key in inboxes.values():
            self._ears.setdefault(key, set()).add(woken)
        if self._task is None:
            # A context of its own: the looks of all streams are no part of the first one's trace.
            self._task = asyncio.get_running_loop().create_task(self._watch(), name="inbox feed", context=Context())
        try:
            yield woken
        finally:
            for key in inboxes.values():
                self._ears[key].discard(woken)
                if not self._ears[key]:
                    del self._ears[key]
            if not self._ears and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _watch(self) -> None:
        now = asyncio.get_running_loop().time
        known: dict[int, float] = {}
        floor: int | None = None
        while True:
            with suppress(SQLAlchemyError):  # a database that restarts must not end the feed
                async with self._db.transaction() as tx:
                    if floor is None:
                        floor = await store.last_position(tx)
                        self._wake_all()  # what arrived before this first look would wake nobody
                    arrived = await store.arrived(tx, floor, 10_000)
                for position, recipient in arrived:
                    if position not in known:
                        known[position] = now()
                        for woken in self._ears.get(recipient, ()):
                            woken.set()
                for position in [one for one, at in known.items() if at < now() - OVERLAP]:
                    floor = max(floor, position)
                    del known[position]
            await asyncio.sleep(LOOK_EVERY)

    def _wake_all(self) -> None:
        for ears in self._ears.values():
            for woken in ears:
                woken.set()


class InboxSource:
    """One reader's stream. Remembers how far each of their inboxes was sent; that is also the id of each event."""

    def __init__(self, feed: Feed, db: Database, reader: Reader, seen: Mapping[str, int]) -> None:
        self._feed, self._db, self._reader = feed, db, reader
        self._seen = dict(seen)
        self._ahead: set[int] = set()
        self._names = {key: name for name, key in reader.inboxes().items()}
        self._woken = asyncio.Event()
        self._first = True
        self._looked_at = 0.0
        self._looks_after = LOOK_ANYWAY

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        async with self._feed.ear(self._reader.inboxes()) as self._woken:
            yield

    async def next(self, within: float) -> Sequence[ServerSentEvent]:
        """New items, with the right to each looked at now."""
        now = asyncio.get_running_loop().time
        if self._first:
            self._first = False
            self._woken.set()
            return [ServerSentEvent(event="ready", raw_data="{}", id=written(self._seen))]
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._woken.wait()
        if not self._woken.is_set() and now() - self._looked_at < self._looks_after:
            return ()
        self._woken.clear()
        self._looked_at = now()
        reader = self._reader
        async with self._db.transaction(Actor(reader.subject, reader.agency)) as tx:
            found = await store.newer(tx, reader, self._seen, BATCH)
            items = [item for item, shown in found if shown and item.position not in self._ahead]
            about = {item.participant for item in items if item.participant is not None}
            own = await access.own(tx, about, reader.agency, reader.participant)
            await audit.note(tx, *(Entry("inbox:read", one, "stream", own=one in own) for one in sorted(about)))
        self._looks_after = LOOK_ANYWAY if all(shown for _, shown in found) else LOOK_AGAIN
        if len(found) == BATCH and items:
            self._woken.set()
        return self._events(found)

    def _events(self, found: Sequence[tuple[Item, bool]]) -> list[ServerSentEvent]:
        """What is shown now. The position of an inbox stays before an item that is withheld, so that it comes later,
        also to a reader who comes back; what was sent from behind it is not sent twice on one line.
        """
        events, held = [], set[str]()
        for item, shown in found:
            name = self._names[item.recipient]
            sent = item.position in self._ahead
            if not shown:
                held.add(name)
                continue
            if name in held:
                self._ahead.add(item.position)
            else:
                self._seen[name] = item.position
                self._ahead.discard(item.position)
            if not sent:
                events.append(ServerSentEvent(event="item", data=ItemOut.of(item), id=written(self._seen)))
        return events


def written(seen: Mapping[str, int]) -> str:
    """Positions as the id of an event, e.g. `own.12-caseworker.40`."""
    return "-".join(f"{name}.{position}" for name, position in sorted(seen.items()))


def read(last_event_id: str) -> dict[str, int]:
    """The positions inside an event's id. Raises `Invalid` if it was not made by `written`."""
    found = {}
    for part in last_event_id.split("-"):
        name, _, position = part.partition(".")
        if not name.isalpha() or not position.isdecimal() or len(position) > 18:
            raise Invalid(
                "This is no event id of ours.",
                way_out="Send the id of the last event, unchanged.",
                field="Last-Event-ID",
            )
        found[name] = int(position)
    return found
