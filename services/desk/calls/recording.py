"""What pages ask intake to record: people, what is known of them, and who may see it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.desk.calls.api import Api, Out
from services.desk.calls.intake import Barrier, Grant, Participant

Body = Mapping[str, object]


class Match(Out):
    """Another record may be of the same person; nothing of it is told."""

    candidate: UUID
    other_agency: str | None
    state: str
    link: UUID | None


class HandedOver(Out):
    """What somebody logs in with. The code is shown once and kept nowhere."""

    reference: str
    code: str


class TraceNumber(Out):
    """Under which operators find what happened; it leads to nobody."""

    number: UUID


async def trace_number(api: Api, id_: UUID) -> TraceNumber:
    return await api.get(TraceNumber, f"/v1/participants/{id_}/trace-number")


async def register(api: Api, body: Body, once: str) -> Participant:
    return await api.post(Participant, "/v1/participants", body, once=once)


async def change(api: Api, id_: UUID, body: Body, *, version: int) -> Participant:
    """The parts that are sent. Raises `SaidNo` with 412 if somebody changed the record since `version`."""
    return await api.put(Participant, f"/v1/participants/{id_}", body, version=version, method="PATCH")


class Colleague(Out):
    """Somebody of the reader's own agency."""

    id: UUID
    name: str
    roles: tuple[str, ...]


async def colleagues(api: Api) -> tuple[Colleague, ...]:
    """By name."""
    return await api.get(tuple[Colleague, ...], "/v1/staff")


async def log_in_code(api: Api, id_: UUID, once: str) -> HandedOver:
    """Makes a new code; an earlier one ends."""
    return await api.post(HandedOver, f"/v1/participants/{id_}/login-code", once=once)


async def matches(api: Api, id_: UUID) -> tuple[Match, ...]:
    return await api.get(tuple[Match, ...], f"/v1/participants/{id_}/possible-matches")


async def answer_match(api: Api, candidate: UUID, verb: str, once: str) -> Match:
    """`verb` is confirm or decline."""
    return await api.post(Match, f"/v1/possible-matches/{candidate}/{verb}", once=once)


async def claim(api: Api, id_: UUID, once: str) -> Participant:
    """Take somebody from the team's queue. Raises `SaidNo`: 409 if a colleague was quicker."""
    return await api.post(Participant, f"/v1/participants/{id_}/claim", once=once)


async def give_grant(api: Api, id_: UUID, body: Body, once: str) -> Grant:
    return await api.post(Grant, f"/v1/participants/{id_}/grants", body, once=once)


async def end_grant(api: Api, grant: UUID, why: str, once: str) -> Grant:
    return await api.post(Grant, f"/v1/grants/{grant}/end", {"why": why}, once=once)


async def record_barrier(api: Api, id_: UUID, body: Body, once: str) -> Barrier:
    return await api.post(Barrier, f"/v1/participants/{id_}/barriers", body, once=once)


async def change_barrier(api: Api, barrier: UUID, body: Body, *, version: int) -> Barrier:
    """It weighs more or less, is over, or is back."""
    return await api.put(Barrier, f"/v1/barriers/{barrier}", body, version=version, method="PATCH")


async def whole_profile(api: Api, id_: UUID) -> dict[str, Any]:
    """As it is kept, so that what a form does not show is sent back as it was."""
    return await api.get(dict[str, Any], f"/v1/participants/{id_}/profile")


async def write_profile(api: Api, id_: UUID, body: Body, *, version: int) -> None:
    await api.put(dict[str, Any], f"/v1/participants/{id_}/profile", body, version=version)


async def write_sections(api: Api, id_: UUID, body: Body, *, version: int) -> None:
    """The sections that are sent; the others stay."""
    await api.put(dict[str, Any], f"/v1/participants/{id_}/profile", body, version=version, method="PATCH")


async def whole_residence(api: Api, id_: UUID) -> dict[str, Any]:
    """As it is kept."""
    return await api.get(dict[str, Any], f"/v1/participants/{id_}/residence")


async def write_residence(api: Api, id_: UUID, body: Body, *, version: int) -> None:
    await api.put(dict[str, Any], f"/v1/participants/{id_}/residence", body, version=version)


class Found(Out):
    """A concept of ESCO: its address, its label in the reader's language, and the label by which it was found."""

    uri: str
    label: str
    matched: str = ""


async def find_skills(api: Api, words: str, language: str) -> tuple[Found, ...]:
    """In whatever language the words are; best first."""
    return await api.get(tuple[Found, ...], "/v1/esco/search", q=words, language=language, limit=10)


async def labels_of(api: Api, uris: list[str], language: str) -> dict[str, str]:
    """Address -> label, of those that are known."""
    if not uris:
        return {}
    found = await api.get(tuple[Found, ...], "/v1/esco/concepts", uri=uris, language=language)
    return {one.uri: one.label for one in found}


async def begin_residence(api: Api, id_: UUID, body: Body, *, version: int, once: str) -> None:
    """Another status begins and ends the one before."""
    path = f"/v1/participants/{id_}/residence/statuses"
    await api.post(dict[str, Any], path, body, once=once, version=version)
