"""Load, decide, save; what a yes leads to at once. Called by the API, by deadlines and by the worker. Never commits.

An erasure alone is not carried out here: it needs the identity provider, so the worker does it (`carrying_out.py`).
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Any, Final
from uuid import UUID

from contracts.refusal import Conflict, NotFound
from contracts.vocabulary import GrantEnd, GrantId, ParticipantId, RightKind, StaffId
from infra.chassis import access, deadlines
from infra.chassis.db import Tx
from services.intake.grant import use_cases as grants
from services.intake.grant.domain import By
from services.intake.rights import domain, store
from services.intake.rights.domain import CheckedBy, Decide, Event, How, Request, State

REMINDS: Final = "rights-request-reminds"
OVERDUE: Final = "rights-request-overdue"
KEPT_UNTIL: Final = "rights-request-kept-until"


async def file(
    tx: Tx,
    participant: ParticipantId,
    kind: RightKind,
    *,
    words: str,
    how: How,
    grant: GrantId | None,
    recorded_by: StaffId | None,
) -> Request:
    """Somebody makes use of a right; with the own log-in it is certain who asks. Raises `NotFound`, `Invalid`."""
    owner = (await access.standing(tx, participant, None)).owner
    if owner is None:
        raise NotFound
    if grant is not None and (await grants.grant_of(tx, grant)).participant != participant:
        raise NotFound
    alone = recorded_by is None
    request = Request(
        id=tx.ids.ordered(),
        participant=participant,
        agency=owner,
        kind=kind,
        how=How.ONLINE if alone else how,
        filed_at=tx.now,
        recorded_by=recorded_by,
        words=words,
        due_at=domain.months_after(tx.now, domain.TERM_MONTHS),
        grant=grant,
        checked=CheckedBy.OWN_LOGIN if alone else None,
        checked_at=tx.now if alone else None,
    )
    events = domain.file(request)
    await store.add(tx, request)
    await _remind(tx, request)
    await tx.say(*events)
    return request


async def check_identity(tx: Tx, request: UUID, version: int, how: CheckedBy, by: StaffId) -> Request:
    """Raises `NotFound`, `Stale`, `Conflict`."""
    before = await store.lock(tx, request, version)
    return await _apply(tx, before, domain.check_identity(before, how, by, now=tx.now))


async def extend(tx: Tx, request: UUID, version: int, why: str, months: int) -> Request:
    """Raises `NotFound`, `Stale`, `Conflict`."""
    before = await store.lock(tx, request, version)
    return await _apply(tx, before, domain.extend(before, why, months, now=tx.now))


async def take_back(tx: Tx, request: UUID, version: int) -> Request:
    """Raises `NotFound`, `Stale`, `Conflict`."""
    before = await store.lock(tx, request, version)
    return await _apply(tx, before, domain.take_back(before, now=tx.now))


async def decide(tx: Tx, request: UUID, version: int, decided: Decide) -> Request:
    """Answer, and do at once what follows. Raises `NotFound`, `Stale`, `Conflict`, `Invalid`."""
    before = await store.lock(tx, request, version)
    after = await _apply(tx, before, domain.decide(before, decided, now=tx.now))
    if after.state is State.RESTRICTED:
        return await _restrict(tx, after)
    if after.state is State.GRANTED and after.kind is RightKind.ERASURE:
        await grants.end_all(tx, _whose(after))
    if after.state is State.GRANTED and after.kind is RightKind.OBJECTION and after.grant is not None:
        await grants.end(tx, after.grant, GrantEnd.OBJECTED, By.HOME_AGENCY)
        return await _done(tx, after, {"grants ended": 1})
    return after


async def carried_out(tx: Tx, request: UUID, version: int) -> Request:
    """A rectification or an access export is done; whoever may see what was wrong is told. Raises `Conflict`."""
    before = await store.lock(tx, request, version)
    if before.kind is RightKind.ERASURE or before.participant is None:
        raise Conflict("An erasure is carried out by itself.", way_out="Nothing has to be done; read it again soon.")
    if before.state is State.RESTRICTED:
        raise Conflict("This restriction is in force.", way_out="Lift it when its reason is gone.")
    if before.kind is RightKind.ACCESS:
        return await _done(tx, before, {})
    living = [grant for grant in await grants.grants_of(tx, before.participant) if grant.ended is None]
    recipients = tuple(sorted({grant.recipient for grant in living}))
    after = await _done(tx, before, {"recipients told": len(recipients)})
    await tx.say(domain.Rectified(before.participant, recipients, tx.now))
    return after


async def lift(tx: Tx, request: UUID, version: int) -> Request:
    """The record is used again, or, if its erasure was put off, erased now. Raises `Conflict`."""
    return await _lift(tx, await store.lock(tx, request, version))


async def remind(tx: Tx, request: UUID, _details: Mapping[str, Any]) -> None:
    """A week is left."""
    found = await store.lock(tx, request)
    if found.state is State.FILED:
        await tx.say(domain.RequestDue(found, tx.now))


async def overdue(tx: Tx, request: UUID, _details: Mapping[str, Any]) -> None:
    """The term is over."""
    found = await store.lock(tx, request)
    if found.state is State.FILED:
        await tx.say(domain.RequestOverdue(found, tx.now))


async def kept_until(tx: Tx, request: UUID, _details: Mapping[str, Any]) -> None:
    """The duty to keep the record has ended: now it is erased."""
    found = await store.lock(tx, request)
    if found.state is State.RESTRICTED:
        await _lift(tx, found)


async def forget(tx: Tx, participant: ParticipantId) -> int:
    """The requests are nobody's; nobody is reminded of them any more."""
    gone = await store.forget(tx, participant)
    for request in gone:
        for kind in (REMINDS, OVERDUE, KEPT_UNTIL):
            await deadlines.cancel(tx, kind, request)
    return len(gone)


