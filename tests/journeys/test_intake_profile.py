"""What a person can do: written by the responsible agency, read where it was granted."""

from typing import Any

from tests.support.arrivals import granted, registered
from tests.support.region import Region

PROFILE: dict[str, Any] = {
    "skills": [
        {
            "concept": "http://data.europa.eu/esco/skill/guest-service",
            "label": "guest service",
            "level": "proficient",
            "evidence": "demonstrated",
        }
    ],
    "languages": [{"language": "de", "listening": "B1", "reading": "A2", "spoken": "B1", "written": None}],
    "occupations": ["http://data.europa.eu/esco/occupation/receptionist"],
    "education": [{"title": "Hotel school", "country": "SY", "year": 2015, "recognised": None}],
    "work_experience": [{"title": "Front desk", "from_year": 2015, "to_year": 2019}],
    "expectations": "near the school",
    "available_from": "2026-12-01",
    "mobility_km": 20,
}
SKILL = PROFILE["skills"][0]
FIRST = {"If-Match": '"0"'}


async def test_a_profile_is_empty_until_it_is_written(region: Region) -> None:
    jonas = await region.as_("jonas")
    path = f"/v1/participants/{await registered(jonas)}/profile"
    empty = await jonas.get("intake", path)
    assert (empty.json()["version"], empty.json()["skills"], empty.headers["ETag"]) == (0, [], '"0"')
    written = await jonas.put("intake", path, PROFILE, headers=FIRST)
    assert (written.status_code, written.headers["ETag"]) == (200, '"1"')
    shown = (await jonas.get("intake", path)).json()
    for section, expected in PROFILE.items():
        if isinstance(expected, list) and isinstance(expected[0], dict):
            shown[section] = [{name: one[name] for name in expected[0]} for one in shown[section]]
        assert shown[section] == expected


async def test_the_later_of_two_writers_is_told_to_look_again(region: Region) -> None:
    jonas, sigrid = await region.as_("jonas"), await region.as_("sigrid")
    path = f"/v1/participants/{await registered(jonas)}/profile"
    assert (await jonas.put("intake", path, PROFILE, headers=FIRST)).status_code == 200
    assert (await sigrid.put("intake", path, {"mobility_km": 5}, headers=FIRST)).status_code == 412
    assert (await jonas.put("intake", path, PROFILE)).status_code == 428
    assert (await jonas.get("intake", path)).json()["mobility_km"] == 20


async def test_an_unknown_field_and_a_double_skill_are_refused(region: Region) -> None:
    jonas = await region.as_("jonas")
    path = f"/v1/participants/{await registered(jonas)}/profile"
    unknown = await jonas.put("intake", path, {"hobbies": ["chess"]}, headers=FIRST)
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "hobbies")
    double = await jonas.put("intake", path, {"skills": PROFILE["skills"] * 2}, headers=FIRST)
    assert (double.status_code, double.json()["errors"][0]["field"]) == (422, "skills.1")


async def test_a_coach_reads_it_with_a_grant_and_writes_it_never(region: Region) -> None:
    jonas, vera = await region.as_("jonas"), await region.as_("vera")
    participant = await registered(jonas)
    path = f"/v1/participants/{participant}/profile"
    await jonas.put("intake", path, PROFILE, headers=FIRST)
    assert (await vera.get("intake", path)).status_code == 404
    await granted(jonas, participant, "adult-education", "profile", "journey")
    shown = await vera.get("intake", path)
    assert (shown.status_code, shown.json()["occupations"]) == (200, PROFILE["occupations"])
    assert (await vera.put("intake", path, PROFILE, headers={"If-Match": '"1"'})).status_code == 403
    for stranger in ("hanna", "mira", "aud", "opal"):
        assert (await (await region.as_(stranger)).get("intake", path)).status_code == 404


LATER: dict[str, Any] = {
    "said_in": "ar",
    "languages": [{"language": "ar", "mother_tongue": True}, {"language": "de", "interaction": "A2", "spoken": "B1"}],
    "work_experience": [
        {
            "title": "استقبال",
            "from_year": 2015,
            "from_month": 3,
            "occupation": PROFILE["occupations"][0],
            "versions": [{"part": "title", "language": "de", "text": "Empfang", "by": "interpreter"}],
        }
    ],
    "driving_licences": [{"category": "B", "country": "SY", "exchanged": False}],
    "daytimes": ["mornings", "weekends"],
    "would_move": False,
}


