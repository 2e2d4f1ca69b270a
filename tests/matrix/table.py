"""The authorisation matrix as it is written in `contracts/policy/matrix`, and the cells it makes. Asks nobody.

What a cell expects comes from the table alone: nothing here may know Cedar or `infra.chassis.policy`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from contracts import policy
from contracts.vocabulary import Category, Role

FOLDER: Final = Path(policy.__file__).parent / "matrix"
NOBODY: Final = "nobody"
"""A log-in without any role."""
PERSON: Final = str(Role.PARTICIPANT)
STAFF: Final = (*(str(role) for role in Role if role is not Role.PARTICIPANT), NOBODY)
ANY: Final = "any"
ABOUT_A_RECORD: Final = ("{participant}", "{reference}", "{grant}", "{barrier}", "{candidate}", "{link}", "{note}")
EVERYTHING: Final = frozenset(Category)


class Where(StrEnum):
    """For whom the asker works."""

    HOME = "home"
    OTHER = "another agency"
    LINKED = "linked"
    NO_AGENCY = "no agency"
    PERSON = "person"


@dataclass(frozen=True)
class Situation:
    """What the asker is to the record."""

    name: str
    where: Where
    record: str
    """Which of the prepared records is asked about."""
    open: frozenset[Category] = frozenset()
    """What live grants open to the asker's agency."""
    knows: bool = False
    """The asker knows of the record: a refusal says what is missing."""

    @property
    def shades(self) -> bool:
        """A grant narrower than all categories, or one that is over."""
        return self.where is Where.OTHER and self.open != EVERYTHING and self.record != "granted to others"


class Answer(StrEnum):
    """What the table expects."""

    YES = "yes"
    NAMED = "403"
    HIDDEN = "404"
    EITHER = "403 or 404"
    WITHHELD = "not shown"


