"""What must be so in the end, whatever went wrong on the way. Each check gives sentences about what is not so."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Final

from contracts.topics import SERVICES
from infra.onebox.services import all_services
from tests.simulation.agency import Ledger
from tests.simulation.facts import Stated, stated
from tests.simulation.invariants_of_access import access_is_as_intake_says, people_are_the_same_everywhere
from tests.simulation.invariants_of_people import PEOPLE_CHECKS
from tests.simulation.world import World

Facts = list[Stated]

ABOUT: Final = {
    "participant-registered": "participant",
    "profile-updated": "participant",
    "work-rights-changed": "participant",
    "barriers-updated": "participant",
    "grant-given": "grant",
    "grant-ended": "grant",
    "same-person-linked": "link",
    "link-removed": "link",
    "opportunity-published": "opportunity",
    "match-proposed": "placement",
    "match-accepted": "placement",
    "match-declined": "placement",
    "placement-started": "placement",
    "placement-ended": "placement",
    "enrolment-requested": "enrolment",
    "attendance-recorded": "journey",
    "attention-cleared": "journey",
    "stage-completed": "journey",
    "transition-decided": "journey",
}
"""Which field says what a fact is about; a referral's facts are about the referral."""
BY_THE_PLATFORM: Final = frozenset({"expired", "grant-ended", "opportunity-closed", "narrowed"})
"""Reasons that nobody sends us: such a fact stands in no ledger."""


def published_in_order(world: World, facts: Facts) -> Iterator[str]:
    """Every fact is on the bus, and per key first in the order in which it was stated."""
    first: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    seen: set[str] = set()
    for log in world.bus.log.values():
        for message in log:
            position = message.headers.get("lotse-position")
            if position is None:
                continue
            if (message.topic + position) not in seen:
                seen.add(message.topic + position)
                first[message.topic, message.key].append(position)
    for fact in facts:
        if fact.topic + str(fact.position) not in seen:
            yield f"never published: {fact.short} of {fact.service}"
    for (topic, key), positions in first.items():
        if positions != sorted(positions, key=int):
            yield f"published out of order: {topic} {key}: {positions}"


def took_effect_once_and_in_order(world: World, facts: Facts) -> Iterator[str]:
    """Each consumer has dealt with each fact that it wants exactly once, per key and topic in order.

    What a rebuild has taken over must have no effect after it.
    """
    for service in all_services():
        effects: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for row in world.ground.read(service.name, "select * from simulation.effect order by n"):
            if row.n > world.rebuilt(service.name, row.consumer).after:
                effects[row.consumer].append((row.topic, str(row.key), str(row.event_id)))
        topics = {topic.name for topic in service.topics}
        for consumer in service.consumers():
            wanted = {fact.TYPE for fact in consumer.handlers}
            held = world.rebuilt(service.name, consumer.name).holds
            due = [
                (f.topic, str(f.key), str(f.envelope.id))
                for f in facts
                if f.topic in topics and f.envelope.type in wanted and f.envelope.id not in held
            ]
            yield from _same(f"{service.name}/{consumer.name}", due, effects[consumer.name])


def _same(where: str, due: list[tuple[str, str, str]], done: list[tuple[str, str, str]]) -> Iterator[str]:
    due_times, done_times = Counter(due), Counter(done)
    for one in (due_times - done_times).elements():
        yield f"{where}: no effect of {one[2]} ({one[0]})"
    for one in (done_times - due_times).elements():
        yield f"{where}: one effect too many of {one[2]} ({one[0]})"
    if due_times == done_times:
        for lane in {one[:2] for one in due}:
            if [one for one in due if one[:2] == lane] != [one for one in done if one[:2] == lane]:
                yield f"{where}: out of order: {lane}"


def accepted_was_done(ledger: Ledger, facts: Facts) -> Iterator[str]:
    """What was answered with yes was stated once; nothing was stated that nobody asked for."""
    said: Counter[tuple[str, str]] = Counter()
    for fact in facts:
        about = ABOUT.get(fact.short) or ("referral" if fact.short.startswith("referral-") else None)
        why = fact.data.get("why") or fact.data.get("reason")
        if about is None or fact.envelope.causationid is not None or why in BY_THE_PLATFORM:
            continue
        said[fact.short, str(fact.data[about])] += 1
    for deed, times in ledger.stated.items():
        if not times <= said[deed] <= times + ledger.unsure[deed]:
            yield f"accepted {times} times, stated {said[deed]} times: {deed}"
    for deed, times in said.items():
        clocks = deed[0] in ("referral-overdue", "referral-expired", "work-rights-changed")
        if not clocks and times > ledger.stated[deed] + ledger.unsure[deed]:
            yield f"stated {times} times, asked for {ledger.stated[deed]} times: {deed}"


def nothing_is_left(world: World, facts: Facts) -> Iterator[str]:
    """No lane is stopped, no fact unpublished, no deadline overdue, the audit trail sound."""
    for fact in facts:
        if not fact.published:
            yield f"not noted as published: {fact.short} of {fact.service}"
    for service in SERVICES:
        now = world.places[service].clock.business()
        for row in world.ground.read(service, "select consumer, topic, state, error from chassis.lane"):
            yield f"{service}: lane {row.state} ({row.error}): {row.consumer} {row.topic}"
        for row in world.ground.read(service, "select count(*) from chassis.lane_event"):
            if row.count:
                yield f"{service}: {row.count} events still wait in lanes"
        for row in world.ground.read(service, "select kind from chassis.deadline where due_at <= %s", now):
            yield f"{service}: a deadline was missed: {row.kind}"


def violations_now(world: World, ledger: Ledger) -> list[str]:
    """Everything that is not as it must be."""
    facts = stated(world.ground)
    checks: list[Callable[[], Iterator[str]]] = [
        lambda: published_in_order(world, facts),
        lambda: took_effect_once_and_in_order(world, facts),
        lambda: accepted_was_done(ledger, facts),
        lambda: nothing_is_left(world, facts),
        lambda: people_are_the_same_everywhere(world, facts),
        *(lambda check=check: check(world, facts) for check in PEOPLE_CHECKS),
    ]
    return [fault for check in checks for fault in check()]


async def violations(world: World, ledger: Ledger) -> list[str]:
    """The same, and what only the services' own queries can tell."""
    return violations_now(world, ledger) + [fault async for fault in access_is_as_intake_says(world)]
