"""What must be so in the end for people: places, answers, messages, mails."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from contracts.events import intake, matching, referrals
from contracts.vocabulary import REGIONAL_MATCHING, NeedDomain
from services.notifications.rules.domain import RESOLVE, Audience, Known, about
from services.notifications.rules.table import TABLE
from services.referrals.referral.domain import rests_on
from tests.simulation.facts import Stated
from tests.simulation.world import World

Facts = list[Stated]


def no_place_is_given_twice(world: World, facts: Facts) -> Iterator[str]:
    """At no time more people than places, in the order in which matching stated it."""
    capacity = {f.fact.opportunity: f.fact.capacity for f in facts if isinstance(f.fact, matching.OpportunityPublished)}
    taken: Counter[Any] = Counter()
    where: dict[Any, Any] = {}
    for one in facts:
        match one.fact:
            case matching.PlacementConfirmed() as fact:
                where[fact.placement] = fact.opportunity
                taken[fact.opportunity] += 1
                if taken[fact.opportunity] > capacity[fact.opportunity]:
                    yield f"more people than places: {fact.opportunity}"
            case matching.PlacementEnded() as fact:
                taken[where[fact.placement]] -= 1


def each_answer_came_once(world: World, facts: Facts) -> Iterator[str]:
    """What one service's fact makes another do is done once."""
    caused: Counter[tuple[Any, str]] = Counter((f.envelope.causationid, f.short) for f in facts)
    journeys = Counter(f.data["participant"] for f in facts if f.short == "journey-started")
    for one in facts:
        event = one.envelope.id
        match one.fact:
            case referrals.EnrolmentRequested() if caused[event, "eligibility-decided"] != 1:
                yield f"an enrolment was answered {caused[event, 'eligibility-decided']} times"
            case matching.MatchAccepted(both=True) if caused[event, "grant-given"] != 1:
                yield f"a confirmed placement led to {caused[event, 'grant-given']} grants"
            case intake.EligibilityDecided() if caused[event, "journey-started"] > 1:
                yield "a yes began more than one journey"
    for participant, times in journeys.items():
        if times > 1:
            yield f"{times} journeys of {participant} in one cohort"
    for row in world.ground.read("referrals", "select count(*) from cohort.enrolment where state = 'requested'"):
        if row.count:
            yield f"{row.count} enrolments without an answer"


def each_deadline_fired_once(world: World, facts: Facts) -> Iterator[str]:
    """What is due once is told once, and nothing that was due is left out."""
    told: Counter[tuple[Any, ...]] = Counter()
    for one in facts:
        match one.fact:
            case referrals.FollowUpDue() as fact:
                told["follow-up", fact.journey, fact.months] += 1
            case intake.GrantEnded() as fact if fact.why != "narrowed":
                told["end of grant", fact.grant, ""] += 1
            case referrals.ReferralExpired() as fact:
                told["expiry", fact.referral, ""] += 1
            case referrals.ReferralOverdue() as fact:
                told["overdue", fact.referral, ""] += 1
    for what, times in told.items():
        if times > 1:
            yield f"told {times} times: {what[0]} of {what[1]} {what[2]}"
    now = world.places["referrals"].clock.business()
    query = "select journey, months, told_at, outcome from follow_up.follow_up where due_at <= %s"
    for row in world.ground.read("referrals", query, now):
        if told["follow-up", row.journey, row.months] != 1:
            yield f"a follow-up that is due was told {told['follow-up', row.journey, row.months]} times"
    ended = {f.data["journey"] for f in facts if f.short == "journey-ended"}
    planned = {str(row.journey) for row in world.ground.read("referrals", "select journey from follow_up.follow_up")}
    for journey in ended - planned:
        yield f"nobody will ask how {journey} went"
    now = world.places["intake"].clock.business()
    query = 'select id from "grant".grant_record where ended is null and valid_until <= %s'
    for row in world.ground.read("intake", query, now):
        yield f"a grant has outlived its end: {row.id}"


