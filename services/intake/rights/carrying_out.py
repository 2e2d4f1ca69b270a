"""Carries out erasures that were granted: the account first, over the network, then everything in one transaction.

Run by the worker. The account goes first so that nobody logs in to a record that is gone; a provider that can't be
reached makes it wait, and it is tried again. What other services hold they forget when they hear of it.
"""

import asyncio
from typing import Final
from uuid import UUID

import structlog

from contracts.refusal import Unavailable
from contracts.vocabulary import ParticipantId
from infra.chassis import outbox
from infra.chassis.harmless import class_name
from infra.chassis.service import Runtime
from infra.chassis.wake import go_on
from services.intake import erasure
from services.intake.rights import store

log = structlog.get_logger()

LOOK_EVERY: Final = 1.0
AFTER_A_FAILURE: Final = 10.0
AT_ONCE: Final = 20


async def erase(runtime: Runtime) -> None:
    """Until cancelled."""
    while go_on():
        async with runtime.db.transaction() as tx:
            waiting = await store.to_be_erased(tx, AT_ONCE)
        failed = [one for one in waiting if not await _erase(runtime, *one)]
        await asyncio.sleep(AFTER_A_FAILURE if failed else LOOK_EVERY)


async def _erase(runtime: Runtime, request: UUID, participant: ParticipantId) -> bool:
    try:
        await runtime.identity.participants.remove(participant)
        async with runtime.db.transaction() as tx:
            if await outbox.untold(tx, participant):
                return True  # the others hear first that what they were granted is over
            await erasure.carry_out(tx, request)
    except Unavailable:
        log.warning("erasure waits for the identity provider")
        return False
    except Exception as error:
        log.error("erasure failed and is tried again", error=class_name(error))
        return False
    return True
