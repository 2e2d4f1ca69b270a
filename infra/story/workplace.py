"""Steps 7 to 10: an internship, its attendance and feedback, and the job that comes of it."""

from datetime import timedelta
from typing import Any

from infra.story.arrival import CLEAN_ROOMS, GUEST_SERVICE, RECEPTIONIST
from infra.story.cast import Person
from infra.story.stage import Stage


async def internship_is_agreed(s: Stage) -> None:
    jonas, hanna, record = await s.person("jonas"), await s.person("hanna"), s.has["record"]
    s.has["internship place"] = await _publish(s, "internship", "Internship at the reception")
    path = f"/v1/participants/{record}/suggestions?kind=internship"
    suggested = (await s.ok(jonas.get("matching", path)))["items"]
    [best] = [one for one in suggested if one["opportunity"] == s.has["internship place"]]
    s.that(bool(best["why"]) and 0 < best["score"] <= 1, f"a suggestion has reasons: {best}")
    s.has["internship"] = await _propose(s, s.has["internship place"])
    async with s.sees("Hanna was blind until both accepted"):
        blind = await hanna.get("matching", f"/v1/placements/{s.has['internship']}")
        s.that(blind.status_code == 200, blind.text)
        s.that(record not in blind.text and s.has["reference"] not in blind.text, f"Hanna is blind: {blind.text}")
        s.that(GUEST_SERVICE in blind.text, "Hanna sees which requirements are met")
        await s.ok(hanna.get("intake", f"/v1/participants/{record}"), 404)
    await _answer(s, hanna, s.has["internship"])
    await s.ok(hanna.get("intake", f"/v1/participants/{record}"), 404)
    await _answer(s, await s.person("amal"), s.has["internship"])
    async with s.sees("Hanna now sees name and contact, nothing else"):
        placement = await s.ok(hanna.get("matching", f"/v1/placements/{s.has['internship']}"))
        s.that(placement["participant"] == record, f"the participant is named: {placement}")
        shown = await s.ok(hanna.get("intake", f"/v1/participants/{record}"))
        s.that(shown["identity"]["given_name"] == "Haddad" and bool(shown["contact"]["phone"]), "name and contact")
        for closed in ("profile", "barriers", "residence", "grants"):
            answer = await hanna.get("intake", f"/v1/participants/{record}/{closed}")
            s.that(answer.status_code in (403, 404), f"{closed} stays closed to Hanna: {answer.status_code}")


async def internship_runs(s: Stage) -> None:
    hanna, vera, jonas = await s.person("hanna"), await s.person("vera"), await s.person("jonas")
    today = s.today()
    await _run(s, hanna, s.has["internship"], "start", {"on": today.isoformat()})
    await s.region.settled()
    path = f"/v1/journeys/{s.has['journey']}/attendance"
    await s.ok(vera.post("referrals", path, {"on": (today - timedelta(days=1)).isoformat(), "present": True}), 201)
    for days, present in ((0, True), (1, False), (2, False)):
        day = {"on": (today + timedelta(days=days)).isoformat(), "present": present}
        await s.ok(hanna.post("referrals", path, day | {"placement": s.has["internship"]}), 201)
    [warning] = await s.ok(jonas.get("referrals", f"/v1/journeys/{s.has['journey']}/attention"))
    s.that(warning["rule"] == "repeated-absence", f"two absences are noticed: {warning}")
    note = {"note": "Bus line was changed; now takes the earlier one."}
    clear = f"/v1/journeys/{s.has['journey']}/attention/{warning['rule']}/clear"
    await s.ok(jonas.post("referrals", clear, note))
    async with s.sees("Hanna sees attendance of her own placement only"):
        shown = await s.ok(hanna.get("referrals", path))
        s.that({entry["recorded_by"] for entry in shown["entries"]} == {"harbour-hotel"}, f"Hanna's own: {shown}")
        s.that(len(shown["entries"]) == 3, f"all of Hanna's own: {shown}")
        await s.ok((await s.person("ken")).get("referrals", path), 403)


