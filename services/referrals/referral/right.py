"""Who may know of a referral at all, and see which words. The one place where its sides become rights."""

from contracts.refusal import NotFound
from contracts.transitions import Action, ReferralStatus
from contracts.vocabulary import Category
from infra.chassis.caller import Caller
from infra.chassis.db import Tx
from infra.chassis.policy import Record
from services.referrals.referral import domain
from services.referrals.referral.domain import rests_on
from services.referrals.referral.state import Referral
from services.referrals.referral.store import Entry

ACT = "referral:act"
SEND = "referral:send"


async def record(who: Caller, tx: Tx, referral: Referral, *, to_claim: bool = False) -> Record:
    """The referral as the policies see it: the sender owns it, the receiver has a part in it once it was sent.

    An open one invites each agency that was granted all that it rests on; `to_claim` also those who come too late, so
    that they are told so.
    """
    parties = frozenset({referral.receiver} if referral.receiver and referral.sent else set())
    agency = who.principal.agency
    waits = referral.sent and referral.status is ReferralStatus.REQUESTED
    if agency and waits and (referral.receiver is None or (to_claim and referral.open_call)):
        granted = (await who.standing(tx, referral.participant)).granted
        if rests_on(referral.need) <= granted:
            parties |= {agency}
    return Record(
        "referral", str(referral.id), referral.participant, owners=frozenset({referral.sender}), parties=parties
    )


async def allow(who: Caller, tx: Tx, referral: Referral, action: Action | None = None) -> None:
    """Go on only for a side of the referral, or the person; for everybody else it does not exist.

    A grant of something else about the person is no reason to learn that there is a referral: no 403 in that case.
    """
    found = await record(who, tx, referral, to_claim=action is Action.CLAIM)
    if who.principal.participant is None:
        if who.agency not in found.owners | found.parties:
            raise NotFound
    elif not referral.sent:
        raise NotFound
    name = SEND if action is Action.SEND else who.action
    if not await who.can(tx, found, action=name):
        await who.allow(tx, found, action=name)
    await who.note(tx, found, Category.of_barrier(referral.need), action=name)


async def actions(who: Caller, tx: Tx, referral: Referral) -> list[Action]:
    """What the caller can do with it now."""
    agency = who.principal.agency
    if agency is None:
        return []
    found = await record(who, tx, referral)
    may = {name: await who.can(tx, found, action=name) for name in (ACT, SEND)}
    possible = domain.actions(referral, domain.side(referral, agency))
    return [action for action in possible if may[SEND if action is Action.SEND else ACT]]


async def told(who: Caller, tx: Tx, referral: Referral) -> bool:
    """May the caller read, now, what the sender wrote? The receiver while the grant lives: asked anew each time."""
    if who.principal.participant is not None or who.agency == referral.sender:
        return True
    if not referral.shared or who.agency != referral.receiver:
        return False
    return rests_on(referral.need) <= (await who.standing(tx, referral.participant)).granted


async def readable(who: Caller, tx: Tx, referral: Referral, entries: list[Entry]) -> list[Entry]:
    """The history as far as its words are for the caller's eyes; the others come without words.

    The receiver always keeps what it wrote itself. The person sees what was done and whom to ask for; what colleagues
    wrote to each other comes with the export of all data.
    """
    if who.principal.participant is not None:
        return [entry.without_text() for entry in entries]
    if await told(who, tx, referral):
        return entries
    own = who.agency if who.agency == referral.receiver else None
    return [entry if own and entry.agency == own else entry.without_words() for entry in entries]
