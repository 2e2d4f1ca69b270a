"""What is sent: a CloudEvent in structured JSON, with what its offer lists and, where that is due, the person's id."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from contracts.envelope import CONTENT_TYPE
from services.notifications.webhook import signing
from services.notifications.webhook.domain import Happening, Secrets, Subscription

PING: Final = "lotse.notifications.webhook-ping"
PING_SCHEMA: Final = "urn:lotse:webhook:notifications:webhook-ping:1"


def body_of(happening: Happening, *, named: bool) -> bytes:
    """The event as a receiver gets it. Without the person it is about the record that it names."""
    data = dict(happening.data)
    subject = happening.subject
    if named:
        data["participant"] = subject = str(happening.participant)
    return _event(
        id=happening.event,
        source=happening.source,
        type=happening.type,
        subject=subject,
        time=happening.time,
        dataschema=happening.dataschema,
        data=data,
    )


def ping(subscription: Subscription, id_: UUID, source: str, at: datetime) -> bytes:
    """An event that tells of nothing."""
    return _event(
        id=id_,
        source=source,
        type=PING,
        subject=str(subscription.id),
        time=at,
        dataschema=PING_SCHEMA,
        data={"subscription": str(subscription.id)},
    )


def headers(id_: UUID, body: bytes, keys: Secrets, now: datetime) -> Mapping[str, str]:
    """All headers of a POST, signed. `now` is system time."""
    signed = signing.headers(str(id_), int(now.timestamp()), body, keys.valid(now))
    return {"content-type": CONTENT_TYPE, **signed}


def _event(*, id: UUID, time: datetime, **more: Any) -> bytes:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": str(id),
            "time": time.isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            **more,
        },
        separators=(",", ":"),
    ).encode()
