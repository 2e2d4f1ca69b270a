"""ESCO comes in: every part, in every language that there is a file of; the same again is no change, in seconds."""

import csv
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from tests.support.command_line import CommandLine
from tests.support.left_out import data, needs_data
from tests.support.matching import good
from tests.support.region import Region

SKILL, OTHER = "http://data.europa.eu/esco/skill/aaaa", "http://data.europa.eu/esco/skill/bbbb"
JOB = "http://data.europa.eu/esco/occupation/cccc"
OFFICIAL = (
    "conceptType", "conceptUri", "skillType", "reuseLevel", "preferredLabel", "altLabels", "hiddenLabels", "status",
    "modifiedDate", "scopeNote", "definition", "inScheme", "description",
)  # fmt: skip
SERVICES = ("intake", "matching")


@pytest.fixture
def lotse(region: Region, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    return CommandLine(region.box.folder, monkeypatch)


def skills(file: Path, *rows: tuple[str, str, str]) -> Path:
    """An official file of skills: (address, preferred label, other labels)."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        written = csv.DictWriter(opened, OFFICIAL)
        written.writeheader()
        for uri, preferred, others in rows:
            written.writerow(
                {"conceptUri": uri, "preferredLabel": preferred, "altLabels": others, "status": "released"}
            )
    return file


async def labels(region: Region, *uris: str, language: str = "en", service: str = "matching") -> list[dict[str, Any]]:
    query = "&".join([*(f"uri={uri}" for uri in uris), f"language={language}"])
    answer = await (await region.as_("jonas")).get(service, f"/v1/esco/concepts?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


@needs_data()
async def test_the_whole_of_esco_comes_in_within_seconds_and_again_changes_nothing(
    region: Region, lotse: CommandLine
) -> None:
    folder = str(data("esco"))
    started = perf_counter()
    code, said = await lotse("import", "esco", folder, "--language", "en", "--release", "1.2.0")
    seconds = perf_counter() - started
    assert code == 0, said
    for words in (
        "skills_en.csv: 4,199 of skill",
        "occupations.csv: 3,007 of occupation",
        "isco_groups.csv: 619 of isco-group",
    ):
        assert words in said, said
    assert "Columns that are not taken over: ID, UUIDHISTORY, DESCRIPTION" in said
    assert seconds < 60, f"{seconds:.0f} s for three parts at two services"
    code, said = await lotse("import", "esco", folder, "--language", "en", "--release", "1.2.0")
    assert (code, said.count("as they were"), " new" in said, " changed" in said) == (0, 6, False, False), said
    known = "http://data.europa.eu/esco/skill/001115fb-569f-4ee6-8381-c6807ef2527f"
    for service in SERVICES:
        [found] = await labels(region, known, "http://data.europa.eu/esco/skill/none", service=service)
        assert (found["label"], found["kind"], found["obsolete"]) == ("show initiative", "skill", False)
        releases = await (await region.as_("jonas")).get(service, "/v1/esco/releases")
        assert {(one["kind"], one["language"], one["release"]) for one in releases.json()} >= {
            ("skill", "en", "1.2.0"), ("occupation", "en", "1.2.0"), ("isco-group", "en", "1.2.0"),
        }  # fmt: skip


async def test_official_files_come_in_in_many_languages(region: Region, lotse: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "ESCO dataset - v1.2.1 - classification - csv"
    folder.mkdir()
    skills(folder / "skills_de.csv", (SKILL, "Speisen servieren", "Essen auftragen\nGäste bedienen"))
    skills(folder / "skills_ar.csv", (SKILL, "تقديم الطعام", ""))
    skills(folder / "broaderRelationsSkillPillar_de.csv")
    code, said = await lotse("import", "esco", str(folder))
    assert code == 0, said
    assert "Not taken over, for no service needs them: broaderRelationsSkillPillar_de.csv" in said
    assert "ESCO 1.2.1" in said
    assert [one["label"] for one in await labels(region, SKILL, language="ar")] == ["تقديم الطعام"]
    assert [one["language"] for one in await labels(region, SKILL, language="uk")] == ["ar"], "any, rather than none"
    changed = skills(folder / "skills_de.csv", (SKILL, "Speisen und Getränke servieren", ""))
    code, said = await lotse("import", "esco", str(changed))
    assert (code, said.count("1 changed")) == (0, 2), said
    assert [one["label"] for one in await labels(region, SKILL, language="de")] == ["Speisen und Getränke servieren"]


async def test_what_a_later_release_has_not_is_obsolete_and_keeps_its_label(
    region: Region, lotse: CommandLine, tmp_path: Path
) -> None:
    both = skills(tmp_path / "skills_fr.csv", (SKILL, "servir des plats", ""), (OTHER, "laver", ""))
    assert (await lotse("import", "esco", str(both), "--release", "1.2.1"))[0] == 0
    one = skills(tmp_path / "skills_fr.csv", (SKILL, "servir des plats", ""))
    code, said = await lotse("import", "esco", str(one), "--release", "1.3")
    assert code == 0, said
    found = {each["uri"]: each["obsolete"] for each in await labels(region, SKILL, OTHER, language="fr")}
    assert found == {SKILL: False, OTHER: True}


async def test_a_broken_file_brings_nothing_and_says_where(region: Region, lotse: CommandLine, tmp_path: Path) -> None:
    fresh = "http://data.europa.eu/esco/skill/dddd"
    file = skills(tmp_path / "skills_es.csv", (fresh, "cocinar", ""), ("nowhere", "lavar", ""), (fresh, "", ""))
    code, said = await lotse("import", "esco", str(file), "--release", "1.3")
    assert (code, "Nothing was sent" in said) == (1, True), said
    for words in (
        "row 3, column conceptUri",
        "row 4, column conceptUri: The same concept stands in row 2",
        "row 4, column preferredLabel",
    ):
        assert words in said, said
    skills(file, (fresh, "cocinar", "guisar"))
    file.write_text(file.read_text() + f'x,{SKILL},,,"never closed')
    code, said = await lotse("import", "esco", str(file), "--release", "1.3")
    assert (code, "row 3" in said, "never closes" in said) == (1, True, True), said
    assert await labels(region, fresh) == []
    (tmp_path / "skills_xx.csv").write_text("name,label\na,b\n")
    code, said = await lotse("import", "esco", str(tmp_path / "skills_xx.csv"), "--release", "1.3")
    assert (code, "no column conceptUri and no preferredLabel" in said) == (1, True), said
    code, said = await lotse("import", "esco", str(file))
    assert (code, "--release" in said) == (1, True), said


@pytest.mark.parametrize("who", ["jonas", "hanna", "paul", "cora"])
async def test_only_operators_bring_a_release_in_and_nobody_else_sees_the_door(region: Region, who: str) -> None:
    body = {"release": "9", "language": "en", "kind": "skill", "concepts": [{"uri": SKILL, "preferred": "no"}]}
    for service in SERVICES:
        assert (await (await region.as_(who)).post(service, "/v1/imports/esco", body)).status_code == 404


async def test_a_file_of_opportunities_may_name_skills_in_words(
    region: Region, lotse: CommandLine, tmp_path: Path
) -> None:
    jobs = tmp_path / "occupations_pl.csv"
    jobs.write_text(f"conceptUri,iscoGroup,preferredLabel,altLabels,code\n{JOB},5131,kelner,kelnerka,5131.1\n")
    words = skills(tmp_path / "skills_pl.csv", (SKILL, "podawać jedzenie", "serwować"), (OTHER, "myć", "serwować"))
    assert (await lotse("import", "esco", str(jobs), str(words), "--release", "1.3"))[0] == 0
    row = {"row": 2, "kind": "job", "title": "x", "occupation": "Kelnerka", "region": "x", "starts_on": "2030-01-04"}
    rows = [row | {"must_skills": "Podawac jedzenie = expert"}, row | {"row": 3, "must_skills": "serwować"}]
    hanna = await region.as_("hanna")
    made, vague = good(await hanna.post("matching", "/v1/imports/opportunities", {"rows": rows}))["rows"]
    found = good(await hanna.get("matching", f"/v1/opportunities/{made['opportunity']}"))
    assert (found["occupation"], found["must_skills"]) == (JOB, [{"concept": SKILL, "level": "expert"}])
    assert [fault["column"] for fault in vague["faults"]] == ["must_skills"], "a word for two skills means neither"
