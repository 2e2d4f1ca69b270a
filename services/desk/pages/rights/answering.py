"""The forms about requests: whether they are whole, and what they send. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from contracts.vocabulary import RightDecision, RightKind
from services.desk.door import Form
from services.desk.words.marking import N_

HOWS: Final = ("in-person", "telephone", "letter")
CHECKS: Final = ("document", "known-in-person")
REASONS: Final = (
    "identity-not-proved",
    "duty-to-keep",
    "legal-claims",
    "not-inaccurate",
    "compelling-grounds",
    "unfounded",
)


def wrong_request(form: Form, *, own: bool) -> Mapping[str, str]:
    """Field -> what is wrong with a new request, in English."""
    found = {}
    if form["kind"] not in set(RightKind):
        found["kind"] = N_("Choose what it is about.")
    if form["kind"] == RightKind.RECTIFICATION and not form["words"]:
        found["words"] = N_("Write what is wrong, and what is right.")
    if form["kind"] == RightKind.OBJECTION and not form["grant"]:
        found["grant"] = N_("Choose what the objection is against.")
    if not own and form["how"] not in HOWS:
        found["how"] = N_("Choose how it came.")
    return found


def request(form: Form, *, own: bool) -> dict[str, object]:
    """As the service takes it."""
    made: dict[str, object] = {"kind": form["kind"], "words": form["words"]}
    if form["kind"] == RightKind.OBJECTION:
        made["grant"] = form["grant"]
    return made if own else made | {"how": form["how"]}


def wrong(step: str, form: Form) -> Mapping[str, str]:
    """Field -> what is wrong with a step, in English."""
    found = {}
    if step == "identity-check" and form["check"] not in CHECKS:
        found["check"] = N_("Choose what made it certain.")
    if step == "extension" and len(form["why"]) < 3:
        found["why"] = N_("Say why it takes longer; the person reads this.")
    if step == "decision":
        if form["decision"] not in set(RightDecision):
            found["decision"] = N_("Choose the answer.")
        if form["decision"] == RightDecision.REFUSED and not (form["reason"] and form["answer"]):
            found["reason"] = N_("A refusal needs its reason, and the words in which the person is told.")
        if form["decision"] == RightDecision.RESTRICTED:
            if not form["norm"]:
                found["norm"] = N_("Name the law that demands that the record is kept.")
            if _day(form["keep_until"]) is None:
                found["keep_until"] = N_("Give the last day, for example 2027-06-30.")
    return found


def body(step: str, form: Form, zone: ZoneInfo) -> dict[str, object] | None:
    """As the service takes it."""
    if step == "identity-check":
        return {"how": form["check"]}
    if step == "extension":
        return {"why": form["why"]}
    if step != "decision":
        return None
    made: dict[str, object] = {"decision": form["decision"], "answer": form["answer"]}
    if form["decision"] == RightDecision.GRANTED:
        return made
    made |= {"reason": form["reason"] or None, "norm": form["norm"] or None}
    last = _day(form["keep_until"])
    if form["decision"] == RightDecision.RESTRICTED and last is not None:
        made["keep_until"] = datetime.combine(last + timedelta(days=1), time(), zone).isoformat()
    return made


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date(2000, 1, 1) < found < date(2200, 1, 1) else None
