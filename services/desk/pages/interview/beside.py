"""The words of a profile in two languages side by side: as they were said, and as somebody put them. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.desk.door import Form
from services.desk.words.marking import N_

TRANSLATORS: Final = ("person", "interpreter", "caseworker", "machine")
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "skills": ("label", "proof"),
    "education": ("title", "institution", "subject"),
    "work_experience": ("title", "employer", "tasks"),
}
"""Section -> the fields with words."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text: where it stands, as it was said, and its version with who made it; `concept` is the skill's, if any."""

    name: str
    section: str
    part: str
    said: str
    version: str
    by: str
    concept: str = ""


def texts(profile: Mapping[str, Any], to: str) -> list[Text]:
    """All words of the profile, in its order."""
    return [
        Text(
            f"{section}-{number}-{part}",
            section,
            part,
            entry[part],
            *_version(entry, part, to),
            concept=entry.get("concept") or entry.get("occupation") or "",
        )
        for section, number, entry, part in _places(profile)
    ]


def wrong(form: Form, profile: Mapping[str, Any], to: str) -> dict[str, str]:
    """Field -> what is wrong with it, in English."""
    if not form["said_in"]:
        return {"said_in": N_("Say in which language it was said.")}
    if form["said_in"] == to:
        return {"said_in": N_("Choose two different languages.")}
    return {
        f"{one.name}-by": N_("Say who put it into this language.")
        for one in texts(profile, to)
        if form[one.name] and form[f"{one.name}-by"] not in TRANSLATORS
    }


def sections(profile: Mapping[str, Any], form: Form, to: str) -> dict[str, Any]:
    """What is to be written: the language of the words, and each entry with its versions."""
    body: dict[str, Any] = {
        "said_in": form["said_in"],
        "versions": [dict(one) for one in profile.get("versions") or ()],
    }
    for section in PARTS:
        body[section] = [
            {**entry, "versions": [dict(one) for one in entry.get("versions") or ()]}
            for entry in profile.get(section) or ()
        ]
    for section, number, _, part in _places(profile):
        holder = body if section == "expectations" else body[section][number]
        name = f"{section}-{number}-{part}"
        holder["versions"] = [one for one in holder["versions"] if (one["part"], one["language"]) != (part, to)]
        if form[name]:
            made = {"part": part, "language": to, "text": form[name], "by": form[f"{name}-by"]}
            holder["versions"].append(made)
    return body


def _places(profile: Mapping[str, Any]) -> Iterator[tuple[str, int, Mapping[str, Any], str]]:
    """(section, number, entry, part) of every text that is there."""
    for section, parts in PARTS.items():
        for number, entry in enumerate(profile.get(section) or ()):
            for part in parts:
                if entry.get(part):
                    yield section, number, entry, part
    if profile.get("expectations"):
        yield "expectations", 0, profile, "expectations"


def _version(entry: Mapping[str, Any], part: str, to: str) -> tuple[str, str]:
    for one in entry.get("versions") or ():
        if (one["part"], one["language"]) == (part, to):
            return one["text"], one["by"]
    return "", ""
