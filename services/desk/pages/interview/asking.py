"""The interview's forms: rows of what is known, and what they send. Pure.

A row is left out by emptying what it is about. What the form does not show is sent back as it was.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from contracts.vocabulary import Cefr, Evidence, SkillLevel
from services.desk.door import Form
from services.desk.words.marking import N_

PARTS: Final = ("listening", "reading", "interaction", "spoken", "written")
CEFR: Final = tuple(Cefr)
LEVELS: Final = tuple(SkillLevel)
EVIDENCE: Final = tuple(Evidence)
SPARE: Final = 2
"""Empty rows after those that are filled in."""
ROWS: Final[Mapping[str, tuple[str, ...]]] = {
    "languages": ("language", *PARTS),
    "skills": ("label", "concept", "level", "evidence"),
    "work_experience": ("title", "from_year", "to_year"),
}
_ABOUT: Final = {"languages": "language", "skills": "concept", "work_experience": "title"}
"""The field without which a row is none."""
_PLAIN: Final = ("available_from", "mobility_km", "expectations")
DAYS: Final = ("valid_until", "ended_on", "extension_requested_on", "applied_on", "stay_since")
"""Days of a residence status that may be left open."""
CIRCUMSTANCES: Final = ("in_reception_centre", "minor_children", "travel_document")


def rows(profile: Mapping[str, Any]) -> dict[str, object]:
    """What stands in the form's fields: `skills-0-level` and so on."""
    found: dict[str, object] = {name: profile.get(name) for name in _PLAIN}
    for section, fields in ROWS.items():
        for number, row in enumerate(profile.get(section) or ()):
            found |= {f"{section}-{number}-{name}": row.get(name) for name in fields}
    return found


def many(profile: Mapping[str, Any], fields: Mapping[str, object]) -> dict[str, int]:
    """How many rows each section shows: those there are, and some to spare."""
    return {section: max(len(profile.get(section) or ()), _last(fields, section)) + SPARE for section in ROWS}


def concepts(profile: Mapping[str, Any]) -> list[str]:
    """The addresses of the skills that are in the profile."""
    return [row["concept"] for row in profile.get("skills") or ()]


def with_skill(form: Form, concept: str, label: str) -> dict[str, object]:
    """The form's fields, and the skill in the first row that is empty; nowhere a second time."""
    fields: dict[str, object] = {name: form[name] for name in form}
    rows = range(_last(form, "skills"))
    if concept in (form[f"skills-{number}-concept"] for number in rows):
        return fields
    empty = (n for n in rows if not form[f"skills-{n}-concept"] and not form[f"skills-{n}-label"])
    number = next(empty, len(rows))
    return {**fields, f"skills-{number}-concept": concept, f"skills-{number}-label": label}


def wrong(form: Form) -> dict[str, str]:
    """Field -> what is wrong with it, in English."""
    found = {}
    for number in range(_last(form, "skills")):
        concept, label = form[f"skills-{number}-concept"], form[f"skills-{number}-label"]
        if concept and urlsplit(concept).scheme not in ("http", "https"):
            found[f"skills-{number}-concept"] = N_("Give the skill’s address as ESCO shows it; it begins with http.")
        if label and not concept:
            found[f"skills-{number}-concept"] = N_("Name the skill by its ESCO address, too, or empty the row.")
    for number in range(_last(form, "work_experience")):
        for name in ("from_year", "to_year"):
            if form[f"work_experience-{number}-{name}"] and not _number(form[f"work_experience-{number}-{name}"]):
                found[f"work_experience-{number}-{name}"] = N_("Give the year with four digits, for example 1994.")
    if form["mobility_km"] and _number(form["mobility_km"]) is None:
        found["mobility_km"] = N_("Give a number of kilometres.")
    if form["available_from"] and not _is_day(form["available_from"]):
        found["available_from"] = N_("Give a day, for example 2026-12-01.")
    return found


def profile(kept: Mapping[str, Any], form: Form) -> dict[str, Any]:
    """The whole profile as it is from now on."""
    body = {name: value for name, value in kept.items() if name not in ("participant", "version")}
    for section, fields in ROWS.items():
        before = {row.get(_ABOUT[section]): row for row in kept.get(section) or ()}
        body[section] = list(_rows(form, section, fields, before))
    body["available_from"] = form["available_from"] or None
    body["mobility_km"] = _number(form["mobility_km"])
    body["expectations"] = form["expectations"]
    return body


def residence_wrong(form: Form) -> dict[str, str]:
    """Field -> what is wrong with it, in English."""
    found = {}
    if not form["status"]:
        found["status"] = N_("Choose the residence status.")
    if not _is_day(form["since"]):
        found["since"] = N_("Give the first day of this status.")
    for name in DAYS:
        if form[name] and not _is_day(form[name]):
            found[name] = N_("Give a day, for example 2026-12-01.")
    return found


def residence(form: Form, country: str) -> dict[str, object]:
    """As the service takes it."""
    truth = {"yes": True, "no": False}
    given = {"country": country, "status": form["status"], "since": form["since"]}
    circumstances = {name: truth.get(form[name]) for name in CIRCUMSTANCES}
    return {**given, **circumstances, **{name: form[name] or None for name in DAYS}}


def _rows(
    form: Form, section: str, fields: Iterable[str], before: Mapping[object, Mapping[str, Any]]
) -> Iterable[dict[str, Any]]:
    for number in range(_last(form, section)):
        given = {name: form[f"{section}-{number}-{name}"] for name in fields}
        about = given[_ABOUT[section]]
        if about:
            typed = {name: _number(value) if name.endswith("_year") else value for name, value in given.items()}
            if section == "skills":
                typed = {**typed, "level": typed["level"] or LEVELS[0], "evidence": typed["evidence"] or EVIDENCE[-1]}
            else:
                typed = {name: value or None for name, value in typed.items()}
            yield {**before.get(about, {}), **typed}


def _last(form: Mapping[str, object], section: str) -> int:
    """How many rows were sent."""
    numbers = [name.split("-")[1] for name in form if name.startswith(f"{section}-") and name.count("-") == 2]
    return max((int(one) + 1 for one in numbers if one.isdecimal() and len(one) < 4), default=0)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 5 else None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
