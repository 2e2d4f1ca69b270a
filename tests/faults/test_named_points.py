"""A worker is killed at every named point, started again, and nothing can be told from a run in which nobody died."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from contracts import heartbeat
from contracts.envelope import Envelope
from contracts.topics import INTAKE, MATCHING
from infra.chassis.bus.base import Received
from infra.chassis.crashpoints import POINTS
from infra.chassis.lanes import Lane
from infra.onebox import children
from tests.support.left_out import needs
from tests.support.tiny import Effect, Mark, count, effects, profile, registered, said, say, someone, tally
from tests.support.waiting import until
from tests.support.worlds import World
from tests.support.worlds import world as world
from tests.support.worlds import world_on_kafka as world_on_kafka

PEOPLE: Final = 4
PROFILES: Final = 13
"""Of each: together they are more than are taken in one go."""

# Where, in whose worker, and at which visits of that point. A relay and a consumer visit a commit many times, so
# several of them are tried: while the outbox is read and marked, and in the midst of the deliveries.
CASES: Final = (
    ("before-publish", "intake", 1),
    ("after-publish", "intake", 1),
    ("after-mark", "intake", 1),
    ("before-commit", "intake", 4),
    ("before-inbox", "matching", 1),
    ("before-inbox", "matching", 2),
    ("after-inbox", "matching", 1),
    ("after-inbox", "matching", 13),
    ("before-commit", "matching", 17),
    ("after-commit", "matching", 17),
    ("after-commit", "matching", 40),
    ("before-checkpoint", "matching", 1),
    ("after-publish", "matching", 1),
)
ON_KAFKA: Final = (
    ("after-publish", "intake", 1),
    ("after-inbox", "matching", 13),
    ("after-commit", "matching", 17),
    ("before-checkpoint", "matching", 1),
)
"""Where it makes a difference which bus it is."""
OF_THE_SENDERS: Final = {"before-smtp", "after-smtp", "before-webhook", "after-webhook"}
"""Reached by the service that sends mails and to webhooks, and tried with it."""


@asynccontextmanager
async def worker(world: World, name: str, output: Path, **extra: str) -> AsyncIterator[Process]:
    """A worker as a process of its own; it is gone at the end of the block."""
    with output.open("ab") as out:
        process = await children.start(
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "tests.support.tiny_worker",
            name,
            env={**os.environ, **world.pair.environment(name, **extra)},
            cwd=Path(__file__).parents[2],
            stdout=out,
            stderr=out,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize(("point", "victim", "nth"), CASES)
async def test_a_kill_leaves_no_trace(world: World, tmp_path: Path, point: str, victim: str, nth: int) -> None:
    await _killed(world, tmp_path, point, victim, nth)


@needs("java", "mvn")
@pytest.mark.parametrize(("point", "victim", "nth"), ON_KAFKA)
async def test_a_kill_leaves_no_trace_on_kafka(
    world_on_kafka: World, tmp_path: Path, point: str, victim: str, nth: int
) -> None:
    await _killed(world_on_kafka, tmp_path, point, victim, nth)


async def _killed(world: World, tmp_path: Path, point: str, victim: str, nth: int) -> None:
    people = [someone() for _ in range(PEOPLE)]
    for person in people:
        await say(world.intake, registered(person))
    for number in range(1, PROFILES + 1):
        for person in people:
            await say(world.intake, profile(person, number))
    facts = await said(world.intake)
    if victim == "matching":
        await world.publish()

    mark, output = tmp_path / "mark", tmp_path / "output"
    crash = {"crash_point": point, "crash_nth": str(nth), "crash_mark": str(mark)}
    async with worker(world, victim, output, **crash) as doomed:
        assert await asyncio.wait_for(doomed.wait(), 40) == -signal.SIGKILL, output.read_text()
    assert mark.read_text() == point, "it died of something else"

    async with worker(world, victim, output):
        await until(lambda: _done(world, victim, len(facts)), f"{victim} has gone on", within=40)
    if victim == "intake":
        await world.settle()

    assert Counter(await effects(world.matching)) == Counter(fact.id for fact in facts), "each once, none lost"
    of_person = {person: [fact.id for fact in facts if fact.subject == str(person)] for person in people}
    done = await effects(world.matching)
    assert {person: [each for each in done if each in ids] for person, ids in of_person.items()} == of_person
    rows = await tally(world.matching)
    assert {row.id: row.profiles for row in rows[:PEOPLE]} == dict.fromkeys(people, PROFILES)
    assert await count(world.matching, Mark) == PEOPLE * PROFILES
    assert await count(world.matching, Lane) == 0
    answers = await said(world.matching)
    assert Counter(answer.causationid for answer in answers) == Counter(fact.id for fact in facts)
    assert await _on(world, INTAKE.name) == {fact.id for fact in facts}
    if victim == "matching":
        assert await _on(world, MATCHING.name) == {answer.id for answer in answers}


def test_every_named_point_is_tried_somewhere() -> None:
    assert {point for point, _, _ in CASES} | OF_THE_SENDERS == set(POINTS)


async def _done(world: World, victim: str, facts: int) -> bool:
    runtime = world.intake if victim == "intake" else world.matching
    async with runtime.db.transaction() as tx:
        if await runtime.unpublished(tx):
            return False
    if victim == "intake":
        return True
    lag = sum((await world.matching.bus.lag(world.matching.group, [INTAKE])).values())
    return not lag and await count(world.matching, Effect) >= facts


async def _on(world: World, topic: str) -> set[object]:
    found: set[object] = set()

    async def see(message: Received) -> None:
        if heartbeat.HEADER not in message.headers:
            found.add(Envelope.from_bytes(message.value).id)

    [wanted] = [each for each in (INTAKE, MATCHING) if each.name == topic]
    await world.matching.bus.replay(wanted, None, see)
    return found
