"""Who works at one's own agency: names without contact, and nothing of other agencies."""

from typing import Any

import httpx

from tests.support.matching import good
from tests.support.region import Region


async def test_everybody_reads_the_names_of_the_own_agency_alone(region: Region) -> None:
    jonas = await region.as_("jonas")

    found = good_list(await jonas.get("intake", "/v1/staff"))

    assert {one["name"] for one in found} == {"Jonas Berger", "Sigrid Falk", "Paul Reiter"}
    assert {key for one in found for key in one} == {"id", "name", "roles"}
    hanna = await region.as_("hanna")
    assert [one["name"] for one in good_list(await hanna.get("intake", "/v1/staff"))] == ["Hanna Petersen"]


async def test_who_belongs_to_no_agency_has_no_colleagues(region: Region) -> None:
    jonas = await region.as_("jonas")
    identity = {"given_name": "Amal", "family_name": "Haddad"}
    made = good(await jonas.post("intake", "/v1/participants", {"identity": identity}), 201)
    handed = good(await jonas.post("intake", f"/v1/participants/{made['id']}/login-code"), 201)
    amal = await region.as_(handed["reference"], handed["code"])

    assert (await amal.get("intake", "/v1/staff")).status_code == 404


def good_list(answer: httpx.Response) -> list[dict[str, Any]]:
    """The items of an answer that had to succeed."""
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found
