"""A subscription of an agency's system, and deliveries to it: what may be said where, and when it is tried again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from contracts.refusal import Conflict, Invalid
from contracts.vocabulary import AgencyId, ParticipantId
from contracts.webhooks import BY_TYPE
from services.notifications.delivery.domain import GIVEN_UP_AFTER, pause

MOST_PER_AGENCY: Final = 20
SECRETS_OVERLAP: Final = timedelta(hours=24)
"""System time for which the secret before a rotation still signs, too."""
TIRED_AFTER: Final = 3
"""Different deliveries that failed in a row: from then on the receiver is asked with one at a time."""
LONGEST_REST: Final = timedelta(seconds=60)
"""Between two such questions. One request a minute costs nobody anything, and a receiver that is back is found soon."""


class SubscriptionState(StrEnum):
    """Whether anything leaves. What happens meanwhile waits; nothing is lost."""

    ACTIVE = "active"
    PAUSED = "paused"
    """By the agency."""
    STOPPED = "stopped"
    """By us: `why` says it. The agency resumes it."""


class Why(StrEnum):
    """Why we stopped a subscription."""

    GONE = "gone"
    """The receiver answered 410."""
    FAILING = "failing"
    """Nothing was taken for three days."""
    ACCESS_ENDED = "access-ended"
    """The access of whoever answered for it has ended."""


class Progress(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    WITHHELD = "withheld"
    """When its time came the agency might no longer know of it."""
    PARKED = "parked"
    """Tried for three days. Kept until it is replayed."""


class Trouble(StrEnum):
    """How a try failed. Nothing of what the receiver wrote is kept."""

    ANSWER = "answer"
    """Another status than 2xx."""
    REDIRECT = "redirect"
    """Not followed: where it leads was not registered."""
    TIME_OUT = "time-out"
    CONNECTION = "connection"
    ADDRESS = "address"
    """The name leads to an address that is not public."""
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What signs. `before` still does until `before_until` (system time), so that a receiver can change over."""

    current: bytes
    before: bytes | None = None
    before_until: datetime | None = None

    def valid(self, now: datetime) -> tuple[bytes, ...]:
        """The newest first."""
        if self.before is None or self.before_until is None or self.before_until <= now:
            return (self.current,)
        return (self.current, self.before)


@dataclass(frozen=True, slots=True)
class Health:
    """How the receiver was lately. System time."""

    failures: int = 0
    """Different deliveries that failed since the last one that was taken."""
    rests_until: datetime | None = None
    last_delivered_at: datetime | None = None
    last_failed_at: datetime | None = None
    last_problem: Trouble | None = None
    last_status: int | None = None

    @property
    def tired(self) -> bool:
        return self.failures >= TIRED_AFTER


@dataclass(frozen=True, slots=True)
class Subscription:
    """What an agency's system wants to be told, and where."""

    id: UUID
    agency: AgencyId
    url: str
    types: frozenset[str]
    state: SubscriptionState
    why: Why | None
    responsible: UUID
    """Who registered, changed or resumed it last. When their access ends, nothing leaves until somebody else does."""
    vouched_at: datetime
    """When they did (system time)."""
    tried_since: datetime
    """What failed before is forgiven: three days count from here at the earliest (system time)."""
    created_at: datetime
    version: int
    health: Health = Health()


