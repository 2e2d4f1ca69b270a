"""What a file really is, read from the file itself: neither its name nor what its sender says counts. Pure."""

from enum import StrEnum
from io import BytesIO
from typing import Final
from zipfile import BadZipFile, ZipFile

from contracts.refusal import Invalid

MOST_ENTRIES: Final = 5000
"""Of an archive: a text with many pictures has some hundred."""


class Media(StrEnum):
    """The kinds of files that are taken in. None of them can act when it is opened by a program of today."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    TIFF = "image/tiff"
    TEXT = "text/plain"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ODT = "application/vnd.oasis.opendocument.text"


ENDINGS: Final = {
    Media.PDF: (".pdf",),
    Media.JPEG: (".jpg", ".jpeg"),
    Media.PNG: (".png",),
    Media.TIFF: (".tif", ".tiff"),
    Media.TEXT: (".txt",),
    Media.DOCX: (".docx",),
    Media.ODT: (".odt",),
}
TAKEN: Final = "PDF, JPEG, PNG, TIFF, plain text, DOCX and ODT"


def checked(content: bytes, claimed: str, name: str) -> Media:
    """The kind of a file whose content, claim and name agree. Raises `Invalid` saying what to do instead."""
    media = media_of(content)
    if media is None:
        raise Invalid(
            f"This is none of the files that are taken in: {TAKEN}.",
            way_out="Save or scan it as PDF and send that. A text must be in UTF-8; a document must hold no macros.",
            field="content",
        )
    if claimed.partition(";")[0].strip().lower() != media:
        raise Invalid(
            f"The file says that it is {claimed.partition(';')[0][:80] or 'nothing'!r}, but it is {media.value!r}.",
            way_out=f"Send it as `Content-Type: {media}`, or choose the right file.",
            field="content-type",
        )
    if not name.lower().endswith(ENDINGS[media]):
        raise Invalid(
            f"The name does not end as that of {media.value!r} does.",
            way_out=f"Give it a name that ends in {' or '.join(ENDINGS[media])}.",
            field="name",
        )
    return media


def media_of(content: bytes) -> Media | None:
    """What it is by its structure, to the end: half a file is none."""
    if content.startswith(b"%PDF-"):
        return Media.PDF if b"%%EOF" in content[-4096:] else None
    if content.startswith(b"\xff\xd8\xff"):
        return Media.JPEG if b"\xff\xd9" in content[-4096:] else None
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Media.PNG if content[12:16] == b"IHDR" and b"IEND" in content[-4096:] else None
    if content.startswith((b"II*\0", b"MM\0*")):
        return Media.TIFF
    if content.startswith(b"PK\x03\x04"):
        return _archive(content)
    return Media.TEXT if _text(content) else None


def _archive(content: bytes) -> Media | None:
    """A text of an office program is an archive with a table of contents of its own."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
            if len(names) > MOST_ENTRIES or any("vbaproject" in name.lower() for name in names):
                return None
            if {"[Content_Types].xml", "word/document.xml"} <= set(names):
                return Media.DOCX
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                kind = archive.read("mimetype").strip()
                scripts = any(name.startswith(("Basic/", "Scripts/")) for name in names)
                return Media.ODT if kind == Media.ODT.encode() and not scripts else None
    except (BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return None
    return None


def _text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return bool(text.strip()) and all(letter >= " " or letter in "\t\n\r\f" for letter in text)
