"""Who is told of what: the table is complete, and each line reaches the people it names."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from contracts.catalogue import published_on
from contracts.envelope import Fact
from contracts.events import intake, matching, referrals
from contracts.topics import read_by
from contracts.vocabulary import (
    REGIONAL_MATCHING,
    CohortId,
    Destination,
    GrantEnd,
    GrantId,
    JourneyId,
    NeedDomain,
    OpportunityId,
    OpportunityKind,
    ParticipantId,
    PlacementId,
    Rater,
    ReferralId,
    Role,
    Side,
    StaffId,
    Urgency,
)
from services.notifications.incoming import IGNORED, PROJECTIONS, REACTIONS
from services.notifications.rules.domain import RESOLVE, Audience, Known, Queue, Self, Staff, Telling, about, whom
from services.notifications.rules.table import MUTABLE, TABLE

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AMAL = ParticipantId(uuid4())
JONAS, KEN, VERA = StaffId(uuid4()), StaffId(uuid4()), StaffId(uuid4())
PLACEMENT, OPPORTUNITY, JOURNEY = PlacementId(uuid4()), OpportunityId(uuid4()), JourneyId(uuid4())

THE_CASEWORKER = Staff(JONAS, "job-centre")
THE_COACH = Staff(VERA, "adult-education")
THE_HOTEL = Queue("harbour-hotel", Role.EMPLOYER)
THE_PERSON = Self(AMAL)

KNOWN = Known(participant=AMAL, home="job-centre", caseworker=JONAS, coaches=(THE_COACH,), employers=("harbour-hotel",))


def told(fact: Fact, known: Known = KNOWN) -> set[Staff | Queue | Self]:
    return {one.recipient for one in tellings(fact, known)}


def tellings(fact: Fact, known: Known = KNOWN) -> list[Telling]:
    return whom(fact, TABLE[type(fact)], known)


def a_referral(kind: type[referrals.ReferralFact], receiver: str | None = "family-advice") -> referrals.ReferralFact:
    words = {
        "at": AT,
        "referral": ReferralId(uuid4()),
        "participant": AMAL,
        "need": NeedDomain.FAMILY,
        "sender": "job-centre",
        "sent_by": JONAS,
        "receiver": receiver,
        "urgency": Urgency.ROUTINE,
        "due_at": AT,
        "reason": "other",
        "outcome": "got-help",
    }
    return kind.model_validate(words)


def a_journey(kind: type[referrals.JourneyFact], **more: object) -> referrals.JourneyFact:
    words = {
        "at": AT,
        "journey": JOURNEY,
        "participant": AMAL,
        "programme": "talents-fast-track@1",
        "agency": "adult-education",
        "coach": VERA,
        "cohort": CohortId(uuid4()),
        "stage": "preparation",
    }
    return kind.model_validate(words | more)


def a_match(kind: type[Fact], **more: object) -> Fact:
    words = {
        "at": AT,
        "placement": PLACEMENT,
        "participant": AMAL,
        "opportunity": OPPORTUNITY,
        "kind": OpportunityKind.INTERNSHIP,
        "employer": "harbour-hotel",
        "agency": "job-centre",
        "proposed_by": JONAS,
        "started_on": date(2026, 3, 2),
        "ended_on": date(2026, 5, 2),
        "outcome": "completed",
        "reason": "other",
    }
    return kind.model_validate(words | more)


def test_every_event_that_is_read_is_told_projected_or_declared_ignored() -> None:
    read = {fact for topic in read_by("notifications") for fact in published_on(topic)}
    projected = {fact for handlers in PROJECTIONS.values() for fact in handlers}
    assert read == REACTIONS.keys() | projected | IGNORED
    assert not IGNORED & (REACTIONS.keys() | projected), "an event is not both handled and ignored"


def test_every_line_of_the_table_is_reacted_to_and_names_somebody() -> None:
    assert TABLE.keys() <= REACTIONS.keys()
    assert all(rule.tell for rule in TABLE.values())
    assert RESOLVE.keys() == set(Audience)


def test_message_keys_are_unique_so_that_a_text_belongs_to_one_event() -> None:
    messages = [rule.message for rule in TABLE.values()]
    assert len(messages) == len(set(messages))


def test_a_requested_referral_goes_to_the_receiving_team() -> None:
    assert told(a_referral(referrals.ReferralRequested)) == {Queue("family-advice", Role.CASEWORKER)}


def test_an_open_referral_has_no_team_to_tell_yet() -> None:
    assert told(a_referral(referrals.ReferralRequested, receiver=None)) == set()


@pytest.mark.parametrize(
    "kind",
    [
        referrals.ReferralAccepted,
        referrals.ReferralStarted,
        referrals.ReferralCompleted,
        referrals.ReferralRejected,
        referrals.ReferralOnHold,
        referrals.ReferralFailed,
    ],
)
def test_what_becomes_of_a_referral_goes_to_whoever_sent_it(kind: type[referrals.ReferralFact]) -> None:
    assert told(a_referral(kind)) == {Staff(JONAS, "job-centre")}


@pytest.mark.parametrize("kind", [referrals.ReferralCancelled, referrals.ReferralOverdue])
def test_both_sides_hear_of_a_cancelled_or_late_referral(kind: type[referrals.ReferralFact]) -> None:
    assert told(a_referral(kind)) == {Staff(JONAS, "job-centre"), Queue("family-advice", Role.CASEWORKER)}


def test_both_sides_of_a_referral_are_party_to_it_and_nothing_tells_the_need() -> None:
    for one in tellings(a_referral(referrals.ReferralCancelled)):
        assert one.party
        assert NeedDomain.FAMILY not in f"{one.message} {one.link}"


def test_two_linked_records_are_told_to_the_caseworkers_of_both() -> None:
    other = ParticipantId(uuid4())
    fact = intake.SamePersonLinked(
        at=AT, link=uuid4(), a=AMAL, b=other, canonical=AMAL, agencies=("job-centre", "migration-advice")
    )
    assert about(fact) == (AMAL, other)
    assert told(fact) == {THE_CASEWORKER}
    mira = StaffId(uuid4())
    assert told(fact, Known(other, "migration-advice", mira)) == {Staff(mira, "migration-advice")}


def test_a_change_of_work_rights_ahead_is_told_to_the_caseworker_and_says_not_what_changes() -> None:
    [one] = tellings(intake.WorkRightsChanging(at=AT, participant=AMAL, on=date(2026, 4, 30)))
    assert (one.recipient, one.link, one.party) == (THE_CASEWORKER, f"/participants/{AMAL}", False)


def test_a_possible_match_without_a_caseworker_goes_to_the_team() -> None:
    fact = intake.PossibleMatchFound(
        at=AT, candidate=uuid4(), participant=AMAL, agency="job-centre", other_agency="migration-advice"
    )
    assert told(fact, Known(AMAL, "job-centre")) == {Queue("job-centre", Role.CASEWORKER)}


def test_a_document_that_expires_is_told_to_the_caseworker() -> None:
    assert told(intake.DocumentExpiring(at=AT, participant=AMAL, document=uuid4())) == {THE_CASEWORKER}


def test_an_appointment_that_is_near_is_told_to_both_who_meet() -> None:
    fact = intake.AppointmentNear(at=AT, participant=AMAL, appointment=uuid4(), agency="family-advice", staff=KEN)
    assert told(fact) == {Staff(KEN, "family-advice"), THE_PERSON}


@pytest.mark.parametrize("kind", [referrals.JourneyStarted, referrals.StageEntered, referrals.StageCompleted])
def test_stages_are_told_to_the_coach_who_needs_a_grant_to_read_it(kind: type[referrals.JourneyFact]) -> None:
    [one] = tellings(a_journey(kind))
    assert (one.recipient, one.party) == (THE_COACH, False)


def test_a_proposal_is_blind_for_the_company_and_spares_the_proposer() -> None:
    found = {one.recipient: one for one in tellings(a_match(matching.MatchProposed))}
    assert found.keys() == {THE_HOTEL, THE_PERSON}
    assert (found[THE_HOTEL].blind, found[THE_HOTEL].party, found[THE_PERSON].blind) == (True, True, False)
    assert THE_CASEWORKER in told(a_match(matching.MatchProposed, proposed_by=KEN))


def test_an_accepted_proposal_is_told_to_the_other_side_and_the_coach() -> None:
    company = a_match(matching.MatchAccepted, side=Side.EMPLOYER, both=False)
    person = a_match(matching.MatchAccepted, side=Side.PARTICIPANT, both=True)
    assert told(company) == {THE_CASEWORKER, THE_PERSON, THE_COACH}
    assert told(person) == {THE_HOTEL, THE_COACH}
    assert not any(one.blind for one in tellings(person)), "both have accepted"


@pytest.mark.parametrize("kind", [matching.PlacementConfirmed, matching.PlacementStarted, matching.PlacementEnded])
def test_a_placement_is_told_to_company_caseworker_and_coach(kind: type[Fact]) -> None:
    assert told(a_match(kind)) >= {THE_HOTEL, THE_CASEWORKER, THE_COACH}


def test_a_company_is_not_told_what_one_of_its_own_did() -> None:
    known = Known(AMAL, "job-centre", JONAS, deed_of="harbour-hotel")
    assert told(a_match(matching.PlacementStarted), known) == {THE_CASEWORKER}


@pytest.mark.parametrize("kind", [referrals.AttentionRaised, referrals.AttentionCleared])
def test_a_warning_is_told_to_the_responsible_and_the_coach(kind: type[referrals.JourneyFact]) -> None:
    assert told(a_journey(kind, rule="absences", responsible=JONAS)) == {THE_CASEWORKER, THE_COACH}
    assert told(a_journey(kind, rule="absences", responsible=None)) == {THE_CASEWORKER, THE_COACH}


@pytest.mark.parametrize(
    ("rater", "others"),
    [
        (Rater.COMPANY, {THE_COACH, THE_PERSON}),
        (Rater.COACH, {THE_HOTEL, THE_PERSON}),
        (Rater.PARTICIPANT, {THE_HOTEL, THE_COACH}),
    ],
)
def test_feedback_is_told_to_the_other_two(rater: Rater, others: set[Staff | Queue | Self]) -> None:
    assert told(a_journey(referrals.FeedbackGiven, rater=rater, company="harbour-hotel")) == others
    assert told(a_journey(referrals.FeedbackGiven, rater=rater)) == others


def test_the_end_of_a_journey_is_told_to_all_with_a_part() -> None:
    everybody = {THE_COACH, THE_CASEWORKER, THE_PERSON, THE_HOTEL}
    assert told(a_journey(referrals.TransitionDecided, destination=Destination.JOB)) == everybody
    assert told(a_journey(referrals.JourneyEnded, why="completed")) == everybody


def test_a_follow_up_is_told_to_the_responsible_alone() -> None:
    assert told(a_journey(referrals.FollowUpDue, months=3, responsible=JONAS)) == {THE_CASEWORKER}


def a_grants_end(recipient: str = "adult-education") -> intake.GrantEnded:
    return intake.GrantEnded(
        at=AT,
        grant=GrantId(UUID(int=7)),
        participant=AMAL,
        recipient=recipient,
        categories=(),
        why=GrantEnd.WITHDRAWN,
    )


def test_the_end_of_a_grant_is_told_neutrally_to_those_who_knew() -> None:
    known = Known(AMAL, "job-centre", JONAS, told_before=(THE_COACH,))
    [one] = tellings(a_grants_end(), known)
    assert (one.recipient, one.message, one.participant, one.link) == (THE_COACH, "access-ended", None, None)


def test_if_nobody_knew_yet_the_end_of_a_grant_goes_to_the_agency() -> None:
    assert told(a_grants_end()) == {Queue("adult-education")}
    assert told(a_grants_end(REGIONAL_MATCHING)) == set()


def test_escalations_cannot_be_muted() -> None:
    assert referrals.ReferralOverdue.TYPE not in MUTABLE
    assert referrals.AttentionRaised.TYPE not in MUTABLE
    assert referrals.StageEntered.TYPE in MUTABLE