async def test_a_section_is_written_alone_and_the_others_stay(region: Region) -> None:
    jonas = await region.as_("jonas")
    path = f"/v1/participants/{await registered(jonas)}/profile"
    await jonas.put("intake", path, PROFILE, headers=FIRST)
    written = await jonas.patch("intake", path, LATER, headers={"If-Match": '"1"'})
    assert (written.status_code, written.headers["ETag"]) == (200, '"2"'), written.text
    shown = (await jonas.get("intake", path)).json()
    assert [one["interaction"] for one in shown["languages"]] == [None, "A2"]
    assert shown["work_experience"][0]["versions"][0]["by"] == "interpreter"
    assert (shown["skills"], shown["mobility_km"]) == (written.json()["skills"], 20)
    assert shown["skills"][0]["concept"] == PROFILE["skills"][0]["concept"]
    stale = await jonas.patch("intake", path, {"mobility_km": 1}, headers={"If-Match": '"1"'})
    assert (stale.status_code, (await jonas.patch("intake", path, {})).status_code) == (412, 428)


async def test_what_can_not_be_is_refused_at_its_place(region: Region) -> None:
    jonas = await region.as_("jonas")
    path = f"/v1/participants/{await registered(jonas)}/profile"
    said = {"part": "title", "language": "de", "text": "x", "by": "machine"}
    for sections, field in (
        ({"work_experience": [{"title": "x", "from_month": 3}]}, "work_experience.0.from_year"),
        (
            {"work_experience": [{"title": "x", "from_year": 2015, "from_month": 2, "from_day": 30}]},
            "work_experience.0.from_day",
        ),
        ({"work_experience": [{"title": "x", "to_year": 2015, "current": True}]}, "work_experience.0.current"),
        ({"education": [{"title": "x", "from_year": 2015, "year": 2014}]}, "education.0.year"),
        ({"education": [{"title": "x", "versions": [said]}]}, "education.0.versions.0.language"),
        ({"said_in": "de", "education": [{"title": "x", "versions": [said]}]}, "education.0.versions.0.language"),
        ({"said_in": "ar", "skills": [{**SKILL, "versions": [said]}]}, "skills.0.versions.0.part"),
        ({"driving_licences": [{"category": "B"}, {"category": "B"}]}, "driving_licences.1"),
    ):
        refused = await jonas.patch("intake", path, sections, headers={"If-Match": '"0"'})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field), refused.text


async def test_a_profile_is_taken_to_another_agency_as_a_file_without_loss(region: Region) -> None:
    jonas = await region.as_("jonas")
    here, there = [f"/v1/participants/{await registered(jonas)}/profile" for _ in range(2)]
    await jonas.put("intake", here, {**PROFILE, **LATER}, headers=FIRST)
    for kind, version in (("xml", 0), ("json", 2)):
        file = await jonas.get("intake", f"{here}/file", params={"kind": kind})
        assert file.headers["Content-Type"].startswith(f"application/{kind}")
        assert "filename" in file.headers["Content-Disposition"]
        sent = {"If-Match": f'"{version}"', "Content-Type": f"application/{kind}"}
        taken = await jonas.call("PUT", "intake", f"{there}/file", content=file.content, headers=sent)
        assert taken.status_code == 200, taken.text
        assert (await jonas.get("intake", f"{there}/file", params={"kind": kind})).content == file.content
        await jonas.put("intake", there, {}, headers={"If-Match": taken.headers["ETag"]})


async def test_a_bad_file_brings_nothing_and_says_where(region: Region) -> None:
    jonas = await region.as_("jonas")
    path = f"/v1/participants/{await registered(jonas)}/profile"
    bomb = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>\n<SkillsPassport>&f;</SkillsPassport>'
    refused = await jonas.call("PUT", "intake", f"{path}/file", content=bomb, headers=FIRST)
    assert (refused.status_code, refused.json()["line"]) == (422, 1)
    assert "DOCTYPE" in refused.json()["way_out"]
    assert (await jonas.get("intake", path)).json()["version"] == 0


async def test_who_reads_a_profile_by_grant_may_take_it_out_and_never_in(region: Region) -> None:
    jonas, vera = await region.as_("jonas"), await region.as_("vera")
    participant = await registered(jonas)
    path = f"/v1/participants/{participant}/profile"
    await jonas.put("intake", path, PROFILE, headers=FIRST)
    assert (await vera.get("intake", f"{path}/file")).status_code == 404
    await granted(jonas, participant, "adult-education", "profile")
    assert (await vera.get("intake", f"{path}/file")).status_code == 200
    for answer in (
        await vera.call("PUT", "intake", f"{path}/file", content=b"{}", headers={"If-Match": '"1"'}),
        await vera.patch("intake", path, {"mobility_km": 3}, headers={"If-Match": '"1"'}),
    ):
        assert answer.status_code == 403
    for stranger in ("hanna", "mira", "aud", "opal"):
        assert (await (await region.as_(stranger)).get("intake", f"{path}/file")).status_code == 404
