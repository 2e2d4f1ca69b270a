"""The one way a rule says no. Knows no HTTP: `infra.chassis.problems` turns a refusal into an answer.

Refused
  + NotFound          nothing here that the caller may know of
  + NotAllowed        the caller may know of it, but a named right is missing
  + Conflict          not in this state; the message says what is possible
  + Stale             somebody changed it meanwhile
  + Invalid           the request itself is wrong; names the field
  + TooMany           too often within a short time; says when to come back
  + Unavailable       for now; says when to come back
"""

from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from typing import ClassVar


class Refused(Exception):
    """A request that can't be fulfilled, with the way out in words.

    `slug` is stable and documented: clients may branch on it. `way_out` tells the person what to do next. `field` is
    the offending input, where there is one, as a dotted path. Neither text ever holds personal data.
    """

    slug: ClassVar[str] = "refused"

    def __init__(self, detail: str, *, way_out: str, field: str | None = None, **more: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.way_out = way_out
        self.field = field
        self.more: Mapping[str, object] = more


class NotFound(Refused):
    """One uniform refusal for "does not exist" and "not yours to know"."""

    slug = "not-found"

    def __init__(self) -> None:
        super().__init__(
            "Nothing is known under this address.",
            way_out="Check the reference. If another agency works with this person, ask it for a disclosure grant.",
        )


class NotAllowed(Refused):
    """The caller may know of the record, but a right is missing; `missing` names the category."""

    slug = "not-allowed"


class Conflict(Refused):
    """The record is not in a state that allows this."""

    slug = "conflict"


class Stale(Refused):
    """Somebody changed the record since it was read."""

    slug = "stale"

    def __init__(self) -> None:
        super().__init__(
            "The record was changed since you read it.",
            way_out="Read it again, look at the change and repeat your own with the new ETag.",
        )


class Invalid(Refused):
    """The request is wrong in itself."""

    slug = "invalid"


class TooMany(Refused):
    """Too often within a short time."""

    slug = "too-many"

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, ceil(wait.total_seconds()))
        super().__init__("This was asked too often in a short time.", way_out=f"Try again in {self.seconds} s.")


class Unavailable(Refused):
    """Not possible for now."""

    slug = "unavailable"
