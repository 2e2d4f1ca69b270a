"""How much waits in a service: facts for the relay, events for the consumers, lanes for time or an operator.

Read whenever `/metrics` or an operator asks; nothing here decides.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from infra.chassis import lanes, outbox

if TYPE_CHECKING:
    from infra.chassis.service import Runtime


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits at one moment."""

    unpublished: int
    """Facts that the bus has not acknowledged yet."""
    oldest: timedelta
    """Age of the oldest of them; zero if there is none."""
    lanes: dict[tuple[str, lanes.State], int]
    """Lanes that do not flow, per consumer and state."""
    behind: dict[str, int]
    """Events not yet dealt with, per topic."""


async def measure(runtime: "Runtime") -> Backlog:
    """Raises what the database or the bus raises."""
    async with runtime.db.transaction() as tx:
        unpublished, since = await outbox.waiting(tx)
        stopped = await lanes.count(tx)
        oldest = tx.system_now - since if since else timedelta()
    behind: dict[str, int] = {}
    for (topic, _), events in (await runtime.bus.lag(runtime.group, runtime.service.topics)).items():
        behind[topic] = behind.get(topic, 0) + events
    return Backlog(unpublished, max(oldest, timedelta()), stopped, behind)
