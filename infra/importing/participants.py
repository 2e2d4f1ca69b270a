"""Taking a file of people to intake: which columns count, what is sent, and what became of each row.

The file is read to its end before anything is sent. A batch is taken in as a whole or not at all, and a row that is in
is known again: to go on after a break, send the same file once more.
"""

from collections.abc import AsyncIterator
from functools import cache
from typing import Any, Final

from babel import Locale

from infra.importing.columns import Columns, Field, Unmapped, proposed
from infra.importing.rows import Became, Call, faults_of, row_of, sent_of
from infra.importing.table import Line, Table, Wrong

FIELDS: Final = (
    Field("own_number", ("number", "no", "id", "client number", "case number", "Nummer", "Nr", "Kundennummer")),
    Field("name", ("full name", "Name, Vorname", "Nachname, Vorname", "ganzer Name")),
    Field("given_name", ("first name", "forename", "given names", "first names", "Vorname", "Vornamen", "Rufname")),
    Field("family_name", ("last name", "surname", "Nachname", "Familienname", "Zuname")),
    Field(
        "birth",
        ("birth date", "date of birth", "birthdate", "birthday", "born", "dob", "Geburtsdatum", "Geburtstag", "Geb.",
         "Geb.-Datum", "Geb.-Dat.", "geboren", "geboren am", "Geburtsjahr", "year of birth"),
    ),
    Field("phone", ("telephone", "phone number", "mobile", "tel", "Telefon", "Telefonnummer", "Handy", "Mobil")),
    Field("email", ("e-mail", "e-mail address", "mail", "E-Mail-Adresse", "Mailadresse")),
    Field(
        "address",
        ("street", "house number", "postcode", "zip", "city", "town", "Adresse", "Anschrift", "Straße", "Strasse",
         "Hausnummer", "Hausnr", "PLZ", "Postleitzahl", "Ort", "Stadt", "Wohnort"),
        several=True,
    ),
    Field("language", ("mother tongue", "first language", "Sprache", "Muttersprache", "Erstsprache")),
)  # fmt: skip
NAMES: Final = frozenset({"name", "given_name", "family_name"})
PATH: Final = "/v1/imports/participants"
BATCH: Final = 50
"""Rows: small enough that two who send the same file at once wait only seconds for each other."""


OTHERWISE: Final = (
    "Under this number somebody came in before, and this row says something else.",
    "Change the record itself; if it is another person, give the row a number of its own.",
)


def proposal(table: Table) -> Columns:
    """What the headings say. Beside a given name, "Name" is the family's."""
    columns = dict(proposed(table.headings, FIELDS))
    if "given_name" in columns.values() and "family_name" not in columns.values():
        columns = {heading: "family_name" if name == "name" else name for heading, name in columns.items()}
    return columns


def complete(columns: Columns, table: Table) -> Columns:
    """The columns, if they can name somebody. Raises `Unmapped`."""
    if NAMES.isdisjoint(columns.values()):
        way_out = (
            "Name it in a mapping file (--map): a line `heading: field` below `columns:`."
            f" The file has: {', '.join(table.headings)}."
        )
        raise Unmapped("No column is known to hold a name.", way_out=way_out, field="map")
    return columns


async def send(
    table: Table, columns: Columns, call: Call, *, dates: str | None, trial: bool, mine: bool
) -> AsyncIterator[list[Became]]:
    """What became of the rows, batch after batch, in the file's order."""
    seen: dict[frozenset[tuple[str, str]], int] = {}
    for start in range(0, len(table.lines), BATCH):
        lines = [sent_of(line, columns) for line in table.lines[start : start + BATCH]]
        rows = {line.row: _row(line, columns) for line in lines if not line.wrong}
        for number, row in list(rows.items()):
            if seen.setdefault(frozenset(row.items()), number) != number:
                del rows[number]  # the same words as an earlier row: nobody new
        batch = [{"row": number, **row} for number, row in rows.items()]
        more = {"dates": dates, "trial": trial, "assign_to_me": mine}
        answer = await call({"rows": batch, **more}) if batch else {"rows": []}
        answers = {one["row"]: one for one in answer["rows"]}
        yield [_became(line, answers.get(line.row), columns) for line in lines]


def _row(line: Line, columns: Columns) -> dict[str, str]:
    row = row_of(line, columns)
    return {**row, "language": language_code(row["language"])} if "language" in row else row


def _became(line: Line, answer: dict[str, Any] | None, columns: Columns) -> Became:
    if line.wrong:
        return Became(line, "unreadable", wrong=line.wrong)
    if answer is None:
        return Became(line, "already-in", hints=("The same words stand in a row above.",))
    headings = {name: heading for heading, name in columns.items()}
    wrong = faults_of(line, answer, columns)
    if answer["outcome"] == "known-otherwise":
        wrong.append(Wrong(line.row, headings.get("own_number", "own_number"), *OTHERWISE))
    return Became(
        line,
        answer["outcome"],
        reference=answer["reference"],
        record=answer["participant"],
        possible_match=answer["possible_match"],
        wrong=tuple(wrong),
        hints=tuple(f"{headings.get(one['column'], one['column'])}: {one['what']}" for one in answer["hints"]),
    )


def language_code(text: str) -> str:
    """The code of a language that is written as a word, in English, German or itself; else the text as it is."""
    return _languages().get(text.casefold(), text)


@cache
def _languages() -> dict[str, str]:
    english, german = Locale("en"), Locale("de")
    found: dict[str, str] = {}
    for locale in (english, german):
        found |= {name.casefold(): code.replace("_", "-") for code, name in locale.languages.items()}
    return found
