"""A residence status, and what it allows today and on a date ahead."""

from tests.support.arrivals import granted, registered
from tests.support.region import Region

REFUGEE = {"country": "DE", "status": "recognised-refugee", "since": "2026-03-01", "valid_until": "2029-02-28"}
FIRST = {"If-Match": '"0"'}


async def test_a_recognised_refugee_may_work_until_the_document_ends(region: Region) -> None:
    jonas = await region.as_("jonas")
    path = f"/v1/participants/{await registered(jonas)}"
    assert (await jonas.put("intake", f"{path}/residence", REFUGEE, headers=FIRST)).status_code == 200
    shown = await jonas.get("intake", f"{path}/residence")
    assert {field: shown.json()[field] for field in REFUGEE} == REFUGEE
    today = (await jonas.get("intake", f"{path}/work-rights")).json()
    assert (today["work"], today["internship"], today["disclaimer"]) == ("yes", "yes", "information, not legal advice")
    assert "§ 4a Abs. 1 Satz 1 AufenthG" in today["sources"]
    later = (await jonas.get("intake", f"{path}/work-rights?on=2029-03-01")).json()
    assert (later["on"], later["work"]) == ("2029-03-01", "unknown")


async def test_who_has_no_recorded_status_gets_an_answer_that_says_so(region: Region) -> None:
    jonas = await region.as_("jonas")
    path = f"/v1/participants/{await registered(jonas)}"
    empty = await jonas.get("intake", f"{path}/residence")
    assert (empty.json()["version"], empty.json()["status"]) == (0, None)
    rights = (await jonas.get("intake", f"{path}/work-rights")).json()
    assert (rights["work"], rights["missing"]) == ("unknown", ["status"])


async def test_a_citizen_has_a_status_like_everybody(region: Region) -> None:
    jonas = await region.as_("jonas")
    path = f"/v1/participants/{await registered(jonas)}"
    citizen = {"country": "DE", "status": "german-citizen", "since": "1994-03-12"}
    assert (await jonas.put("intake", f"{path}/residence", citizen, headers=FIRST)).status_code == 200
    assert (await jonas.get("intake", f"{path}/work-rights")).json()["work"] == "yes"


async def test_wrong_facts_and_lost_updates_are_refused(region: Region) -> None:
    jonas = await region.as_("jonas")
    path = f"/v1/participants/{await registered(jonas)}/residence"
    unknown = await jonas.put("intake", path, {**REFUGEE, "status": "friend-of-the-mayor"}, headers=FIRST)
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "status")
    assert (await jonas.put("intake", path, {**REFUGEE, "religion": "none"}, headers=FIRST)).status_code == 422
    assert (await jonas.put("intake", path, REFUGEE, headers=FIRST)).status_code == 200
    changed = {**REFUGEE, "valid_until": "2030-01-01"}
    assert (await jonas.put("intake", path, changed, headers=FIRST)).status_code == 412


async def test_status_and_rights_need_a_grant_of_their_own(region: Region) -> None:
    jonas, ken, vera = await region.as_("jonas"), await region.as_("ken"), await region.as_("vera")
    participant = await registered(jonas)
    path = f"/v1/participants/{participant}"
    await jonas.put("intake", f"{path}/residence", REFUGEE, headers=FIRST)
    for way in ("residence", "work-rights"):
        assert (await ken.get("intake", f"{path}/{way}")).status_code == 404
    await granted(jonas, participant, "family-advice", "residence")
    await granted(jonas, participant, "adult-education", "profile", "residence")
    for way in ("residence", "work-rights"):
        assert (await ken.get("intake", f"{path}/{way}")).status_code == 200
        assert (await vera.get("intake", f"{path}/{way}")).status_code == 403, "a coach sees no legal details"
