"""What stands in the way: recorded by the responsible agency, seen domain by domain."""

from uuid import UUID

from tests.support.arrivals import granted, registered
from tests.support.region import Person, Region


async def with_barriers(jonas: Person) -> tuple[UUID, str]:
    """Somebody with a family and a finance barrier, and the address of the barriers."""
    participant = await registered(jonas)
    path = f"/v1/participants/{participant}/barriers"
    for domain, note in (("family", "no place in the nursery"), ("finance", "owes rent")):
        added = await jonas.post("intake", path, {"domain": domain, "severity": "high", "note": note})
        assert added.status_code == 201, added.text
    return participant, path


async def test_home_sees_all_and_another_agency_the_granted_domain_only(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    participant, path = await with_barriers(jonas)
    assert [one["domain"] for one in (await jonas.get("intake", path)).json()] == ["finance", "family"]
    assert (await ken.get("intake", path)).status_code == 404
    await granted(jonas, participant, "family-advice", "identity", "barriers.family")
    [seen] = (await ken.get("intake", path)).json()
    assert (seen["domain"], seen["note"]) == ("family", "no place in the nursery")
    refused = await ken.get("intake", f"{path}?domain=finance")
    assert (refused.status_code, refused.json()["category"]) == (403, "barriers.finance")
    assert (await ken.post("intake", path, {"domain": "family", "severity": "low"})).status_code == 403


async def test_a_refusal_tells_the_way_and_no_domain_that_was_not_asked_for(region: Region) -> None:
    jonas, vera, hanna = await region.as_("jonas"), await region.as_("vera"), await region.as_("hanna")
    participant, path = await with_barriers(jonas)
    await granted(jonas, participant, "adult-education", "profile", "journey")
    named = await vera.get("intake", f"{path}?domain=family")
    assert (named.status_code, named.json()["category"]) == (403, "barriers.family")
    general = await vera.get("intake", path)
    assert (general.status_code, general.json()["category"]) == (403, "barriers")
    assert "grant" in general.json()["way_out"]
    assert not any(domain in general.text for domain in ("family", "finance"))
    for way in (path, f"{path}?domain=family"):
        assert (await hanna.get("intake", way)).status_code == 404


async def test_a_refusal_is_the_same_whether_there_is_a_barrier_or_not(region: Region) -> None:
    jonas, vera = await region.as_("jonas"), await region.as_("vera")
    _, path = await with_barriers(jonas)
    free = await registered(jonas)
    await granted(jonas, UUID(path.split("/")[3]), "adult-education", "profile")
    await granted(jonas, free, "adult-education", "profile")
    for way in ("", "?domain=family"):
        one = await vera.get("intake", path + way)
        other = await vera.get("intake", f"/v1/participants/{free}/barriers{way}")
        assert (one.status_code, one.content) == (other.status_code, other.content)


async def test_a_barrier_is_closed_by_the_version_that_was_read(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    _, path = await with_barriers(jonas)
    barrier = (await jonas.get("intake", f"{path}?domain=family")).json()[0]
    way, read = f"/v1/barriers/{barrier['id']}", {"If-Match": f'"{barrier["version"]}"'}
    assert (await ken.patch("intake", way, {"open": False}, headers=read)).status_code == 404
    closed = await jonas.patch("intake", way, {"open": False}, headers=read)
    assert (closed.status_code, closed.json()["open"], closed.json()["severity"]) == (200, False, "high")
    assert (await jonas.patch("intake", way, {"severity": "low"}, headers=read)).status_code == 412
    assert (await jonas.patch("intake", way, {"note": "new"}, headers=read)).status_code == 422
    assert (await jonas.patch("intake", way, {}, headers={"If-Match": closed.headers["ETag"]})).status_code == 422
