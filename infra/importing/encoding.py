"""From bytes to text: which encoding a file has, and where a byte does not fit into it."""

import codecs
import re
from typing import Final

from charset_normalizer import from_bytes

from infra.importing.table import Unreadable

MARKED: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
EIGHT_BITS: Final = ("cp1252", "cp1256")
"""What Windows writes where it does not write Unicode: western Europe, and the Arabic script."""
BROKEN: Final = re.compile("[\udc80-\udcff\ufffd]")
"""How a byte that does not fit stands in the text: a surrogate escape, or the mark that replaces it in UTF-16."""
SAMPLE: Final = 200_000


def decoded(data: bytes, named: str | None = None) -> tuple[str, str]:
    """(text, name of the encoding). Bytes that don't fit stay in the text, marked, for their row to be named.

    Raises `Unreadable` for an encoding that does not exist, and for what is no text at all.
    """
    for mark, encoding in MARKED:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace" if "16" in encoding else "surrogateescape"), encoding
    encoding = named or _guessed(data)
    try:
        text = data.decode(encoding, "surrogateescape")
    except LookupError as unknown:
        way_out = "Name one such as utf-8, utf-16, cp1252 or cp1256, or leave it out."
        raise Unreadable("This encoding does not exist.", way_out=way_out, field="encoding") from unknown
    except UnicodeError:
        text = data.decode(encoding, "replace")
    if "\0" in text:
        raise Unreadable("This is no text file.", way_out="Save it as CSV (UTF-8), or as .xlsx.", field="file")
    return text, encoding


def _guessed(data: bytes) -> str:
    sample = data[:SAMPLE]
    if sample[1::2].count(0) > len(sample) // 4:
        return "utf-16-le"
    if sample[::2].count(0) > len(sample) // 4:
        return "utf-16-be"
    text = data.decode("utf-8", "surrogateescape")
    broken, beyond = len(BROKEN.findall(text)), sum(letter > "\x7f" for letter in text)
    if broken <= beyond - broken:  # one byte that got lost makes no other encoding of the whole
        return "utf-8"
    best = from_bytes(sample, cp_isolation=list(EIGHT_BITS)).best()
    return best.encoding if best is not None else EIGHT_BITS[0]


def readable(text: str) -> str:
    """The text with a mark for every byte that does not fit, so that it can be shown and written."""
    return BROKEN.sub("\ufffd", text)
