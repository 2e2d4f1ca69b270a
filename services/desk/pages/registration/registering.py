"""A newcomer's form: whether it is whole, and what it sends. Pure.

Nobody must know more than is known: any part of a name and of a birth date may be missing, but not all of the name.
"""

from collections.abc import Mapping
from typing import Final

from services.desk.words.marking import N_

LANGUAGES: Final = (
    *("ar", "ckb", "de", "en", "es", "fa", "fr", "kmr", "pl", "prs"),
    *("ps", "ro", "ru", "so", "sq", "ti", "tr", "uk", "ur", "vi"),
)
"""In which people of the region are spoken to most; a record may name any other."""
FIELDS: Final[Mapping[str, str]] = {
    "identity.given_name": "given_name",
    "identity.family_name": "family_name",
    "identity": "given_name",
    "identity.birth": "birth_year",
    "birth": "birth_year",
    "contact.phone": "phone",
    "contact.email": "email",
    "contact.address": "address",
    "language": "language",
    "caseworker": "caseworker",
}
"""The service's field -> ours."""
_PARTS: Final = (
    ("birth_year", 1900, 2100, N_("Give the year with four digits, for example 1994.")),
    ("birth_month", 1, 12, N_("Give the month as a number from 1 to 12.")),
    ("birth_day", 1, 31, N_("Give the day as a number from 1 to 31.")),
)


def wrong(form: Mapping[str, str]) -> dict[str, str]:
    """Field -> what is wrong with it, in English."""
    found = {}
    if not form["given_name"] and not form["family_name"]:
        found["given_name"] = N_("Give at least one of the two names.")
    for name, least, most, what in _PARTS:
        if form[name] and not (form[name].isdecimal() and least <= int(form[name]) <= most):
            found[name] = what
    if form["birth_day"] and not form["birth_month"]:
        found.setdefault("birth_month", N_("A day without its month says nothing: give the month, or leave both out."))
    return found


def body(form: Mapping[str, str]) -> dict[str, object]:
    """As the service takes it."""
    birth = {name.removeprefix("birth_"): int(form[name]) for name, *_ in _PARTS if form[name]}
    contact = {name: form[name] for name in ("phone", "email", "address") if form[name]}
    return {
        "identity": {"given_name": form["given_name"], "family_name": form["family_name"], "birth": birth},
        "contact": contact,
        "language": form["language"] or None,
    }


def assigned(form: Mapping[str, str]) -> dict[str, object]:
    """Whose task the person is from now on, if somebody was chosen."""
    return {"caseworker": form["caseworker"]} if form["caseworker"] else {}
