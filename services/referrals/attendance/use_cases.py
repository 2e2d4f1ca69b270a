"""Load, decide, save. Called by the API and by reactions alike; never commits."""

from collections.abc import Sequence
from datetime import date

from contracts.vocabulary import AgencyId, ParticipantId, PlacementId, StaffId
from infra.chassis import access
from infra.chassis.db import Tx
from services.referrals.attendance import domain, store
from services.referrals.attendance.domain import Entry
from services.referrals.journey.domain import Journey
from services.referrals.journey.use_cases import programme_of
from services.referrals.placements import use_cases as placements
from services.referrals.placements.domain import of_company


async def record(
    tx: Tx,
    journey: Journey,
    *,
    on: date,
    present: bool,
    placement: PlacementId | None,
    by: AgencyId,
) -> tuple[Entry, bool]:
    """(the agency's entry for that day, whether it is new or different); rules of early warning are looked at.

    A company records days of its own placement only. Raises `Conflict`, `Invalid`.
    """
    seat = journey.seat
    theirs = await placements.of(tx, seat.participant)
    if by != seat.agency:
        placement = of_company(theirs, by, on, placement)
    await tx.lock("attendance", seat.journey)
    known = await store.entries(tx, seat.journey)
    before = next((one for one in known if (one.on, one.recorded_by) == (on, by)), None)
    entry = Entry(on, present, by, placement, tx.now)
    events = domain.record(
        seat,
        entry,
        before,
        started_on=journey.started_at.date(),
        ended=journey.ending is not None,
        placements={one.id for one in theirs},
    )
    if not events and before is not None:
        return before, False
    await store.put(tx, seat, entry)
    await tx.say(*events)
    await _watch(tx, journey, [*(one for one in known if one is not before), entry], on)
    return entry, True


async def clear(tx: Tx, journey: Journey, rule: str, *, note: str, by: AgencyId | None) -> None:
    """Somebody looked at the warning and dealt with it. Raises `Conflict`."""
    await tx.lock("attendance", journey.seat.journey)
    known = await store.warnings(tx, journey.seat.journey)
    responsible = (await access.standing(tx, journey.seat.participant, None)).caseworker
    events = domain.clear(
        journey.seat, rule, known, responsible=StaffId(responsible) if responsible else None, now=tx.now
    )
    await store.cleared(tx, journey.seat, rule, by=by, note=note, at=tx.now)
    await tx.say(*events)


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """The person is erased."""
    await store.forget(tx, participant)


async def _watch(tx: Tx, journey: Journey, entries: Sequence[Entry], on: date) -> None:
    seat = journey.seat
    events = domain.watch(
        seat,
        programme_of(seat).early_warning,
        entries,
        await store.warnings(tx, seat.journey),
        on=on,
        responsible=await _responsible(tx, journey),
        now=tx.now,
    )
    for event in events:
        await store.raised(tx, seat, event.rule, event.at)
    await tx.say(*events)


async def _responsible(tx: Tx, journey: Journey) -> StaffId | None:
    """The caseworker at home, who looks after the whole."""
    caseworker = (await access.standing(tx, journey.seat.participant, None)).caseworker
    return StaffId(caseworker) if caseworker else None