@dataclass(frozen=True, slots=True)
class Happening:
    """An event, as far as anything of it may leave."""

    event: UUID
    key: UUID
    """Happenings of one key reach a subscription in order."""
    type: str
    source: str
    dataschema: str
    time: datetime
    participant: ParticipantId | None
    subject: str
    """What it is about where the person is not named."""
    data: Mapping[str, Any]
    parts: frozenset[AgencyId]
    """The agencies whose own record it is about."""
    leading: AgencyId | None
    blind: bool
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One happening on its way to one subscription. Its id is the `webhook-id`: the same at every try and replay."""

    id: UUID
    subscription: UUID
    happening: Happening
    tries: int
    queued_at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A delivery as the agency sees it. Holds no participant: who looks after software need not know of whom."""

    id: UUID
    position: int
    event: UUID
    type: str
    state: Progress
    tries: int
    next_try_at: datetime | None
    status: int | None
    problem: Trouble | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What has not left yet."""

    waiting: int = 0
    parked: int = 0
    oldest: datetime | None = None
    """Since when the first of those that wait does (system time)."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How one try ended."""

    delivery: Delivery
    status: int | None
    problem: Trouble | None

    @property
    def taken(self) -> bool:
        return self.problem is None

    @property
    def gone(self) -> bool:
        return self.status == 410


@dataclass(frozen=True, slots=True)
class SubscriptionStopped:
    """Nothing leaves any more until the agency resumes it: its supervisors have to know."""

    subscription: UUID
    agency: AgencyId
    why: Why


def checked_types(types: Sequence[str]) -> frozenset[str]:
    """Raises `Invalid` for what nobody can subscribe to."""
    unknown = sorted(set(types) - BY_TYPE.keys())
    if not types or unknown:
        raise Invalid(
            f"Nobody can subscribe to {unknown[0]!r}." if unknown else "A subscription names the events it is for.",
            way_out="Name types of `GET /v1/webhooks/events`.",
            field="types",
        )
    return frozenset(types)


def resumed(before: Subscription, by: UUID, now: datetime) -> Subscription:
    """Sends again, from where it stood; whoever resumes it answers for it. Raises `Conflict` if it never stopped."""
    if before.state is SubscriptionState.ACTIVE:
        raise Conflict("The subscription is active.", way_out="Nothing needs to be done; see its deliveries.")
    return replace(vouched(before, by, now), state=SubscriptionState.ACTIVE, why=None, tried_since=now, health=Health())


def paused(before: Subscription) -> Subscription:
    """Raises `Conflict` unless it is active."""
    if before.state is not SubscriptionState.ACTIVE:
        raise Conflict(f"The subscription is {before.state}.", way_out="Resume it when its receiver is ready.")
    return replace(before, state=SubscriptionState.PAUSED, version=before.version + 1)


def vouched(before: Subscription, by: UUID, now: datetime) -> Subscription:
    """The same after a change by somebody, who answers for it from now on."""
    return replace(before, responsible=by, vouched_at=now, version=before.version + 1)


def stopped(before: Subscription, why: Why) -> Subscription:
    return replace(before, state=SubscriptionState.STOPPED, why=why, version=before.version + 1)


def after_try(health: Health, tried: Tried, *, now: datetime, jitter: float) -> Health:
    """How the receiver is after one more try.

    A delivery that fails again says nothing new of the receiver, as long as others are taken; nor do those that were
    under way when it began to rest.
    """
    if tried.taken:
        return replace(health, failures=0, rests_until=None, last_delivered_at=now)
    resting = health.rests_until is not None and now < health.rests_until
    counts = not resting and (health.tired or tried.delivery.tries == 0)
    failures, rests_until = health.failures + counts, health.rests_until
    if counts and failures >= TIRED_AFTER:
        rests_until = now + min(LONGEST_REST, pause(failures - TIRED_AFTER + 1, 1)) * jitter
    return replace(
        health,
        failures=failures,
        rests_until=rests_until,
        last_failed_at=now,
        last_problem=tried.problem,
        last_status=tried.status,
    )


def given_up(delivery: Delivery, subscription: Subscription, *, now: datetime) -> bool:
    """Has it been tried for long enough (system time)?"""
    return now - max(delivery.queued_at, subscription.tried_since) >= GIVEN_UP_AFTER


def room(health: Health, in_flight: int, at_once: int, *, now: datetime) -> int:
    """How many more may be on their way to the receiver; one at a time while it does not take them."""
    if health.rests_until is not None and now < health.rests_until:
        return 0
    return max(0, (1 if health.tired else at_once) - in_flight)
