"""Documents: a file is what it holds, not what it says it is; and its end is told in time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from uuid import uuid4
from zipfile import ZipFile

import pytest

from contracts.refusal import Conflict, Invalid
from contracts.vocabulary import ParticipantId, StaffId
from services.intake.document import domain
from services.intake.document.content import Media, checked, media_of
from services.intake.document.domain import About, Document, Kind

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF" + b"\0" * 40 + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 40 + b"\0\0\0\0IEND\xaeB`\x82"
TIFF = b"II*\0\x08\0\0\0"


def archive(**files: str) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as made:
        for name, text in files.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return out.getvalue()


def office(*more: str) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as made:
        for name in ("[Content_Types].xml", "word/document.xml", *more):
            made.writestr(name, "<x/>")
    return out.getvalue()


ODT = archive(mimetype=Media.ODT.value, content_dot_xml="<x/>")


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (PDF, Media.PDF),
        (JPEG, Media.JPEG),
        (PNG, Media.PNG),
        (TIFF, Media.TIFF),
        ("Guten Tag, مرحبا\n".encode(), Media.TEXT),
        (office(), Media.DOCX),
        (ODT, Media.ODT),
    ],
)
def test_a_file_is_known_by_what_it_holds(content: bytes, media: Media) -> None:
    assert media_of(content) is media


REFUSED = {
    "half a PDF": PDF[:20],
    "half a JPEG": JPEG[:30],
    "half a PNG": PNG[:30],
    "a program for Windows": b"MZ\x90\0\x03",
    "a program for Linux": b"\x7fELF\x02\x01",
    "nothing": b"",
    "blanks": b"   \n",
    "a text in an older encoding": b"caf\xe9",
    "a text that moves the cursor": b"text with \x1b[2J",
    "a plain archive": archive(readme="a plain archive"),
    "a document with macros": office("word/vbaProject.bin"),
    "a spreadsheet": archive(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
    "an open document with macros": archive(mimetype=Media.ODT.value, Basic__Standard__Module="x"),
    "half a document": office()[:-30],
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_what_is_cut_off_or_could_act_is_refused_with_the_way_out(content: bytes) -> None:
    assert media_of(content) is None
    with pytest.raises(Invalid, match="none of the files") as refused:
        checked(content, "application/pdf", "paper.pdf")
    assert "PDF" in refused.value.way_out


@pytest.mark.parametrize(
    ("claimed", "name", "field"),
    [
        ("image/png", "paper.pdf", "content-type"),
        ("", "paper.pdf", "content-type"),
        ("application/pdf", "paper.exe", "name"),
        ("application/pdf", "paper", "name"),
        ("application/pdf", "paper.pdf.html", "name"),
    ],
)
def test_a_file_that_claims_to_be_another_is_refused(claimed: str, name: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(PDF, claimed, name)
    assert refused.value.field == field


def test_claim_and_name_may_be_written_in_other_ways() -> None:
    assert checked(JPEG, "IMAGE/JPEG; q=1", "SCAN.JPEG") is Media.JPEG


def a_document(kind: Kind = Kind.CERTIFICATE, until: date | None = None) -> Document:
    about = About(kind, "paper.pdf", date(2020, 1, 1), until)
    return Document(
        uuid4(), ParticipantId(uuid4()), "job-centre", StaffId(uuid4()), about, AT, media=Media.PDF, digest="1"
    )


def test_the_caseworker_is_told_ahead_and_earlier_of_a_permit() -> None:
    until = date(2026, 12, 31)
    end = datetime(2026, 12, 31, tzinfo=UTC)
    assert domain.tell_at(a_document(until=until), AT) == end - timedelta(days=30)
    assert domain.tell_at(a_document(Kind.RESIDENCE_PERMIT, until), AT) == end - timedelta(days=90)


def test_what_expires_soon_is_told_at_once_and_what_has_expired_never() -> None:
    assert domain.tell_at(a_document(until=AT.date() + timedelta(days=2)), AT) == AT
    assert domain.tell_at(a_document(until=AT.date()), AT) == AT, "the last day counts"
    assert domain.tell_at(a_document(until=AT.date() - timedelta(days=1)), AT) is None
    assert domain.tell_at(a_document(), AT) is None


def test_nothing_is_told_of_a_paper_that_was_prolonged_meanwhile() -> None:
    near = a_document(until=AT.date() + timedelta(days=2))
    assert len(domain.expires(near, AT)) == 1
    later = replace(near, about=replace(near.about, valid_until=AT.date() + timedelta(days=400)))
    assert domain.expires(later, AT) == []


def test_content_comes_once() -> None:
    empty = replace(a_document(), media=None, digest="")
    full = domain.filled(empty, Media.PDF, 10, "abc")
    assert (full.size, full.version) == (10, 2)
    assert domain.filled(full, Media.PDF, 10, "abc") == full
    with pytest.raises(Conflict):
        domain.filled(full, Media.PDF, 10, "def")
    with pytest.raises(Conflict):
        domain.changed(empty, empty.about, given=True)


def test_no_paper_expires_before_it_was_issued() -> None:
    with pytest.raises(Invalid):
        About(Kind.CV, "cv.pdf", date(2026, 1, 2), date(2026, 1, 1))
