"""Load, decide, save. Never commits."""

from contracts.vocabulary import ParticipantId
from infra.chassis.db import Tx
from services.intake.profile import domain, store
from services.intake.profile.domain import Profile


async def write(tx: Tx, participant: ParticipantId, profile: Profile, version: int) -> int:
    """The profile is this from now on; its new version. Raises `Stale`, `Invalid`."""
    before = await store.lock(tx, participant, version)
    events = domain.write(participant, before, profile, now=tx.now)
    if not events:
        return version
    await store.save(tx, participant, profile, version + 1)
    await tx.say(*events)
    return version + 1


async def profile_of(tx: Tx, participant: ParticipantId) -> Profile:
    """The profile for the service's own deciding: no disclosure. An empty one before the first was written."""
    profile, _ = await store.load(tx, participant)
    return profile
