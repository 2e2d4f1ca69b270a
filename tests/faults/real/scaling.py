"""More workers while the region works, then some killed: who has which partitions, and how long work stands still."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Final, cast

import httpx

from contracts.topics import SERVICES, read_by
from infra.chassis.bus.kafka.admin import Admin
from infra.realstack.kafka import Kafka
from infra.realstack.stack import Stack
from infra.story.cast import Region
from tests.faults.real.checker import Checker
from tests.faults.real.outage import Agencies
from tests.support.waiting import until

VICTIMS: Final = ("referrals-worker", "intake-worker")
"""One that has most to hear, and the one that tells of grants."""
GAP: Final = """
select coalesce(extract(epoch from max(gap)), 0)::float as longest from (
  select handled_at - lag(handled_at) over (order by handled_at) as gap from chassis.inbox
  where handled_at between %s and %s
) as gaps
"""
Members = list[Counter[str]]
"""Per member of a group: topic -> how many of its partitions it has."""


@dataclass(frozen=True)
class Seen:
    """What more workers did to the region, and what the loss of some did."""

    shared: dict[str, Members]
    """Service -> its workers, once each has a share."""
    writes: int
    not_accepted: list[str]
    stood_still: float
    """The longest time in which referrals dealt with nothing, in seconds, while workers came and agencies wrote."""
    moved_after: float
    """Seconds from the kill until the others had all partitions of `VICTIMS`."""
    drained_after: float
    """Seconds from the kill until everything stated before and after it was dealt with, everywhere."""


async def more_workers(stack: Stack, *, tell: Callable[[str], None]) -> Seen:
    """A second worker for each service, then `VICTIMS` are killed; in the end all is as it was before."""
    async with httpx.AsyncClient(timeout=30) as http:
        region = Region(stack, http, patience=90)
        await region.settled()
        agencies = Agencies(region, random.Random(2))
        await agencies.somebody_shared()
        async with _writing(agencies):
            since = datetime.now(UTC)
            added = await asyncio.gather(*(stack.add(f"{service}-worker") for service in SERVICES))
            shared = await _shared(stack, dict.fromkeys(SERVICES, 2))
            longest = await asyncio.to_thread(Checker(stack).read, "referrals", GAP, since, datetime.now(UTC))
            tell(f"shared, and the longest standstill was {longest[0].longest:.1f} s")

            await asyncio.gather(*(stack.kill(name) for name in VICTIMS))
            killed = monotonic()
            await _shared(stack, {victim.partition("-")[0]: 1 for victim in VICTIMS})
            moved_after = monotonic() - killed
        await region.settled()
        drained_after = monotonic() - killed
        tell(f"moved {moved_after:.1f} s after the kill, all was dealt with after {drained_after:.1f} s")

        await asyncio.gather(*(stack.restart(name) for name in VICTIMS))
        await asyncio.gather(*(stack.remove(name) for name in added))
        await region.settled()
    writes = len(agencies.accepted)
    return Seen(shared, writes, agencies.not_accepted, longest[0].longest, moved_after, drained_after)


@asynccontextmanager
async def _writing(agencies: Agencies) -> AsyncIterator[None]:
    """Agencies write while the block runs."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(agencies.write())
        try:
            yield
        finally:
            agencies.stop.set()


async def _shared(stack: Stack, workers: Mapping[str, int]) -> dict[str, Members]:
    """Who has what, as Kafka tells it, once so many workers of each of these services share all its partitions."""
    admin = Admin(cast(Kafka, stack.servers["kafka"]).address)
    groups = {service: f"lotse.{service}" for service in workers}
    found: dict[str, Members] = {}

    async def all_have_a_share() -> bool:
        told = await asyncio.to_thread(admin.client.describe_groups, list(groups.values()))
        for service, group in groups.items():
            found[service] = [
                Counter({part["topic"]: len(part["partitions"]) for part in assigned["assigned_partitions"]})
                for member in told[group]["members"]
                if (assigned := member["member_assignment"])
            ]
        due = {service: {topic.name: topic.partitions for topic in read_by(service)} for service in workers}
        return all(
            len(members) == workers[service] and all(members) and sum(members, Counter()) == due[service]
            for service, members in found.items()
        )

    try:
        await until(all_have_a_share, f"the work is shared by so many workers: {workers}", within=60)
    finally:
        await asyncio.to_thread(admin.close)
    return found
