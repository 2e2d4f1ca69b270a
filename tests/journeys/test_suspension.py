"""Access that ends at once: an agency's system on a region with the embedded issuer, and what the command line says."""

import asyncio
from time import perf_counter

import pytest

from infra.chassis.identity.embedded.people import load_people
from infra.chassis.identity.login import log_in_system
from infra.chassis.identity.oidc import TokenVerifier, Unauthenticated
from infra.onebox.layout import PEOPLE
from tests.support.command_line import CommandLine
from tests.support.region import Region

SYSTEM = "job-centre-system"
"""Nobody else's in these tests: its access stays ended."""
WAYS = {
    "intake": "/v1/participants",
    "matching": "/v1/opportunities",
    "referrals": "/v1/directory/services",
    "notifications": "/v1/inbox",
}


async def test_a_suspended_system_is_out_everywhere_within_two_seconds(region: Region) -> None:
    client = load_people(PEOPLE).client(SYSTEM)
    assert client is not None
    issuer, opal = region.box.issuer, await region.as_("opal")
    tokens = await log_in_system(issuer, SYSTEM, client.secret or "", http=region.http)
    principal = await TokenVerifier(issuer, http=region.http, clock=region.box.runtimes["intake"].clock.system).verify(
        tokens.access_token
    )

    async def status(service: str) -> int:
        url, headers = region.box.addresses[service] + WAYS[service], {"Authorization": f"Bearer {tokens.access_token}"}
        return (await region.http.get(url, headers=headers)).status_code

    for service in WAYS:
        assert await status(service) == 200, service
    answer = await opal.post("intake", f"/v1/staff/{principal.subject}/suspension")
    ended = perf_counter()
    assert (answer.status_code, answer.json()["account_closed"]) == (200, True)
    for service in WAYS:
        while await status(service) != 401:
            assert perf_counter() - ended < 2, f"{service} still lets it in"
            await asyncio.sleep(0.02)
    with pytest.raises(Unauthenticated):
        await log_in_system(issuer, SYSTEM, client.secret or "", http=region.http)


async def test_who_may_not_end_anybodys_access(region: Region) -> None:
    people = load_people(PEOPLE)
    ids = {person.username: person.id for person in people.people}
    asked = {("jonas", "mira"): 404, ("jonas", "sigrid"): 403, ("paul", "mira"): 404, ("aud", "mira"): 404}
    for (who, whose), status in asked.items():
        answer = await (await region.as_(who)).post("intake", f"/v1/staff/{ids[whose]}/suspension")
        assert answer.status_code == status, (who, whose)
    assert (await (await region.as_("mira")).get("intake", "/v1/participants")).status_code == 200


async def test_the_command_line_says_what_it_would_do_on_a_demo(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    lotse = CommandLine(region.box.folder, monkeypatch)
    code, said = await lotse("person", "suspend", "cora", "--dry-run")
    assert (code, said.startswith("would be done person cora: account closed")) == (0, True)
    code, said = await lotse("person", "suspend", "nobody")
    assert (code, "There is no account nobody." in said) == (1, True)
    code, said = await lotse("agency", "list")
    assert (code, "docs/identity.md" in said) == (1, True)
    assert (await (await region.as_("cora")).get("referrals", WAYS["referrals"])).status_code == 200
