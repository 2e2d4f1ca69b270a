"""Taking a file of opportunities to matching: which columns count, what is sent, and what became of each row.

A batch is taken in as a whole or not at all, and a row that is in is known again: after a break, send the file again.
"""

import re
from collections.abc import AsyncIterator
from typing import Any, Final

from infra.importing.columns import Columns, Field, Unmapped, proposed
from infra.importing.participants import language_code
from infra.importing.rows import Became, Call, faults_of, row_of, sent_of
from infra.importing.table import Line, Table, Wrong

FIELDS: Final = (
    Field("own_number", ("number", "no", "id", "reference", "Nummer", "Nr", "Stellennummer", "Referenznummer")),
    Field("kind", ("type", "Art", "Angebotsart")),
    Field("title", ("name", "position", "job title", "Titel", "Bezeichnung", "Stellenbezeichnung")),
    Field("occupation", ("ESCO occupation", "profession", "Beruf", "ESCO-Beruf")),
    Field("region", ("place", "location", "city", "town", "Ort", "Einsatzort", "Arbeitsort")),
    Field("capacity", ("places", "vacancies", "Plätze", "Anzahl", "Anzahl Plätze", "offene Plätze")),
    Field("starts_on", ("start", "start date", "begin", "from", "Beginn", "Startdatum", "ab", "Eintritt")),
    Field("must_skills", ("required skills", "skills", "must", "Muss-Kompetenzen", "Kompetenzen", "erforderlich")),
    Field("can_skills", ("optional skills", "nice to have", "Kann-Kompetenzen", "wünschenswert")),
    Field("languages", ("language", "language needs", "Sprache", "Sprachen", "Sprachkenntnisse")),
    Field("description", ("text", "details", "Beschreibung", "Stellenbeschreibung")),
)
NEEDED: Final = ("kind", "title", "occupation", "region", "starts_on")
PATH: Final = "/v1/imports/opportunities"
BATCH: Final = 50
SPOKEN: Final = re.compile(r"\s*(.+?)[\s:=]+([ABCabc][12])\s*")
OTHERWISE: Final = (
    "Under this number something else was published, and that stays as it is.",
    "Close it and give the row a new number, or leave the row out.",
)


def proposal(table: Table) -> Columns:
    """What the headings say."""
    return proposed(table.headings, FIELDS)


def complete(columns: Columns, table: Table) -> Columns:
    """The columns, if an opportunity can be made of them. Raises `Unmapped`."""
    if missing := [name for name in NEEDED if name not in columns.values()]:
        way_out = (
            "Name them in a mapping file (--map): a line `heading: field` below `columns:`."
            f" The file has: {', '.join(table.headings)}."
        )
        raise Unmapped(f"No column is known to hold {', '.join(missing)}.", way_out=way_out, field="map")
    return columns


async def send(
    table: Table, columns: Columns, call: Call, *, publish: bool, trial: bool
) -> AsyncIterator[list[Became]]:
    """What became of the rows, batch after batch, in the file's order."""
    for start in range(0, len(table.lines), BATCH):
        lines = [sent_of(line, columns) for line in table.lines[start : start + BATCH]]
        rows = [{"row": line.row, **_row(line, columns)} for line in lines if not line.wrong]
        answer = await call({"rows": rows, "publish": publish, "trial": trial}) if rows else {"rows": []}
        answers = {one["row"]: one for one in answer["rows"]}
        yield [_became(line, answers.get(line.row), columns) for line in lines]


def _row(line: Line, columns: Columns) -> dict[str, str]:
    """As it is written; a language that is a word in English or German becomes its code."""
    row = row_of(line, columns)
    if "languages" in row:
        row["languages"] = "; ".join(_spoken(one) for one in re.split(r"[;|,\n]", row["languages"]) if one.strip())
    return row


def _spoken(text: str) -> str:
    match = SPOKEN.fullmatch(text)
    return f"{language_code(match[1])} {match[2]}" if match else text


def _became(line: Line, answer: dict[str, Any] | None, columns: Columns) -> Became:
    if answer is None:
        return Became(line, "unreadable", wrong=line.wrong)
    wrong = faults_of(line, answer, columns)
    if answer["outcome"] == "known-otherwise":
        headings = {name: heading for heading, name in columns.items()}
        wrong.append(Wrong(line.row, headings.get("own_number", "own_number"), *OTHERWISE))
    return Became(line, answer["outcome"], record=answer["opportunity"], wrong=tuple(wrong))
