"""The form that records what somebody may be told: whether it is whole, and what it sends. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from contracts.vocabulary import Basis, Category
from services.desk.calls.intake import Grant
from services.desk.door import Form
from services.desk.words.marking import N_

REGION: Final = "regional-matching"
CATEGORIES: Final = tuple(Category)
BASES: Final = tuple(Basis)
HOW: Final = ("signed-form", "spoken", "by-law")
_AGENCY: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
A_YEAR: Final = timedelta(days=365)
ENDS: Final[Mapping[str, tuple[str, ...]]] = {
    Basis.CONSENT: ("withdrawn", "revoked"),
    Basis.STATUTORY_TASK: ("objected", "revoked"),
    Basis.CONTRACT: ("revoked",),
    Basis.VITAL_INTEREST: ("revoked",),
}
"""How a right to see can end by hand, by its basis."""


def begun(today: date, language: str | None) -> dict[str, object]:
    """What stands in a new form."""
    return {
        "basis": Basis.CONSENT.value,
        "recorded_how": HOW[0],
        "valid_until": today + A_YEAR,
        "language": language,
    }


def wrong(form: Form, region: str) -> dict[str, str]:
    """Field -> what is wrong with it, in English."""
    found = {}
    if form["recipient"] != region and not _AGENCY.fullmatch(_short(form["recipient"])):
        found["recipient"] = N_("Name the agency that may see it, for example Family Advice.")
    if not form.many("categories"):
        found["categories"] = N_("Tick at least one thing that may be seen.")
    if len(form["purpose"]) < 3:
        found["purpose"] = N_("Say what for, in a few words.")
    if _day(form["valid_until"]) is None:
        found["valid_until"] = N_("Give the last day, for example 2027-06-30.")
    if form["basis"] == Basis.STATUTORY_TASK and not form["norm"]:
        found["norm"] = N_("Name the law that the task rests on.")
    if not form["language"]:
        found["language"] = N_("Choose the language in which it was explained.")
    return found


def body(form: Form, zone: ZoneInfo, region: str) -> dict[str, object]:
    """As the service takes it. The last day counts in full, in the region's time. `region`: what its suggestions are
    called in the reader's language.
    """
    last = _day(form["valid_until"]) or date.min
    return {
        "recipient": REGION if form["recipient"] == region else _short(form["recipient"]),
        "categories": form.many("categories"),
        "basis": form["basis"],
        "purpose": form["purpose"],
        "valid_until": datetime.combine(last + timedelta(days=1), time(), zone).isoformat(),
        "recorded_how": form["recorded_how"],
        "language": form["language"],
        "norm": form["norm"] or None,
    }


def recipients(known: Iterable[str], own: str | None) -> list[str]:
    """Whom something can be opened to: the region's suggestions, and the other agencies."""
    return [REGION, *sorted({one for one in known if one not in (own, REGION)})]


def _short(name: str) -> str:
    """An agency's short name, from how it is read: "Family Advice" is `family-advice`."""
    return "-".join(name.lower().replace("-", " ").split())


def living(grants: Iterable[Grant]) -> list[Grant]:
    """Those that are not over."""
    return [one for one in grants if one.ended is None]


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date(2000, 1, 1) < found < date(2200, 1, 1) else None
