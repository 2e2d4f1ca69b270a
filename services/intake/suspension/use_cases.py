"""Close the account, say that its access ended. Never commits."""

from collections.abc import Callable
from datetime import datetime

import structlog

from contracts.refusal import Unavailable
from contracts.vocabulary import StaffId
from infra.chassis.db import Tx
from infra.chassis.identity.base import StaffAccounts
from infra.chassis.identity.oidc import LEEWAY
from services.intake.suspension.domain import AccessEnded

log = structlog.get_logger()


async def suspend(
    tx: Tx, account: StaffId, accounts: StaffAccounts, clock: Callable[[], datetime]
) -> tuple[datetime, bool]:
    """(since when a token must have been issued to count, whether the account could be closed).

    The account is closed first, so that no token is issued after that moment; `clock` is system time, and the identity
    provider's may be a little ahead of it. A provider that can't be reached keeps nobody from closing the door here:
    the fact is stated all the same.
    """
    closed = True
    try:
        await accounts.suspend(account)
    except Unavailable:
        closed = False
        log.warning("account was not closed")
    not_before = clock() + LEEWAY
    await tx.say(AccessEnded(account, not_before, tx.now))
    return not_before, closed
