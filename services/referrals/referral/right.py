"""How a referral stands to those who ask. What follows from that is decided in contracts/policy."""

from contracts.refusal import NotFound
from contracts.transitions import Action, ReferralStatus
from contracts.vocabulary import Category
from infra.chassis.caller import Caller
from infra.chassis.db import Tx
from infra.chassis.freshness import GrantsStale
from infra.chassis.policy import Record
from services.referrals.referral import domain
from services.referrals.referral.state import Referral
from services.referrals.referral.store import Entry

ACT = "referral:act"
SEND = "referral:send"
WORDS = "referral:read-words"


def record(who: Caller, referral: Referral, *, to_claim: bool = False) -> Record:
    """The referral as the policies see it: the sender owns it, the receiver has a part in it once it was sent.

    An open one invites every agency; `to_claim` also those who come too late, so that they are told so.
    """
    waits = referral.sent and referral.status is ReferralStatus.REQUESTED
    invites = waits and (referral.receiver is None or (to_claim and referral.open_call))
    return Record(
        "referral",
        str(referral.id),
        referral.participant,
        owners=frozenset({referral.sender}),
        parties=frozenset({referral.receiver}) if referral.receiver and referral.sent else frozenset(),
        invited=frozenset({who.principal.agency}) if invites and who.principal.agency else frozenset(),
    )


async def allow(who: Caller, tx: Tx, referral: Referral, action: Action | None = None) -> None:
    """Go on only for a side of the referral, or the person; for everybody else it does not exist.

    A grant of something else about the person is no reason to learn that there is a referral: no 403 in that case.
    """
    found = record(who, referral, to_claim=action is Action.CLAIM)
    name = SEND if action is Action.SEND or not referral.sent else who.action
    if not await _can(who, tx, referral, found, name):
        if who.principal.agency not in found.owners | found.parties:
            if await who.was_allowed(tx, found, Category.of_barrier(referral.need), name):
                raise GrantsStale
            raise NotFound
        await who.allow(tx, found, action=name)
    await who.note(tx, found, Category.of_barrier(referral.need), action=name)


async def actions(who: Caller, tx: Tx, referral: Referral) -> list[Action]:
    """What the caller can do with it now."""
    agency = who.principal.agency
    if agency is None:
        return []
    found = record(who, referral)
    may = {name: await _can(who, tx, referral, found, name) for name in (ACT, SEND)}
    possible = domain.actions(referral, domain.side(referral, agency))
    return [action for action in possible if may[SEND if action is Action.SEND or not referral.sent else ACT]]


async def told(who: Caller, tx: Tx, referral: Referral) -> bool:
    """May the caller read, now, what the sender wrote? Asked anew each time; sharing that was stopped stays so."""
    if not referral.shared and who.principal.agency == referral.receiver:
        return False
    return await _can(who, tx, referral, record(who, referral), WORDS)


async def _can(who: Caller, tx: Tx, referral: Referral, found: Record, action: str) -> bool:
    return await who.can(tx, found, Category.of_barrier(referral.need), action)


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