class Row(BaseModel):
    """One row of the table; the words are explained in `contracts/policy/matrix/README.md`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ask: str
    what: str
    about: Literal["record", "agency"] | None = None
    opens: str | None = None
    home: tuple[str, ...] = ()
    granted: tuple[str, ...] | dict[str, tuple[str, ...] | Literal["any"]] = ()
    linked: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    anywhere: tuple[str, ...] = ()
    person: bool = False
    shows: str | None = None
    answer: int = 200
    refused: Literal["named", "hidden", "hidden to outsiders", "either"] | None = None
    body: Any = None
    if_match: str | None = None
    each: dict[str, tuple[str, ...]] = {}

    @property
    def method(self) -> str:
        return self.ask.split(" ")[0]

    @property
    def path(self) -> str:
        """Without the query."""
        return self.ask.split(" ")[1].partition("?")[0]

    @property
    def of_a_record(self) -> bool:
        return self.about == "record" or (self.about is None and any(name in self.ask for name in ABOUT_A_RECORD))

    @property
    def let_in(self) -> frozenset[str]:
        """The roles that may under some circumstances."""
        return frozenset({*self.home, *self.granted, *self.linked, *self.staff, *self.anywhere})

    @property
    def needed(self) -> frozenset[Category]:
        """The categories that the answer discloses."""
        return frozenset() if self.opens in (None, ANY) else frozenset(map(Category, str(self.opens).split("+")))

    def faults(self) -> list[str]:
        """Words that mean nothing here."""
        found = [f"{role} is no role" for role in sorted(self.let_in - set(STAFF))]
        if self.of_a_record and self.staff:
            found.append("concerns a person: say `home` and `granted`, not `staff`")
        if not self.of_a_record and (self.home or self.granted or self.opens):
            found.append("concerns no person: say `staff`, not `home`, `granted` or `opens`")
        if isinstance(self.granted, tuple) and self.granted and self.opens is None:
            found.append("says who is `granted`, but not what it `opens`")
        return [f"{self.ask}: {fault}" for fault in found]


@dataclass(frozen=True)
class Cell:
    """One request of the matrix."""

    row: Row
    role: str
    situation: Situation

    @property
    def allowed(self) -> bool:
        row, here, role = self.row, self.situation, self.role
        if role in row.anywhere:
            return True
        if here.where is Where.PERSON:
            return row.person and here.knows
        if not row.of_a_record:
            return role in row.staff and here.where is not Where.NO_AGENCY
        if here.where is Where.HOME:
            return role in row.home
        if here.where is Where.LINKED:
            return role in row.linked
        return role in row.granted and self._opened()

    def _opened(self) -> bool:
        """Whether the live grants open it to this role."""
        if isinstance(self.row.granted, dict):
            named = self.row.granted[self.role]
            return bool(self.situation.open) if named == ANY else not self.situation.open.isdisjoint(named)
        if self.row.opens == ANY:
            return bool(self.situation.open)
        return bool(self.row.needed) and self.row.needed <= self.situation.open

    @property
    def expected(self) -> Answer:
        if self.allowed:
            return Answer.YES
        if self.row.shows is not None:
            return Answer.WITHHELD
        if self.row.refused == "either":
            return Answer.EITHER
        return Answer.NAMED if self._told_why() else Answer.HIDDEN

    def _told_why(self) -> bool:
        where, row = self.situation.where, self.row
        if row.refused == "hidden to outsiders":
            return where in (Where.HOME, Where.LINKED)
        if row.refused is not None and where is not Where.PERSON:
            return row.refused == "named"
        return self.situation.knows if row.of_a_record else where is Where.HOME

    def __str__(self) -> str:
        shows = f" [{self.row.shows}]" if self.row.shows else ""
        return f"{self.row.ask}{shows} by {self.role}, {self.situation.name}"


OVER: Final = ("withdrawn", "revoked", "objected", "expired")
GRANTED: Final = {
    **{f"granted {one} alone": frozenset({one}) for one in Category},
    **{f"granted all but {one}": EVERYTHING - {one} for one in Category},
}
"""Name of the situation and of its record -> what the other agency was granted."""
MAIN: Final = "granted everything"


def situations(row: Row) -> Iterator[Situation]:
    """Those in which the row is asked."""
    yield Situation("home", Where.HOME, MAIN, EVERYTHING, knows=True)
    yield Situation("no agency", Where.NO_AGENCY, MAIN)
    if not row.of_a_record:
        return
    yield Situation("granted everything", Where.OTHER, MAIN, EVERYTHING, knows=True)
    yield Situation("stranger", Where.OTHER, "granted to others")
    yield Situation("linked", Where.LINKED, MAIN)
    for over in OVER:
        yield Situation(over, Where.OTHER, over)
    if row.opens is None and not row.granted:
        return
    for name, opened in GRANTED.items():
        if name.startswith("granted all but") and not (row.needed - opened):
            continue
        yield Situation(name, Where.OTHER, name, opened, knows=True)


PEOPLE: Final = (
    Situation("own person", Where.PERSON, MAIN, EVERYTHING, knows=True),
    Situation("another person", Where.PERSON, "granted to others"),
)


def cells(rows: list[Row]) -> Iterator[Cell]:
    """Every cell of these rows.

    Every role is asked at home, with every category granted, and as a stranger. How grants are narrower, or over, is
    asked for the roles that the row lets in somewhere: for the others a grant of everything opens nothing already.
    """
    for row in rows:
        for situation, role in product(situations(row), STAFF):
            if role in row.let_in or not situation.shades:
                yield Cell(row, role, situation)
        for situation in PEOPLE if row.of_a_record else (replace(PEOPLE[0], name="a person"),):
            yield Cell(row, PERSON, situation)


def files(service: str) -> list[Path]:
    """The files of a service, and those for what every service offers."""
    return [*sorted((FOLDER / service).glob("*.yaml")), *sorted(FOLDER.glob("*.yaml"))]


def rows_of(file: Path) -> list[Row]:
    """The rows of one file; one per value of `each`."""
    return [row for written in yaml.safe_load(file.read_text()) for row in _each(written)]


def _each(written: dict[str, Any]) -> Iterator[Row]:
    each = written.get("each", {})
    for values in product(*each.values()):
        filled = {name: _fill(value, dict(zip(each, values, strict=True))) for name, value in written.items()}
        yield Row.model_validate(filled | {"each": each})


def _fill(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, str):
        for name, text in values.items():
            value = value.replace(f"{{{name}}}", text)
    return value


def missing(service: str, openapi: dict[str, Any], rows: list[Row]) -> list[str]:
    """What the table and the routes of a service don't share, in words."""
    there = {
        (method.upper(), path): operation.get("tags", ["..."])[0]
        for path, operations in openapi["paths"].items()
        for method, operation in operations.items()
    }
    found = {row.ask: route_of(row, there) for row in rows}
    unasked = [
        f"{method} {path} of {service} is not in the authorisation matrix: say in contracts/policy/matrix/{service}/"
        f"{tag}.yaml which roles may ask it, at home and by grant (the words are in the README there), and run "
        f"tests/matrix."
        for (method, path), tag in there.items()
        if (method, path) not in found.values()
    ]
    nowhere = [
        f"{row.ask}: {service} has no such route; mend or remove the row" for row in rows if found[row.ask] is None
    ]
    return unasked + nowhere


def route_of(row: Row, routes: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """The (method, path) that answers the row: of several that fit, the one that is least general."""
    fitting = [(method, path) for method, path in routes if method == row.method and _fits(row.path, path)]
    return min(fitting, key=lambda route: route[1].count("{"), default=None)


def _fits(asked: str, path: str) -> bool:
    parts = list(zip(asked.split("/"), path.split("/"), strict=False))
    same_length = asked.count("/") == path.count("/")
    return same_length and all(theirs == ours or theirs.startswith("{") for ours, theirs in parts)
