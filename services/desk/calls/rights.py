"""What pages ask intake about requests by which people make use of their rights."""

from datetime import datetime
from uuid import UUID

from services.desk.calls.api import Api, Listed, Out

Body = dict[str, object]


class Request(Out):
    """A request; the words are there for the person, and for whoever answers."""

    id: UUID
    participant: UUID | None
    agency: str
    kind: str
    state: str
    how: str
    filed_at: datetime
    recorded_by: UUID | None
    due_at: datetime
    grant: UUID | None
    checked: str | None
    checked_at: datetime | None
    reason: str | None
    norm: str | None
    decided_at: datetime | None
    keep_until: datetime | None
    done_at: datetime | None
    proof: dict[str, int]
    words: str | None = None
    extended: str | None = None
    answer: str | None = None
    version: int


async def to_answer(api: Api, *, only_open: bool, after: str | None) -> Listed[Request]:
    return await api.page(Request, "/v1/rights-requests", open=only_open, after=after)


async def of(api: Api, participant: UUID) -> tuple[Request, ...]:
    return await api.get(tuple[Request, ...], f"/v1/participants/{participant}/rights-requests")


async def one(api: Api, request: UUID) -> Request:
    return await api.get(Request, f"/v1/rights-requests/{request}")


async def file(api: Api, participant: UUID, body: Body, once: str) -> Request:
    return await api.post(Request, f"/v1/participants/{participant}/rights-requests", body, once=once)


async def act(api: Api, request: UUID, what: str, body: Body | None, *, version: int, once: str) -> Request:
    """`what` is a step: identity-check, extension, decision, carried-out, lift, take-back."""
    return await api.post(Request, f"/v1/rights-requests/{request}/{what}", body, version=version, once=once)
