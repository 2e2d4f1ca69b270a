"""The interview: skills found by name without a script, and the words of a profile in two languages."""

from pathlib import Path
from typing import Any

import pytest

from tests.desk.test_recording import named
from tests.support.command_line import CommandLine
from tests.support.desk import Page, Visitor, at_the_desk
from tests.support.joining import body
from tests.support.referring import register
from tests.support.region import Region

SAMPLES = Path(__file__).parent.parent / "samples" / "esco"
WELD = "http://data.europa.eu/esco/skill/sample-weld"
KEPT = {"version": "1"}
"""The form that changes something, not the one that chooses the language."""
FIRST = {"If-Match": '"0"'}


@pytest.fixture(scope="module", autouse=True)
async def esco(region: Region) -> None:
    with pytest.MonkeyPatch.context() as patch:
        code, said = await CommandLine(region.box.folder, patch)("import", "esco", str(SAMPLES), "--release", "0.1")
    assert code == 0, said


@pytest.fixture(scope="module")
async def jonas(region: Region) -> Visitor:
    return await at_the_desk(region, "jonas")


async def test_a_skill_is_found_by_its_name_in_any_language_and_nothing_typed_is_lost(
    region: Region, jonas: Visitor
) -> None:
    person, api = await register(region), await region.as_("jonas")
    path = f"/participants/{person}/interview"
    page = await jonas.open(path)
    found = await jonas.send(page, f"{path}/profile", do="find", sought="soudrue", expectations="near the school")
    assert "weld metal" in found.text
    assert "near the school" in found.html
    assert (await body(api.get("intake", f"/v1/participants/{person}/profile")))["version"] == 0, "nothing was saved"
    none = await jonas.send(found, f"{path}/profile", do="find", sought="xyzzyx")
    assert "Nothing was found" in none.text
    typed: dict[str, Any] = {"expectations": "near the school"}
    taken = await jonas.send(found, f"{path}/profile", take=f"{WELD} weld metal", **typed)
    assert "is in the list below" in taken.text
    assert "near the school" in taken.html
    saved = await jonas.send(taken, f"{path}/profile", **{**typed, "skills-0-level": "proficient"})
    assert "is saved" in saved.text
    kept = await body(api.get("intake", f"/v1/participants/{person}/profile"))
    [skill] = kept["skills"]
    assert (skill["concept"], skill["label"], skill["level"]) == (WELD, "weld metal", "proficient")
    assert kept["expectations"] == "near the school"
    again = await jonas.send(await jonas.open(path), f"{path}/profile", take=f"{WELD} weld metal")
    assert again.html.count(f'value="{WELD}"') == 1, "the same skill is not there twice"


async def test_words_stand_in_two_languages_with_who_put_them_there(region: Region, jonas: Visitor) -> None:
    person, api = await register(region), await region.as_("jonas")
    profile: dict[str, Any] = {
        "skills": [{"concept": WELD, "label": "لحام", "level": "expert"}],
        "work_experience": [{"title": "لحّام", "tasks": "أبواب ونوافذ", "from_year": 2010}],
    }
    await body(api.put("intake", f"/v1/participants/{person}/profile", profile, headers=FIRST))
    path = f"/participants/{person}/interview/languages"
    page = await jonas.open(f"{path}?to=de")
    assert "Metall schweißen" in page.text, "the coded part comes in the language from ESCO"
    wrong = await jonas.send(page, path, KEPT, said_in="ar", **{"work_experience-0-title": "Schweißer"})
    assert (wrong.status, named(wrong, "work_experience-0-title-by")) == (422, True)
    same = await jonas.send(page, path, KEPT, said_in="de")
    assert same.status == 422
    made: dict[str, Any] = {"work_experience-0-title": "Schweißer", "work_experience-0-title-by": "interpreter"}
    saved = await jonas.send(wrong, path, KEPT, said_in="ar", **made)
    assert "The words are saved." in saved.text
    assert "Schweißer" in saved.html
    kept = await body(api.get("intake", f"/v1/participants/{person}/profile"))
    [version] = kept["work_experience"][0]["versions"]
    assert version == {"part": "title", "language": "de", "text": "Schweißer", "by": "interpreter"}
    assert (kept["said_in"], kept["work_experience"][0]["from_year"]) == ("ar", 2010)
    emptied = await jonas.send(
        saved, path, {"version": "2"}, **{"work_experience-0-title": "", "work_experience-0-title-by": ""}
    )
    assert "The words are saved." in emptied.text
    kept = await body(api.get("intake", f"/v1/participants/{person}/profile"))
    assert kept["work_experience"][0]["versions"] == []


async def test_a_stranger_sees_no_words(region: Region) -> None:
    person, ken = await register(region), await at_the_desk(region, "ken")
    page: Page = await ken.open(f"/participants/{person}/interview/languages")
    assert page.status == 404
