"""A directory comes in as HSDS 3: each object whole, the same again is no change, and what is not taken is named."""

import csv
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.command_line import CommandLine
from tests.support.left_out import data, needs_data
from tests.support.matching import good
from tests.support.referring import refer, with_grant
from tests.support.region import Person, Region

PATH = "/v1/imports/directory"
EXAMPLES = "hsds/examples"


def service(**said: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "name": "Family centre", "status": "active", **said}


async def sent(by: Person, *objects: dict[str, Any], kind: str = "service", **more: Any) -> list[dict[str, Any]]:
    need = {"need": more.pop("need", "family")} if kind == "service" else {}
    rows = [{"row": row, "kind": kind, "data": one, **need} for row, one in enumerate(objects, 1)]
    answers: list[dict[str, Any]] = good(await by.post("referrals", PATH, {"objects": rows, **more}))["objects"]
    return answers


async def entry(by: Person, one: str) -> dict[str, Any]:
    return good(await by.get("referrals", f"/v1/directory/services/{one}"))


@pytest.fixture
def lotse(region: Region, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    return CommandLine(region.box.folder, monkeypatch)


@needs_data()
async def test_the_examples_of_hsds_come_in_and_again_change_nothing(
    region: Region, lotse: CommandLine, tmp_path: Path
) -> None:
    report = tmp_path / "report.csv"
    how = ("--as", "ken", "--need", "mental-health")
    whole = str(data(EXAMPLES, "organization_full.json"))
    code, said = await lotse("import", "directory", whole, *how, "--dry-run")
    assert (code, "3 would be new" in said) == (0, True), said
    code, said = await lotse("import", "directory", whole, *how, "--report", str(report))
    assert (code, "3 new" in said) == (0, True), said
    for name in (
        "organization.funding (1)",
        "service.schedules.wkst (1)",
        "location.contacts (1)",
        "location.latitude",
    ):
        assert name in said, "what no entry holds is named"
    for name in ("organization_full", "service_full", "service_at_location_full", "service_list", "organization_full"):
        code, said = await lotse("import", "directory", str(data(EXAMPLES, f"{name}.json")), *how)
        assert (code, "changed" in said) == (0, False), said
    assert "3 as they were" in said, said
    with report.open(encoding="utf-8-sig", newline="") as opened:
        listed = {one["kind"]: one for one in csv.DictReader(opened)}
    assert {one["outcome"] for one in listed.values()} == {"new"}
    assert "contacts" in listed["location"]["not taken"].split(", ")

    vera = await region.as_("vera")
    found = await entry(vera, listed["service"]["id"])
    assert (found["name"], found["agency"], found["need"]) == (
        "Community Counselling",
        "family-advice",
        "mental-health",
    )
    assert found["languages"] == ["ur"]
    assert found["assured_at"].startswith("2005-01-01"), "as fresh as the file says"
    assert found["capacity_state"] == "additional-assessment-required", "HSDS does not say how full it is"
    assert found["details"]["openings"][0]["opens_at"] == "10:00:00"
    assert found["details"]["minimum_age"] == 12
    assert "£50 per hour" in found["details"]["fees"]
    who = good(await vera.get("referrals", f"/v1/directory/organisations/{found['organisation']}"))
    assert (who["name"], who["legal_status"]) == ("Example Organization Inc.", "Limited Company")
    place = good(await vera.get("referrals", f"/v1/directory/locations/{found['locations'][0]}"))
    assert place["addresses"][0]["postal_code"] == "ABC 1234"
    assert place["latitude"] is None, "100 degrees north is nowhere"


async def test_a_changed_object_is_renewed_and_how_full_it_is_stays(region: Region) -> None:
    ken = await region.as_("ken")
    one = service(fees_description="free")
    assert [a["outcome"] for a in await sent(ken, one)] == ["new"]
    before = await entry(ken, one["id"])
    path = f"/v1/directory/services/{one['id']}/capacity"
    full = {"state": "waitlist"}
    good(await ken.put("referrals", path, full, headers={"If-Match": f'"{before["version"]}"'}))
    assert [a["outcome"] for a in await sent(ken, one)] == ["unchanged"]
    dearer = one | {"fees_description": "5 euros", "cost_options": [{"amount": 5, "currency": "EUR"}]}
    assert [a["outcome"] for a in await sent(ken, dearer)] == ["changed"]
    after = await entry(ken, one["id"])
    assert (after["details"]["fees"], after["details"]["costs"][0]["amount"]) == ("5 euros", 5)
    assert after["capacity_state"] == "waitlist", "what the agency has said since stays"
    assert [a["outcome"] for a in await sent(ken, dearer | {"status": "defunct"})] == ["changed"]
    assert (await entry(ken, one["id"]))["capacity_state"] == "no-capacity"


async def test_a_faulty_object_keeps_no_other_out_and_says_which_field(region: Region) -> None:
    ken = await region.as_("ken")
    sound, late, odd = service(), service(assured_date="2150-01-01"), service(status="open", minimum_age="twelve")
    homeless = service(service_at_locations=[{"location_id": str(uuid4())}])
    answers = await sent(ken, sound, late, odd, homeless)
    assert [a["outcome"] for a in answers] == ["new", "faulty", "faulty", "faulty"]
    columns = [[fault["column"] for fault in a["faults"]] for a in answers]
    assert columns == [[], ["assured_date"], ["status", "minimum_age"], ["service_at_locations"]]
    assert all(fault["way_out"] for a in answers for fault in a["faults"])
    for one in (late, odd, homeless):
        assert (await ken.get("referrals", f"/v1/directory/services/{one['id']}")).status_code == 404
    [unknown] = await sent(ken, service(), need=None)
    assert [fault["column"] for fault in unknown["faults"]] == ["need"]


async def test_what_another_agency_keeps_stays_its_own(region: Region) -> None:
    ken, vera = await region.as_("ken"), await region.as_("vera")
    one = service()
    await sent(ken, one)
    [refused] = await sent(vera, one | {"name": "Taken over"})
    assert (refused["outcome"], refused["faults"][0]["column"]) == ("faulty", "id")
    assert (await entry(vera, one["id"]))["name"] == "Family centre"


@pytest.mark.parametrize("who", ["hanna", "paul", "aud", "opal"])
async def test_only_who_may_list_offers_may_take_in_a_directory(region: Region, who: str) -> None:
    body = {"objects": [{"row": 1, "kind": "service", "need": "family", "data": service()}]}
    assert (await (await region.as_(who)).post("referrals", PATH, body)).status_code == 403


async def test_somebody_can_be_referred_to_what_came_in(region: Region) -> None:
    ken, jonas = await region.as_("ken"), await region.as_("jonas")
    one = service()
    await sent(ken, one)
    person = await with_grant(region, "family-advice")
    made = await refer(jonas, person, receiver="family-advice", service=one["id"])
    assert made["service"] == one["id"]


async def test_a_file_broken_in_the_middle_brings_nothing_and_says_where(
    region: Region, lotse: CommandLine, tmp_path: Path
) -> None:
    ken = await region.as_("ken")
    first, second = service(name="First"), service(name="Second")
    file = tmp_path / "directory.json"
    text = json.dumps({"services": [first, second]}, indent=1)
    file.write_text(text[: text.index('"Second"') + 4])
    code, said = await lotse("import", "directory", str(file), "--as", "ken", "--need", "family")
    assert (code, "no JSON at line 10, column 12" in said, "Nothing was sent" in said) == (1, True, True), said
    assert (await ken.get("referrals", f"/v1/directory/services/{first['id']}")).status_code == 404

    lines = tmp_path / "directory.ndjson"
    lines.write_text(f"{json.dumps(first)}\n{{broken\n{json.dumps(second | {'status': 'shut'})}\n")
    code, said = await lotse("import", "directory", str(lines), "--as", "ken", "--need", "family")
    assert code == 1
    for words in ("1 new", "row 2, column line 2: This line is no JSON object", "column line 3.status"):
        assert words in said, said
    lines.write_text(f"{json.dumps(first)}\n{json.dumps(second)}\n")
    code, said = await lotse("import", "directory", str(lines), "--as", "ken", "--need", "family")
    assert (code, "1 new" in said, "1 as they were" in said) == (0, True, True), said


async def test_needs_are_said_by_a_list_or_a_term(region: Region, lotse: CommandLine, tmp_path: Path) -> None:
    ken = await region.as_("ken")
    named, termed = (
        service(name="Debt counter"),
        service(
            attributes=[
                {"id": str(uuid4()), "taxonomy_term": {"taxonomy": "lotse-need", "code": "legal", "name": "Law"}}
            ]
        ),
    )
    file, needs = tmp_path / "directory.json", tmp_path / "needs.yaml"
    file.write_text(json.dumps([named, termed]))
    needs.write_text("Debt counter: finance\n")
    code, said = await lotse("import", "directory", str(file), "--as", "ken", "--needs", str(needs))
    assert code == 0, said
    assert [(await entry(ken, one["id"]))["need"] for one in (named, termed)] == ["finance", "legal"]
    needs.write_text("Debt counter: money\n")
    code, said = await lotse("import", "directory", str(file), "--as", "ken", "--needs", str(needs))
    assert (code, "health, mental-health" in said) == (1, True), "the words that there are"
