"""Read and set preferences; asked by the rules and by delivery. Never commits."""

from collections.abc import Sequence
from uuid import UUID

from infra.chassis.db import Tx
from services.notifications.preference import store
from services.notifications.preference.domain import Preference


async def of(tx: Tx, person: UUID) -> Preference:
    """What counts for this person."""
    return (await store.of(tx, [person]))[person]


async def of_all(tx: Tx, people: Sequence[UUID]) -> dict[UUID, Preference]:
    """What counts for each of these people."""
    return await store.of(tx, people)


async def choose(tx: Tx, preference: Preference) -> None:
    """The person's word counts from now on."""
    await store.save(tx, preference)


async def muting(tx: Tx, event_type: str, people: Sequence[UUID]) -> frozenset[UUID]:
    """Those of these people who don't want to hear of this type."""
    return frozenset(p.person for p in (await store.of(tx, people)).values() if event_type in p.muted)


async def forget(tx: Tx, person: UUID) -> None:
    """The person was erased."""
    await store.forget(tx, person)
