"""Steps 1 to 4: Amal is registered twice, linked, shares what she wants to share, and is interviewed."""

from infra.story.stage import Stage

CHILD_CARE = "Needs a nursery place before any shift can start."
GUEST_SERVICE = "http://data.europa.eu/esco/skill/1a67caa6-9ec2-4f48-b1d2-5a5d4a1b3a4f"
CLEAN_ROOMS = "http://data.europa.eu/esco/skill/7b0cf1f5-4d8b-4c8f-8c53-0d2c1a2a9b11"
RECEPTIONIST = "http://data.europa.eu/esco/occupation/8c7a2a3e-3e5d-4d4e-9e0f-6a1f0f4c7d21"


async def mira_registers(s: Stage) -> None:
    mira = await s.person("mira")
    registered = await s.ok(
        mira.post(
            "intake",
            "/v1/participants",
            {
                "identity": {"given_name": "Amal", "family_name": "Haddad", "birth": {"year": 1994, "month": 3}},
                "contact": {"phone": "+49 30 5550101"},
                "language": "ar",
            },
        ),
        201,
    )
    s.has["first record"] = registered["id"]
    async with s.sees("nobody else: 404"):
        for name in ("jonas", "ken", "vera", "hanna"):
            await s.ok((await s.person(name)).get("intake", f"/v1/participants/{registered['id']}"), 404)


async def jonas_registers_the_same_person(s: Stage) -> None:
    jonas, mira = await s.person("jonas"), await s.person("mira")
    registered = await s.ok(
        jonas.post(
            "intake",
            "/v1/participants",
            {
                "identity": {"given_name": "Haddad", "family_name": "أمل", "birth": {"year": 1994}},
                "contact": {"phone": "030 / 555 01 01"},
                "language": "ar",
            },
        ),
        201,
    )
    s.has["record"], s.has["reference"] = registered["id"], registered["reference"]
    for person, record in ((jonas, s.has["record"]), (mira, s.has["first record"])):
        [match] = await s.ok(person.get("intake", f"/v1/participants/{record}/possible-matches"))
        s.that(match["state"] in ("possible", "confirmed-by-other"), f"possible match: {match}")
        s.that("Haddad" not in str(match) and "1994" not in str(match), "a possible match tells nothing of the other")
        await s.ok(person.post("intake", f"/v1/possible-matches/{match['candidate']}/confirm"))
    async with s.sees("no more than before"):
        await s.ok(mira.get("intake", f"/v1/participants/{s.has['record']}"), 404)
        await s.ok(jonas.get("intake", f"/v1/participants/{s.has['first record']}"), 404)
        await s.ok((await s.person("ken")).get("intake", f"/v1/participants/{s.has['record']}"), 404)


async def jonas_records_grants(s: Stage) -> None:
    jonas, record = await s.person("jonas"), s.has["record"]
    for recipient, categories, purpose in (
        ("family-advice", ["identity", "contact", "barriers.family"], "child care"),
        ("adult-education", ["profile", "journey"], "Talents fast-track"),
        ("regional-matching", ["profile"], "suggestions"),
    ):
        grant = {
            "recipient": recipient,
            "categories": categories,
            "basis": "consent",
            "purpose": purpose,
            "valid_until": "2028-06-30T00:00:00Z",
            "recorded_how": "signed-form",
            "language": "ar",
        }
        given = await s.ok(jonas.post("intake", f"/v1/participants/{record}/grants", grant), 201)
        s.has[f"grant to {recipient}"] = given["id"]
    handed = await s.ok(jonas.post("intake", f"/v1/participants/{record}/login-code"), 201)
    s.has["login code"] = handed["code"]
    vera, ken, hanna = await s.person("vera"), await s.person("ken"), await s.person("hanna")
    async with s.sees("Vera reads the profile section, not the barriers: 403 names the category"):
        await s.ok(vera.get("intake", f"/v1/participants/{record}/profile"))
        refused = await s.ok(vera.get("intake", f"/v1/participants/{record}/barriers?domain=family"), 403)
        s.that(refused["category"] == "barriers.family", f"the refusal names the category: {refused}")
        shown = await s.ok(vera.get("intake", f"/v1/participants/{record}"))
        s.that(shown["identity"] is None and shown["contact"] is None, "Vera has no right to the name")
    async with s.sees("Ken reads name and contact"):
        shown = await s.ok(ken.get("intake", f"/v1/participants/{record}"))
        s.that(shown["identity"] is not None and shown["contact"] is not None, "Ken sees name and contact")
    async with s.sees("Hanna: 404"):
        await s.ok(hanna.get("intake", f"/v1/participants/{record}"), 404)
        await s.ok(hanna.get("intake", f"/v1/participants/{record}/profile"), 404)


async def jonas_interviews(s: Stage) -> None:
    jonas, record = await s.person("jonas"), s.has["record"]
    profile = {
        "skills": [
            {"concept": GUEST_SERVICE, "label": "guest service", "level": "proficient", "evidence": "demonstrated"},
            {"concept": CLEAN_ROOMS, "label": "clean rooms", "level": "independent", "evidence": "self-declared"},
        ],
        "languages": [
            {"language": "ar", "listening": "C2", "reading": "C2", "spoken": "C2", "written": "C2"},
            {"language": "de", "listening": "B1", "reading": "A2", "spoken": "B1", "written": "A2"},
        ],
        "occupations": [RECEPTIONIST],
        "available_from": "2026-12-01",
    }
    await s.ok(jonas.put("intake", f"/v1/participants/{record}/profile", profile, headers={"If-Match": '"0"'}))
    residence = {"country": "DE", "status": "recognised-refugee", "since": "2024-05-01", "valid_until": "2029-04-30"}
    await s.ok(jonas.put("intake", f"/v1/participants/{record}/residence", residence, headers={"If-Match": '"0"'}))
    barrier = {"domain": "family", "severity": "high", "note": CHILD_CARE}
    added = await s.ok(jonas.post("intake", f"/v1/participants/{record}/barriers", barrier), 201)
    s.has["barrier"] = added["id"]
    rights = await s.ok(jonas.get("intake", f"/v1/participants/{record}/work-rights"))
    s.that(rights["work"] == "yes", f"a recognised refugee may work: {rights}")
    async with s.sees("Vera sees the skills"):
        shown = await s.ok((await s.person("vera")).get("intake", f"/v1/participants/{record}/profile"))
        s.that(GUEST_SERVICE in str(shown), "the skills are there")
    async with s.sees("nobody but Jonas and Ken sees the barrier"):
        for name, status in (("jonas", 200), ("ken", 200), ("vera", 403), ("hanna", 404), ("mira", 404)):
            path = f"/v1/participants/{record}/barriers?domain=family"
            answer = await s.ok((await s.person(name)).get("intake", path), status)
            s.that((CHILD_CARE in str(answer)) == (status == 200), f"{name} and the barrier")
