"""Write a letter from a template and what the record says; keep it as it was. Never commits."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import tzinfo
from typing import Any
from uuid import UUID

from contracts.refusal import Invalid, NotFound
from contracts.vocabulary import AgencyId, LanguageCode, ParticipantId, StaffId
from infra.chassis.db import Tx
from services.intake.appointment import use_cases as appointments
from services.intake.appointment.domain import Terms
from services.intake.letter import domain, store
from services.intake.letter.domain import Letter
from services.intake.letter.templates import Template, templates
from services.intake.participant import use_cases as participants


async def draft(
    tx: Tx,
    participant: ParticipantId,
    *,
    agency: AgencyId,
    author: StaffId,
    signed: str,
    template: str,
    language: LanguageCode,
    words: Mapping[LanguageCode, str],
    appointment: UUID | None,
    with_address: bool,
    zone: tzinfo,
) -> Letter:
    """The letter as it would be. Raises `Invalid` for what is missing, `NotFound`."""
    kind = _template(template)
    person = (await participants.identity_of(tx, [participant])).get(participant)
    if person is None:
        raise NotFound
    name = f"{person.identity.given_name} {person.identity.family_name}".strip()
    spoken = domain.languages(kind.texts, language, person.language)
    if kind.words and not any(words.get(one, "").strip() for one in spoken):
        raise Invalid("This letter says nothing without your words.", way_out="Write them.", field="words")
    met = await _met(tx, kind, participant, agency, appointment)
    sheets = []
    for one in spoken:
        values = {"name": name, "reference": person.reference, "author": signed, "words": words.get(one, "").strip()}
        if met is not None:
            values |= {"when": domain.when(met.begins_at, one, zone), "place": met.place or "–"}
        sheets.append(domain.sheet(one, kind.texts[one].title, kind.texts[one].paragraphs, values))
    return Letter(
        id=tx.ids.ordered(),
        participant=participant,
        agency=agency,
        author=author,
        template=kind.id,
        version=kind.version,
        recipient=name,
        address=(person.contact.address or "") if with_address else "",
        sheets=tuple(sheets),
        written_at=tx.now,
    )


async def write(tx: Tx, letter: Letter) -> None:
    """It is sent, and kept as it is."""
    await store.add(tx, letter)


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """The person was erased: the letters go."""
    await store.forget(tx, participant)


async def export(tx: Tx, participant: ParticipantId) -> list[dict[str, Any]]:
    """All of them, for the person's right to a copy."""
    return [
        {
            "agency": letter.agency,
            "written_at": letter.written_at.isoformat(),
            "sheets": [asdict(sheet) for sheet in letter.sheets],
        }
        for letter in await store.of(tx, participant)
    ]


def _template(name: str) -> Template:
    found = templates().get(name)
    if found is None:
        raise Invalid("There is no such letter.", way_out=f"Choose one of {', '.join(templates())}.", field="template")
    return found


async def _met(
    tx: Tx, kind: Template, participant: ParticipantId, agency: AgencyId, appointment: UUID | None
) -> Terms | None:
    """What was agreed on, for a letter about it."""
    if not kind.appointment:
        return None
    terms = await appointments.agreed(tx, appointment, participant, agency) if appointment else None
    if terms is None:
        raise Invalid(
            "This letter is about an appointment of your agency with this person.",
            way_out="Make the appointment first, then name it.",
            field="appointment",
        )
    return terms
