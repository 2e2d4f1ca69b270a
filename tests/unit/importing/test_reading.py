"""Files of every kind and condition: what stands in them, and which row is broken."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from infra.importing import table
from infra.importing.reading import read_file
from infra.importing.table import Table, Unreadable

GERMAN = "Vorname;Nachname;Geburtsdatum\nJürgen;Müller;1994\nFrançois;Béné;1990\n"
ARABIC = "الاسم;اللقب;السنة\nأمل;حداد;1994\nيوسف;العلي;1990\n"


def file_of(folder: Path, content: bytes, name: str = "people.csv") -> Path:
    made = folder / name
    made.write_bytes(content)
    return made


def cells(read: Table) -> list[list[str]]:
    return [list(line.cells.values()) for line in read.lines]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "utf-8"),
        (GERMAN, "utf-8-sig"),
        (GERMAN, "utf-16"),
        (GERMAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
        (GERMAN, "cp1252"),
        (ARABIC, "utf-8"),
        (ARABIC, "utf-16"),
        (ARABIC, "cp1256"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, text: str, encoding: str) -> None:
    read = read_file(file_of(tmp_path, text.encode(encoding)))
    assert cells(read) == [line.split(";") for line in text.splitlines()[1:]]
    assert not any(line.wrong for line in read.lines)


def test_an_encoding_can_be_named(tmp_path: Path) -> None:
    file = file_of(tmp_path, "Name\nÖz\n".encode("cp1252"))
    assert cells(read_file(file, "cp1252")) == [["Öz"]]
    with pytest.raises(Unreadable, match="does not exist"):
        read_file(file, "cp99999")


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_found_and_quotes_are_understood(tmp_path: Path, delimiter: str) -> None:
    text = f'Name{delimiter}Address\r\n"Haddad{delimiter} Amal"{delimiter}"Dock 1\nBack door"\r\nAli{delimiter}\r\n'
    read = read_file(file_of(tmp_path, text.encode()))
    assert cells(read) == [[f"Haddad{delimiter} Amal", "Dock 1\nBack door"], ["Ali", ""]]
    assert [line.row for line in read.lines] == [2, 3], "as a spreadsheet counts"


def test_one_lost_byte_breaks_its_row_and_no_other(tmp_path: Path) -> None:
    data = GERMAN.encode().replace("ç".encode(), b"\xff")
    first, second = read_file(file_of(tmp_path, data)).lines
    assert first.wrong == ()
    assert [(wrong.row, wrong.column) for wrong in second.wrong] == [(3, "Vorname")]


def test_a_broken_heading_can_be_shown_and_one_in_utf_16_is_noticed(tmp_path: Path) -> None:
    read = read_file(file_of(tmp_path, GERMAN.encode().replace(b"Vorname", b"Vorn\xffme")))
    assert read.headings[0] == "Vorn\ufffdme"
    lone = "Name\nAmal\n".encode("utf-16") + b"\x00\xd8"
    assert [bool(line.wrong) for line in read_file(file_of(tmp_path, lone)).lines] == [False, True]
    broken = read_file(file_of(tmp_path, '{"n\udcffme": "Ümüt"}\n'.encode("utf-8", "surrogateescape"))).lines
    assert (list(broken[0].cells), bool(broken[0].wrong)) == (["n\ufffdme"], True)


def test_a_first_row_for_spreadsheets_is_passed_over(tmp_path: Path) -> None:
    read = read_file(file_of(tmp_path, b"sep=;\nName;City\nAmal;Port\n"))
    assert (read.headings, [line.row for line in read.lines]) == (("Name", "City"), [3])


def test_a_quotation_mark_that_never_closes_is_named_and_what_stood_before_is_taken(tmp_path: Path) -> None:
    text = 'given name,family name\nAmal,Haddad\nOmar,"Aziz\nLina,Saleh\n'
    good, broken = read_file(file_of(tmp_path, text.encode())).lines
    assert (good.row, good.wrong) == (2, ())
    [wrong] = broken.wrong
    assert (wrong.row, "never closes" in wrong.what, "line 3" in wrong.way_out) == (3, True, True)


def test_a_row_with_more_cells_than_headings_is_named(tmp_path: Path) -> None:
    text = "given name,family name,city\nAmal,Haddad,Port, North\nOmar,Aziz,Port\n"
    shifted, good = read_file(file_of(tmp_path, text.encode())).lines
    assert ([wrong.row for wrong in shifted.wrong], good.wrong) == ([2], ())


def test_an_object_per_line_and_a_line_that_is_none(tmp_path: Path) -> None:
    text = '{"given_name": "Amal", "birth": 1994, "phone": null}\n{"given_name": "Om\n["x"]\n{"given_name": {}}\n'
    first, *broken = read_file(file_of(tmp_path, text.encode(), "people.ndjson")).lines
    assert first.cells == {"given_name": "Amal", "birth": "1994", "phone": ""}
    assert [line.wrong[0].row for line in broken] == [2, 3, 4]


def workbook(*rows: tuple[str, ...]) -> bytes:
    """A small .xlsx as spreadsheets write it: texts in place, one day as a number with a date format."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    types = f"{packages}/content-types"
    book, page = "workbook", "worksheet"
    sheet = "".join(f"<row>{''.join(row)}</row>" for row in rows)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{types}"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        f'<sheet name="People" sheetId="1" r:id="r1"/></sheets></{book}>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{office}/styles" '
        'Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
        "</styleSheet>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></{page}>',
    }
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
    return made.getvalue()


def text_cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'


def test_a_spreadsheet_shows_days_as_days_and_numbers_without_a_point(tmp_path: Path) -> None:
    head = tuple(map(text_cell, ("Vorname", "Geburtsdatum", "Jahr")))
    amal = (text_cell("أمل"), '<c s="1"><v>34471</v></c>', "<c><v>1994</v></c>")
    read = read_file(file_of(tmp_path, workbook(head, amal), "people.xlsx"))
    assert (read.headings, cells(read)) == (("Vorname", "Geburtsdatum", "Jahr"), [["أمل", "1994-05-17", "1994"]])


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04 torn in two", b"Name\n", b"\n\n", bytes(range(256)) * 9, b"Name,Name\nA,B\n"],
    ids=["empty", "torn", "no rows", "blank", "no text", "one heading twice"],
)
def test_a_file_that_can_t_be_taken_in_is_refused_with_a_way_out(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        read_file(file_of(tmp_path, content))
    assert refused.value.way_out


def test_too_large_a_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "LARGEST_FILE", 10)
    with pytest.raises(Unreadable, match="MB"):
        read_file(file_of(tmp_path, GERMAN.encode()))
    monkeypatch.setattr(table, "LARGEST_FILE", 10_000)
    monkeypatch.setattr(table, "MOST_ROWS", 1)
    with pytest.raises(Unreadable, match="2 rows"):
        read_file(file_of(tmp_path, GERMAN.encode()))


def test_what_unpacks_to_fill_a_machine_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.importing.sheet.LARGEST_UNPACKED", 100)
    with pytest.raises(Unreadable, match="too large"):
        read_file(file_of(tmp_path, workbook((text_cell("Name"),), (text_cell("Amal"),)), "people.xlsx"))


def test_an_overlong_cell_is_named(tmp_path: Path) -> None:
    [line] = read_file(file_of(tmp_path, f"Name,City\n{'x' * 2001},Port\n".encode())).lines
    assert [wrong.column for wrong in line.wrong] == ["Name"]
