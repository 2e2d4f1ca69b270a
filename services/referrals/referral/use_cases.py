"""Load, decide, save. Called by the API, by deadlines and by reactions alike; never commits."""

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Any, Final
from uuid import UUID

from contracts.events import intake
from contracts.refusal import Invalid, NotFound
from contracts.transitions import Action, ReferralStatus
from contracts.vocabulary import AgencyId, Category, ParticipantId, ReferralId
from infra.chassis import access, deadlines
from infra.chassis.db import Tx
from services.referrals.directory import use_cases as directory
from services.referrals.referral import domain, store
from services.referrals.referral.commands import Act, Terms, Words
from services.referrals.referral.domain import rests_on
from services.referrals.referral.events import Event
from services.referrals.referral.refusals import GrantMissing, NoCapacity
from services.referrals.referral.state import Referral
from services.referrals.referral.working_days import ANSWER_WITHIN, OPEN_FOR, WorkingDays

OVERDUE: Final = "referral-overdue"
EXPIRES: Final = "referral-expires"


async def create(tx: Tx, referral: Referral, words: Words, *, send: bool, calendar: WorkingDays) -> Referral:
    """Write a referral down and, unless it shall stay a draft, send it.

    Raises `Invalid`, `NoCapacity`, `GrantMissing`; capacity is asked for before anything personal is looked at.
    """
    await _alone(tx, referral.participant)
    events = domain.draft(referral, words, now=tx.now)
    if send:
        act = Act(Action.SEND, referral.sender, referral.sent_by, terms=await _terms(tx, referral, calendar))
        events += domain.decide(referral, act, now=tx.now)
    after = reduce(domain.evolve, events[1:], domain.evolve(None, events[0]))
    await store.add(tx, after, events)
    await _remind(tx, after)
    if send:
        await deadlines.put(tx, EXPIRES, after.id, calendar.end_after(tx.now, OPEN_FOR))
    await tx.say(*events)
    return after


async def act(tx: Tx, referral_id: ReferralId, act: Act, version: int, calendar: WorkingDays) -> Referral:
    """One side does something. Raises `NotFound`, `Stale`, `GrantMissing`, and what `domain.decide` raises."""
    await _alone(tx, (await store.load(tx, referral_id)).participant)
    referral = await store.lock(tx, referral_id, version, unless_claimed=act.action is Action.CLAIM)
    match referral.status, act.action:
        case ReferralStatus.DRAFT, Action.SEND:
            act = replace(act, terms=await _terms(tx, referral, calendar))
            await deadlines.put(tx, EXPIRES, referral.id, calendar.end_after(tx.now, OPEN_FOR))
        case ReferralStatus.REQUESTED, Action.CLAIM | Action.ACCEPT if referral.clock and act.by != referral.sender:
            terms = Terms(await _granted(tx, referral, act.by), referral.clock.due_at)
            act = replace(act, terms=terms, step=tx.ids.random())
    return await _apply(tx, referral, domain.decide(referral, act, now=tx.now))


async def overdue(tx: Tx, referral_id: UUID, _details: Mapping[str, Any]) -> None:
    """The time limit of a referral has come."""
    if (referral := await _still_there(tx, referral_id)) is not None:
        await _apply(tx, referral, domain.become_overdue(referral, now=tx.now))


async def expire(tx: Tx, referral_id: UUID, _details: Mapping[str, Any]) -> None:
    """Nobody has answered for so long that nobody will."""
    referral = await _still_there(tx, referral_id)
    if referral is not None and referral.status is ReferralStatus.REQUESTED:
        await _apply(tx, referral, domain.decide(referral, Act(Action.EXPIRE, None), now=tx.now))


async def grant_ended(tx: Tx, fact: intake.GrantEnded) -> None:
    """What rests on the grant: nobody starts any more, who has started gets nothing more of the sender's.

    Another grant to the same agency may still carry it; then nothing changes.
    """
    await _alone(tx, fact.participant)
    granted = (await access.standing(tx, fact.participant, fact.recipient)).granted
    for referral in await store.with_receiver(tx, fact.participant, fact.recipient):
        needed = rests_on(referral.need)
        if needed & set(fact.categories) and not needed <= granted:
            await _apply(tx, referral, domain.grant_ended(referral, now=tx.now))


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """The person was erased: rows stay for the counting, without anybody in them."""
    for referral in await store.forget(tx, participant):
        await deadlines.cancel(tx, OVERDUE, referral)
        await deadlines.cancel(tx, EXPIRES, referral)


async def _alone(tx: Tx, participant: ParticipantId) -> None:
    """Sending and the end of a grant take turns: none is sent on a grant whose end has been dealt with already."""
    await tx.lock("referral", participant)


async def _terms(tx: Tx, referral: Referral, calendar: WorkingDays) -> Terms:
    """What is fixed at sending, if it may be sent at all.

    An open referral is shown only to agencies that hold the grants it rests on, so nothing has to be asked for here.
    """
    await _check_capacity(tx, referral)
    due_at = calendar.end_after(tx.now, ANSWER_WITHIN[referral.urgency])
    if referral.receiver is None:
        return Terms(rests_on(referral.need), due_at)
    return Terms(await _granted(tx, referral, referral.receiver), due_at)


async def _check_capacity(tx: Tx, referral: Referral) -> None:
    if referral.service is None:
        return
    entry = await directory.entry(tx, referral.service)
    if entry is None or entry.agency != referral.receiver or entry.need is not referral.need:
        raise Invalid(
            "The receiver offers no such service for this need.",
            way_out="Take service, agency and need from one entry of the directory.",
            field="service",
        )
    if not entry.capacity.takes_on:
        others = await directory.others_with_room(tx, referral.need, besides=entry.id)
        raise NoCapacity([(str(one.id), one.name, one.agency) for one in others])


async def _granted(tx: Tx, referral: Referral, receiver: AgencyId | None) -> frozenset[Category]:
    """All that the receiver may see now. Raises `GrantMissing` if that is less than the referral discloses.

    Raises `GrantsStale` where that can't be known.
    """
    standing = await access.standing(tx, referral.participant, receiver)
    standing.demand(*rests_on(referral.need))
    granted = standing.granted
    if missing := rests_on(referral.need) - granted:
        raise GrantMissing(receiver, missing)
    return granted


async def _still_there(tx: Tx, referral: UUID) -> Referral | None:
    try:
        return await store.lock(tx, ReferralId(referral))
    except NotFound:
        return None


async def _apply(tx: Tx, referral: Referral, events: list[Event]) -> Referral:
    if not events:
        return referral
    after = replace(reduce(domain.evolve, events, referral), version=referral.version + 1)
    await store.save(tx, after, events)
    await _remind(tx, after)
    await tx.say(*events)
    return after


async def _remind(tx: Tx, referral: Referral) -> None:
    """Keep the deadlines in step with the referral."""
    clock = referral.clock
    if clock is not None and clock.runs and not referral.overdue:
        await deadlines.put(tx, OVERDUE, referral.id, clock.due_at)
    else:
        await deadlines.cancel(tx, OVERDUE, referral.id)
    if referral.status not in (ReferralStatus.DRAFT, ReferralStatus.REQUESTED):
        await deadlines.cancel(tx, EXPIRES, referral.id)
