"""Load, decide, save. Never commits."""

from collections.abc import Callable

from contracts.vocabulary import ParticipantId
from infra.chassis.db import Tx
from services.intake.profile import domain, store
from services.intake.profile.domain import Profile


async def write(tx: Tx, participant: ParticipantId, profile: Profile, version: int) -> int:
    """The profile is this from now on; its new version. Raises `Stale`, `Invalid`."""
    _, written = await write_sections(tx, participant, lambda _: profile, version)
    return written


async def write_sections(
    tx: Tx, participant: ParticipantId, sections: Callable[[Profile], Profile], version: int
) -> tuple[Profile, int]:
    """The profile is from now on what `sections` makes of it; with its new version. Raises `Stale`, `Invalid`."""
    before = await store.lock(tx, participant, version)
    after = sections(before)
    events = domain.write(participant, before, after, now=tx.now)
    if not events:
        return before, version
    await store.save(tx, participant, after, version + 1)
    await tx.say(*events)
    return after, version + 1


async def profile_of(tx: Tx, participant: ParticipantId) -> Profile:
    """The profile for the service's own deciding: no disclosure. An empty one before the first was written."""
    profile, _ = await store.load(tx, participant)
    return profile


async def forget(tx: Tx, participant: ParticipantId) -> int:
    """The person was erased."""
    return await store.forget(tx, participant)
