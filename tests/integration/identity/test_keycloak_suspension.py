"""Services behind a real Keycloak: who has access, and how fast it ends everywhere."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from uuid import uuid4

import pytest

from contracts.vocabulary import Role
from infra.chassis.identity.keycloak.accounts import KeycloakStaffAccounts
from infra.chassis.identity.keycloak.connection import open_admin
from infra.chassis.identity.login import Session
from infra.chassis.identity.oidc import Unauthenticated
from infra.onebox.box import box
from infra.story.cast import Person, Region
from tests.integration.identity.keycloak import PASSWORD, Realm
from tests.support.command_line import CommandLine
from tests.support.left_out import needs

pytestmark = needs("java", "mvn")


@pytest.fixture(scope="module")
async def behind_keycloak(realm: Realm) -> AsyncIterator[Region]:
    """Intake and referrals, which trust the realm."""
    folder = Path(tempfile.mkdtemp(prefix="lotse-region-")) / "box"
    services = ("intake", "referrals")
    async with box(folder, environment="test", keep=False, services=services, realm=realm.issuer) as made:
        yield Region(made, realm.http)


async def logged_in(realm: Realm, region: Region, username: str) -> Person:
    session = Session(await realm.log_in(username), realm.issuer, http=realm.http)
    return Person(username, region.box, realm.http, session)


@pytest.fixture
def lotse(realm: Realm, behind_keycloak: Region, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.setenv("LOTSE_ADMIN_SECRET", realm.server.secrets["lotse-admin"])
    monkeypatch.setenv("LOTSE_PASSWORD", PASSWORD)
    return CommandLine(behind_keycloak.box.folder, monkeypatch)


async def test_a_suspended_person_is_out_everywhere_within_two_seconds(realm: Realm, behind_keycloak: Region) -> None:
    agency, _ = await realm.new_agency()
    nadia = await realm.new_person(agency, Role.CASEWORKER)
    person = await logged_in(realm, behind_keycloak, nadia.username)
    opal = await behind_keycloak.as_("opal")
    ways = (("intake", "/v1/participants"), ("referrals", "/v1/directory/services"))
    for service, path in ways:
        assert (await person.get(service, path)).status_code == 200

    tokens = person.session._tokens
    answer = await opal.post("intake", f"/v1/staff/{(await realm.principal(tokens)).subject}/suspension")
    ended = perf_counter()
    assert (answer.status_code, answer.json()["account_closed"]) == (200, True)
    for service, path in ways:
        while (await person.get(service, path)).status_code != 401:
            assert perf_counter() - ended < 2, f"{service} still lets her in"
            await asyncio.sleep(0.02)
    with pytest.raises(Unauthenticated):
        await realm.session(tokens).token()
    with pytest.raises(Unauthenticated):
        await realm.log_in(nadia.username)


async def test_only_the_own_agencys_administrator_and_operators_may(realm: Realm, behind_keycloak: Region) -> None:
    mira = (await realm.principal(await realm.log_in("mira"))).subject
    sigrid = (await realm.principal(await realm.log_in("sigrid"))).subject
    asked = {
        ("jonas", mira): 404,  # another agency's: nobody there, as far as he may know
        ("jonas", sigrid): 403,
        ("paul", mira): 404,
        ("aud", mira): 404,
        ("paul", uuid4()): 404,
    }
    for (who, account), status in asked.items():
        answer = await (await behind_keycloak.as_(who)).post("intake", f"/v1/staff/{account}/suspension")
        assert answer.status_code == status, (who, answer.text)
    await realm.log_in("mira")


async def test_an_agency_administrator_ends_a_colleagues_access(realm: Realm, behind_keycloak: Region) -> None:
    agency, _ = await realm.new_agency()
    admin, other = await realm.new_person(agency, Role.AGENCY_ADMIN), await realm.new_person(agency, Role.COACH)
    account = (await realm.principal(await realm.log_in(other.username))).subject
    person = await logged_in(realm, behind_keycloak, admin.username)
    for _ in range(2):
        assert (await person.post("intake", f"/v1/staff/{account}/suspension")).status_code == 200
    with pytest.raises(Unauthenticated):
        await realm.log_in(other.username)


async def test_access_ends_even_if_keycloak_does_not_let_us(
    realm: Realm, behind_keycloak: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when it is away: operators close the doors here, and learn that the account still gets new tokens."""
    agency, _ = await realm.new_agency()
    admin, nadia = await realm.new_person(agency, Role.AGENCY_ADMIN), await realm.new_person(agency, Role.CASEWORKER)
    person = await logged_in(realm, behind_keycloak, nadia.username)
    account = (await realm.principal(person.session._tokens)).subject
    intake = behind_keycloak.box.runtimes["intake"]
    refused = KeycloakStaffAccounts(open_admin(realm.issuer, "intake-service", "an-old-secret", realm.http))
    monkeypatch.setattr(intake, "identity", replace(intake.identity, staff=refused))

    other = await logged_in(realm, behind_keycloak, admin.username)
    assert (await other.post("intake", f"/v1/staff/{account}/suspension")).status_code == 404, "whose, nobody can say"
    answer = await (await behind_keycloak.as_("opal")).post("intake", f"/v1/staff/{account}/suspension")
    assert (answer.status_code, answer.json()["account_closed"]) == (200, False)
    ended = perf_counter()
    while (await person.get("referrals", "/v1/directory/services")).status_code != 401:
        assert perf_counter() - ended < 2
        await asyncio.sleep(0.02)
    await realm.log_in(nadia.username)


