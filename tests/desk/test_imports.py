"""Registering people from a file at the desk: step by step, without scripts, and nothing of the file stays behind."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import psycopg
import pytest
from starlette.formparsers import MultiPartParser

from services.desk.pages.imports.file_door import LARGEST_FILE, _InMemory
from tests.support.arrivals import name
from tests.support.canary import leaks
from tests.support.desk import Page, Visitor, at_the_desk
from tests.support.region import Region

OWN: Any = {"column-0": "own_number"}
BOTH: Any = {"column-0": "name", "column-1": "name"}


async def upload(by: Visitor, data: bytes, filename: str = "people.csv") -> Page:
    """The file chosen on the first page."""
    form = (await by.open("/imports")).form("/imports")
    return await by.through(
        "POST",
        urljoin(by.desk, "/imports"),
        data=form.fields,
        files={"upload": (filename, data)},
        headers={"Origin": by.desk},
    )


def people(*rows: str) -> bytes:
    return "\r\n".join(["Kundennr;Vorname;Nachname;Geb.-Datum;Augenfarbe", *rows]).encode("cp1252")


async def test_a_file_is_understood_tried_out_registered_mended_and_chosen_again(region: Region) -> None:
    jonas = await at_the_desk(region, "jonas")
    first, second = name(), name()
    data = people(f"1;{first};Müller{name()};17.05.1994;braun", f"2;{second};{name()};31.02.1990;grün")
    page = await upload(jonas, data)
    assert (page.status, "2 rows were read" in page.text) == (200, True), page.text
    said = page.form("/imports/trial").fields
    assert [said[f"column-{number}"] for number in range(5)] == ["", "given_name", "family_name", "birth", ""]

    trial = await jonas.send(page, "/imports/trial", **OWN)
    for words in ("Would be registered: 1", "To be mended first: 1", "Not sent: Augenfarbe", "Register these people"):
        assert words in trial.text, words
    assert "Geb.-Datum" in trial.text, "which column"
    done = await jonas.send(trial, "/imports/run", mine="yes")
    for words in ("2 of 2 rows", "Registered: 1", "To be mended first: 1"):
        assert words in done.text, done.text
    assert done.html.count("<html") == done.html.count("</html>") == 1, "one page, however it grew"

    taken = await jonas.once(
        "POST",
        urljoin(jonas.desk, "/imports/mend"),
        data=done.form("/imports/mend").fields,
        headers={"Origin": jonas.desk},
    )
    assert taken.headers["content-disposition"] == 'attachment; filename="to-mend.csv"'
    [row] = csv.DictReader(StringIO(taken.text.removeprefix("\ufeff")))
    assert (row["Vorname"], row["lotse: column"], row["lotse: row"]) == (second, "Geb.-Datum", "3")
    mended = await upload(jonas, taken.content.replace(b"31.02.1990", b"28.02.1990"), "to-mend.csv")
    trial = await jonas.send(mended, "/imports/trial", **OWN)
    assert "Registered: 1" in (await jonas.send(trial, "/imports/run")).text
    again = await jonas.send(await upload(jonas, data.replace(b"31.02", b"28.02")), "/imports/trial", **OWN)
    assert "In already: 2" in again.text
    assert not again.has_form("/imports/run"), "nobody is left to be registered"
    found = await jonas.send(await jonas.open("/participants"), "/participants", q=first)
    assert "Müller" in found.text


async def test_columns_that_make_no_person_are_said_before_anything_is_sent(region: Region) -> None:
    jonas = await at_the_desk(region, "jonas")
    page = await upload(jonas, b"Wer,Wann\nx,1994\n")
    refused = await jonas.send(page, "/imports/trial")
    assert (refused.status, "at least one column that it holds a name" in refused.text) == (422, True)
    refused = await jonas.send(refused, "/imports/trial", **BOTH)
    assert (refused.status, "Two columns hold the same" in refused.text) == (422, True)
    assert refused.form("/imports/trial").fields["column-1"] == "name", "what was chosen stays"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "No file was chosen"),
        (b"name,birth\nAda\0,1994\n", "no text file"),
        (b"name\n", "no rows"),
        (b"PK\x03\x04 broken", "can't be opened"),
        (b"name\n" + b"x\n" * 5001, "5,001 rows"),
        (b"x" * (LARGEST_FILE + 1), "larger than 2 MB"),
    ],
)
async def test_what_can_not_be_read_is_told_with_what_to_do(region: Region, data: bytes, words: str) -> None:
    jonas = await at_the_desk(region, "jonas")
    page = await upload(jonas, data)
    assert page.status == 422
    assert words in page.text
    assert page.has_form("/imports"), "to choose another one"


async def test_what_is_far_too_large_is_not_even_read(region: Region) -> None:
    jonas = await at_the_desk(region, "jonas")
    page = await upload(jonas, b"x" * 4_000_000)
    assert (page.status, "at most 2 MB" in page.text) == (413, True)


@pytest.mark.parametrize("who", ["vera", "hanna", "opal"])
async def test_only_who_may_register_sees_it(region: Region, who: str) -> None:
    visitor = await at_the_desk(region, who)
    assert (await visitor.open("/imports")).status == 403
    assert 'href="/imports"' not in (await visitor.open("/inbox")).html


async def test_nothing_of_a_file_stays_on_a_disk_or_in_the_desks_database(
    region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file above the size from which forms go to a disk elsewhere, with a word that is looked for."""
    opened: list[str] = []
    rolled: list[int] = []
    monkeypatch.setattr("tempfile._TemporaryFileWrapper", lambda *a, **k: opened.append("file"))
    monkeypatch.setattr("tempfile.SpooledTemporaryFile.rollover", lambda self: rolled.append(1))
    jonas, secret = await at_the_desk(region, "jonas"), name()
    filler = "".join(f"{number};{name()};{name()};1990;{'x' * 300}\r\n" for number in range(3900))
    data = people(f"0;{secret};{secret};1994;") + b"\r\n" + filler.encode()
    assert 1_200_000 < len(data) < LARGEST_FILE
    page = await upload(jonas, data)
    assert "3901 rows" in page.text, page.text[:500]
    assert (opened, rolled) == ([], []), "never on a disk, not even for a moment"
    url = next(line for line in (region.box.folder / "desk.env").read_text().splitlines() if "DATABASE_URL" in line)
    with psycopg.connect(url.partition("=")[2].strip("'\"")) as conn:
        rows: list[Any] = conn.execute("select t::text from session.session t").fetchall()
    assert leaks((secret,), [("sessions", str(rows).encode())]) == []
    assert leaks((secret,), [("control", page.html.encode())]) != [], "the control: the page shows it to its owner"


def test_a_file_stays_in_memory_where_another_form_would_not() -> None:
    assert _InMemory.spool_max_size > LARGEST_FILE > MultiPartParser.spool_max_size
