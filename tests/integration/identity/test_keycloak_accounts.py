"""What the services ask of a real Keycloak: participants' accounts, who works where, closing an account."""

import asyncio
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.refusal import Conflict, Unavailable
from contracts.vocabulary import ParticipantId, Role, StaffId
from infra.chassis.identity.base import StaffMember
from infra.chassis.identity.keycloak.accounts import (
    KeycloakParticipantAccounts,
    KeycloakStaffAccounts,
    KeycloakStaffDirectory,
)
from infra.chassis.identity.oidc import Unauthenticated
from infra.chassis.identity.principal import Kind
from infra.chassis.identity.remembered import RememberedDirectory
from tests.integration.identity.keycloak import Listening, Realm, is_token_request
from tests.support.identity import SetClock
from tests.support.left_out import needs

pytestmark = needs("java", "mvn")

CODE = "AB2C-DE3F-GH4J"
VERA = StaffId(UUID("6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0004"))


def accounts(realm: Realm, client: str = "intake-service") -> KeycloakParticipantAccounts:
    return KeycloakParticipantAccounts(realm.admin(client))


def staff(realm: Realm, client: str = "intake-service") -> KeycloakStaffAccounts:
    return KeycloakStaffAccounts(realm.admin(client))


def directory(realm: Realm, client: str = "notifications-service") -> KeycloakStaffDirectory:
    return KeycloakStaffDirectory(realm.admin(client))


def somebody() -> tuple[ParticipantId, str]:
    """(a new participant, a reference code)"""
    one = uuid4()
    letters = "".join("ABCDEFGHJKLMNPQR"[int(digit, 16)] for digit in one.hex[:8])
    return ParticipantId(one), f"P-{letters[:4]}-{letters[4:]}"


async def test_a_participant_logs_in_with_the_two_codes(realm: Realm) -> None:
    participant, reference = somebody()
    await accounts(realm).enrol(participant, reference, CODE)
    person = await realm.principal(await realm.log_in(reference, CODE))
    assert (person.kind, person.participant, person.agency) == (Kind.PARTICIPANT, participant, None)
    assert person.roles == {Role.PARTICIPANT}
    with pytest.raises(Unauthenticated):
        await realm.log_in(reference, "AB2C-DE3F-GH4K")


async def test_a_new_code_ends_the_old_one_and_its_sessions(realm: Realm) -> None:
    participant, reference = somebody()
    await accounts(realm).enrol(participant, reference, CODE)
    tokens = await realm.log_in(reference, CODE)
    await accounts(realm).enrol(participant, reference, "KL5M-NP6Q-RS7T")
    with pytest.raises(Unauthenticated):
        await realm.session(tokens).token()
    with pytest.raises(Unauthenticated):
        await realm.log_in(reference, CODE)
    again = await realm.principal(await realm.log_in(reference, "KL5M-NP6Q-RS7T"))
    assert again.subject == (await realm.principal(tokens)).subject


async def test_a_reference_belongs_to_one_participant(realm: Realm) -> None:
    participant, reference = somebody()
    await accounts(realm).enrol(participant, reference, CODE)
    with pytest.raises(Conflict):
        await accounts(realm).enrol(somebody()[0], reference, CODE)


async def test_a_removed_account_is_gone_with_its_sessions(realm: Realm) -> None:
    participant, reference = somebody()
    await accounts(realm).enrol(participant, reference, CODE)
    tokens = await realm.log_in(reference, CODE)
    for _ in range(2):
        await accounts(realm).remove(participant)
    with pytest.raises(Unauthenticated):
        await realm.session(tokens).token()
    with pytest.raises(Unauthenticated):
        await realm.log_in(reference, CODE)


async def test_the_directory_knows_who_works_where(realm: Realm) -> None:
    found = await directory(realm).of_agency("job-centre")
    assert [member.name for member in found] == ["Jonas Berger", "Paul Reiter", "Sigrid Falk"]
    vera = StaffMember(
        id=VERA,
        name="Vera Lindt",
        email="vera@adult-education.example",
        agency="adult-education",
        roles=frozenset({Role.COACH}),
        language="en",
    )
    assert await directory(realm).member(VERA) == vera
    assert await directory(realm).of_agency("nowhere") == []
    assert await directory(realm).member(StaffId(uuid4())) is None


