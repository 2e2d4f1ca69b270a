"""A new referral: where it can go, whether the form is whole, and what it sends. Pure.

One choice says both the need and who is asked, so that no address ever names somebody together with a need.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.vocabulary import NeedDomain, Urgency
from services.desk.calls.referrals import Service
from services.desk.words.marking import N_

OPEN: Final = "open"


def places(services: Sequence[Service]) -> dict[str, list[Service]]:
    """Need -> who offers help with it, those with room first; every need is there."""
    found: defaultdict[str, list[Service]] = defaultdict(list)
    for service in sorted(services, key=lambda one: (one.capacity_state != "capacity", one.agency, one.name)):
        found[service.need].append(service)
    return {need.value: found[need.value] for need in NeedDomain}


def wrong(form: Mapping[str, str]) -> dict[str, str]:
    """Field -> what is wrong with it, in English."""
    found = {}
    need, _, _ = form["to"].partition(":")
    if need not in set(NeedDomain):
        found["to"] = N_("Choose who shall help with what.")
    if form["urgency"] not in set(Urgency):
        found["urgency"] = N_("Choose how soon an answer is needed.")
    if form["first_appointment"] and _moment(form["first_appointment"]) is None:
        found["first_appointment"] = N_("Give day and time, for example 2026-03-02T09:30.")
    return found


def body(participant: UUID, form: Mapping[str, str], zone: ZoneInfo) -> dict[str, object]:
    """As the service takes it. `to` is `need:open`, or `need:agency:service`."""
    need, agency, service = (*form["to"].split(":"), "")[:3]
    appointment = _moment(form["first_appointment"])
    given = {
        "participant": str(participant),
        "need": need,
        "receiver": agency if agency != OPEN else None,
        "service": service or None,
        "urgency": form["urgency"],
        "note": form["note"] or None,
        "contact_name": form["contact_name"] or None,
        "first_appointment": appointment.replace(tzinfo=zone).isoformat() if appointment else None,
        "draft": form["draft"] == "yes",
    }
    return {name: value for name, value in given.items() if value is not None}


def _moment(text: str) -> datetime | None:
    """Without a time zone, as a browser sends it: the region's is meant."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is None else None
