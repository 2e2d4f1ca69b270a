"""How the world speaks to profiles: read and write the whole, or section by section; take it out and in as a file."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response

from contracts.vocabulary import Category, ParticipantId
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, IfMatch, InTx, etag
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import example
from services.intake.profile import exchange, store, use_cases
from services.intake.profile.shapes import ProfileIn, ProfileOut, SectionsIn

router = APIRouter(prefix="/v1/participants", route_class=Edge, tags=["profile"], responses=responses())

JSON: Final = "application/json"
XML: Final = "application/xml"
FILE: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": {"type": "object", **example(kind="lotse-profile", edition=1, profile={"mobility_km": 15})}
            },
            XML: {
                "schema": {
                    "type": "string",
                    "examples": ['<SkillsPassport edition="1"><LearnerInfo/></SkillsPassport>'],
                }
            },
        },
    }
}


@router.get("/{participant}/profile", summary="A profile")
async def read(
    participant: ParticipantId, response: Response, who: Caller = may("profile:read"), tx: Tx = InTx
) -> ProfileOut:
    """Skills, languages, education, experience, licences and wishes; empty, of version 0, before the interview."""
    await who.allow(tx, Record.of_participant(participant, "profile"), Category.PROFILE)
    profile, version = await store.load(tx, participant)
    etag(response, version)
    return ProfileOut.of(participant, profile, version)


@router.put("/{participant}/profile", summary="Write a profile", responses=responses(412, 428))
async def write(
    participant: ParticipantId,
    body: ProfileIn,
    response: Response,
    who: Caller = may("profile:write"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> ProfileOut:
    """Replaces the whole profile; needs the ETag that was read ("0" for the first)."""
    await who.allow(tx, Record.of_participant(participant, "profile"))
    profile = body.as_profile()
    written = await use_cases.write(tx, participant, profile, version)
    etag(response, written)
    return ProfileOut.of(participant, profile, written)


@router.patch("/{participant}/profile", summary="Write sections of a profile", responses=responses(412, 428))
async def write_sections(
    participant: ParticipantId,
    body: SectionsIn,
    response: Response,
    who: Caller = may("profile:write"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> ProfileOut:
    """Replaces the sections that are sent and leaves the others; needs the ETag that was read."""
    await who.allow(tx, Record.of_participant(participant, "profile"))
    profile, written = await use_cases.write_sections(tx, participant, body.on, version)
    etag(response, written)
    return ProfileOut.of(participant, profile, written)


@router.get(
    "/{participant}/profile/file",
    summary="A profile as a file",
    response_class=Response,
    responses={200: {"content": {JSON: {"schema": {"type": "object"}}, XML: {"schema": {"type": "string"}}}}},
)
async def take_out(
    participant: ParticipantId,
    who: Caller = may("profile:read"),
    tx: Tx = InTx,
    kind: Annotated[Literal["json", "xml"], Query(description="XML in the manner of Europass.")] = "json",
) -> Response:
    """Everything that the profile holds, to be taken elsewhere, or in again: nothing is lost on the way."""
    await who.allow(tx, Record.of_participant(participant, "profile"), Category.PROFILE)
    profile, version = await store.load(tx, participant)
    held = ProfileIn.of_profile(profile)
    content = exchange.as_json(held) if kind == "json" else exchange.as_xml(held)
    headers = {"Content-Disposition": f'attachment; filename="profile.{kind}"'}
    response = Response(content, media_type=JSON if kind == "json" else XML, headers=headers)
    etag(response, version)
    return response


@router.put(
    "/{participant}/profile/file",
    summary="Take a profile in from a file",
    responses=responses(412, 428),
    openapi_extra=FILE,
)
async def take_in(
    participant: ParticipantId,
    request: Request,
    response: Response,
    who: Caller = may("profile:write"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> ProfileOut:
    """Replaces the whole profile by that of a file that was taken out, JSON or XML; refused with line and field."""
    await who.allow(tx, Record.of_participant(participant, "profile"))
    profile = exchange.read(await request.body()).as_profile()
    written = await use_cases.write(tx, participant, profile, version)
    etag(response, written)
    return ProfileOut.of(participant, profile, written)
