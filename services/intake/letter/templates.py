"""Reads the templates of letters beside this file. A template is data: texts per language with fields in braces."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from contracts.vocabulary import Code, LanguageCode
from contracts.yaml_file import FileError, Part, Problem, Whole, read
from services.intake.letter.domain import FIELDS, fields_of

FOLDER: Final = Path(__file__).parent / "templates"


class LetterError(FileError):
    """A template that can't be used; names file, line and field."""


class Text(Part):
    """One language."""

    title: str
    paragraphs: Annotated[tuple[str, ...], Field(min_length=1)]


class Template(Whole):
    """A kind of letter. `appointment`: it is about one. `words`: it says nothing without the author's own."""

    id: Code
    version: Annotated[int, Field(ge=1)]
    appointment: bool = False
    words: bool = False
    texts: Annotated[dict[LanguageCode, Text], Field(min_length=2)]

    def problems(self) -> Iterable[Problem]:
        """Fields that nothing fills, and languages that say less than others."""
        used = {language: fields_of(text.paragraphs) for language, text in self.texts.items()}
        first = next(iter(used.values()))
        for language, names in used.items():
            if unknown := names - FIELDS:
                yield Problem(("texts", language), f"nothing fills {sorted(unknown)}; there is {sorted(FIELDS)}")
            if names != first:
                yield Problem(("texts", language), "the languages do not have the same fields")
        if not self.appointment and first & {"when", "place"}:
            yield Problem(("appointment",), "a letter that names a time is about an appointment")


@cache
def templates() -> Mapping[str, Template]:
    """All of them by id, in the order of their ids. Raises `LetterError`."""
    return MappingProxyType({path.stem: load(path) for path in sorted(FOLDER.glob("*.yaml"))})


def load(path: Path) -> Template:
    """One of them. Raises `LetterError`."""
    template = read(path, Template, LetterError)
    if template.id != path.stem:
        raise LetterError(path.name, 1, "id", f"call the file {template.id}.yaml")
    return template
