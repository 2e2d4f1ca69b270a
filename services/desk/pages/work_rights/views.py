"""Choose a status, a day and how long somebody has been here; read, or print, what is allowed and why.

A form that only asks, so by GET: the page can be kept as a bookmark. It takes months, not days of somebody's life.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from fastapi import APIRouter, Response

from services.desk.calls import work_rights
from services.desk.calls.api import SaidNo, part
from services.desk.calls.work_rights import Country
from services.desk.door import Door, Visit, Visiting
from services.desk.look.draft import Draft
from services.desk.words.marking import N_

router = APIRouter(route_class=Door, include_in_schema=False)

HOME: Final = "DE"
"""The country that comes first in the list: the region's own."""
TRUTH: Final = {"yes": True, "no": False}


@router.get("/residence-rights")
async def page_of(
    visit: Visit = Visiting,
    status: str = "",
    on: str = "",
    months: str = "",
    in_reception_centre: str = "",
    minor_children: str = "",
    travel_document: str = "",
) -> Response:
    """The form, and below it the answer once a status is chosen. `status` is `DE/toleration`."""
    typed = {
        "status": status,
        "on": on,
        "months": months,
        "in_reception_centre": in_reception_centre,
        "minor_children": minor_children,
        "travel_document": travel_document,
    }
    known = await part(work_rights.countries(visit.calls.intake))
    wrong, asked = _asked(typed)
    draft, found, no = Draft({**typed, "months": months or "0"}, wrong=wrong), None, None
    if status and not wrong:
        try:
            found = await work_rights.of_nobody(visit.calls.intake, **asked)
        except SaidNo as refused:
            no = refused
    return visit.page(
        "pages/work_rights/work_rights.html",
        422 if wrong else no.status if no else 200,
        known=known,
        statuses=_choices(known.value or (), visit.words.code),
        d=draft,
        found=found,
        no=no,
        name=lambda names: _named(names, visit.words.code),
    )


def _asked(typed: Mapping[str, str]) -> tuple[dict[str, str], dict[str, object]]:
    """(what is wrong, what to ask): days and months as the service takes them."""
    country, _, status = typed["status"].partition("/")
    asked: dict[str, object] = {"country": country, "status": status}
    wrong = {}
    if typed["on"]:
        try:
            asked["on"] = date.fromisoformat(typed["on"]).isoformat()
        except ValueError:
            wrong["on"] = N_("Give a day, for example 2026-12-01.")
    if typed["months"]:
        if typed["months"].isdecimal() and int(typed["months"]) <= 240:
            asked["months"] = int(typed["months"])
        else:
            wrong["months"] = N_("Give a number of months, 240 at most.")
    for name in ("in_reception_centre", "minor_children", "travel_document"):
        if typed[name] in TRUTH:
            asked[name] = typed[name] == "yes"
    return wrong, asked


def _choices(known: Sequence[Country], language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Country by country, the own first: value and name of each status."""
    return [
        (
            _named(country.name, language),
            [(f"{country.country}/{one.code}", _named(one.name, language)) for one in country.statuses],
        )
        for country in sorted(known, key=lambda country: (country.country != HOME, _named(country.name, language)))
    ]


def _named(names: Mapping[str, str], language: str) -> str:
    """In the reader's language as far as the file has it."""
    return names.get(language) or names["en"]
