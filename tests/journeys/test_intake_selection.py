"""Three steps to a place in a class: forms by people from two agencies, a decision with reasons, change over time."""

from typing import Any
from uuid import UUID

from tests.support.arrivals import granted, registered
from tests.support.matching import good
from tests.support.region import Person, Region
from tests.unit.intake.test_selection import FIRST, PROCEDURE, SECOND

REF = "talents-fast-track@1"


def form(step: str, **answers: Any) -> dict[str, Any]:
    given = FIRST if step == "pre-selection" else SECOND
    return {"procedure": REF, "step": step, "answers": {**given, **answers}}


def decided(outcome: str, **other: Any) -> dict[str, Any]:
    judgements = [
        {"criterion": one.id, "verdict": "met", "reason": "Seen at work."} for one in PROCEDURE.selection.criteria
    ]
    return {"procedure": REF, "outcome": outcome, "judgements": judgements, "reason": "Fits well.", **other}


async def filled(by: Person, participant: UUID, body: dict[str, Any]) -> dict[str, Any]:
    return good(await by.post("intake", f"/v1/participants/{participant}/assessments", body), 201)


async def test_two_agencies_assess_and_the_own_one_decides(region: Region) -> None:
    jonas, vera = await region.as_("jonas"), await region.as_("vera")
    participant = await registered(jonas)
    path = f"/v1/participants/{participant}"
    early = await jonas.post("intake", f"{path}/assessments", form("evaluation"))
    assert (early.status_code, "pre-selection" in early.json()["way_out"]) == (409, True)
    await filled(jonas, participant, form("pre-selection"))
    await filled(jonas, participant, form("evaluation"))
    assert (await jonas.post("intake", f"{path}/selections", decided("selected"))).status_code == 409
    assert (await vera.post("intake", f"{path}/assessments", form("evaluation"))).status_code == 404
    await granted(jonas, participant, "adult-education", "assessment")
    await filled(vera, participant, form("evaluation", **{"motivation-own": 3}))
    assert (await vera.post("intake", f"{path}/selections", decided("selected"))).status_code == 403
    chosen = good(await jonas.post("intake", f"{path}/selections", decided("selected")), 201)
    assert (chosen["outcome"], len(chosen["rests_on"])) == ("selected", 3)
    [seen] = (await vera.get("intake", f"{path}/selections")).json()
    assert seen["judgements"][0]["reason"] == "Seen at work."


async def test_a_new_assessment_shows_what_changed_and_the_old_one_stays(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    await filled(jonas, participant, form("pre-selection"))
    for value in (2, 4):
        await filled(jonas, participant, form("evaluation", **{"motivation-own": value}))
    query = {"procedure": REF}
    shown = good(await jonas.get("intake", f"/v1/participants/{participant}/assessments/development", params=query))
    assert [one["value"] for one in shown["questions"]["motivation-own"]] == [2, 4]
    forms = (await jonas.get("intake", f"/v1/participants/{participant}/assessments")).json()
    assert [one["step"] for one in forms] == ["evaluation", "evaluation", "pre-selection"]


async def test_who_may_not_sees_nothing_of_it(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    await filled(jonas, participant, form("pre-selection"))
    path = f"/v1/participants/{participant}"
    await granted(jonas, participant, "adult-education", "profile")
    vera = await region.as_("vera")
    assert (await vera.get("intake", f"{path}/assessments")).json()["category"] == "assessment"
    for stranger in ("hanna", "mira", "aud", "opal", "ken"):
        other = await region.as_(stranger)
        for way in ("assessments", "selections", f"assessments/development?procedure={REF}"):
            assert (await other.get("intake", f"{path}/{way}")).status_code == 404
        assert (await other.post("intake", f"{path}/assessments", form("pre-selection"))).status_code == 404
        assert (await other.post("intake", f"{path}/selections", decided("later"))).status_code == 404
    login = good(await jonas.post("intake", f"{path}/login-code"), 201)
    amal = await region.as_(login["reference"], login["code"])
    assert len((await amal.get("intake", f"{path}/assessments")).json()) == 1, "the person reads their own"
    assert (await amal.post("intake", f"{path}/assessments", form("pre-selection"))).status_code == 403
    for other in (amal, await region.as_("hanna"), await region.as_("opal")):
        assert (await other.get("intake", "/v1/selection-procedures")).status_code == 404


async def test_the_questions_are_there_in_each_language(region: Region) -> None:
    jonas = await region.as_("jonas")
    [one] = (await jonas.get("intake", "/v1/selection-procedures")).json()
    assert {*one["languages"]} == {"en", "de", "ar"} == set(one["evaluation"]["questions"][0]["words"])
    wrong = {"procedure": "nothing@1", "step": "pre-selection", "answers": {}}
    refused = await jonas.post("intake", f"/v1/participants/{await registered(jonas)}/assessments", wrong)
    assert (refused.status_code, REF in refused.json()["way_out"]) == (422, True)
