"""What leaves intake. Each function is a decision about privacy: names, contacts and free text stay behind."""

from collections.abc import Mapping
from typing import Any, Final

from contracts.events import intake as facts
from contracts.vocabulary import GrantEnd
from infra.chassis.service import Say
from services.intake.appointment import domain as appointment
from services.intake.assessment import domain as assessment
from services.intake.assessment import eligibility
from services.intake.document import domain as document
from services.intake.duplicates import domain as duplicates
from services.intake.grant import domain as grant
from services.intake.participant import domain as participant
from services.intake.profile import domain as profile
from services.intake.residence import domain as residence
from services.intake.rights import domain as rights
from services.intake.selection import domain as selection
from services.intake.suspension import domain as suspension


def participant_registered(e: participant.ParticipantRegistered) -> list[facts.ParticipantRegistered]:
    return [
        facts.ParticipantRegistered(
            participant=e.participant, reference=e.reference, agency=e.agency, caseworker=e.caseworker, at=e.at
        )
    ]


def participant_changed(e: participant.ParticipantChanged) -> list[facts.ParticipantChanged]:
    return [
        facts.ParticipantChanged(
            participant=e.participant, reference=e.reference, agency=e.agency, caseworker=e.caseworker, at=e.at
        )
    ]


def participant_assigned(e: participant.ParticipantAssigned) -> list[facts.ParticipantChanged]:
    return [
        facts.ParticipantChanged(
            participant=e.participant, reference=e.reference, agency=e.agency, caseworker=e.caseworker, at=e.at
        )
    ]


def grant_given(e: grant.GrantGiven) -> list[facts.GrantGiven]:
    g = e.grant
    return [
        facts.GrantGiven(
            grant=g.id,
            participant=g.participant,
            recipient=g.recipient,
            categories=tuple(sorted(g.categories)),
            basis=g.basis,
            valid_from=g.valid_from,
            valid_until=g.valid_until,
            at=e.at,
        )
    ]


def glass_broken(e: grant.GlassBroken) -> list[facts.GlassBroken]:
    """That it happened and until when. The reason stays here."""
    return [
        facts.GlassBroken(
            grant=e.grant, participant=e.participant, recipient=e.recipient, valid_until=e.valid_until, at=e.at
        )
    ]


def grant_narrowed(e: grant.GrantNarrowed) -> list[facts.GrantEnded]:
    return [
        facts.GrantEnded(
            grant=e.grant,
            participant=e.participant,
            recipient=e.recipient,
            categories=tuple(sorted(e.closed)),
            why=GrantEnd.NARROWED,
            at=e.at,
        )
    ]


def grant_ended(e: grant.GrantEnded) -> list[facts.GrantEnded]:
    return [
        facts.GrantEnded(
            grant=e.grant,
            participant=e.participant,
            recipient=e.recipient,
            categories=tuple(sorted(e.categories)),
            why=e.why,
            at=e.at,
        )
    ]


def possible_match_found(e: duplicates.PossibleMatchFound) -> list[facts.PossibleMatchFound]:
    """Each side learns with whom to talk, and nothing of the other record: not even its id."""
    return [
        facts.PossibleMatchFound(
            candidate=e.candidate,
            participant=side.participant,
            agency=side.agency,
            other_agency=other.agency,
            at=e.at,
        )
        for side, other in ((e.first, e.second), (e.second, e.first))
    ]


def same_person_linked(e: duplicates.SamePersonLinked) -> list[facts.SamePersonLinked]:
    return [
        facts.SamePersonLinked(
            link=e.link, a=e.first, b=e.second, canonical=e.first, agencies=tuple(sorted(e.agencies)), at=e.at
        )
    ]


def link_removed(e: duplicates.LinkRemoved) -> list[facts.LinkRemoved]:
    return [facts.LinkRemoved(link=e.link, a=e.first, b=e.second, canonical=e.first, at=e.at)]


def profile_updated(e: profile.ProfileUpdated) -> list[facts.ProfileUpdated]:
    """Codes and dates; labels, titles, education, experience and wishes in words stay here."""
    return [
        facts.ProfileUpdated(
            participant=e.participant,
            skills=tuple(
                facts.Skill(concept=skill.concept, level=skill.level, evidence=skill.evidence)
                for skill in e.profile.skills
            ),
            languages=tuple(
                facts.Language(language=language, level=level) for language, level in e.profile.levels.items()
            ),
            occupations=e.profile.occupations,
            available_from=e.profile.available_from,
            at=e.at,
        )
    ]


def work_rights_changed(e: residence.WorkRightsChanged) -> list[facts.WorkRightsChanged]:
    """The answers; the status that gives them stays here."""
    told = e.rights
    return [
        facts.WorkRightsChanged(
            participant=e.participant,
            work=told.work,
            training=told.training,
            internship=told.internship,
            since=told.since,
            until=told.until,
            at=e.at,
        )
    ]


def work_rights_changing(e: residence.WorkRightsChanging) -> list[facts.WorkRightsChanging]:
    """That something changes, and when; what it is stays here."""
    return [facts.WorkRightsChanging(participant=e.participant, on=e.on, at=e.at)]


