"""Gathers the texts of code and templates into the catalogues: `python -m services.desk.words.gather`.

New texts are added without a translation, texts that are gone are dropped; a test fails until all are translated.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from services.desk.look.pages import DESK, EXTENSIONS
from services.desk.words.languages import FALL_BACK, HERE, SPOKEN

_METHODS: Final = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
_OPTIONS: Final[dict[str, Any]] = {
    "**.html": {"extensions": ",".join(EXTENSIONS), "newstyle_gettext": "true", "trimmed": "true"}
}
_IDLE: Final = (b'"Report-Msgid', b'"POT-Creation', b'"PO-Revision', b'"Last-Translator', b'"Language-Team')
"""Lines of a catalogue's head that would tell nothing, or change with each run."""
_KEYWORDS: Final[dict[str, Any]] = {"N_": None, "_": None, "gettext": None, "ngettext": (1, 2)}


def texts() -> Iterator[tuple[str, str]]:
    """(file below the desk, English text) of everything that is to be translated."""
    found = extract_from_dir(DESK, method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS)
    for file, _line, text, _comments, _context in found:
        yield file, text if isinstance(text, str) else text[0]


def wanted() -> Catalog:
    """All texts, without translations."""
    made = Catalog(project="Lotse", charset="utf-8", header_comment="# The texts of the desk.")
    for file, text in sorted(set(texts())):
        made.add(text, locations=[(file, 0)])
    return made


def gather(file: Path, language: str) -> int:
    """Bring one catalogue up to date; how many texts in it wait for a translation."""
    kept = read_po(file.open("rb"), locale=language) if file.exists() else Catalog(locale=language)
    kept.update(wanted(), no_fuzzy_matching=True)
    kept.obsolete.clear()
    written = BytesIO()
    write_po(written, kept, width=120, no_location=True, sort_output=True, ignore_obsolete=True)
    lines = written.getvalue().splitlines(keepends=True)
    file.write_bytes(b"".join(line for line in lines if not line.startswith(_IDLE)))
    return sum(1 for message in kept if message.id and not message.string)


if __name__ == "__main__":
    for code in SPOKEN:
        if code != FALL_BACK:
            print(f"{code}: {gather(HERE / f'{code}.po', code)} texts wait for a translation")
