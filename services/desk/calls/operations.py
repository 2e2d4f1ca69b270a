"""What pages ask of every service about its machinery. Nothing here is about people."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from services.desk.calls.api import Api, Out


class Lag(Out):
    """Messages per topic that wait, and facts that the bus has not acknowledged yet."""

    behind: Mapping[str, int]
    unpublished: int
    stale: int = 0

    @property
    def waiting(self) -> int:
        return sum(self.behind.values())


class Lane(Out):
    """Events of one key that do not flow. `head` is the first of them."""

    consumer: str
    topic: str
    key: UUID
    state: str
    tries: int
    error: str
    since: datetime
    queued: int
    head: UUID | None = None

    @property
    def path(self) -> str:
        return f"{self.consumer}/{self.topic}/{self.key}"


class Verdict(Out):
    """The audit trail as it was found; no `fault`: every sealed row is as it was written."""

    sealed: int
    unsealed: int
    fault: str | None


class Drained(Out):
    outcome: str


async def lag(api: Api) -> Lag:
    return await api.get(Lag, "/v1/operations/lag")


async def lanes(api: Api) -> tuple[Lane, ...]:
    return await api.get(tuple[Lane, ...], "/v1/operations/lanes")


async def audit(api: Api) -> Verdict:
    return await api.get(Verdict, "/v1/operations/audit")


async def drain(api: Api, lane: str, once: str) -> Drained:
    """`lane` is a lane's path."""
    return await api.post(Drained, f"/v1/operations/lanes/{lane}/drain", once=once)


async def skip(api: Api, lane: str, event: UUID, reason: str, once: str) -> None:
    """Set the first event aside, for a reason that the audit trail keeps."""
    body = {"event": str(event), "reason": reason}
    await api.post(type(None), f"/v1/operations/lanes/{lane}/skip", body, once=once)