async def test_an_operator_lets_an_agency_in_and_out(realm: Realm, lotse: CommandLine) -> None:
    name, who = f"care-{uuid4().hex[:6]}", f"nadia-{uuid4().hex[:6]}"
    agency = ("agency", "add", name, "--name", "Care Point", "--kind", "social-counselling")
    person = ("person", "add", who, "--name", "Nadia El Amrani", "--email", f"{who}@example.org", "--agency", name)

    code, said = await lotse(*agency, "--dry-run")
    assert (code, f"would be done agency {name}: made" in said, "secret" in said) == (0, True, False)
    assert name not in (await lotse("agency", "list"))[1]

    code, said = await lotse(*agency)
    assert (code, f"done agency {name}: made" in said) == (0, True)
    secret = said.rpartition("secret, shown this once: ")[2]
    system = await realm.principal(await realm.log_in_system(f"{name}-system", secret))
    assert (system.agency, system.roles) == (name, frozenset({Role.CASEWORKER}))
    assert (await lotse(*agency))[1] == "Nothing to change."

    code, said = await lotse(*person, "--role", "coach")
    assert (code, f"person {who}: made, in {name}" in said) == (0, True)
    code, said = await lotse(*person, "--role", "caseworker", "--dry-run")
    assert f"would be done person {who}: loses the role coach" in said
    listed = (await lotse("agency", "list"))[1]
    assert f"│ {name} │ Care Point │ social-counselling │ 1 │ yes │" in listed

    code, said = await lotse("agency", "remove", name)
    assert (code, "1 people" in said, "lotse person suspend" in said) == (1, True, True)
    code, said = await lotse("person", "suspend", who, "--dry-run")
    assert (code, said.startswith("would be done")) == (0, True)
    code, said = await lotse("person", "suspend", who)
    assert (code, f"person {who}: account closed" in said) == (0, True)
    code, said = await lotse(*person, "--role", "coach")
    assert (code, "--again" in said) == (1, True)

    code, said = await lotse("agency", "remove", name)
    assert (code, f"agency {name}: removed" in said) == (0, True)
    with pytest.raises(Unauthenticated):
        await realm.log_in_system(f"{name}-system", secret)
    assert (await lotse("agency", "remove", name))[1] == "Nothing to change."


async def test_an_operator_without_the_secret_is_told_what_is_missing(lotse: CommandLine) -> None:
    code, said = await lotse("agency", "list", LOTSE_ADMIN_SECRET="")
    assert (code, "Set LOTSE_ADMIN_SECRET" in said) == (1, True)
    code, said = await lotse("agency", "list", LOTSE_ADMIN_SECRET="a-guess")
    assert (code, "check the secret of lotse-admin" in said, "Traceback" in said) == (1, True, False)
