"""What is on the topics, read by tools that know nothing of us: kafka-python, the CloudEvents SDK, kcat."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import yaml
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka
from cloudevents.core.formats.json import JSONFormat
from kafka import KafkaConsumer

from contracts.topics import INTAKE
from infra.chassis.relay import Relay
from infra.onebox import children
from infra.realstack.kafka import Kafka
from tests.support.left_out import needs
from tests.support.postgres import FreshDatabase
from tests.support.source import ROOT
from tests.support.tiny import Pair, profile, registered, said, say, someone

pytestmark = needs("java", "mvn")


@pytest.fixture
async def published(broker: Kafka, postgres: FreshDatabase) -> AsyncIterator[list[UUID]]:
    """Two facts about somebody, on Kafka by way of outbox and relay; their event ids."""
    pair, person = Pair.make(postgres), someone()
    pair.settings["intake"] = pair.settings["intake"].model_copy(
        update={"bus_url": type(pair.settings["intake"].bus_url)(broker.url)}
    )
    async with pair.running("intake") as intake:
        await intake.bus.create_topics([INTAKE])
        await say(intake, registered(person))
        await say(intake, profile(person, 1))
        assert not await Relay("intake", intake.db, intake.bus).publish_all()
        yield [fact.id for fact in await said(intake)]


def read(broker: Kafka, topic: str) -> list[Any]:
    """As any program would."""
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=broker.url.removeprefix("kafka://"),
        auto_offset_reset="earliest",
        consumer_timeout_ms=4000,
    )
    try:
        return list(consumer)
    finally:
        consumer.close()


async def test_the_cloudevents_sdk_recognises_every_message(broker: Kafka, published: list[UUID]) -> None:
    records = await asyncio.to_thread(read, broker, INTAKE.name)
    events = [
        from_kafka(KafkaMessage(dict(record.headers), record.key, record.value), JSONFormat()) for record in records
    ]
    ours = [event for event in events if UUID(event.get_id()) in published]
    assert [UUID(event.get_id()) for event in ours] == published, "in the order in which they were said"
    assert [event.get_type() for event in ours] == [
        "lotse.intake.participant-registered",
        "lotse.intake.profile-updated",
    ]
    assert all(event.get_specversion() == "1.0" for event in events)


async def test_messages_are_as_asyncapi_says(broker: Kafka, published: list[UUID]) -> None:
    described = yaml.safe_load((ROOT / "contracts/asyncapi.yaml").read_text())
    records = await asyncio.to_thread(read, broker, INTAKE.name)
    assert described["channels"][INTAKE.name]["bindings"]["kafka"]["partitions"] == INTAKE.partitions
    for record in records:
        event = json.loads(record.value)
        version = event["dataschema"].rpartition(":")[2]
        message = described["components"]["messages"][f"{event['type']}.{version}"]
        headers = {name: value.decode() for name, value in record.headers}
        known = message["headers"]["properties"]
        assert set(message["headers"]["required"]) <= headers.keys() <= known.keys()
        assert headers["content-type"] == known["content-type"]["const"] == message["contentType"]
        assert record.key.decode() == event["partitionkey"] == event["subject"]


@needs("kcat")
async def test_kcat_shows_them(broker: Kafka, published: list[UUID]) -> None:
    ran = await children.start(
        *("kcat", "-b", broker.url.removeprefix("kafka://"), "-t", INTAKE.name, "-C", "-e", "-q"),
        stdout=asyncio.subprocess.PIPE,
    )
    shown, _ = await ran.communicate()
    assert {str(event) for event in published} <= {json.loads(line)["id"] for line in shown.splitlines()}