async def test_a_closed_account_gets_no_token_and_is_nobodys_colleague(realm: Realm) -> None:
    agency, _ = await realm.new_agency()
    person = await realm.new_person(agency, Role.COACH)
    tokens = await realm.log_in(person.username)
    account = (await realm.principal(tokens)).staff
    for _ in range(2):
        await staff(realm).suspend(account)
        with pytest.raises(Unauthenticated):
            await realm.session(tokens).token()
        with pytest.raises(Unauthenticated):
            await realm.log_in(person.username)
    assert await directory(realm).of_agency(agency) == []
    assert await directory(realm).member(account) is None
    assert await staff(realm).agency_of(account) == agency
    await staff(realm).suspend(StaffId(uuid4()))  # nobody: nothing to close


async def test_a_closed_system_gets_no_token(realm: Realm) -> None:
    agency, secret = await realm.new_agency()
    system = await realm.principal(await realm.log_in_system(f"{agency}-system", secret))
    assert await staff(realm).agency_of(system.staff) == agency
    await staff(realm).suspend(system.staff)
    with pytest.raises(Unauthenticated):
        await realm.log_in_system(f"{agency}-system", secret)


async def test_ten_calls_at_once_fetch_one_token(realm: Realm) -> None:
    listening = Listening()
    async with httpx.AsyncClient(transport=listening, timeout=20) as http:
        admin = realm.admin("notifications-service", http)
        ours = KeycloakStaffDirectory(admin)
        await asyncio.gather(*(ours.of_agency("job-centre") for _ in range(10)))
        assert listening.times(is_token_request) == 1
        admin.connection.token = (admin.connection.token or {}) | {"expires_in": 0}
        await asyncio.gather(*(ours.of_agency("job-centre") for _ in range(10)))
        assert listening.times(is_token_request) == 2


async def test_a_token_that_keycloak_knows_no_more_is_renewed(realm: Realm) -> None:
    listening = Listening()
    async with httpx.AsyncClient(transport=listening, timeout=20) as http:
        admin = realm.admin("notifications-service", http)
        admin.connection.token = {"access_token": "of-another-keycloak", "expires_in": 300}
        assert await KeycloakStaffDirectory(admin).of_agency("region")
        assert listening.times(is_token_request) == 1


async def test_the_directory_asks_once_a_minute(realm: Realm) -> None:
    listening, clock = Listening(), SetClock()
    async with httpx.AsyncClient(transport=listening, timeout=20) as http:
        admin = realm.admin("notifications-service", http)
        ours = RememberedDirectory(KeycloakStaffDirectory(admin), clock)
        await asyncio.gather(*(ours.of_agency("job-centre") for _ in range(10)))
        assert listening.times(lambda path: path.endswith("/members")) == 1
        clock.move(seconds=59)
        await ours.of_agency("job-centre")
        assert listening.times(lambda path: path.endswith("/members")) == 1
        clock.move(seconds=1)
        await ours.of_agency("job-centre")
        assert listening.times(lambda path: path.endswith("/members")) == 2


async def test_each_service_has_only_its_own_right(realm: Realm) -> None:
    participant, reference = somebody()
    with pytest.raises(Unavailable, match="does not let notifications-service"):
        await accounts(realm, "notifications-service").enrol(participant, reference, CODE)
    with pytest.raises(Unavailable, match="does not let notifications-service"):
        await staff(realm, "notifications-service").suspend(VERA)
    assert await directory(realm).member(VERA)


async def test_a_keycloak_that_is_away_is_said_to_be_away(realm: Realm) -> None:
    def away(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    async with httpx.AsyncClient(transport=httpx.MockTransport(away)) as http:
        admin = realm.admin("intake-service", http)
        with pytest.raises(Unavailable, match="can't be reached") as refused:
            await KeycloakStaffDirectory(admin).of_agency("region")
        assert "tell the operator" in refused.value.way_out
        with pytest.raises(Unavailable):
            await KeycloakParticipantAccounts(admin).enrol(*somebody(), CODE)
        with pytest.raises(Unavailable):
            await KeycloakStaffAccounts(admin).agency_of(VERA)
