"""When transactions meet in a deadlock, the database ends one. Nothing of it has happened, so it begins again."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog
from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import DBAPIError

log = structlog.get_logger()

T = TypeVar("T")

TRIES: Final = 4


async def unless_deadlocked(act: Callable[[], Awaitable[T]]) -> T:
    """What `act` gives, which is one whole transaction: after a deadlock it is done again, a few times at most."""
    for _ in range(TRIES - 1):
        try:
            return await act()
        except (DBAPIError, DeadlockDetected) as error:
            if not isinstance(getattr(error, "orig", error), DeadlockDetected):
                raise
            log.info("done again after a deadlock")
    return await act()
