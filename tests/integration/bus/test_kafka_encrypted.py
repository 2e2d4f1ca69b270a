"""The encrypted way to the bus: its servers are known by the region's authority and by no other."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.topics import Topic
from infra.chassis.bus.base import Message, Received
from infra.chassis.bus.kafka import KafkaBus
from infra.chassis.bus.kafka.address import Address
from infra.realstack.kafka import ADMIN, HOST, Kafka, kafka
from tests.support.certificates import Authority
from tests.support.left_out import needs
from tests.support.waiting import beside


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> tuple[Authority, Path]:
    authority = Authority.made("region")
    return authority, authority.written(tmp_path_factory.mktemp("ours") / "ca.pem")


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Authority.made("somebody else").written(tmp_path_factory.mktemp("strange") / "ca.pem")


@pytest.fixture(scope="module")
async def encrypted_bus(ours: tuple[Authority, Path]) -> AsyncIterator[Kafka]:
    async with kafka(secured=True, certificate=ours[0].server(), ca_file=ours[1]) as server:
        yield server


@needs("java", "mvn")
async def test_a_service_reaches_the_bus_over_an_encrypted_way(encrypted_bus: Kafka) -> None:
    """Both libraries: what kafka-python published, Faust fetches."""
    bus, topic, heard = KafkaBus(encrypted_bus.address), Topic("encrypted", "intake", frozenset()), asyncio.Event()

    async def hear(_: Received) -> None:
        heard.set()

    assert encrypted_bus.address.protocol == "SASL_SSL"
    await bus.create_topics([topic])
    assert await bus.publish([Message(topic.name, "k", b"1")]) == [None]
    async with beside(bus.consume("g", [topic], hear)):
        await asyncio.wait_for(heard.wait(), 60)
    await bus.close()


@needs("java", "mvn")
def test_a_bus_that_somebody_else_vouches_for_is_not_believed(encrypted_bus: Kafka, strange: Path) -> None:
    """With the very context that both libraries are given."""
    context = Address.of(encrypted_bus.url, ADMIN, encrypted_bus.password, strange).for_kafka_python["ssl_context"]
    with (
        socket.create_connection((HOST, encrypted_bus.port), timeout=10) as wire,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        context.wrap_socket(wire, server_hostname=HOST)
