"""What of a subscription and its deliveries goes out. Never a secret, but for the one answer that brings it."""

from datetime import datetime
from typing import Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.webhooks import OFFERS, Offer
from infra.chassis.sent import example
from services.notifications.webhook import signing
from services.notifications.webhook.domain import (
    Backlog,
    Listed,
    Progress,
    Subscription,
    SubscriptionState,
    Trouble,
    Why,
)

_SHOWN: Final = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD1CGrPEFxdEw="
"""Of the examples, and of nothing else."""
_SUBSCRIPTION: Final = {
    "id": "3d2f7a64-0a0e-4b0e-9a53-5b0c0f6b7d11",
    "url": "https://case-system.example/lotse",
    "types": ["lotse.referrals.referral-accepted", "lotse.referrals.referral-completed"],
    "state": "active",
    "why": None,
    "waiting": 0,
    "oldest_waiting_since": None,
    "oldest_waiting_seconds": 0.0,
    "parked": 0,
    "resting_until": None,
    "last_delivered_at": "2026-11-23T09:00:00Z",
    "last_failed_at": None,
    "last_problem": None,
    "last_status": None,
    "created_at": "2026-11-01T09:00:00Z",
    "version": 1,
}


class EventOut(BaseModel):
    """An event that can be subscribed to."""

    model_config = ConfigDict(
        json_schema_extra=example(
            type="lotse.referrals.referral-accepted",
            version=1,
            about="The receiver takes it on.",
            fields=["at", "referral", "sender", "receiver"],
            to=["agencies named as sender, receiver"],
        )
    )

    type: str
    version: int
    about: str
    fields: list[str]
    """Of `data`. `participant` is beside them where your agency has a live right to the person."""
    to: list[str]
    """Which agencies get it."""

    @classmethod
    def all(cls) -> list[Self]:
        return [
            cls(
                type=fact.TYPE,
                version=fact.VERSION,
                about=(fact.__doc__ or "").partition("\n")[0],
                fields=["at", *offer.fields],
                to=_to(offer),
            )
            for fact, offer in OFFERS.items()
        ]


def _to(offer: Offer) -> list[str]:
    found = ["every agency"] if offer.everybody else []
    found += ["the participant's own agency"] if offer.home else []
    found += [f"agencies with a grant of {category}" for category in offer.granted]
    found += [f"the agency that leads the cohort, with a grant of {offer.leading}"] if offer.leading else []
    return found + ([f"agencies named as {', '.join(offer.parts)}"] if offer.parts else [])


class SubscriptionOut(BaseModel):
    """A subscription, and how its receiver does. All times are system time."""

    model_config = ConfigDict(json_schema_extra=example(**_SUBSCRIPTION))

    id: UUID
    url: str
    types: list[str]
    state: SubscriptionState
    why: Why | None
    """Why we stopped it."""
    waiting: int
    oldest_waiting_since: datetime | None
    oldest_waiting_seconds: float
    parked: int
    """Deliveries that were tried for three days and are kept for a replay."""
    resting_until: datetime | None
    """The receiver failed several times in a row; then it is asked again, with one event."""
    last_delivered_at: datetime | None
    last_failed_at: datetime | None
    last_problem: Trouble | None
    last_status: int | None
    created_at: datetime
    version: int

    @classmethod
    def of(cls, one: Subscription, backlog: Backlog, now: datetime) -> Self:
        health = one.health
        return cls(
            id=one.id,
            url=one.url,
            types=sorted(one.types),
            state=one.state,
            why=one.why,
            waiting=backlog.waiting,
            oldest_waiting_since=backlog.oldest,
            oldest_waiting_seconds=0.0 if backlog.oldest is None else (now - backlog.oldest).total_seconds(),
            parked=backlog.parked,
            resting_until=health.rests_until,
            last_delivered_at=health.last_delivered_at,
            last_failed_at=health.last_failed_at,
            last_problem=health.last_problem,
            last_status=health.last_status,
            created_at=one.created_at,
            version=one.version,
        )


class RegisteredOut(SubscriptionOut):
    """A new subscription with its secret, which is shown this once."""

    model_config = ConfigDict(json_schema_extra=example(**_SUBSCRIPTION, secret=_SHOWN))

    secret: str

    @classmethod
    def with_secret(cls, one: Subscription, secret: bytes, now: datetime) -> Self:
        return cls(**SubscriptionOut.of(one, Backlog(), now).model_dump(), secret=signing.shown(secret))


class SecretOut(BaseModel):
    """A new secret, shown this once. Until `before_until` the one before signs, too."""

    model_config = ConfigDict(json_schema_extra=example(secret=_SHOWN, before_until="2026-11-24T09:00:00Z"))

    secret: str
    before_until: datetime


class DeliveryOut(BaseModel):
    """One event on its way. `id` is the `webhook-id`, the same at every try and replay."""

    model_config = ConfigDict(
        json_schema_extra=example(
            id="0d6f1f0e-91b5-5a3c-8d7f-6a1f5c1c2b11",
            event="0199c7a2-5c00-7000-8000-000000000001",
            type="lotse.referrals.referral-accepted",
            state="delivered",
            tries=1,
            next_try_at=None,
            status=None,
            problem=None,
            created_at="2026-11-23T09:00:00Z",
            ended_at="2026-11-23T09:00:00Z",
        )
    )

    id: UUID
    event: UUID
    type: str
    state: Progress
    tries: int
    next_try_at: datetime | None
    status: int | None
    """Of the last answer that was no success."""
    problem: Trouble | None
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, one: Listed) -> Self:
        return cls.model_validate(one, from_attributes=True)


class PingOut(BaseModel):
    """What the receiver said to a test event, as far as anything was said."""

    model_config = ConfigDict(
        json_schema_extra=example(delivered=True, status=204, problem=None, said="", milliseconds=41)
    )

    delivered: bool
    status: int | None
    problem: Trouble | None
    said: str
    """The beginning of the answer's body."""
    milliseconds: int


class ReplayOut(BaseModel):
    """How many deliveries leave once more."""

    model_config = ConfigDict(json_schema_extra=example(queued=12))

    queued: int
