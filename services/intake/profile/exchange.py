"""A profile as a file, and a file as a profile, without loss: JSON as our API speaks it, XML in the manner of Europass.

The tables say where each field stands in the XML; both ways follow them. A file that can't be read is refused with its
line and field. Pure.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NoReturn
from xml.etree.ElementTree import Element as Written
from xml.etree.ElementTree import SubElement, indent, tostring

import orjson
from pydantic import ValidationError

from contracts.refusal import Invalid
from services.intake.profile import markup
from services.intake.profile.markup import Element
from services.intake.profile.shapes import ProfileIn

KIND: Final = "lotse-profile"
EDITION: Final = 1
ROOT: Final = "SkillsPassport"
NAMESPACE: Final = "http://europass.cedefop.europa.eu/Europass"
INFO: Final = "LearnerInfo"

_PERIOD: Final = {
    f"{name}_{part}": f"Period/{element}@{part}"
    for name, element in (("from", "From"), ("to", "To"))
    for part in ("year", "month", "day")
}
_FILLED: Final = {"month": "--{:02}", "day": "---{:02}"}
"""How XML Schema writes a month (gMonth) and a day (gDay) alone."""
ONE: Final[Mapping[str, str]] = {
    "said_in": "@locale",
    "expectations": "Wishes/Expectations",
    "available_from": "Wishes/AvailableFrom",
    "hours_per_week": "Wishes/HoursPerWeek",
    "mobility_km": "Wishes/Mobility/Kilometres",
    "own_vehicle": "Wishes/Mobility/OwnVehicle",
    "would_move": "Wishes/Mobility/WouldMove",
}
"""Field of the profile -> where it stands."""
LISTS: Final[Mapping[str, str]] = {
    "occupations": "Wishes/OccupationList/Occupation",
    "daytimes": "Wishes/DaytimeList/Daytime",
}
"""Field of plain values -> the element of one of them."""
SECTIONS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "work_experience": (
        "WorkExperienceList/WorkExperience",
        {
            **_PERIOD,
            "current": "Period/Current",
            "title": "Position/Label",
            "occupation": "Position/Code",
            "tasks": "Activities",
            "employer": "Employer/Name",
            "country": "Employer/Country/Code",
        },
    ),
    "education": (
        "EducationList/Education",
        {
            "from_year": "Period/From@year",
            "year": "Period/To@year",
            "title": "Title",
            "institution": "Organisation/Name",
            "country": "Organisation/Country/Code",
            "subject": "Field/Label",
            "eqf": "Level/Code",
            "completed": "Completed",
            "recognised": "Recognised",
        },
    ),
    "languages": (
        "Skills/Linguistic/LanguageList/Language",
        {
            "language": "Description/Code",
            "mother_tongue": "MotherTongue",
            "listening": "ProficiencyLevel/Listening",
            "reading": "ProficiencyLevel/Reading",
            "interaction": "ProficiencyLevel/SpokenInteraction",
            "spoken": "ProficiencyLevel/SpokenProduction",
            "written": "ProficiencyLevel/Writing",
            "certificate": "Certificate/Title",
        },
    ),
    "skills": (
        "Skills/JobRelated/SkillList/Skill",
        {
            "concept": "Description/Code",
            "label": "Description/Label",
            "level": "Level",
            "evidence": "Evidence",
            "proof": "Proof",
        },
    ),
    "driving_licences": (
        "Skills/Driving/LicenceList/Licence",
        {"category": "Code", "country": "Country/Code", "valid_until": "ValidUntil", "exchanged": "Exchanged"},
    ),
    "versions": ("Wishes/VersionList/Version", {}),
}
"""Section -> (the element of an entry, field of the entry -> where it stands in it). Versions have attributes."""
VERSION: Final[Mapping[str, str]] = {"part": "@part", "language": "@language", "by": "@by", "text": ""}


def as_json(profile: ProfileIn) -> bytes:
    """What `read` takes again."""
    held = {"kind": KIND, "edition": EDITION, "profile": profile.model_dump(mode="json")}
    return orjson.dumps(held, option=orjson.OPT_INDENT_2)


def as_xml(profile: ProfileIn) -> bytes:
    """What `read` takes again."""
    held = profile.model_dump(mode="json", exclude_defaults=True)
    root = Written(ROOT, {"xmlns": NAMESPACE, "edition": str(EDITION)})
    info = SubElement(root, INFO)
    _put(info, ONE, held)
    for name, path in LISTS.items():
        for value in held.get(name, ()):
            _new(info, path).text = value
    for section, (path, where) in SECTIONS.items():
        for entry in held.get(section, ()):
            element = _new(info, path)
            _put(element, where or VERSION, entry)
            for version in entry.get("versions", ()):
                _put(SubElement(element, "Version"), VERSION, version)
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def read(file: bytes) -> ProfileIn:
    """The profile that a file of either kind holds. Raises `Invalid` with line, field and way out."""
    start = file.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<":
        return _of_xml(markup.read(file))
    if start == b"{":
        return _of_json(file.removeprefix(b"\xef\xbb\xbf"))
    raise Invalid(
        "This file holds no profile.",
        way_out="Send the JSON or XML file of an export as it is.",
        field="body",
    )


def _of_json(file: bytes) -> ProfileIn:
    try:
        held = orjson.loads(file)
    except orjson.JSONDecodeError as error:
        raise markup.wrong(error.lineno, "This is no whole JSON.") from error
    if held.get("kind") != KIND or held.get("edition") != EDITION:
        raise Invalid(
            f"This is no profile of edition {EDITION}.",
            way_out="Send the JSON file of an export, with `kind`, `edition` and `profile`.",
            field="kind",
        )
    try:
        return ProfileIn.model_validate_json(orjson.dumps(held.get("profile")))
    except ValidationError as error:
        _refuse(error, {})


def _of_xml(root: Element) -> ProfileIn:
    if root.name != ROOT or root.attributes.get("edition", str(EDITION)) != str(EDITION):
        raise markup.wrong(root.line, f"This is no {ROOT} of edition {EDITION}.")
    held: dict[str, Any] = {}
    lines: dict[tuple[str | int, ...], int] = {}
    for child in root.children:
        if child.name != INFO:
            raise markup.wrong(child.line, f"{child.name} is not known here.", "Leave the element out.")
        _part(child, "", held, lines)
    try:
        return ProfileIn.model_validate(held)
    except ValidationError as error:
        _refuse(error, lines)


def _part(element: Element, path: str, held: dict[str, Any], lines: dict[tuple[str | int, ...], int]) -> None:
    """Everything below: entries of sections, values of lists, single values."""
    sections, lists = _BY_PATH, _LISTS_BY_PATH
    if path in sections:
        section, where = sections[path]
        entries = held.setdefault(section, [])
        lines[section, len(entries)] = element.line
        entries.append(_entry(element, where, (section, len(entries)), lines))
        return
    if path in lists:
        values = held.setdefault(lists[path], [])
        lines[lists[path], len(values)] = element.line
        values.append(element.text)
        return
    for name, value in element.attributes.items():
        _take(_ONE_BY_PATH, f"{path}@{name}", element, value, held, (), lines)
    if not element.children and element.text.strip():
        _take(_ONE_BY_PATH, path, element, element.text, held, (), lines)
    for child in element.children:
        _part(child, f"{path}/{child.name}".lstrip("/"), held, lines)
    if not element.children and not any(known.startswith(path) for known in _KNOWN):
        raise markup.wrong(element.line, f"{path} is not known here.", "Leave it out.")


def _entry(
    element: Element, where: Mapping[str, str], at: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int]
) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    versions = [child for child in element.children if child.name == "Version"]
    element.children = [child for child in element.children if child.name != "Version"]
    for path, leaf, value in element.leaves():
        _take(where, path, leaf, value, entry, at, lines)
    for number, version in enumerate(versions):
        place = (*at, "versions", number)
        lines[place] = version.line
        entry.setdefault("versions", []).append(_entry(version, _VERSION_BY_PATH, place, lines))
    return entry


def _take(
    where: Mapping[str, str],
    path: str,
    element: Element,
    value: str,
    into: dict[str, Any],
    at: tuple[str | int, ...],
    lines: dict[tuple[str | int, ...], int],
) -> None:
    name = where.get(path)
    if name is None:
        if not value.strip() and any(known.startswith(path) for known in where):
            return
        raise markup.wrong(element.line, f"{path or element.name} is not known here.", "Leave it out.")
    if name in into:
        raise markup.wrong(element.line, f"{path} stands here twice.", "Keep one of the two.")
    attribute = path.rpartition("@")[2] if "@" in path else ""
    into[name] = value.lstrip("-") if attribute in _FILLED else value
    lines[(*at, name)] = element.line


def _put(element: Written, where: Mapping[str, str], values: Mapping[str, Any]) -> None:
    for name, path in where.items():
        if name not in values:
            continue
        value = values[name]
        text = str(value).lower() if isinstance(value, bool) else str(value)
        below, _, attribute = path.partition("@")
        target = _at(element, below)
        if attribute:
            target.set(attribute, _FILLED[attribute].format(value) if attribute in _FILLED else text)
        else:
            target.text = text


def _at(element: Written, path: str) -> Written:
    """The element at a path; made where it is not there yet."""
    for name in filter(None, path.split("/")):
        found = element.find(name)
        element = SubElement(element, name) if found is None else found
    return element


def _new(element: Written, path: str) -> Written:
    above, _, name = path.rpartition("/")
    return SubElement(_at(element, above), name)


def _refuse(error: ValidationError, lines: Mapping[tuple[str | int, ...], int]) -> NoReturn:
    first = error.errors()[0]
    place = tuple(first["loc"])
    line = next((lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in lines), None)
    field = ".".join(map(str, place)) or "profile"
    raise Invalid(
        f"{f'Line {line}, ' if line else ''}{field}: {first['msg'].removeprefix('Value error, ')}.",
        way_out="Mend the file there, or export the profile again.",
        field=field,
        **({"line": line} if line else {}),
    ) from error


def _turned(where: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {path: name for name, path in where}


_ONE_BY_PATH: Final = _turned(ONE.items())
_LISTS_BY_PATH: Final = _turned(LISTS.items())
_VERSION_BY_PATH: Final = _turned(VERSION.items())
_BY_PATH: Final = {path: (section, _turned((where or VERSION).items())) for section, (path, where) in SECTIONS.items()}
_KNOWN: Final = frozenset({*_ONE_BY_PATH, *_LISTS_BY_PATH, *_BY_PATH})
