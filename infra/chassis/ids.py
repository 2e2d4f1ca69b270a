"""Where identifiers come from: time-ordered UUIDv7 for rows and events, random UUIDv4 where order would tell something.

Passed in, never imported by a domain, so that a simulation can count instead.
"""

from typing import Protocol
from uuid import UUID, uuid4

import uuid_utils


class Ids(Protocol):
    """A source of identifiers."""

    def ordered(self) -> UUID:
        """A UUIDv7: sorts by time of birth (events, rows)."""
        ...

    def random(self) -> UUID:
        """A UUIDv4: tells nothing (people)."""
        ...


class RandomIds:
    """The real source."""

    def ordered(self) -> UUID:
        return UUID(int=uuid_utils.uuid7().int)

    def random(self) -> UUID:
        return uuid4()
