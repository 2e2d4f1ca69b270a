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
FIRST = {"If-Match": '"0"'}


async def test_a_profile_is_empty_until_it_is_written(region: Region) -> None:
    jonas = await region.as_("jonas")
    path = f"/v1/participants/{await registered(jonas)}/profile"
    empty = await jonas.get("intake", path)
    assert (empty.json()["version"], empty.json()["skills"], empty.headers["ETag"]) == (0, [], '"0"')
    written = await jonas.put("intake", path, PROFILE, headers=FIRST)
    assert (written.status_code, written.headers["ETag"]) == (200, '"1"')
    shown = (await jonas.get("intake", path)).json()
    assert {field: shown[field] for field in PROFILE} == PROFILE


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