async def feedback_at_two_stages(s: Stage) -> None:
    vera = await s.person("vera")
    await _feedback(s, "preparation")
    await s.ok(vera.post("referrals", f"/v1/journeys/{s.has['journey']}/stages/preparation/complete"))
    await _feedback(s, "workplace")
    async with s.sees("the triangle's three and Jonas read it, Ken does not"):
        path = f"/v1/journeys/{s.has['journey']}/feedback"
        for name in ("hanna", "vera", "amal", "jonas"):
            given = await s.ok((await s.person(name)).get("referrals", path))
            s.that(len(given["entries"]) == 6, f"{name} reads all six: {given}")
        await s.ok((await s.person("ken")).get("referrals", path), 403)


async def job_follows(s: Stage) -> None:
    hanna, vera, jonas = await s.person("hanna"), await s.person("vera"), await s.person("jonas")
    await s.ok(vera.post("referrals", f"/v1/journeys/{s.has['journey']}/stages/workplace/complete"))
    today = s.today().isoformat()
    await _run(s, hanna, s.has["internship"], "end", {"on": today, "outcome": "taken-on"})
    s.has["job place"] = await _publish(s, "job", "Receptionist")
    s.has["job"] = await _propose(s, s.has["job place"])
    await _answer(s, hanna, s.has["job"])
    await _answer(s, await s.person("amal"), s.has["job"])
    await _run(s, hanna, s.has["job"], "start", {"on": today})
    await s.region.settled()
    decision = {"destination": "job", "placement": s.has["job"]}
    await s.ok(vera.post("referrals", f"/v1/journeys/{s.has['journey']}/transition", decision))
    ended = await s.ok(jonas.get("referrals", f"/v1/journeys/{s.has['journey']}"))
    s.that(ended["destination"] == "job", f"the journey has led somewhere: {ended}")


async def _publish(s: Stage, kind: str, title: str) -> str:
    hanna = await s.person("hanna")
    place = {
        "kind": kind,
        "title": title,
        "occupation": RECEPTIONIST,
        "region": "harbour district",
        "capacity": 1,
        "starts_on": "2026-12-01",
        "must_skills": [{"concept": GUEST_SERVICE, "level": "independent"}],
        "can_skills": [{"concept": CLEAN_ROOMS, "level": "basic", "weight": 1}],
        "language_needs": [{"language": "de", "level": "A2"}],
        "description": "Early and late shifts at the front desk.",
    }
    made = await s.ok(hanna.post("matching", "/v1/opportunities", place), 201)
    await s.ok(hanna.post("matching", f"/v1/opportunities/{made['id']}/publish"))
    await s.region.settled()
    opportunity: str = made["id"]
    return opportunity


async def _propose(s: Stage, opportunity: str) -> str:
    jonas = await s.person("jonas")
    proposal = {"participant": s.has["record"], "opportunity": opportunity}
    placement: str = (await s.ok(jonas.post("matching", "/v1/placements", proposal), 201))["id"]
    return placement


async def _answer(s: Stage, person: Person, placement: str) -> None:
    await _run(s, person, placement, "accept", {})


async def _run(s: Stage, person: Person, placement: str, action: str, body: dict[str, Any]) -> None:
    seen = await person.get("matching", f"/v1/placements/{placement}")
    match = {"If-Match": seen.headers.get("ETag", "")}
    await s.ok(person.post("matching", f"/v1/placements/{placement}/{action}", body, headers=match))


async def _feedback(s: Stage, stage: str) -> None:
    path = f"/v1/journeys/{s.has['journey']}/feedback"
    for name in ("hanna", "vera", "amal"):
        given = {"stage": stage, "ratings": {"guest service": 4, "German at work": 3}, "comment": "Getting on well."}
        await s.ok((await s.person(name)).post("referrals", path, given), 201)
