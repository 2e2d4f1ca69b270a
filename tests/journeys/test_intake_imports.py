"""Files of people come in: each row once, whatever breaks, and what is wrong can be mended and fed in again."""

import asyncio
import csv
import json
import stat
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from infra.importing.participants import BATCH, proposal, send
from infra.importing.reading import read_file
from infra.importing.rows import Became, Call
from infra.importing.table import Table
from tests.support.arrivals import name
from tests.support.canary import leaks
from tests.support.command_line import CommandLine
from tests.support.matching import good
from tests.support.region import Person, Region

PATH = "/v1/imports/participants"


def row(number: int, **cells: str) -> dict[str, Any]:
    return {"row": number, "given_name": name(), "family_name": name(), "birth": "1994", **cells}


async def sent(by: Person, rows: Sequence[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = good(await by.post("intake", PATH, {"rows": list(rows), **more}))["rows"]
    return answers


def outcomes(answers: Sequence[dict[str, Any]]) -> list[str]:
    return [answer["outcome"] for answer in answers]


async def test_a_row_becomes_a_person_of_the_senders_agency(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    [taken] = await sent(jonas, [row(2, given_name="Ama", phone="+49 30 5550188", language="ar")], assign_to_me=True)
    made = good(await jonas.get("intake", f"/v1/participants/{taken['participant']}"))
    assert (made["reference"], made["agency"], made["language"]) == (taken["reference"], "job-centre", "ar")
    assert made["caseworker"] is not None
    assert (made["identity"]["given_name"], made["contact"]["phone"]) == ("Ama", "+49 30 5550188")
    assert (await ken.get("intake", f"/v1/participants/{taken['participant']}")).status_code == 404


async def test_nobody_is_made_twice_however_often_rows_are_sent(region: Region) -> None:
    jonas = await region.as_("jonas")
    rows = [row(2), row(3, own_number=name())]
    first = await sent(jonas, rows)
    again = await sent(jonas, [*rows, rows[0] | {"row": 9}])
    assert outcomes(first) == ["registered"] * 2
    assert outcomes(again) == ["already-in"] * 3
    assert [one["participant"] for one in again[:2]] == [one["participant"] for one in first]
    changed = await sent(jonas, [rows[1] | {"birth": "1995"}])
    assert outcomes(changed) == ["known-otherwise"], "the agency's own number makes a row known"


async def test_two_that_send_the_same_file_at_once_make_nobody_twice(region: Region) -> None:
    jonas, sigrid = await region.as_("jonas"), await region.as_("sigrid")
    rows = [row(number) for number in range(2, 22)]
    both = await asyncio.gather(sent(jonas, rows), sent(sigrid, rows[::-1]), sent(jonas, rows[5:]))
    counted = Counter(outcome for answers in both for outcome in outcomes(answers))
    assert counted == {"registered": 20, "already-in": 35}
    assert len({one["participant"] for answers in both for one in answers}) == 20


async def test_other_agencies_rows_are_their_own(region: Region) -> None:
    jonas, mira = await region.as_("jonas"), await region.as_("mira")
    known = row(2)
    [ours], [theirs] = await sent(jonas, [known]), await sent(mira, [known])
    assert (ours["outcome"], theirs["outcome"]) == ("registered", "registered")
    assert ours["participant"] != theirs["participant"]
    assert theirs["possible_match"], "and both sides are told, as at a desk"
    matches = await jonas.get("intake", f"/v1/participants/{ours['participant']}/possible-matches")
    assert [match["state"] for match in matches.json()] == ["possible"]


async def test_swapped_names_meet_as_a_possible_match(region: Region) -> None:
    jonas = await region.as_("jonas")
    right = row(2, birth="1994-05-17")
    swapped = right | {"row": 3, "given_name": right["family_name"], "family_name": right["given_name"]}
    first, second = await sent(jonas, [right, swapped])
    assert (first["outcome"], second["outcome"]) == ("registered", "registered")
    assert second["possible_match"]


async def test_a_row_that_is_wrong_keeps_no_other_out(region: Region) -> None:
    jonas = await region.as_("jonas")
    wrong = row(3, birth="31.02.1994", phone="by post")
    answers = await sent(jonas, [row(2), wrong, row(4)])
    assert outcomes(answers) == ["registered", "faulty", "registered"]
    assert [fault["column"] for fault in answers[1]["faults"]] == ["birth", "phone"]
    assert all(fault["way_out"] for fault in answers[1]["faults"])
    assert answers[1]["participant"] is None


async def test_a_trial_registers_nobody_and_tells_nothing_of_others(region: Region) -> None:
    jonas, mira = await region.as_("jonas"), await region.as_("mira")
    known = row(2)
    await sent(jonas, [known])
    repeated = row(4)
    trial = await sent(mira, [known, row(3, birth="?!"), repeated, repeated | {"row": 5}], trial=True)
    assert outcomes(trial) == ["new", "faulty", "new", "already-in"]
    assert not any(one["possible_match"] or one["participant"] for one in trial), "nobody is looked for"
    assert outcomes(await sent(mira, [known])) == ["registered"]


@pytest.mark.parametrize("who", ["vera", "hanna", "paul", "aud", "opal"])
async def test_only_who_may_register_may_take_in_a_file(region: Region, who: str) -> None:
    person = await region.as_(who)
    answer = await person.post("intake", PATH, {"rows": [row(2)]})
    assert answer.status_code == 403


async def test_too_many_rows_and_unknown_fields_are_refused(region: Region) -> None:
    jonas = await region.as_("jonas")
    assert (await jonas.post("intake", PATH, {"rows": [row(n) for n in range(1, 202)]})).status_code == 422
    assert (await jonas.post("intake", PATH, {"rows": [row(2, shoe_size="38")]})).status_code == 422
    assert (await jonas.post("intake", PATH, {"rows": []})).status_code == 422


async def test_what_is_kept_of_a_row_and_told_to_others_holds_no_word_of_it(region: Region) -> None:
    jonas = await region.as_("jonas")
    secret = row(2, own_number=name(), phone="030 98765432", email=f"{name()}@example.org", address=name())
    [taken] = await sent(jonas, [secret])
    url = region.box.settings["intake"].database_url.get_secret_value()
    with psycopg.connect(url) as conn:
        kept = conn.execute("select t::text from imports.taken_in t where participant = %s", (taken["participant"],))
        told = conn.execute(
            "select convert_from(value, 'utf8') from chassis.outbox where key = %s", (taken["participant"],)
        )
        noted = conn.execute(
            "select action, agency, subject from chassis.audit where participant = %s", (taken["participant"],)
        )
        rows, facts, audit = kept.fetchall(), told.fetchall(), noted.fetchall()
    words = [str(secret[cell]) for cell in ("own_number", "given_name", "family_name", "phone", "email", "address")]
    assert (len(rows), len(facts)) == (1, 1), "one fact, as at a desk"
    assert leaks(tuple(words), [("row", str(rows).encode()), ("fact", str(facts).encode())]) == []
    assert ("participant:register", "job-centre", "import") in audit


@pytest.fixture
def lotse(region: Region, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    return CommandLine(region.box.folder, monkeypatch)


def dirty_file(folder: Path) -> Path:
    """Four people in an office's file: one sound, one on a day that is none, one whose letter broke, one twice."""
    lines = [
        "Kundennr.;Vorname;Nachname;Geb.-Datum;Telefon;Sprache;Augenfarbe",
        f"1;{name()};{name()};17.05.1994;030 5550{len(name())};Arabisch;braun",
        f"2;{name()};{name()};31.02.1990;;Arabisch;grün",
        f"3;{name()}\udcff;{name()};1988;;ti;braun",
        f"4;{name()};{name()};00.00.1979;;;",
    ]
    file = folder / "people.csv"
    file.write_bytes("\r\n".join([*lines, lines[1]]).encode("utf-8", "surrogateescape"))
    return file


async def test_a_broken_file_is_imported_mended_and_fed_in_again(lotse: CommandLine, tmp_path: Path) -> None:
    file = dirty_file(tmp_path)
    code, said = await lotse("import", "participants", str(file), "--dry-run")
    assert (code, "3 would be registered" in said or "2 would be registered" in said) == (1, True), said
    assert "Not sent: Kundennr., Augenfarbe" in said
    code, said = await lotse("import", "participants", str(file), "--report", str(tmp_path / "all.csv"))
    assert code == 1
    for words in ("2 registered", "1 were in already", "row 3, column Geb.-Datum", "row 4, column Vorname"):
        assert words in said, said
    to_mend = tmp_path / "people.to-mend-2.csv"
    assert stat.S_IMODE(to_mend.stat().st_mode) == 0o600
    with to_mend.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as opened:
        second, _ = csv.DictReader(opened)
    assert (second["lotse: row"], second["lotse: column"], second["Kundennr."]) == ("3", "Geb.-Datum", "2")
    assert second["lotse: what to do"]
    to_mend.write_text(
        to_mend.read_text("utf-8-sig", errors="replace").replace("31.02.1990", "28.02.1990").replace("\ufffd", "o")
    )
    code, said = await lotse("import", "participants", str(to_mend))
    assert (code, "2 registered" in said) == (0, True), said
    mended = file.read_bytes().replace(b"31.02.1990", b"28.02.1990").replace(b"\xff", b"o")
    file.write_bytes(mended)
    code, said = await lotse("import", "participants", str(file))
    assert (code, "5 were in already" in said) == (0, True), said
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as opened:
        listed = list(csv.DictReader(opened))
    assert [one["outcome"] for one in listed] == ["registered", "faulty", "unreadable", "registered", "already-in"]
    assert listed[0]["reference"].startswith("P-")


async def test_objects_per_line_come_in_and_go_back_as_such(lotse: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "people.ndjson"
    people = [{"given_name": name(), "family_name": name(), "born": 1994}, {"given_name": "8", "family_name": name()}]
    file.write_text("".join(json.dumps(one) + "\n" for one in people))
    code, said = await lotse("import", "participants", str(file), "--as", "mira")
    assert (code, "1 registered" in said) == (1, True), said
    [back] = (tmp_path / "people.to-mend.ndjson").read_text().splitlines()
    assert json.loads(back)["lotse: column"] == "given_name"


async def test_a_mapping_file_says_what_no_heading_says(lotse: CommandLine, tmp_path: Path) -> None:
    file, mapping = tmp_path / "people.csv", tmp_path / "map.yaml"
    file.write_text(f"Wer,Wann\n{name()} {name()},1994\n")
    code, said = await lotse("import", "participants", str(file))
    assert (code, "No column is known to hold a name." in said) == (1, True), said
    mapping.write_text("columns: {Wer: name, Wann: birth}")
    code, said = await lotse("import", "participants", str(file), "--map", str(mapping))
    assert (code, "1 registered" in said) == (0, True), said


async def test_after_a_break_the_same_file_goes_on(region: Region, tmp_path: Path) -> None:
    """The line breaks when intake has taken the second batch in, and before its answer is heard."""
    jonas = await region.as_("jonas")
    file = tmp_path / "people.csv"
    file.write_text("given name,family name\n" + "".join(f"{name()},{name()}\n" for _ in range(BATCH * 2 + 20)))
    table = read_file(file)
    answers = 0

    async def breaking(batch: dict[str, Any]) -> Any:
        nonlocal answers
        answers += 1
        body = good(await jonas.post("intake", PATH, batch))
        if answers == 2:
            raise httpx.ReadError("the line broke")
        return body

    async def unbroken(batch: dict[str, Any]) -> Any:
        return good(await jonas.post("intake", PATH, batch))

    with pytest.raises(httpx.ReadError):
        await fed(table, breaking)
    counted = Counter(one.outcome for one in await fed(table, unbroken))
    assert counted == {"already-in": BATCH * 2, "registered": 20}


async def fed(table: Table, call: Call) -> list[Became]:
    columns = proposal(table)
    return [one async for batch in send(table, columns, call, dates=None, trial=False, mine=False) for one in batch]
