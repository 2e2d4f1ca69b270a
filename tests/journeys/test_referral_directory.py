"""The directory: agencies say what they offer and how full it is; everybody who works with people finds it."""

from tests.support.referring import offer
from tests.support.region import Region


async def test_an_offer_is_found_by_need_language_and_agency(region: Region) -> None:
    ken, vera = await region.as_("ken"), await region.as_("vera")
    tigrinya = await offer(ken, name="Child care in Tigrinya", languages=["ti"], need="family")
    for query, there in (
        ("need=family&language=ti&agency=family-advice", True),
        ("language=ti&need=housing", False),
        ("language=ti&agency=adult-education", False),
    ):
        found = (await vera.get("referrals", f"/v1/directory/services?{query}")).json()["items"]
        assert (tigrinya in [one["id"] for one in found]) is there, query


async def test_a_list_comes_in_pages(region: Region) -> None:
    ken = await region.as_("ken")
    names = [f"Transport to work {number}" for number in range(3)]
    for name in reversed(names):
        await offer(ken, name=name, need="transport")
    found, after = [], ""
    while after is not None:
        path = "/v1/directory/services?need=transport&limit=2" + (f"&after={after}" if after else "")
        page = (await ken.get("referrals", path)).json()
        found += [one["name"] for one in page["items"]]
        after = page["next"]
    assert [name for name in found if name in names] == names, "by name, each once"


async def test_a_change_of_capacity_assures_the_entry_anew(region: Region) -> None:
    ken = await region.as_("ken")
    path = f"/v1/directory/services/{await offer(ken, free_places=1)}"
    before = await ken.get("referrals", path)
    match = {"If-Match": before.headers["ETag"]}
    full = {"state": "waitlist", "free_places": 0}
    changed = await ken.put("referrals", f"{path}/capacity", full, headers=match)
    assert (changed.status_code, changed.json()["capacity_state"]) == (200, "waitlist")
    assert changed.json()["assured_at"] > before.json()["assured_at"]
    late = await ken.put("referrals", f"{path}/capacity", full, headers=match)
    assert late.status_code == 412
    blind = await ken.put("referrals", f"{path}/capacity", full)
    assert blind.status_code == 428


async def test_a_full_service_has_no_free_places(region: Region) -> None:
    ken = await region.as_("ken")
    body = {"name": "Nursery", "need": "family", "capacity_state": "no-capacity", "free_places": 3}
    refused = await ken.post("referrals", "/v1/directory/services", body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "free_places")


async def test_only_the_offering_agency_says_how_full_it_is(region: Region) -> None:
    ken, jonas = await region.as_("ken"), await region.as_("jonas")
    service = await offer(ken)
    path = f"/v1/directory/services/{service}/capacity"
    refused = await jonas.put("referrals", path, {"state": "no-capacity"}, headers={"If-Match": '"1"'})
    assert refused.status_code == 403


async def test_employers_and_auditors_list_nothing_there(region: Region) -> None:
    for name in ("hanna", "aud"):
        body = {"name": "Something", "need": "family", "capacity_state": "capacity"}
        refused = await (await region.as_(name)).post("referrals", "/v1/directory/services", body)
        assert refused.status_code == 403, name
