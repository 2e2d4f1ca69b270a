"""Every event there is: (type, version) -> class. An event that is not listed here does not exist."""

from typing import Final

from contracts.envelope import Envelope, Fact
from contracts.events import intake, matching, notifications, referrals
from contracts.topics import Topic

FACTS: Final[tuple[type[Fact], ...]] = (*intake.FACTS, *matching.FACTS, *referrals.FACTS, *notifications.FACTS)

_BY_NAME: Final = {(fact.TYPE, fact.VERSION): fact for fact in FACTS}
TYPES: Final = frozenset(fact.TYPE for fact in FACTS)
"""The types that this release knows, whatever their version."""


class UnknownEvent(Exception):
    """A type or version that this release does not know: it waits for the upgrade, it is never dropped."""


def decode(envelope: Envelope) -> Fact:
    """The fact inside an envelope.

    Raises `UnknownEvent` for a type or version of a newer release and `pydantic.ValidationError` for malformed data.
    """
    known = _BY_NAME.get((envelope.type, envelope.version))
    if known is None:
        raise UnknownEvent(f"{envelope.type} version {envelope.version}")
    return known.model_validate(envelope.data)


def published_on(topic: Topic) -> tuple[type[Fact], ...]:
    """The facts that can appear on a topic."""
    return tuple(fact for fact in FACTS if topic in fact.TOPICS)
