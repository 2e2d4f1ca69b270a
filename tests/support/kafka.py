"""One real Kafka for a test run, open or secured; `tests/conftest.py` makes it known.

A module that uses it begins with `pytestmark = needs("java", "mvn")`.
"""

from collections.abc import AsyncIterator, Sequence

import pytest
from kafka import TopicPartition

from contracts.topics import Topic
from infra.chassis.bus.kafka.admin import Admin
from infra.realstack.kafka import Kafka, kafka


@pytest.fixture(scope="session")
async def broker() -> AsyncIterator[Kafka]:
    """Open to everybody on this machine. Every test makes topics of its own, and never stops the server."""
    async with kafka() as server:
        yield server


@pytest.fixture(scope="session")
async def secured_kafka() -> AsyncIterator[Kafka]:
    """Lets in only who has a user and a password."""
    async with kafka(secured=True) as server:
        yield server


def forget(broker: Kafka, topics: Sequence[Topic]) -> None:
    """Empty these topics, for the next test."""
    admin = Admin(broker.address)
    try:
        ends = admin.ends([topic.name for topic in topics])
        admin.client.delete_records({TopicPartition(*place): end for place, end in ends.items()})
    finally:
        admin.close()
