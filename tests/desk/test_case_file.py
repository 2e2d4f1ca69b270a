"""The case file at the desk, without a script: notes, documents, appointments and letters, and the person's own."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.desk import Page, Visitor, at_the_desk
from tests.support.referring import register
from tests.support.region import Region

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(scope="module")
async def jonas(region: Region) -> Visitor:
    return await at_the_desk(region, "jonas")


async def uploaded(who: Visitor, path: str, content: bytes = PDF, name: str = "school.pdf", **fields: str) -> Page:
    page = await who.open(path)
    form = page.form(f"{path}/documents")
    return await who.through(
        "POST",
        who.desk + form.action,
        data={**form.fields, "kind": "certificate", **fields},
        files={"upload": (name, content, "application/pdf")},
        headers={"Origin": who.desk},
    )


async def test_a_note_is_written_and_corrected_in_sight(region: Region, jonas: Visitor) -> None:
    path = f"/participants/{await register(region)}/file"
    page = await jonas.open(path)
    refused = await jonas.send(page, f"{path}/notes", level="team")
    assert (refused.status, "Write a sentence." in refused.text) == (422, True)
    page = await jonas.send(page, f"{path}/notes", text="wants mornings", level="team")
    assert "The note is kept." in page.text
    [correct] = [form.action for form in page.forms if re.fullmatch(rf"{path}/notes/[0-9a-f-]+", form.action)]
    page = await jonas.send(page, correct, text="wants evenings")
    assert "wants evenings" in page.text
    assert "wants mornings" in page.text, "what it said before stays in sight"


async def test_a_document_is_brought_in_shown_to_the_person_and_destroyed(region: Region, jonas: Visitor) -> None:
    person = await register(region)
    path = f"/participants/{person}/file"
    wrong = await uploaded(jonas, path, b"MZ a program")
    assert (wrong.status, "Not done" in wrong.text) == (422, True)
    page = await uploaded(jonas, path, valid_until="2031-05-01")
    assert "The document is in the case file." in page.text
    assert "1 May 2031" in page.text
    [fetched] = re.findall(r'href="(/documents/[0-9a-f-]+)"', page.html)
    file = await jonas.open(fetched)
    assert file.answer.content == PDF
    assert file.answer.headers["content-disposition"].startswith("attachment")
    assert file.answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    change = f"{path}{fetched}"
    page = await jonas.send(page, change, do="give")
    assert "the person sees it" in page.text
    amal = await the_person(region, person)
    mine = await amal.open("/mine")
    assert "school.pdf" in mine.text
    assert (await amal.open(fetched)).answer.content == PDF
    page = await jonas.send(page, change, do="remove")
    assert "The document is destroyed." in page.text
    assert (await amal.open(fetched)).status == 404


async def the_person(region: Region, person: str) -> Visitor:
    jonas = await region.as_("jonas")
    login = (await jonas.post("intake", f"/v1/participants/{person}/login-code")).json()
    return await at_the_desk(region, login["reference"], login["code"])


async def test_an_appointment_is_in_the_day_of_both_and_can_be_moved(region: Region, jonas: Visitor) -> None:
    person = await register(region)
    path = f"/participants/{person}/file"
    page = await jonas.open(path)
    refused = await jonas.send(page, f"{path}/appointments", day="", time="", kind="meeting", place="Room 12")
    assert (refused.status, 'value="Room 12"' in refused.html) == (422, True)
    soon = datetime.now(UTC).date() + timedelta(days=1)
    page = await jonas.send(
        page, f"{path}/appointments", day=soon.isoformat(), time="09:30", kind="phone", place="Room 12", minutes="45"
    )
    assert "The appointment is made." in page.text
    [made] = re.findall(r'href="(/appointments/[0-9a-f-]+)"', page.html)
    assert f'href="{made}"' in (await jonas.open("/inbox")).html, "in my day"
    calendar = await jonas.open(f"{made}/calendar")
    assert "LOCATION:Room 12" in calendar.answer.text
    assert calendar.answer.headers["content-type"].startswith("text/calendar")
    amal = await the_person(region, person)
    assert f'href="{made}"' in (await amal.open("/mine")).html
    seen = await amal.open(made)
    assert (seen.status, seen.has_form(f"{made}/move")) == (200, False)
    assert "LOCATION:Room 12" in (await amal.open("/appointments/calendar")).answer.text
    one = await jonas.open(made)
    assert "09:30" in one.text
    moved = await jonas.send(one, f"{made}/move", day=(soon + timedelta(days=3)).isoformat(), time="11:00")
    assert moved.path != made
    assert "11:00" in moved.text
    ended = await jonas.send(moved, moved.path, outcome="cancelled")
    assert "cancelled" in ended.text


async def test_a_letter_is_looked_at_written_and_read_by_the_person(region: Region, jonas: Visitor) -> None:
    person = await register(region)
    path = f"/participants/{person}/letters/new"
    page = await jonas.open(path)
    assert (await jonas.send(page, path, template="")).status == 422
    words = {"template": "papers", "language": "de", "words": "Zeugnis der Schule", "words_beside": "school report"}
    looked = await jonas.send(page, path, None, **words, do="look")
    assert "damit es weitergehen kann" in looked.text
    assert "Zeugnis der Schule" in looked.html
    written = await jonas.send(looked, path, None, **words, do="write")
    assert re.fullmatch(r"/letters/[0-9a-f-]+", written.path)
    assert "Zeugnis der Schule" in written.text
    amal = await the_person(region, person)
    assert f'href="{written.path}"' in (await amal.open("/mine")).html
    assert "Zeugnis der Schule" in (await amal.open(written.path)).text


async def test_another_agency_is_told_of_nothing(region: Region) -> None:
    mira = await at_the_desk(region, "mira")
    person = await register(region)
    for path in (f"/participants/{person}/file", f"/participants/{person}/letters/new"):
        assert (await mira.open(path)).status == 404