def ended_rights_were_heard(world: World, facts: Facts) -> Iterator[str]:
    """Nothing goes on that rested on a right which has ended."""
    open_: defaultdict[tuple[Any, str], set[str]] = defaultdict(set)
    living: dict[tuple[Any, str], tuple[Any, str]] = {}
    for one in facts:
        match one.fact:
            case intake.GrantGiven() as fact:
                living.update({(fact.grant, c): (fact.participant, fact.recipient) for c in fact.categories})
            case intake.GrantEnded() as fact:
                for category in fact.categories:
                    living.pop((fact.grant, category), None)
    for (_, opened), whose in living.items():
        open_[whose].add(opened)
    query = "select id, participant, receiver, need, status, shared from referral.referral where receiver is not null"
    for row in world.ground.read("referrals", query):
        needed = {str(category) for category in rests_on(NeedDomain(row.need))}
        if needed <= open_[row.participant, row.receiver]:
            continue
        if row.status == "requested" or (row.shared and row.status in ("accepted", "in-progress", "on-hold")):
            yield f"a referral that is {row.status} rests on an ended grant: {row.id}"
    for row in world.ground.read(
        "matching", "select id, participant from placement.placement where state = 'proposed'"
    ):
        if "profile" not in open_[row.participant, REGIONAL_MATCHING]:
            yield f"a proposal rests on an ended grant: {row.id}"


CERTAIN: Final = frozenset(
    {
        Audience.CASEWORKER,
        Audience.PARTICIPANT,
        Audience.SENDER,
        Audience.RECEIVER,
        Audience.COACH,
        Audience.RESPONSIBLE,
    }
)
"""Who is told does not depend on what else has arrived."""


def everybody_was_told_once(world: World, facts: Facts, before: Sequence[Stated] = ()) -> Iterator[str]:
    """Exactly one item per fact and recipient; nobody was left out who had to be told.

    `before`: what was stated earlier; a fact may be about somebody who was registered then.
    """
    rows = world.ground.read("notifications", "select event, recipient from inbox.item")
    items = Counter((row.event, row.recipient) for row in rows)
    for (event, recipient), times in items.items():
        if times > 1:
            yield f"{recipient} was told {times} times of {event}"
    everything = (*before, *facts)
    owners = {f.fact.participant: f.fact for f in everything if isinstance(f.fact, intake.ParticipantRegistered)}
    for one in facts:
        rule = TABLE.get(type(one.fact))
        if rule is None:
            continue
        for participant in about(one.fact):
            owner = owners[participant]
            known = Known(participant, owner.agency, owner.caseworker, deed_of=one.envelope.agency)
            for audience in CERTAIN & set(rule.tell):
                for recipient in RESOLVE[audience](one.fact, known):
                    if (one.envelope.id, recipient.key) not in items:
                        yield f"{recipient.key} was not told of {one.short}"
        ends_elsewhere = isinstance(one.fact, intake.GrantEnded) and one.fact.recipient != REGIONAL_MATCHING
        if ends_elsewhere and not any(event == one.envelope.id for event, _ in items):
            yield f"nobody was told that a grant ended: {one.data['recipient']}"


def every_mail_left(world: World, facts: Facts) -> Iterator[str]:
    """Each delivery was handed over under one Message-ID of its own, repeats under the same."""
    rows = world.ground.read("notifications", "select state, staff, recipient, event from delivery.delivery")
    for row in rows:
        if row.state == "waiting":
            yield f"a mail still waits: {row.recipient}"
    vault = world.runtime("notifications").vault
    ids = {
        (row.event, row.recipient): vault.token("message-id", f"{row.event}/{row.recipient}/email").hex()
        for row in rows
    }
    handed_over = {message.strip("<>").partition("@")[0] for _, message in world.letters.taken}
    for row in rows:
        if row.state == "sent" and ids[row.event, row.recipient] not in handed_over:
            yield f"a mail to {row.recipient} is noted as sent and was never handed over"
    # Not "of those that are noted as sent": a right may end between a hand-over that nobody noted and its repeat.
    for _ in handed_over - set(ids.values()):
        yield "a mail left under a Message-ID of its own"
    planned = {(row.event, row.recipient) for row in rows}
    for row in world.ground.read(
        "notifications", "select event, recipient from inbox.item where recipient not like 'participant:%%'"
    ):
        if (row.event, row.recipient) not in planned:
            yield f"no mail was planned for {row.recipient}"


PEOPLE_CHECKS: Final = (
    no_place_is_given_twice,
    each_answer_came_once,
    each_deadline_fired_once,
    ended_rights_were_heard,
    everybody_was_told_once,
    every_mail_left,
)