async def _restrict(tx: Tx, request: Request) -> Request:
    participant = _whose(request)
    await tx.say(domain.Restricted(participant, tx.now))
    if request.keep_until is not None:
        await deadlines.put(tx, KEPT_UNTIL, request.id, request.keep_until)
    return request


async def _lift(tx: Tx, request: Request) -> Request:
    if request.state is not State.RESTRICTED:
        raise Conflict("This request restricts nothing.", way_out="Read it again.")
    await deadlines.cancel(tx, KEPT_UNTIL, request.id)
    if request.kind is RightKind.ERASURE:  # put off until now; the worker goes on
        after = replace(request, state=State.GRANTED, version=request.version + 1)
        await store.save(tx, after)
        await grants.end_all(tx, _whose(after))
        return after
    after = await _done(tx, request, {})
    if not await store.restrictions(tx, _whose(request)):
        await tx.say(domain.Lifted(_whose(request), tx.now))
    return after


async def _done(tx: Tx, request: Request, proof: Mapping[str, int]) -> Request:
    return await _apply(tx, request, domain.carry_out(request, proof, now=tx.now))


async def to_be_erased(tx: Tx, request: UUID) -> ParticipantId | None:
    """Whose erasure was granted and not carried out yet, held until the transaction ends; else None."""
    found = await store.lock(tx, request)
    return found.participant if found.kind is RightKind.ERASURE and found.state is State.GRANTED else None


async def done(tx: Tx, request: UUID, proof: Mapping[str, int]) -> None:
    """The erasure was carried out."""
    await _done(tx, await store.lock(tx, request), proof)


def _whose(request: Request) -> ParticipantId:
    if request.participant is None:
        raise NotFound
    return request.participant


async def _apply(tx: Tx, request: Request, events: list[Event]) -> Request:
    after = reduce(domain.evolve, events, request)
    await store.save(tx, after)
    await _remind(tx, after)
    await tx.say(*(event for event in events if not isinstance(event, domain.KEPT)))
    return after


async def _remind(tx: Tx, request: Request) -> None:
    """Keep the deadlines in step with the request."""
    if request.state is State.FILED:
        await deadlines.put(tx, REMINDS, request.id, request.due_at - domain.REMIND_BEFORE)
        await deadlines.put(tx, OVERDUE, request.id, request.due_at)
    else:
        await deadlines.cancel(tx, REMINDS, request.id)
        await deadlines.cancel(tx, OVERDUE, request.id)
