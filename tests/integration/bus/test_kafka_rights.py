"""Who may write and who may read which topic, asked of a real Kafka that lets in nobody without a password."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from kafka.admin import ACLOperation
from kafka.errors import KafkaError, TopicAuthorizationFailedError
from typer.testing import CliRunner

from contracts.topics import INTAKE, INTAKE_CARE, REFERRALS, REFERRALS_CARE, SERVICES, TOPICS, Topic, concerning
from infra.chassis.bus.base import Message
from infra.chassis.bus.kafka import KafkaBus
from infra.chassis.bus.kafka import rights as declaration
from infra.chassis.bus.kafka.address import Address
from infra.chassis.bus.kafka.admin import Admin, TopicsMissing, answers
from infra.chassis.republish import feed_of
from infra.cli.__main__ import app
from infra.realstack.kafka import ADMIN, Kafka
from tests.support.bus_suite import Diary
from tests.support.left_out import needs
from tests.support.waiting import beside

pytestmark = needs("java", "mvn")

PASSWORDS = {service: f"made-up-for-{service}" for service in SERVICES}
CELLS = [(service, topic) for service in SERVICES for topic in TOPICS]
IDS = [f"{service}-{topic.name}" for service, topic in CELLS]


@pytest.fixture(scope="module")
def region(secured_kafka: Kafka) -> Kafka:
    """With topics, users and rights, made as an operator makes them."""
    made = CliRunner().invoke(app, ["topics", "create"], env=_as_operator(secured_kafka))
    assert made.exit_code == 0, made.output
    return secured_kafka


def _as_operator(kafka: Kafka) -> dict[str, str | None]:
    own = {"KAFKA_URL": kafka.url, "KAFKA_ADMIN_USER": ADMIN, "KAFKA_ADMIN_PASSWORD": kafka.password}
    return {**own, **{f"{service.upper()}_BUS_PASSWORD": word for service, word in PASSWORDS.items()}}


@pytest.fixture
def admin(region: Kafka) -> Iterator[Admin]:
    admin = Admin(region.address)
    yield admin
    admin.close()


@asynccontextmanager
async def bus_of(region: Kafka, service: str) -> AsyncIterator[KafkaBus]:
    bus = KafkaBus(Address.of(region.url, service, PASSWORDS[service]), session=6)
    try:
        yield bus
    finally:
        await bus.close()


@pytest.mark.parametrize(("service", "topic"), CELLS, ids=IDS)
async def test_a_service_writes_its_own_topics_and_no_other(region: Kafka, service: str, topic: Topic) -> None:
    async with bus_of(region, service) as bus:
        [failure] = await bus.publish([Message(topic.name, "k", b"1")])
    if service == topic.publisher:
        assert failure is None
    else:
        assert isinstance(failure, TopicAuthorizationFailedError | TopicsMissing)


@pytest.mark.parametrize(("service", "topic"), CELLS, ids=IDS)
async def test_a_service_reads_its_own_topics_and_those_that_name_it_and_no_other(
    region: Kafka, admin: Admin, service: str, topic: Topic
) -> None:
    async with bus_of(region, topic.publisher) as writer:
        assert await writer.publish([Message(topic.name, "k", b"1")]) == [None]
    diary = Diary()
    async with bus_of(region, service) as bus:
        if service in topic.readers or service == topic.publisher:
            await bus.replay(topic, None, diary.of())
            assert diary.values()
        else:
            with pytest.raises(TopicsMissing):
                await bus.replay(topic, None, diary.of())
            assert not diary.values()


@pytest.mark.parametrize("closed", [INTAKE_CARE, REFERRALS_CARE], ids=lambda topic: topic.name)
async def test_matching_cannot_consume_what_concerns_care(region: Kafka, closed: Topic) -> None:
    async with bus_of(region, "matching") as bus:
        with pytest.raises(TopicsMissing, match=closed.name):
            await bus.consume("lotse.matching", [INTAKE, closed], Diary().of())


async def test_a_service_consumes_what_is_open_to_it_in_its_own_group_only(region: Kafka) -> None:
    async with bus_of(region, "intake") as intake, bus_of(region, "matching") as matching:
        await matching.create_topics(concerning("matching"))
        diary = Diary()
        assert await intake.publish([Message(INTAKE.name, "k", b"for matching")]) == [None]
        async with beside(matching.consume("lotse.matching", [INTAKE, REFERRALS], diary.of())):
            await diary.has(1)
        with pytest.raises(KafkaError):
            await matching.lag("lotse.referrals", [INTAKE])


async def test_a_feed_is_open_to_its_reader_only(region: Kafka) -> None:
    feed = feed_of("intake", "matching.access")
    async with bus_of(region, "intake") as intake, bus_of(region, "matching") as matching:
        await intake.create_topics([feed])
        assert await intake.publish([Message(feed.name, "k", b"1")]) == [None]
        diary = Diary()
        await matching.replay(feed, None, diary.of())
        assert diary.values() == [b"1"]
        async with bus_of(region, "notifications") as other:
            with pytest.raises(TopicsMissing):
                await other.replay(feed, None, diary.of())
        with pytest.raises(TopicsMissing):
            await matching.create_topics([feed_of("intake", "referrals.access")])


async def test_nobody_gets_in_without_the_right_password(region: Kafka) -> None:
    for address in (Address.of(region.url), Address.of(region.url, "intake", "guessed")):
        assert not await asyncio.to_thread(answers, address)
    assert await asyncio.to_thread(answers, Address.of(region.url, "intake", PASSWORDS["intake"]))


def test_rights_that_are_not_declared_are_taken_away(region: Kafka, admin: Admin) -> None:
    too_much = declaration._on_topic("matching", INTAKE_CARE.name, ACLOperation.READ)
    admin.client.create_acls(list(too_much))
    assert declaration._present(admin) == declaration.declared() | too_much
    made = CliRunner().invoke(app, ["topics", "create"], env=_as_operator(region))
    assert made.exit_code == 0, made.output
    assert declaration._present(admin) == declaration.declared()


def test_an_operator_sees_the_lag_of_every_service(region: Kafka) -> None:
    env: dict[str, str | None] = {"COLUMNS": "120"}
    for service, word in PASSWORDS.items():
        own = {"bus_url": region.url, "bus_user": service, "bus_password": word, "issuer": "http://127.0.0.1:1"}
        own |= dict.fromkeys(("database_url", "keys_database_url", "master_key"), "not asked for")
        env |= {f"{service.upper()}_{name.upper()}": value for name, value in own.items()}
    shown = CliRunner().invoke(app, ["lag"], env=env)
    assert shown.exit_code == 0, shown.output
    [care] = [line for line in shown.output.splitlines() if "referrals " in line and INTAKE_CARE.name in line]
    assert int(care.split("│")[3]) > 0
