"""Steps 11 to 13: the follow-up months later, a withdrawn consent, and those who watch over it all."""

from infra.story.stage import Stage


async def follow_up(s: Stage) -> None:
    jonas = await s.person("jonas")
    await s.advance(days=92)
    path = f"/v1/journeys/{s.has['journey']}/follow-ups"

    async def due() -> bool:
        found = await s.ok(jonas.get("referrals", path))
        return any(one["months"] == 3 and one["state"] == "due" for one in found)

    await s.within(10, "the follow-up after three months is due", due)
    await s.ok(jonas.post("referrals", f"{path}/3", {"outcome": "still-employed"}))
    await _internship_is_history(s)


async def _internship_is_history(s: Stage) -> None:
    """The company's right that came with the internship is over thirty days after it; the job has its own."""
    jonas, hanna, record = await s.person("jonas"), await s.person("hanna"), s.has["record"]

    async def over() -> bool:
        grants = await s.ok(jonas.get("intake", f"/v1/participants/{record}/grants"))
        ends = {one["purpose"]: one["ended"] for one in grants if one["recipient"] == "harbour-hotel"}
        return ends == {"placement:internship": "expired", "placement:job": None}

    await s.within(10, "the right that came with the internship is over", over)
    async with s.sees("Hanna sees name and contact by the job's right alone"):
        seen = await s.ok(hanna.get("intake", f"/v1/participants/{record}"))
        s.that(bool(seen["identity"]) and bool(seen["contact"]), f"the job's own right is open: {seen}")


async def amal_withdraws(s: Stage) -> None:
    amal, vera, record = await s.person("amal"), await s.person("vera"), s.has["record"]
    own = await s.ok(amal.get("intake", f"/v1/participants/{record}/disclosures"))
    looked = {look["agency"] for look in own["looks"]}
    s.that({"job-centre", "adult-education", "family-advice", "harbour-hotel"} <= looked, f"who has looked: {looked}")
    grant = s.has["grant to adult-education"]
    await s.ok(amal.post("intake", f"/v1/grants/{grant}/end", {"why": "withdrawn"}))
    phrase = (
        "Vera: within 2 s every route that rests on the grant answers 404;"
        " what Adult Education recorded itself stays readable to it, without the name"
    )
    journey = f"/v1/journeys/{s.has['journey']}"

    async def closed() -> bool:
        return (await vera.get("referrals", journey)).status_code == 404

    await s.within(2, "the journey is closed to Vera", closed)
    async with s.sees(phrase.partition(";")[0]):
        for service, path in (
            ("intake", f"/v1/participants/{record}"),
            ("intake", f"/v1/participants/{record}/profile"),
            ("intake", f"/v1/participants/{record}/barriers"),
            ("referrals", journey),
            ("referrals", f"/v1/participants/{record}/timeline"),
            ("referrals", f"{journey}/attention"),
            ("matching", f"/v1/placements/{s.has['job']}"),
        ):
            await s.ok(vera.get(service, path), 404)
    async with s.sees(phrase.partition("; ")[2]):
        kept = await s.ok(vera.get("referrals", f"{journey}/attendance"))
        s.that({entry["recorded_by"] for entry in kept["entries"]} == {"adult-education"}, f"own entries: {kept}")
        s.that(kept["reference"] == s.has["reference"] and record not in str(kept), f"under the code only: {kept}")
        rated = await s.ok(vera.get("referrals", f"{journey}/feedback"))
        s.that({entry["rater"] for entry in rated["entries"]} == {"coach"}, f"own feedback: {rated}")


async def watched_over(s: Stage) -> None:
    aud, opal, record = await s.person("aud"), await s.person("opal"), s.has["record"]
    for service in s.region.box.addresses:
        found = await s.ok(aud.get(service, "/v1/operations/audit"))
        s.that(found["fault"] is None and found["sealed"] > 0, f"the audit of {service} is sound: {found}")
    looks = (await s.ok(aud.get("intake", f"/v1/participants/{record}/disclosures")))["looks"]
    s.that(len(looks) > 10, "Aud reads who looked")
    s.that(s.journey is not None, "the journey has a correlation id")

    async def traced() -> bool:
        found = await s.ok(s.region.http.get(f"{s.region.box.traces}/api/traces?journey={s.journey}&limit=200"))
        return set(s.region.box.addresses) <= {name for trace in found["traces"] for name in trace["services"]}

    await s.within(10, "the journey's traces run through all four services", traced)
    async with s.sees("neither can open Amal's profile"):
        for person in (aud, opal):
            await s.ok(person.get("intake", f"/v1/participants/{record}/profile"), 404)
            await s.ok(person.get("intake", f"/v1/participants/{record}"), 404)
