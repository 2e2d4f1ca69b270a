"""Holds what was accepted against what is in the four databases and in the mail box, by the simulation's invariants.

From `watch` on, the databases note the order in which consumers dealt with events: a row per inbox row, in the same
transaction, by a trigger that the services know nothing of.
"""

import email
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Self, cast

import psycopg
from psycopg.rows import namedtuple_row

from contracts.topics import SERVICES
from infra.realstack.postgres import Postgres
from infra.realstack.stack import Stack
from tests.simulation import invariants, invariants_of_people
from tests.simulation.agency import Ledger
from tests.simulation.facts import Stated, stated
from tests.simulation.ground import Ground
from tests.simulation.world import Rebuilt, World

NOTING: Final = """
drop schema if exists simulation cascade;
create schema simulation;
create table simulation.handled (n bigint generated always as identity primary key, consumer text, event_id uuid);
create function simulation.note() returns trigger language plpgsql security definer as $$
begin
  insert into simulation.handled (consumer, event_id) values (new.consumer, new.event_id);
  return null;
end $$;
create trigger noted_by_tests after insert on chassis.inbox for each row execute function simulation.note();
"""
NO_MORE: Final = "drop trigger if exists noted_by_tests on chassis.inbox; drop schema if exists simulation cascade"


@dataclass
class Verdict:
    """What is not as it must be, in sentences; none if all is well."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    facts: int = 0
    effects: int = 0
    mails: int = 0
    repeats: int = 0
    """Mails that left once more, under the same Message-ID."""

    @property
    def faults(self) -> list[str]:
        return [*self.lost, *self.doubled, *self.out_of_order]


class Checker:
    """Use it as a context: `watch` before, `verdict` after the region has settled."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._since: dict[str, int] = {}
        self._mails: set[str] = set()
        self._sent: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for service in SERVICES:
            self._write(service, NO_MORE)

    def read(self, service: str, query: str, *values: object) -> list[Any]:
        """As the simulation's ground does; a connection per question, for the database dies, too."""
        with psycopg.connect(self._url(service), autocommit=True) as door, door.cursor(row_factory=namedtuple_row) as c:
            return list(c.execute(query.encode(), values or None))

    def _write(self, service: str, statements: str) -> None:
        with psycopg.connect(self._url(service)) as door:
            door.execute(statements.encode())

    def _url(self, service: str) -> str:
        server = cast(Postgres, self._stack.servers["postgres"])
        return f"{server.url.rpartition('/')[0]}/lotse_{service}"

    def watch(self) -> None:
        """Begin. Everything said before must have been dealt with."""
        for service in SERVICES:
            self._write(service, NOTING)
            [row] = self.read(service, "select coalesce(max(id), 0) as last from chassis.outbox")
            self._since[service] = row.last
        self._sent = self._deliveries()
        self._mails = {path.name for path in self._letters()}

    def verdict(self, ledger: Ledger) -> Verdict:
        everything = stated(cast(Ground, self))
        facts = [fact for fact in everything if fact.position > self._since[fact.service]]
        found = Verdict(facts=len(facts))
        seen = cast(World, Seen(_Handled(self, facts)))
        checks: list[Callable[[], Iterator[str]]] = [
            lambda: invariants.took_effect_once_and_in_order(seen, facts),
            lambda: invariants.accepted_was_done(ledger, facts),
            lambda: invariants_of_people.each_answer_came_once(seen, facts),
            lambda: invariants_of_people.everybody_was_told_once(seen, facts, before=everything),
            lambda: self._left(facts),
            lambda: self._mailed(found),
        ]
        for fault in (fault for check in checks for fault in check()):
            kind = found.out_of_order if "out of order" in fault else found.lost
            (found.doubled if _doubled(fault) else kind).append(fault)
        for service in SERVICES:
            [row] = self.read(service, "select count(*) as effects from simulation.handled")
            found.effects += row.effects
        return found

    def _left(self, facts: list[Stated]) -> Iterator[str]:
        for fact in facts:
            if not fact.published:
                yield f"never published: {fact.short} of {fact.service}"
        for service in SERVICES:
            for row in self.read(service, "select consumer, state from chassis.lane"):
                yield f"{service}: lane {row.state}: {row.consumer}"

    def _mailed(self, found: Verdict) -> Iterator[str]:
        """Everything that is noted as sent was handed over; a message has one addressee, however often it left."""
        letters = [
            email.message_from_bytes(path.read_bytes()) for path in self._letters() if path.name not in self._mails
        ]
        times = Counter(letter["Message-ID"] for letter in letters)
        found.mails, found.repeats = len(times), len(letters) - len(times)
        if len({(letter["Message-ID"], letter["To"]) for letter in letters}) != len(times):
            yield "a Message-ID went to two people: doubled"
        now = self._deliveries()
        if now["waiting"]:
            yield f"{now['waiting']} mails still wait"
        sent = now["sent"] - self._sent["sent"]
        if sent > len(times):
            yield f"{sent - len(times)} mails are noted as sent and were never handed over"
        if sent < len(times):
            yield f"{len(times) - sent} mails too many left under Message-IDs of their own: doubled"

    def _deliveries(self) -> Counter[str]:
        """State -> messages in it."""
        query = (
            "select state, count(distinct coalesce(bundle, event)::text || recipient) as messages"
            " from delivery.delivery group by state"
        )
        return Counter({row.state: row.messages for row in self.read("notifications", query)})

    def _letters(self) -> list[Any]:
        return sorted(self._stack.folder.rglob("*.eml"))


@dataclass
class Seen:
    """What the simulation's invariants ask of a world."""

    ground: Any

    def rebuilt(self, _service: str, _consumer: str) -> Rebuilt:
        return Rebuilt()


@dataclass
class _Handled:
    """The ground, with what the trigger noted in the shape of the simulation's own notes."""

    checker: Checker
    facts: list[Stated]

    def read(self, service: str, query: str, *values: object) -> list[Any]:
        if "simulation.effect" not in query:
            return self.checker.read(service, query, *values)
        facts = {fact.envelope.id: fact for fact in self.facts}
        noted = self.checker.read(service, "select n, consumer, event_id from simulation.handled order by n")
        return [
            Effect(row.n, row.consumer, facts[row.event_id].topic, str(facts[row.event_id].key), str(row.event_id))
            for row in noted
            if row.event_id in facts
        ]


@dataclass(frozen=True)
class Effect:
    n: int
    consumer: str
    topic: str
    key: str
    event_id: str


def _doubled(fault: str) -> bool:
    return (
        any(sign in fault for sign in ("too many", "doubled", "was told", "more than one")) and "not told" not in fault
    )
