"""Intake enrols participants and notifications reads the staff directory, each with its own right."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.refusal import Conflict, Unavailable
from contracts.vocabulary import ParticipantId, Role, StaffId
from infra.chassis.identity.base import ParticipantAccounts, StaffDirectory
from infra.chassis.identity.embedded.accounts import (
    EmbeddedParticipantAccounts,
    EmbeddedStaffAccounts,
    EmbeddedStaffDirectory,
    IssuerAdmin,
)
from infra.chassis.identity.login import Session
from infra.chassis.identity.oidc import Unauthenticated
from infra.chassis.identity.remembered import RememberedDirectory
from tests.integration.identity.conftest import AMAL, CODE, REFERENCE, Region
from tests.support.identity import ISSUER


def accounts(region: Region, client_id: str = "intake-service") -> ParticipantAccounts:
    return EmbeddedParticipantAccounts(region.admin(client_id))


def directory(region: Region, client_id: str = "notifications-service") -> StaffDirectory:
    return EmbeddedStaffDirectory(region.admin(client_id))


async def test_enrolling_again_with_the_same_code_changes_nothing(region: Region) -> None:
    await accounts(region).enrol(AMAL, REFERENCE, CODE)
    session = Session(await region.log_in(REFERENCE, CODE), ISSUER, http=region.http, clock=region.clock)
    await accounts(region).enrol(AMAL, REFERENCE, CODE)
    region.clock.move(minutes=5)
    assert await session.token()


async def test_a_new_code_replaces_the_old_one_and_ends_its_sessions(region: Region) -> None:
    await accounts(region).enrol(AMAL, REFERENCE, CODE)
    tokens = await region.log_in(REFERENCE, CODE)
    subject = (await region.principal(tokens)).subject
    session = Session(tokens, ISSUER, http=region.http, clock=region.clock)
    await accounts(region).enrol(AMAL, REFERENCE, "another-code-7")
    with pytest.raises(Unauthenticated):
        await region.log_in(REFERENCE, CODE)
    assert (await region.principal(await region.log_in(REFERENCE, "another-code-7"))).subject == subject
    region.clock.move(minutes=5)
    with pytest.raises(Unauthenticated):
        await session.token()


async def test_a_new_code_lifts_the_pause(region: Region) -> None:
    await accounts(region).enrol(AMAL, REFERENCE, CODE)
    for _ in range(6):
        with pytest.raises(Unauthenticated):
            await region.log_in(REFERENCE, "a-wrong-one")
    await accounts(region).enrol(AMAL, REFERENCE, "another-code-7")
    await region.log_in(REFERENCE, "another-code-7")


async def test_a_removed_account_is_gone_with_its_sessions(region: Region) -> None:
    await accounts(region).enrol(AMAL, REFERENCE, CODE)
    session = Session(await region.log_in(REFERENCE, CODE), ISSUER, http=region.http, clock=region.clock)
    await accounts(region).remove(AMAL)
    await accounts(region).remove(AMAL)
    with pytest.raises(Unauthenticated):
        await region.log_in(REFERENCE, CODE)
    region.clock.move(minutes=5)
    with pytest.raises(Unauthenticated):
        await session.token()


async def test_a_reference_belongs_to_one_participant(region: Region) -> None:
    await accounts(region).enrol(AMAL, REFERENCE, CODE)
    with pytest.raises(Conflict) as refused:
        await accounts(region).enrol(ParticipantId(uuid4()), REFERENCE.lower(), "another-code-7")
    assert REFERENCE not in refused.value.detail
    await region.log_in(REFERENCE, CODE)


async def test_the_directory_knows_who_works_where(region: Region) -> None:
    staff = await directory(region).of_agency("job-centre")
    assert [member.name for member in staff] == ["Jonas Berger", "Paul Reiter", "Sigrid Falk"]
    jonas = await directory(region).member(staff[0].id)
    assert jonas == staff[0]
    assert (jonas.email, jonas.agency) == ("jonas@job-centre.example", "job-centre")
    assert jonas.roles == {Role.CASEWORKER}
    assert jonas.language == "en"
    assert await directory(region).of_agency("nowhere") == []
    assert await directory(region).member(StaffId(uuid4())) is None


async def test_the_directory_asks_once_a_minute_and_for_one_token(region: Region) -> None:
    asked: list[str] = []
    inside = httpx.ASGITransport(app=region.app)

    class Counting(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            asked.append(request.url.path)
            return await inside.handle_async_request(request)

    async with httpx.AsyncClient(transport=Counting()) as http:
        secret = region.secret_of("notifications-service")
        admin = IssuerAdmin(ISSUER, "notifications-service", secret, http, region.clock)
        ours = RememberedDirectory(EmbeddedStaffDirectory(admin), region.clock)
        await asyncio.gather(*(ours.of_agency(agency) for agency in ("job-centre", "region", "harbour-hotel")))
        assert asked.count("/token") == 1
        await ours.of_agency("job-centre")
        assert asked.count("/admin/staff") == 3
        region.clock.move(seconds=60)
        await ours.of_agency("job-centre")
        assert asked.count("/admin/staff") == 4
        region.clock.move(minutes=4)
        await ours.of_agency("job-centre")
        assert asked.count("/token") == 2


async def test_a_suspended_member_of_staff_gets_no_token_and_is_nobodys_colleague(region: Region) -> None:
    jonas = await region.log_in("jonas")
    staff = StaffId((await region.principal(jonas)).subject)
    session = Session(replace(jonas, expires_at=region.clock()), ISSUER, http=region.http, clock=region.clock)
    ours = EmbeddedStaffAccounts(region.admin("intake-service"))
    for _ in range(2):
        await ours.suspend(staff)
        with pytest.raises(Unauthenticated):
            await session.token()
        with pytest.raises(Unauthenticated):
            await region.log_in("jonas")
    assert await directory(region).member(staff) is None
    assert "Jonas Berger" not in [member.name for member in await directory(region).of_agency("job-centre")]
    assert await ours.agency_of(staff) == "job-centre"
    assert await ours.agency_of(StaffId(uuid4())) is None
    with pytest.raises(Unavailable):
        await EmbeddedStaffAccounts(region.admin("notifications-service")).suspend(staff)


async def test_a_suspended_system_gets_no_token(region: Region) -> None:
    system = await region.principal(await region.log_in_system("job-centre-system"))
    await EmbeddedStaffAccounts(region.admin("intake-service")).suspend(StaffId(system.subject))
    with pytest.raises(Unauthenticated):
        await region.log_in_system("job-centre-system")


async def test_each_service_has_only_its_own_right(region: Region) -> None:
    with pytest.raises(Unavailable):
        await accounts(region, "notifications-service").enrol(AMAL, REFERENCE, CODE)
    with pytest.raises(Unauthenticated):
        await region.log_in(REFERENCE, CODE)
    assert await directory(region, "intake-service").of_agency("region")


async def test_only_a_token_for_the_issuer_opens_its_administration(region: Region) -> None:
    jonas = await region.log_in("jonas")
    for_lotse = await region.log_in_system("intake-service")
    for_issuer = await region.log_in_system("intake-service", resource=ISSUER)
    url = f"{ISSUER}/admin/staff?agency=region"
    for tokens, status in ((jonas, 401), (for_lotse, 401), (for_issuer, 200)):
        answer = await region.http.get(url, headers={"Authorization": f"Bearer {tokens.access_token}"})
        assert answer.status_code == status
    assert (await region.http.get(url)).status_code == 401
    with pytest.raises(Unauthenticated):
        await region.principal(for_issuer)


async def test_a_refused_enrolment_repeats_no_code(region: Region) -> None:
    tokens = await region.log_in_system("intake-service", resource=ISSUER)
    answer = await region.http.put(
        f"{ISSUER}/admin/participants/{UUID(int=1)}",
        json={"reference": REFERENCE, "code": "s3c"},
        headers={"Authorization": f"Bearer {tokens.access_token}"},
    )
    assert answer.status_code == 422
    assert "s3c" not in answer.text


async def test_an_issuer_that_is_down_is_said_to_be_down(region: Region) -> None:
    def down(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    async with httpx.AsyncClient(transport=httpx.MockTransport(down)) as http:
        admin = IssuerAdmin(ISSUER, "intake-service", "any-secret", http, region.clock)
        with pytest.raises(Unavailable):
            await EmbeddedParticipantAccounts(admin).enrol(AMAL, REFERENCE, CODE)
        with pytest.raises(Unavailable):
            await EmbeddedStaffDirectory(admin).of_agency("region")