def barriers_updated(e: assessment.BarriersUpdated) -> list[facts.BarriersUpdated]:
    """Care topic. No word of explanation."""
    return [
        facts.BarriersUpdated(
            participant=e.participant,
            barriers=tuple(
                facts.Barrier(barrier=one.id, domain=one.domain, severity=one.severity.value, open=one.open)
                for one in e.barriers
            ),
            at=e.at,
        )
    ]


def assessment_completed(e: selection.AssessmentCompleted) -> list[facts.AssessmentCompleted]:
    """Care topic. No answer, no judgement, no reason, and not who assessed."""
    return [
        facts.AssessmentCompleted(
            participant=e.participant,
            assessment=e.assessment,
            procedure=e.procedure,
            step=e.step.value,
            outcome=e.outcome.value if e.outcome else None,
            at=e.at,
        )
    ]


def eligibility_decided(e: eligibility.EligibilityDecided) -> list[facts.EligibilityDecided]:
    return [
        facts.EligibilityDecided(
            enrolment=e.enrolment,
            participant=e.participant,
            programme=e.programme,
            eligible=e.eligible,
            reasons=e.reasons,
            at=e.at,
        )
    ]


def access_ended(e: suspension.AccessEnded) -> list[facts.StaffAccessEnded]:
    return [facts.StaffAccessEnded(staff=e.account, not_before=e.not_before, at=e.at)]


def document_expiring(e: document.DocumentExpiring) -> list[facts.DocumentExpiring]:
    """That there is one; kind, name and date stay here."""
    return [facts.DocumentExpiring(participant=e.participant, document=e.document, at=e.at)]


def appointment_near(e: appointment.AppointmentNear) -> list[facts.AppointmentNear]:
    """Who meets whom; place, time and words stay here."""
    return [
        facts.AppointmentNear(
            participant=e.participant, appointment=e.appointment, agency=e.agency, staff=e.staff, at=e.at
        )
    ]


def rights_request_filed(e: rights.RequestFiled) -> list[facts.RightsRequestFiled]:
    return [facts.RightsRequestFiled(**_request(e.request), at=e.request.filed_at)]


def rights_request_due(e: rights.RequestDue) -> list[facts.RightsRequestDue]:
    return [facts.RightsRequestDue(**_request(e.request), at=e.at)]


def rights_request_overdue(e: rights.RequestOverdue) -> list[facts.RightsRequestOverdue]:
    return [facts.RightsRequestOverdue(**_request(e.request), at=e.at)]


def rights_request_decided(e: rights.RequestDecided) -> list[facts.RightsRequestDecided]:
    """That there is an answer. The reason and the words stay here."""
    return [facts.RightsRequestDecided(**_request(e.request), decision=e.decided.decision, at=e.at)]


def _request(request: rights.Request) -> dict[str, Any]:
    return {
        "request": request.id,
        "participant": request.participant,
        "kind": request.kind,
        "due_at": request.due_at,
    }


def record_rectified(e: rights.Rectified) -> list[facts.RecordRectified]:
    """Each agency that sees it is told to look again; not what was wrong."""
    return [
        facts.RecordRectified(participant=e.participant, recipient=recipient, at=e.at) for recipient in e.recipients
    ]


def restricted(e: rights.Restricted) -> list[facts.ProcessingRestricted]:
    return [facts.ProcessingRestricted(participant=e.participant, at=e.at)]


def lifted(e: rights.Lifted) -> list[facts.RestrictionLifted]:
    return [facts.RestrictionLifted(participant=e.participant, at=e.at)]


def erased(e: rights.Erased) -> list[facts.ParticipantErased]:
    return [facts.ParticipantErased(participant=e.participant, at=e.at)]


OUTGOING: Final[Mapping[type[Any], Say]] = {
    participant.ParticipantRegistered: participant_registered,
    participant.ParticipantChanged: participant_changed,
    participant.ParticipantAssigned: participant_assigned,
    grant.GrantGiven: grant_given,
    grant.GlassBroken: glass_broken,
    grant.GrantNarrowed: grant_narrowed,
    grant.GrantEnded: grant_ended,
    duplicates.PossibleMatchFound: possible_match_found,
    duplicates.SamePersonLinked: same_person_linked,
    duplicates.LinkRemoved: link_removed,
    profile.ProfileUpdated: profile_updated,
    residence.WorkRightsChanged: work_rights_changed,
    residence.WorkRightsChanging: work_rights_changing,
    assessment.BarriersUpdated: barriers_updated,
    selection.AssessmentCompleted: assessment_completed,
    eligibility.EligibilityDecided: eligibility_decided,
    suspension.AccessEnded: access_ended,
    document.DocumentExpiring: document_expiring,
    appointment.AppointmentNear: appointment_near,
    rights.RequestFiled: rights_request_filed,
    rights.RequestDue: rights_request_due,
    rights.RequestOverdue: rights_request_overdue,
    rights.RequestDecided: rights_request_decided,
    rights.Rectified: record_rectified,
    rights.Restricted: restricted,
    rights.Lifted: lifted,
    rights.Erased: erased,
}
