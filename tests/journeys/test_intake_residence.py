"""A residence status, and what it allows today and on a date ahead."""

from datetime import timedelta

from tests.support.arrivals import granted, registered
from tests.support.notified import messages
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


APPLICANT = {
    "country": "DE",
    "status": "asylum-applicant",
    "since": "2023-02-01",
    "applied_on": "2023-02-10",
    "in_reception_centre": False,
    "minor_children": False,
    "ended_on": "2026-01-31",
}


async def test_a_new_status_ends_the_one_before_and_a_gap_between_them_is_no_right(region: Region) -> None:
    jonas = await region.as_("jonas")
    path = f"/v1/participants/{await registered(jonas)}"
    statuses = f"{path}/residence/statuses"
    assert (await jonas.post("intake", statuses, APPLICANT, headers=FIRST)).status_code == 201
    both = await jonas.post("intake", statuses, REFUGEE, headers={"If-Match": '"1"'})
    assert (both.status_code, both.headers["etag"]) == (201, '"2"')
    assert [one["status"] for one in both.json()["statuses"]] == ["asylum-applicant", "recognised-refugee"]

    async def work(on: str) -> str:
        return str((await jonas.get("intake", f"{path}/work-rights?on={on}")).json()["work"])

    assert [await work(on) for on in ("2023-01-31", "2023-05-01", "2023-05-02", "2026-01-31")] == [
        "unknown",
        "no",
        "with-permission",
        "with-permission",
    ]
    assert await work("2026-02-15") == "unknown", "between the two nothing is recorded"
    assert await work("2026-03-01") == "yes"
    assert (await jonas.get("intake", f"{path}/residence")).json()["status"] == "recognised-refugee"

    earlier = await jonas.post("intake", statuses, APPLICANT, headers={"If-Match": '"2"'})
    assert (earlier.status_code, earlier.json()["errors"][0]["field"]) == (422, "since")
    assert (
        await jonas.call("DELETE", "intake", f"{statuses}/2020-01-01", headers={"If-Match": '"2"'})
    ).status_code == 404
    rest = await jonas.call("DELETE", "intake", f"{statuses}/2023-02-01", headers={"If-Match": '"2"'})
    assert [one["status"] for one in rest.json()["statuses"]] == ["recognised-refugee"]
    stale = await jonas.call("DELETE", "intake", f"{statuses}/2026-03-01", headers={"If-Match": '"2"'})
    assert stale.status_code == 412


async def test_a_title_goes_on_while_its_extension_is_decided(region: Region) -> None:
    jonas = await region.as_("jonas")
    path = f"/v1/participants/{await registered(jonas)}"
    asked = {**REFUGEE, "extension_requested_on": "2029-02-28"}
    await jonas.put("intake", f"{path}/residence", asked, headers=FIRST)
    later = (await jonas.get("intake", f"{path}/work-rights?on=2029-06-01")).json()
    assert later["work"] == "yes"
    assert "§ 81 Abs. 4 Satz 1 AufenthG" in later["sources"]


async def test_an_answer_says_whom_to_ask_who_helps_and_what_comes_next(region: Region) -> None:
    jonas = await region.as_("jonas")
    path = f"/v1/participants/{await registered(jonas)}"
    await jonas.put("intake", f"{path}/residence", {**APPLICANT, "ended_on": None}, headers=FIRST)
    answer = (await jonas.get("intake", f"{path}/work-rights?on=2023-04-01")).json()
    work = next(one for one in answer["details"] if one["right"] == "work")
    assert (work["answer"], work["until"], work["to_be_checked"]) == ("no", "2023-05-01", "")
    assert answer["changes"][0] == {"on": "2023-05-02", "right": "work", "answer": "with-permission"}
    assert {one["kind"]: one["office"]["code"] for one in answer["support"]} == {
        "livelihood": "social-welfare-office",
        "work": "employment-agency",
    }
    later = (await jonas.get("intake", f"{path}/work-rights?on=2023-06-01")).json()
    asked = next(one for one in later["details"] if one["right"] == "work")["permission_of"]
    assert [office["code"] for office in asked] == ["foreigners-authority", "employment-agency"]


async def test_the_knowledge_base_is_the_same_for_everybody_who_works_for_an_agency(region: Region) -> None:
    asked = "/v1/work-rights?country=DE&status=toleration&on=2025-06-01&months=4&in_reception_centre=false"
    answers = [await (await region.as_(name)).get("intake", asked) for name in ("jonas", "ken", "vera", "hanna")]
    assert [one.status_code for one in answers] == [200] * 4, "a company reads it, too"
    assert len({one.text for one in answers}) == 1
    shown = answers[0].json()
    assert (shown["work"], shown["training"], shown["status_name"]["de"]) == (
        "with-permission",
        "with-permission",
        "Duldung (§ 60a AufenthG)",
    )
    assert shown["disclaimer"] == "information, not legal advice"
    sooner = (await (await region.as_("hanna")).get("intake", asked.replace("months=4", "months=2"))).json()
    assert sooner["work"] == "no"
    listed = (await (await region.as_("hanna")).get("intake", "/v1/work-rights/countries")).json()
    assert {one["country"] for one in listed} == {"BE", "DE", "DK", "FI", "FR", "GB", "NO", "PT", "SE", "SI"}
    germany = next(one for one in listed if one["country"] == "DE")
    applicant = next(one for one in germany["statuses"] if one["code"] == "asylum-applicant")
    assert applicant["asks"] == ["in_reception_centre", "minor_children"]


async def test_the_knowledge_base_is_for_agencies_and_knows_its_limits(region: Region) -> None:
    jonas = await region.as_("jonas")
    for asked in ("?country=XX&status=student", "?country=DE&status=golden-ticket", "?country=DE"):
        assert (await jonas.get("intake", f"/v1/work-rights{asked}")).status_code == 422
    anonymous = await region.http.get(f"{region.box.addresses['intake']}/v1/work-rights/countries")
    assert anonymous.status_code == 401
    handed = (await jonas.post("intake", f"/v1/participants/{await registered(jonas)}/login-code")).json()
    herself = await region.as_(handed["reference"], handed["code"])
    assert (await herself.get("intake", "/v1/work-rights/countries")).status_code == 404, "she has her own answer"


async def test_the_caseworker_is_told_weeks_ahead_and_once(region: Region) -> None:
    jonas = await region.as_("jonas")
    person = await registered(jonas)
    path = f"/v1/participants/{person}/residence"
    ends = region.box.runtimes["intake"].clock.business().date() + timedelta(days=20)
    soon = {**REFUGEE, "since": "2023-05-01", "valid_until": ends.isoformat()}

    assert (await jonas.put("intake", path, soon, headers=FIRST)).status_code == 200
    await region.settled()
    assert await messages(jonas, participant=str(person)) == ["work-rights-changing"]

    again = {**soon, "travel_document": True}
    assert (await jonas.put("intake", path, again, headers={"If-Match": '"1"'})).status_code == 200
    await region.settled()
    assert await messages(jonas, participant=str(person)) == ["work-rights-changing"], "once for each change"
    assert await messages(await region.as_("mira"), participant=str(person)) == []
