"""A cohort opens, Jonas asks for a place, intake answers, and the journey begins. Over HTTP, with own log-ins."""

from tests.support.joining import BINDINGS, a_cohort, amal_arrives, amal_joins, body, enrol, withdraw
from tests.support.region import Region


async def test_a_cohort_needs_an_agency_for_each_required_function(region: Region) -> None:
    vera = await region.as_("vera")
    cohort = {"programme": "talents-fast-track@1", "name": "Talents, winter", "starts_on": "2026-12-01"}
    missing = {"selects": "job-centre", "coaches": "adult-education"}
    refused = await body(vera.post("referrals", "/v1/cohorts", {**cohort, "bindings": missing}), 422)
    assert refused["missing"] == ["teaches", "mentors-in-company"]
    unknown = {**cohort, "programme": "no-such@1", "bindings": BINDINGS}
    assert "talents-fast-track@1" in (await body(vera.post("referrals", "/v1/cohorts", unknown), 422))["way_out"]


async def test_a_cohort_is_led_by_the_agency_of_the_coach_who_opens_it(region: Region) -> None:
    vera, jonas, hanna = await region.as_("vera"), await region.as_("jonas"), await region.as_("hanna")
    cohort = await a_cohort(region)
    seen = await body(hanna.get("referrals", f"/v1/cohorts/{cohort}"))
    assert (seen["agency"], seen["bindings"]) == ("adult-education", BINDINGS)
    assert cohort in [one["id"] for one in (await body(jonas.get("referrals", "/v1/cohorts")))["items"]]
    assert seen["coach"] == (await body(vera.get("referrals", f"/v1/cohorts/{cohort}")))["coach"]
    await body(jonas.post("referrals", "/v1/cohorts", {**_cohort(), "bindings": BINDINGS}), 403)


async def test_who_fits_begins_with_the_first_stage(region: Region) -> None:
    amal = await amal_joins(region)
    vera, jonas = await region.as_("vera"), await region.as_("jonas")
    assert amal.person is not None
    for who in (vera, jonas, amal.person):
        seen = await body(who.get("referrals", amal.path()))
        assert (seen["stage"], seen["programme"], seen["reference"]) == (
            "preparation",
            "talents-fast-track@1",
            amal.reference,
        )
        for path in (f"/v1/journeys?cohort={amal.cohort}", f"/v1/journeys?participant={amal.id}"):
            assert [one["id"] for one in (await body(who.get("referrals", path)))["items"]] == [amal.journey]


async def test_for_others_there_is_no_journey(region: Region) -> None:
    amal = await amal_joins(region)
    for name in ("hanna", "ken", "mira", "aud", "opal"):
        who = await region.as_(name)
        for rest in ("", "/attendance", "/feedback", "/attention", "/follow-ups"):
            await body(who.get("referrals", amal.path(rest)), 404)
        await body(who.get("referrals", f"/v1/participants/{amal.id}/timeline"), 404)
    for name in ("ken", "mira"):
        listed = await body((await region.as_(name)).get("referrals", f"/v1/journeys?cohort={amal.cohort}"))
        assert listed["items"] == []


async def test_who_does_not_fit_is_refused_with_codes(region: Region) -> None:
    amal = await amal_arrives(region, fits=False)
    refused = await enrol(region, amal)
    assert (refused["state"], refused["journey"]) == ("refused", None)
    assert refused["reasons"] == ["too-young"]
    vera = await region.as_("vera")
    assert (await body(vera.get("referrals", f"/v1/journeys?cohort={amal.cohort}")))["items"] == []


async def test_without_a_right_to_the_journey_the_agency_can_not_lead_it(region: Region) -> None:
    amal = await amal_arrives(region, categories=["profile"])
    jonas, cohort = await region.as_("jonas"), await a_cohort(region)
    path = f"/v1/cohorts/{cohort}/enrolments"
    refused = await body(jonas.post("referrals", path, {"participant": amal.id}), 409)
    assert "adult-education" in refused["way_out"]
    assert (refused["category"], refused["recipient"]) == ("journey", "adult-education")


async def test_a_place_is_asked_for_once_and_only_by_the_agency_at_home(region: Region) -> None:
    amal = await amal_joins(region)
    path = f"/v1/cohorts/{amal.cohort}/enrolments"
    await body((await region.as_("jonas")).post("referrals", path, {"participant": amal.id}), 409)
    await body((await region.as_("mira")).post("referrals", path, {"participant": amal.id}), 404)
    await body((await region.as_("vera")).post("referrals", path, {"participant": amal.id}), 403)


async def test_after_the_withdrawal_the_caseworker_keeps_the_journey(region: Region) -> None:
    amal = await amal_joins(region)
    vera, jonas = await region.as_("vera"), await region.as_("jonas")
    await withdraw(region, amal)
    await body(vera.get("referrals", amal.path()), 404)
    await body(vera.post("referrals", amal.path("/stages/preparation/complete")), 404)
    assert (await body(vera.get("referrals", f"/v1/journeys?cohort={amal.cohort}")))["items"] == []
    assert (await body(jonas.get("referrals", amal.path())))["stage"] == "preparation"


def _cohort() -> dict[str, str]:
    return {"programme": "talents-fast-track@1", "name": "Talents, winter", "starts_on": "2026-12-01"}
