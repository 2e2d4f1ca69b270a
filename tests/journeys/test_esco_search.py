"""Looking for a skill while typing: in any language, any order, begun, by another name, misspelt."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.arrivals import registered
from tests.support.command_line import CommandLine
from tests.support.matching import good
from tests.support.region import Region

SAMPLES = Path(__file__).parent.parent / "samples" / "esco"
SKILL = "http://data.europa.eu/esco/skill/sample-"
SERVE, ROOMS, ELDERLY, WELD, BAKE = (
    f"{SKILL}{name}" for name in ("serve-food", "clean-rooms", "care-elderly", "weld", "bake")
)


@pytest.fixture(scope="module")
async def esco(region: Region) -> Region:
    """The region with the sample in six languages."""
    with pytest.MonkeyPatch.context() as patch:
        code, said = await CommandLine(region.box.folder, patch)("import", "esco", str(SAMPLES), "--release", "0.1")
    assert code == 0, said
    return region


async def look_for(region: Region, typed: str, service: str = "intake", **more: Any) -> list[dict[str, Any]]:
    answer = await (await region.as_("jonas")).get(service, "/v1/esco/search", params={"q": typed, **more})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return [one for one in found if one["uri"].startswith(SKILL)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Speisen am Tisch servieren", SERVE),
        ("tisch speisen", SERVE),
        ("Schweissen", WELD),
        ("Altenpf", ELDERLY),
        ("Zimer reinigen", ROOMS),
        ("wiat at tables", SERVE),
        ("personnes agees", ELDERLY),
        ("soudrue", WELD),
        ("لحام", WELD),
        ("طعام", SERVE),
        ("رعايه كبار", ELDERLY),
        ("хлі", BAKE),
        ("прибераня номерів", ROOMS),
        ("φροντιδα", ELDERLY),
        ("μεταλων", WELD),
    ],
)
async def test_what_was_meant_comes_first_whatever_the_language(esco: Region, typed: str, meant: str) -> None:
    assert [one["uri"] for one in await look_for(esco, typed)][:1] == [meant]


async def test_the_label_is_in_the_readers_language_and_says_by_what_it_was_found(esco: Region) -> None:
    [found] = await look_for(esco, "зварювати метал", language="ar")
    assert (found["uri"], found["label"], found["language"]) == (WELD, "لحام المعادن", "ar")
    assert found["matched"] == "зварювати метал"
    [same] = await look_for(esco, "зварювати метал", "matching", language="de")
    assert (same["uri"], same["label"]) == (WELD, "Metall schweißen")


async def test_a_label_has_all_words_or_is_not_guessed(esco: Region) -> None:
    assert await look_for(esco, "submarine tables wait") == []


async def test_a_search_can_be_kept_to_a_language_and_a_part(esco: Region) -> None:
    assert [one["uri"] for one in await look_for(esco, "pain", typed_in=["fr"])] == [BAKE]
    assert await look_for(esco, "pain", typed_in=["uk", "el"]) == []
    assert await look_for(esco, "pain", kind="occupation") == []


@pytest.mark.parametrize("typed", ["'", "serve' | 'x", ":*", "\\", "!", "( & )", "%", "_"])
async def test_signs_are_no_commands(esco: Region, typed: str) -> None:
    assert {one["uri"] for one in await look_for(esco, typed)} <= {SERVE}


async def test_an_obsolete_concept_is_not_found(esco: Region, tmp_path: Path) -> None:
    """On a part of its own, so that the sample stays."""
    heading, row = "conceptUri,preferredLabel,altLabels\n", "http://data.europa.eu/esco/isco/{},{},\n"
    file = tmp_path / "isco_groups_sv.csv"
    with pytest.MonkeyPatch.context() as patch:
        lotse = CommandLine(esco.box.folder, patch)
        file.write_text(heading + row.format("Cx1", "hovslagare") + row.format("Cx2", "sotare"))
        assert (await lotse("import", "esco", str(file), "--release", "8.0"))[0] == 0
        file.write_text(heading + row.format("Cx2", "sotare"))
        assert (await lotse("import", "esco", str(file), "--release", "8.1"))[0] == 0
    jonas = await esco.as_("jonas")
    for typed, found in (("hovsl", 0), ("sotare", 1)):
        answer = await jonas.get("intake", "/v1/esco/search", params={"q": typed, "kind": "isco-group"})
        assert len(answer.json()) == found, answer.text


async def test_who_has_no_agency_does_not_search(esco: Region) -> None:
    jonas = await esco.as_("jonas")
    person = await registered(jonas)
    login = good(await jonas.post("intake", f"/v1/participants/{person}/login-code"), 201)
    amal = await esco.as_(login["reference"], login["code"])
    assert (await amal.get("intake", "/v1/esco/search", params={"q": "weld"})).status_code == 404


async def test_a_search_that_cannot_be_read_is_refused(esco: Region) -> None:
    jonas = await esco.as_("jonas")
    for wrong in ({"q": ""}, {"q": "x", "limit": 51}, {"q": "x", "kind": "hobby"}):
        assert (await jonas.get("intake", "/v1/esco/search", params=wrong)).status_code == 422
