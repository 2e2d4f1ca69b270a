"""Steps 5 and 6: a closed-loop referral for child care, and the way into the programme."""

from infra.story.stage import Stage


async def jonas_refers_to_ken(s: Stage) -> None:
    jonas, ken, record = await s.person("jonas"), await s.person("ken"), s.has["record"]
    offer = {
        "name": "Nursery places and child-care advice",
        "need": "family",
        "languages": ["de", "ar"],
        "capacity_state": "capacity",
        "free_places": 3,
    }
    listed = await s.ok(ken.post("referrals", "/v1/directory/services", offer), 201)
    found = await s.ok(jonas.get("referrals", "/v1/directory/services?need=family&language=ar"))
    s.that(listed["id"] in [one["id"] for one in found["items"]], "Jonas finds the service in the directory")
    referral = {
        "participant": record,
        "need": "family",
        "receiver": "family-advice",
        "service": listed["id"],
        "urgency": "routine",
        "note": "Two children, 2 and 4 years old; shifts begin at six.",
        "contact_name": "Jonas, room 12",
    }
    sent = await s.ok(jonas.post("referrals", "/v1/referrals", referral), 201)
    s.has["referral"] = sent["id"]
    await s.region.settled()
    for action, body in (
        ("accept", {"contact_name": "Ken, Family Advice"}),
        ("start", {}),
        ("complete", {"outcome": "got-help"}),
    ):
        seen = await ken.get("referrals", f"/v1/referrals/{sent['id']}")
        s.that(action in seen.json()["actions"], f"Ken may {action}: {seen.text}")
        path = f"/v1/referrals/{sent['id']}/{action}"
        await s.ok(ken.post("referrals", path, body, headers={"If-Match": seen.headers["ETag"]}))
    closed = await s.ok(jonas.get("referrals", f"/v1/referrals/{sent['id']}"))
    s.that((closed["status"], closed["outcome"]) == ("completed", "got-help"), f"the loop is closed: {closed}")
    [barrier] = await s.ok(jonas.get("intake", f"/v1/participants/{record}/barriers?domain=family"))
    closed = {"If-Match": f'"{barrier["version"]}"'}
    await s.ok(jonas.patch("intake", f"/v1/barriers/{s.has['barrier']}", {"open": False}, headers=closed))
    async with s.sees("Vera: that a support step was open, not which"):
        vera = await s.person("vera")
        await s.ok(vera.get("referrals", f"/v1/referrals/{sent['id']}"), 404)
        line = await s.ok(vera.get("referrals", f"/v1/participants/{record}/timeline"))
        s.that("support-step-opened" in str(line), "the timeline shows that help was on its way")
        s.that("family" not in str(line) and "referral" not in str(line), f"and not which: {line}")
    async with s.sees("Hanna: 404"):
        hanna = await s.person("hanna")
        await s.ok(hanna.get("referrals", f"/v1/referrals/{sent['id']}"), 404)
        await s.ok(hanna.get("referrals", f"/v1/participants/{record}/timeline"), 404)


async def amal_joins_the_cohort(s: Stage) -> None:
    jonas, vera, record = await s.person("jonas"), await s.person("vera"), s.has["record"]
    cohort = {
        "programme": "talents-fast-track@1",
        "name": "Talents hotel and gastronomy, winter",
        "starts_on": "2026-12-01",
        "bindings": {
            "selects": "job-centre",
            "teaches": "adult-education",
            "coaches": "adult-education",
            "mentors-in-company": "harbour-hotel",
        },
    }
    opened = await s.ok(vera.post("referrals", "/v1/cohorts", cohort), 201)
    asked = await s.ok(jonas.post("referrals", f"/v1/cohorts/{opened['id']}/enrolments", {"participant": record}), 201)

    async def enrolled() -> bool:
        state = await s.ok(jonas.get("referrals", f"/v1/enrolments/{asked['id']}"))
        s.that(state["state"] != "refused", f"eligible: {state}")
        s.has["journey"] = state["journey"] or ""
        return bool(state["state"] == "enrolled")

    await s.within(10, "the enrolment is answered by intake", enrolled)
    journey = await s.ok(vera.get("referrals", f"/v1/journeys/{s.has['journey']}"))
    s.that(journey["stage"] == "preparation", f"the first stage begins: {journey}")
    async with s.sees("Hanna: 404"):
        await s.ok((await s.person("hanna")).get("referrals", f"/v1/journeys/{s.has['journey']}"), 404)
