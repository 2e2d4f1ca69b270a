"""Faults put into the real code, one at a time, that the simulation must find: who tests the tester.

Each plant names a seam and puts a wrong piece in its place. `test_planted.py` plays seeds until it is found.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from contracts.catalogue import UnknownEvent
from infra.chassis import access, arrival, closing, deadlines, heard, idempotency, lanes, outbox
from infra.chassis.deliver import Delivery, NotYet
from infra.chassis.generation import Generation
from services.matching.opportunity import domain as opportunity
from services.matching.placement import use_cases as placement
from services.notifications.delivery import use_cases as mailing
from services.notifications.delivery.sender import Sender
from tests.simulation import wrong
from tests.simulation.bus import SimulatedBus
from tests.simulation.drive import Drive
from tests.simulation.patching import patched
from tests.simulation.probe import Poisonous


@dataclass(frozen=True)
class Plant:
    """How to put the fault into the code, and the seed that is known to find it."""

    put: Callable[[], AbstractContextManager[None]]
    known: int = 1


def _instead(owner: Any, name: str, value: Any, known: int = 1) -> Plant:
    return Plant(lambda: patched(owner, name, value), known)


def _grants(live: Any, known: int) -> Plant:
    """Another idea of which grants are live."""

    @contextmanager
    def put() -> Iterator[None]:
        with (
            patched(access, "_live", live),
            patched(access, "_STANDING", access._of_one()),
        ):  # built anew, with that idea
            yield

    return Plant(put, known)


PLANTED: Final[Mapping[str, Plant]] = {
    "no dedupe: a repeat is handled again": _instead(lanes, "arrive", wrong.always_fresh),
    "poison is skipped": _instead(Delivery, "_set_aside", wrong.drops(Poisonous), known=4),
    "a version nobody knows is dropped": _instead(Delivery, "_set_aside", wrong.drops(UnknownEvent), known=4),
    "what waits for something else is dropped": _instead(Delivery, "_set_aside", wrong.drops(NotYet), known=7),
    "a stopped lane does not hold later events back": _instead(lanes, "arrive", wrong.lane_flows),
    "a lane is drained newest first": _instead(lanes, "first", wrong.newest_first),
    "draining skips one": _instead(lanes, "leave", wrong.leaves_two),
    "waiting lanes are never tried again": _instead(lanes, "due", wrong.none_due),
    "what queues behind a stopped lane is lost": _instead(lanes, "queue", wrong.nothing),
    "marked before published": _instead(outbox, "unpublished", wrong.mark_first),
    "published newest first": _instead(outbox, "unpublished", wrong.newest_published_first),
    "a failed send does not hold back its key": _instead(outbox, "unpublished", wrong.hold_back_one_row),
    "the relay reads behind the last row it saw": Plant(wrong.behind_the_last_seen),
    "a refused message counts as taken": _instead(SimulatedBus, "publish", wrong.all_acknowledged),
    "the position is kept before the event is handled": _instead(Drive, "_consume", wrong.offset_first),
    "a projection misses a kind of event": _instead(arrival.Consumer, "wants", wrong.misses("work-rights-changed")),
    "a withdrawal is ignored": _instead(heard, "ended_grant", wrong.nothing, known=2),
    "only the first category of a grant ends": _instead(heard, "ended_grant", wrong.first_category_only, known=2),
    "a grant's end is not looked at": _grants(wrong.never_ends, known=5),
    "a stuck lane leaves access open": _grants(wrong.open_while_stuck, known=4),
    "intake learns of its own grants by the bus": _instead(closing, "apply", wrong.nothing, known=2),
    "a place is given to one too many": _instead(opportunity, "take_place", lambda *_, **__: [], known=2),
    "proposals outlive the right they rest on": _instead(placement, "_decline_for", wrong.nothing, known=5),
    "follow-ups are never set": _instead(deadlines, "put", wrong.no_follow_ups, known=4),
    "a deadline is not taken off the list": _instead(deadlines, "cancel", wrong.nothing),
    "a repeated request is carried out again": _instead(idempotency, "recall", wrong.every_request_is_new),
    "a mail that failed counts as sent": _instead(mailing, "failed", wrong.forgets_what_failed, known=2),
    "a repeated mail gets a new Message-ID": _instead(Sender, "_envelope", wrong.new_id_each_time),
    "a rebuild is applied again by the live consumer": _instead(Generation, "hand_over", wrong.inbox_stays),
    "a rebuild lets reactions run again": _instead(Generation, "hand_over", wrong.reactions_run_again, known=7),
}
