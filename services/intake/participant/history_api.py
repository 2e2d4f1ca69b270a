"""How a record became what it is: who changed what, and what it said before."""

from typing import Any

from fastapi import APIRouter

from contracts.vocabulary import Category, ParticipantId
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from services.intake.participant import disclosure, history
from services.intake.participant.history import Change
from services.intake.participant.shapes import (
    ChangeOut,
    ContactOut,
    IdentityOut,
    SaidCode,
    SaidContact,
    SaidIdentity,
)

router = APIRouter(prefix="/v1/participants", route_class=Edge, tags=["participant"], responses=responses())

SECTION_OF = {"identity": Category.IDENTITY, "language": Category.IDENTITY, "contact": Category.CONTACT}
"""Who is responsible and whether the contact is protected is for the responsible agency."""


@router.get("/{participant}/history", summary="What a record said before", responses=responses(403))
async def of(participant: ParticipantId, who: Caller = may("participant:read"), tx: Tx = InTx) -> list[ChangeOut]:
    """Its changes, newest first. Old values are shown to those who may see the section now; withheld ones are named."""
    found, shown = await disclosure.opened(tx, who, participant)
    at_home = found.agency == who.principal.agency
    lines = [_line(change, shown, at_home) for change in await history.of(tx, found)]
    seen = [section for section in (Category.IDENTITY, Category.CONTACT) if section in shown]
    await who.note(tx, Record.of_participant(participant, "history"), *seen)
    return [line for line in lines if line.model_fields_set & TELLING]


TELLING = frozenset({"identity", "contact", "language", "caseworker", "agency", "protected", "withheld"})
"""A line of whose parts the caller may know none is left out."""


def _line(change: Change, shown: set[Category], at_home: bool) -> ChangeOut:
    parts: dict[str, Any] = {}
    withheld = set()
    for part, before in change.before.items():
        section = SECTION_OF.get(part)
        if section is None and not at_home:
            continue
        if section is not None and section not in shown:
            withheld.add(section)
            continue
        parts[part] = _said(part, before, change.after[part])
    if withheld:
        parts["withheld"] = sorted(withheld)
    return ChangeOut(version=change.version, at=change.at, by=change.by, by_agency=change.by_agency, **parts)


def _said(part: str, before: Any, after: Any) -> SaidIdentity | SaidContact | SaidCode:
    if part == "identity":
        return SaidIdentity(before=_out(IdentityOut, before), after=_out(IdentityOut, after))
    if part == "contact":
        return SaidContact(before=_out(ContactOut, before), after=_out(ContactOut, after))
    return SaidCode(before=_code(before), after=_code(after))


def _out(shape: Any, value: Any) -> Any:
    return shape.model_validate(value, from_attributes=True)


def _code(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
