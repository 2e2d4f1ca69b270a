"""Every list, a page at a time: page by page it holds what it holds at once, each item one time."""

from typing import Any

import pytest

from tests.support.joining import a_cohort, amal_joins
from tests.support.matching import Matching
from tests.support.referring import offer, refer, with_grant
from tests.support.region import Person, Region

LISTS = (
    ("jonas", "intake", "/v1/participants"),
    ("jonas", "matching", "/v1/opportunities"),
    ("jonas", "matching", "/v1/placements"),
    ("hanna", "matching", "/v1/placements"),
    ("jonas", "referrals", "/v1/directory/services"),
    ("jonas", "referrals", "/v1/referrals"),
    ("jonas", "referrals", "/v1/cohorts"),
    ("vera", "referrals", "/v1/journeys"),
    ("jonas", "referrals", "/v1/participants/{participant}/timeline"),
    ("hanna", "notifications", "/v1/inbox"),
)


@pytest.fixture(scope="module")
async def participant(region: Region) -> str:
    """Somebody with a timeline, in a region where each list holds two items or more."""
    matching, jonas, ken = Matching(region), await region.as_("jonas"), await region.as_("ken")
    for name in ("Überlingen «Kita»", "Ясли"):
        await offer(ken, name=name)
        await refer(jonas, await with_grant(region, "family-advice"), receiver="family-advice")
        await a_cohort(region)
        await matching.proposal(await matching.participant(), await matching.opportunity())
    await amal_joins(region)
    amal = await amal_joins(region)
    await region.settled()
    return amal.id


@pytest.mark.parametrize(("name", "service", "path"), LISTS, ids=[f"{name}: {path}" for name, _, path in LISTS])
async def test_page_by_page_is_all_at_once(
    region: Region, participant: str, name: str, service: str, path: str
) -> None:
    reader, path = await region.as_(name), path.format(participant=participant)
    at_once = (await page(reader, service, path, limit=3))["items"]
    assert len(at_once) >= 2
    found: list[Any] = []
    after: dict[str, Any] = {}
    while len(found) < len(at_once):
        one = await page(reader, service, path, limit=1, **after)
        found += one["items"]
        after = {"after": one["next"]}
    assert found == at_once


async def page(reader: Person, service: str, path: str, **query: Any) -> dict[str, Any]:
    answer = await reader.get(service, path, params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body
