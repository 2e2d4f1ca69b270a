"""Intake as data: its capabilities, what it hears and says. API, worker, onebox and house rules read it."""

from pathlib import Path
from typing import Final

from contracts.events import intake
from infra.chassis.service import Service
from infra.esco import api as esco_api
from services.intake import erasure, incoming, outgoing
from services.intake.appointment import api as appointment_api
from services.intake.appointment import use_cases as appointment
from services.intake.assessment import api as assessment_api
from services.intake.document import api as document_api
from services.intake.document import use_cases as document
from services.intake.duplicates import api as duplicates_api
from services.intake.duplicates import use_cases as duplicates
from services.intake.grant import api as grant_api
from services.intake.grant import use_cases as grant
from services.intake.imports import api as imports_api
from services.intake.letter import api as letter_api
from services.intake.note import api as note_api
from services.intake.participant import api as participant_api
from services.intake.participant import history_api, staff_api, team_api
from services.intake.participant import use_cases as participant
from services.intake.participant.domain import ParticipantChanged, ParticipantRegistered
from services.intake.profile import api as profile_api
from services.intake.residence import api as residence_api
from services.intake.residence import knowledge_api
from services.intake.residence import use_cases as residence
from services.intake.rights import api as rights_api
from services.intake.rights import carrying_out
from services.intake.rights import use_cases as rights
from services.intake.selection import api as selection_api
from services.intake.settings import IntakeSettings
from services.intake.suspension import api as suspension_api

SERVICE: Final = Service(
    name="intake",
    settings=IntakeSettings,
    schemas=(
        "participant",
        "grant",
        "duplicates",
        "profile",
        "residence",
        "assessment",
        "selection",
        "imports",
        "esco",
        "note",
        "document",
        "appointment",
        "letter",
        "rights",
    ),
    migrations=Path(__file__).parent / "migrations",
    routers=(
        participant_api.router,
        history_api.router,
        imports_api.router,
        grant_api.router,
        duplicates_api.router,
        profile_api.router,
        residence_api.router,
        knowledge_api.router,
        assessment_api.router,
        note_api.router,
        document_api.router,
        document_api.content_router,
        appointment_api.router,
        selection_api.router,
        letter_api.router,
        staff_api.router,
        team_api.router,
        suspension_api.router,
        rights_api.router,
        esco_api.router,
    ),
    outgoing=outgoing.OUTGOING,
    inside={ParticipantRegistered: (duplicates.look,), ParticipantChanged: (duplicates.look,)},
    projections=incoming.PROJECTIONS,
    reactions=incoming.REACTIONS,
    ignored=incoming.IGNORED,
    deadlines={
        grant.EXPIRES: grant.expire,
        residence.CHANGES: residence.look_again,
        document.EXPIRES: document.tell_of_expiry,
        document.UNFINISHED: document.unfinished,
        appointment.NEAR: appointment.remind,
        participant.INDEX: participant.index_again,
        duplicates.FILES: duplicates.file_again,
        rights.REMINDS: rights.remind,
        rights.OVERDUE: rights.overdue,
        rights.KEPT_UNTIL: rights.kept_until,
    },
    own={intake.ParticipantErased: erasure.again},
    loops=(carrying_out.erase,),
)
