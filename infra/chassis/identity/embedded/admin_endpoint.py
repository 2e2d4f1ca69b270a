"""`/admin`: what our own services ask of the issuer beyond tokens, under client-credentials tokens for the issuer.

`intake` keeps participants' accounts here and suspends staff, `notifications` reads the staff directory.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from contracts.vocabulary import ParticipantId, StaffId
from infra.chassis.identity.embedded.codes import code_matches, hash_code
from infra.chassis.identity.embedded.issuer import Issuer, reference_of
from infra.chassis.identity.embedded.people import (
    MAY_MANAGE_PARTICIPANTS,
    MAY_READ_STAFF,
    MAY_SUSPEND_STAFF,
    Person,
)
from infra.chassis.identity.embedded.store import ReferenceTaken
from infra.chassis.identity.embedded.token_endpoint import bearer


class Enrolment(BaseModel):
    """The two codes a participant gets."""

    model_config = ConfigDict(extra="forbid")

    reference: str = Field(min_length=3, max_length=40)
    code: str = Field(min_length=6, max_length=100, repr=False)


def admin_routes(issuer: Issuer) -> APIRouter:
    """Routes for services; each says which right it needs."""
    routes = APIRouter(prefix="/admin")
    manages = [Depends(_needs(issuer, MAY_MANAGE_PARTICIPANTS))]
    reads = [Depends(_needs(issuer, MAY_READ_STAFF))]
    suspends = [Depends(_needs(issuer, MAY_SUSPEND_STAFF))]

    @routes.put("/participants/{participant}", status_code=204, dependencies=manages)
    async def enrol(participant: UUID, enrolment: Enrolment) -> Response:
        """Make the account or give it a new code."""
        reference, code = reference_of(enrolment.reference), enrolment.code.strip()
        kept = await issuer.store.account(participant=ParticipantId(participant))
        # A repeated call must not end the sessions that the same code has opened meanwhile.
        if kept is None or kept.reference != reference or not await code_matches(code, kept.code_hash):
            try:
                await issuer.store.put_account(ParticipantId(participant), reference, await hash_code(code))
            except ReferenceTaken:
                raise HTTPException(409, "The reference code belongs to another participant.") from None
        return Response(status_code=204)

    @routes.delete("/participants/{participant}", status_code=204, dependencies=manages)
    async def remove(participant: UUID) -> Response:
        """Remove the account, if there is one."""
        await issuer.store.remove_account(ParticipantId(participant))
        return Response(status_code=204)

    @routes.get("/staff", dependencies=reads)
    async def of_agency(agency: str) -> list[dict[str, Any]]:
        """The agency's staff, by name, without those who are suspended."""
        staff = sorted(issuer.people.of_agency(agency), key=lambda p: p.name)
        return [_entry(person) for person in staff if not await issuer.store.suspended(person.id)]

    @routes.get("/staff/{staff}", dependencies=reads)
    async def member(staff: UUID) -> dict[str, Any]:
        """One member of staff."""
        person = issuer.people.by_id(StaffId(staff))
        if person is None:
            raise HTTPException(404, "There is no member of staff of this id.")
        return _entry(person) | {"suspended": await issuer.store.suspended(person.id)}

    @routes.put("/staff/{account}/suspension", status_code=204, dependencies=suspends)
    async def suspend(account: UUID) -> Response:
        """No more tokens for this member of staff, or this system."""
        await issuer.store.suspend(StaffId(account), issuer.clock())
        return Response(status_code=204)

    return routes


def _needs(issuer: Issuer, right: str) -> Callable[[Request], Awaitable[None]]:
    async def check(request: Request) -> None:
        claims = (await issuer.mint()).read(bearer(request), issuer.clock(), typ="Bearer", audience=issuer.url)
        if claims is None:
            raise HTTPException(401, "A token for this issuer is needed.", {"WWW-Authenticate": "Bearer"})
        client = issuer.people.client(claims["azp"])
        if client is None or right not in client.rights:
            raise HTTPException(403, f"This client lacks the right `{right}`.")

    return check


def _entry(person: Person) -> dict[str, Any]:
    return {
        "id": str(person.id),
        "name": person.name,
        "email": person.email,
        "agency": person.agency,
        "roles": sorted(person.roles),
        "language": person.language,
    }
