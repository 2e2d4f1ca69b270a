"""XML that somebody brings, read with care: no DTD, no entities, bounded, and every element knows its line.

Knows no profile. The standard library's parser is used without what makes it dangerous: a document type is refused at
its first letter, and with it every entity that could grow or reach out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from contracts.refusal import Invalid

DEEPEST: Final = 12
MOST_ELEMENTS: Final = 20_000


@dataclass(slots=True)
class Element:
    """One element; `text` is all its text, and empty if it has elements in it."""

    name: str
    line: int
    attributes: dict[str, str]
    children: "list[Element]" = field(default_factory=list)
    text: str = ""

    def leaves(self, above: str = "") -> "Iterator[tuple[str, Element, str]]":
        """(path, element, value) of all attributes and texts below, `a/b` or `a/b@c`."""
        for name, value in self.attributes.items():
            yield f"{above}@{name}", self, value
        if not self.children and (self.text or not self.attributes):
            yield above, self, self.text
        for child in self.children:
            yield from child.leaves(f"{above}/{child.name}".lstrip("/"))


def read(file: bytes) -> Element:
    """The root. Raises `Invalid` with the line for anything that is no plain, whole XML."""
    reader = _Reader()
    try:
        reader.parser.Parse(file, True)
    except expat.ExpatError as error:
        raise wrong(error.lineno, f"This is no whole XML: {expat.ErrorString(error.code)}.") from error
    except (LookupError, UnicodeError) as error:
        raise wrong(1, "The file says it is in an encoding that nobody knows.") from error
    return reader.root


def wrong(line: int, what: str, way_out: str = "Export the profile again, or mend the file there.") -> Invalid:
    return Invalid(f"Line {line}: {what}", way_out=way_out, field="body", line=line)


class _Reader:
    def __init__(self) -> None:
        self.parser = parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._document_type
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        self._open: list[Element] = []
        self._count = 0
        self.root = Element("", 0, {})

    def _document_type(self, *_: object) -> None:
        raise wrong(
            self.parser.CurrentLineNumber,
            "A document type (DOCTYPE) is not read: entities in it could do harm.",
            "Remove the line that begins with <!DOCTYPE.",
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= DEEPEST or self._count > MOST_ELEMENTS:
            raise wrong(self.parser.CurrentLineNumber, "There are more elements than any profile has.")
        element = Element(name.rpartition("}")[2], self.parser.CurrentLineNumber, attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _characters(self, text: str) -> None:
        self._open[-1].text += text

    def _end(self, _: str) -> None:
        element = self._open.pop()
        if element.children:
            if element.text.strip():
                raise wrong(element.line, f"There is text between the elements of {element.name}.")
            element.text = ""
