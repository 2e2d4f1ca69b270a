"""A member of a consumer group as a process that a test can kill: `python -m tests.support.kafka_member <url> <group>
<topic> <file>`. Every message is a line of the file, written before it is dealt with."""

import asyncio
import sys
from pathlib import Path

from contracts.topics import Topic
from infra.chassis.bus.base import Received
from infra.chassis.bus.kafka import KafkaBus
from infra.chassis.bus.kafka.address import Address


async def main(url: str, group: str, topic: str, file: str) -> None:
    lines = Path(file).open("ab", buffering=0)  # noqa: ASYNC230, SIM115 - open as long as the process lives

    async def note(message: Received) -> None:
        lines.write(message.value + b"\n")
        await asyncio.sleep(0.005)

    await KafkaBus(Address.of(url), session=6).consume(group, [Topic(topic, "suite", frozenset())], note)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
