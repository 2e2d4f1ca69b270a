"""What can be asked of the directory, by its API and by the referral that looks for a place. Never commits."""

from dataclasses import replace
from uuid import UUID

from contracts.refusal import NotFound
from contracts.vocabulary import NeedDomain
from infra.chassis.db import Tx
from services.referrals.directory import store
from services.referrals.directory.domain import Capacity, ListedService, Location, Organisation

ALTERNATIVES = 5
"""As many other offers as somebody reads."""


async def put_capacity(tx: Tx, service: UUID, capacity: Capacity, version: int) -> ListedService:
    """The agency says how full it is, and by that assures the entry anew. Raises `NotFound`, `Stale`."""
    before = await store.lock(tx, service, version)
    after = replace(before, capacity=capacity, assured_at=tx.now, version=before.version + 1)
    await store.save(tx, after)
    return after


async def entry(tx: Tx, service: UUID) -> ListedService | None:
    """One entry, or None."""
    try:
        return await store.load(tx, service)
    except NotFound:
        return None


async def others_with_room(tx: Tx, need: NeedDomain, besides: UUID) -> list[ListedService]:
    """A few other offers for this need that take somebody on."""
    found, _ = await store.find(tx, need=need, language=None, agency=None, limit=50, after=None)
    return [one for one in found if one.id != besides and one.capacity.takes_on][:ALTERNATIVES]


async def organisation(tx: Tx, organisation: UUID) -> Organisation:
    """Raises `NotFound`."""
    if (found := (await store.organisations(tx, [organisation])).get(organisation)) is None:
        raise NotFound
    return found


async def location(tx: Tx, location: UUID) -> Location:
    """Raises `NotFound`."""
    if (found := (await store.locations(tx, [location])).get(location)) is None:
        raise NotFound
    return found
