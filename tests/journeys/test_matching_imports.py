"""Files of opportunities come in: each row once, drafts renewed, what was published left alone, faults named."""

import asyncio
import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.arrivals import name
from tests.support.command_line import CommandLine
from tests.support.matching import SERVE, SOON, WAITER, good
from tests.support.region import Person, Region

PATH = "/v1/imports/opportunities"


def row(number: int, **cells: str) -> dict[str, Any]:
    sound = {"kind": "job", "title": name(), "occupation": WAITER, "region": "Harbour", "starts_on": SOON}
    return {"row": number, **sound, **cells}


async def sent(by: Person, *rows: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = good(await by.post("matching", PATH, {"rows": list(rows), **more}))["rows"]
    return answers


def outcomes(answers: list[dict[str, Any]]) -> list[str]:
    return [answer["outcome"] for answer in answers]


async def test_a_row_becomes_a_draft_of_the_senders_company(region: Region) -> None:
    hanna, jonas = await region.as_("hanna"), await region.as_("jonas")
    [taken] = await sent(hanna, row(2, capacity="2", must_skills=f"{SERVE} = expert", languages="de B1"))
    path = f"/v1/opportunities/{taken['opportunity']}"
    made = good(await hanna.get("matching", path))
    assert (made["state"], made["agency"], made["capacity"]) == ("draft", "harbour-hotel", 2)
    assert made["must_skills"] == [{"concept": SERVE, "level": "expert"}]
    assert (await jonas.get("matching", path)).status_code == 404, "nobody else sees a draft"


async def test_rows_that_are_sent_again_make_nothing_twice(region: Region) -> None:
    hanna = await region.as_("hanna")
    rows = [row(2), row(3, own_number=name()), row(4)]
    both = await asyncio.gather(sent(hanna, *rows), sent(hanna, *rows[::-1]))
    assert Counter(one for answers in both for one in outcomes(answers)) == {"taken-in": 3, "already-in": 3}
    assert len({one["opportunity"] for answers in both for one in answers}) == 3
    assert outcomes(await sent(hanna, *rows, rows[0] | {"row": 9})) == ["already-in"] * 4


async def test_a_draft_is_renewed_and_what_was_published_stays(region: Region) -> None:
    hanna, jonas = await region.as_("hanna"), await region.as_("jonas")
    first = row(2, own_number=name())
    [made] = await sent(hanna, first)
    assert outcomes(await sent(hanna, first | {"capacity": "4"}, trial=True)) == ["changed"]
    assert outcomes(await sent(hanna, first | {"capacity": "4"}, publish=True)) == ["changed"]
    path = f"/v1/opportunities/{made['opportunity']}"
    shown = good(await jonas.get("matching", path))
    assert (shown["state"], shown["capacity"]) == ("open", 4), "published, with what the row says now"
    assert outcomes(await sent(hanna, first | {"capacity": "9"})) == ["known-otherwise"]
    assert good(await jonas.get("matching", path))["capacity"] == 4


async def test_a_trial_makes_nothing_and_a_faulty_row_keeps_no_other_out(region: Region) -> None:
    hanna = await region.as_("hanna")
    rows = [row(2), row(3, kind="odd", starts_on="soon"), row(4)]
    assert outcomes(await sent(hanna, *rows, trial=True)) == ["new", "faulty", "new"]
    answers = await sent(hanna, *rows)
    assert outcomes(answers) == ["taken-in", "faulty", "taken-in"]
    assert [fault["column"] for fault in answers[1]["faults"]] == ["kind", "starts_on"]


@pytest.mark.parametrize("who", ["jonas", "vera", "paul", "aud", "opal"])
async def test_only_companies_bring_places_in(region: Region, who: str) -> None:
    assert (await (await region.as_(who)).post("matching", PATH, {"rows": [row(2)]})).status_code == 403


@pytest.fixture
def lotse(region: Region, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    return CommandLine(region.box.folder, monkeypatch)


async def test_a_file_comes_in_is_mended_and_fed_in_again(lotse: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    lines = [
        "Nr;Art;Stellenbezeichnung;Beruf;Ort;Plätze;Beginn;Sprachen;Gehalt",
        f"1;Praktikum;{name()};{WAITER};Hafen;2;04.01.2030;Deutsch B1;viel",
        f"2;Job;{name()};{WAITER};Hafen;zwei;04.01.2030;;",
    ]
    file.write_bytes("\r\n".join(lines).encode("cp1252"))
    code, said = await lotse("import", "opportunities", str(file), "--publish", "--dry-run")
    assert (code, "1 would be taken in" in said, "Not sent: Gehalt" in said) == (1, True, True), said
    code, said = await lotse("import", "opportunities", str(file), "--publish")
    assert code == 1
    for words in ("1 taken in", "row 3, column Plätze: This is no number of places."):
        assert words in said, said
    to_mend = tmp_path / "places.to-mend-2.csv"
    with to_mend.open(encoding="utf-8-sig", newline="") as opened:
        assert [one["Nr"] for one in csv.DictReader(opened)] == ["2"]
    to_mend.write_text(to_mend.read_text("utf-8-sig").replace("zwei", "2"))
    code, said = await lotse("import", "opportunities", str(to_mend), "--publish")
    assert (code, "1 taken in" in said) == (0, True), said
    file.write_bytes(file.read_bytes().replace(b"zwei", b"2"))
    code, said = await lotse("import", "opportunities", str(file), "--publish")
    assert (code, "2 were in already" in said) == (0, True), said
