"""Where referrals lie. What anybody wrote is sealed in the history; the row itself holds codes and times only."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, Identity, Index, LargeBinary, String, case, insert, select, update
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound, Stale
from contracts.transitions import OutcomeCode, ReasonCode, ReferralStatus
from contracts.vocabulary import AgencyId, Category, NeedDomain, ParticipantId, ReferralId, StaffId, Urgency
from infra.chassis.db import Tx
from infra.chassis.schema import instant, table
from services.referrals.referral.commands import Words
from services.referrals.referral.events import Acted, Drafted, Event, Overdue, SharingStopped
from services.referrals.referral.sla import SlaClock
from services.referrals.referral.state import Referral

SCHEMA = "referral"
OVER = tuple(
    status.value
    for status in ReferralStatus
    if status
    not in (
        ReferralStatus.DRAFT,
        ReferralStatus.REQUESTED,
        ReferralStatus.ACCEPTED,
        ReferralStatus.IN_PROGRESS,
        ReferralStatus.ON_HOLD,
    )
)
"""Where a referral stands on which nobody works any more."""


class ReferralRow(SQLModel, table=True):
    """One referral. Of an erased person the row stays, for the counting, without `participant` and staff."""

    __tablename__ = "referral"
    __table_args__ = (
        Index("referral_sender", "sender", "id"),
        Index("referral_receiver", "receiver", "id"),
        {"schema": SCHEMA},
    )

    id: UUID = Field(primary_key=True)
    participant: UUID | None = Field(default=None, index=True)
    need: str
    sender: str
    sent_by: UUID | None = None
    receiver: str | None = None
    service: UUID | None = None
    urgency: str
    status: str
    open_call: bool
    categories: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    first_appointment: datetime | None = instant(optional=True)
    due_at: datetime | None = instant(optional=True)
    paused_at: datetime | None = instant(optional=True)
    clock_stopped: bool
    overdue: bool
    received_at: datetime | None = instant(optional=True)
    support_step: UUID | None = None
    shared: bool
    reason_code: str | None = None
    outcome: str | None = None
    created_at: datetime = instant()
    version: int


class HistoryRow(SQLModel, table=True):
    """What was done with a referral, and in which words."""

    __tablename__ = "history"
    __table_args__ = {"schema": SCHEMA}

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    referral: UUID = Field(index=True)
    at: datetime = instant()
    what: str
    agency: str | None = None
    staff: UUID | None = None
    reason_code: str | None = None
    outcome: str | None = None
    words: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history. `what` is an action, or `draft`, `overdue`, `sharing-stopped`."""

    at: datetime
    what: str
    agency: AgencyId | None
    staff: StaffId | None
    reason_code: ReasonCode | None
    outcome: OutcomeCode | None
    words: Words

    def without_words(self) -> Self:
        """For somebody whose right to them is over, or has not begun."""
        return replace(self, words=Words())

    def without_text(self) -> Self:
        """For the person: whom to ask for, not what colleagues wrote to each other."""
        return replace(self, words=Words(contact_name=self.words.contact_name))


async def add(tx: Tx, referral: Referral, events: Sequence[Event]) -> None:
    """A new referral, and how it came about."""
    await tx.execute(insert(ReferralRow).values(**_values(referral)))
    await _record(tx, referral, events)


async def save(tx: Tx, referral: Referral, events: Sequence[Event]) -> None:
    """The referral after these events."""
    await tx.execute(update(ReferralRow).where(col(ReferralRow.id) == referral.id).values(**_values(referral)))
    await _record(tx, referral, events)


async def load(tx: Tx, referral: ReferralId) -> Referral:
    """Raises `NotFound`, also if the person was erased."""
    return read(await tx.row(rows().where(col(ReferralRow.id) == referral)))


async def lock(tx: Tx, referral: ReferralId, version: int | None = None, *, unless_claimed: bool = False) -> Referral:
    """The referral, held until the transaction ends. Raises `NotFound`, or `Stale` if it has another version.

    `unless_claimed`: one that found its receiver meanwhile is handed out whatever its version, so that the loser of a
    race is told so.
    """
    found = read(await tx.row(rows().where(col(ReferralRow.id) == referral).with_for_update()))
    lost = unless_claimed and found.receiver is not None
    if version is not None and found.version != version and not lost:
        raise Stale
    return found


async def with_receiver(tx: Tx, participant: ParticipantId, receiver: AgencyId) -> list[Referral]:
    """All referrals of a person to an agency, held until the transaction ends."""
    found = rows().where(col(ReferralRow.participant) == participant, col(ReferralRow.receiver) == receiver)
    return [read(row) for row in await tx.rows(found.order_by(col(ReferralRow.id)).with_for_update())]


async def history(tx: Tx, referral: Referral) -> list[Entry]:
    """What happened, oldest first, with the words."""
    lines = select(table(HistoryRow)).where(col(HistoryRow.referral) == referral.id)
    return [
        Entry(
            at=row.at,
            what=row.what,
            agency=row.agency,
            staff=StaffId(row.staff) if row.staff else None,
            reason_code=ReasonCode(row.reason_code) if row.reason_code else None,
            outcome=OutcomeCode(row.outcome) if row.outcome else None,
            words=Words(**await tx.vault.unseal(referral.participant, row.words)) if row.words else Words(),
        )
        for row in await tx.rows(lines.order_by(col(HistoryRow.id)))
    ]


async def forget(tx: Tx, participant: ParticipantId) -> list[ReferralId]:
    """Take the person out of all referrals; the ids of these. Open ones are over; what was sealed is noise."""
    gone = await tx.rows(
        update(ReferralRow)
        .where(col(ReferralRow.participant) == participant)
        .values(
            participant=None,
            sent_by=None,
            first_appointment=None,
            support_step=None,
            status=case(
                (col(ReferralRow.status).in_(OVER), col(ReferralRow.status)), else_=ReferralStatus.CANCELLED.value
            ),
        )
        .returning(col(ReferralRow.id))
    )
    ids = [ReferralId(row.id) for row in gone]
    await tx.execute(update(HistoryRow).where(col(HistoryRow.referral).in_(ids)).values(words=None, staff=None))
    return ids


async def _record(tx: Tx, referral: Referral, events: Sequence[Event]) -> None:
    for event in events:
        match event:
            case Drafted():
                line = {"what": "draft", "agency": referral.sender, "staff": referral.sent_by}
                words = event.words
            case Acted(act=act):
                line = {"what": act.action, "agency": act.by, "staff": act.staff}
                line |= {"reason_code": act.reason_code, "outcome": act.outcome}
                words = act.words
            case Overdue():
                line, words = {"what": "overdue"}, Words()
            case SharingStopped():
                line, words = {"what": "sharing-stopped"}, Words()
            case _:
                continue
        sealed = await tx.vault.seal(tx, referral.participant, asdict(words)) if words else None
        await tx.execute(insert(HistoryRow).values(referral=referral.id, at=event.at, words=sealed, **line))


def rows() -> Any:
    """The query for all referrals, to be narrowed."""
    return select(table(ReferralRow))


def _values(referral: Referral) -> dict[str, Any]:
    clock = referral.clock
    return {
        "id": referral.id,
        "participant": referral.participant,
        "need": referral.need,
        "sender": referral.sender,
        "sent_by": referral.sent_by,
        "receiver": referral.receiver,
        "service": referral.service,
        "urgency": referral.urgency,
        "status": referral.status,
        "open_call": referral.open_call,
        "categories": sorted(referral.categories),
        "first_appointment": referral.first_appointment,
        "due_at": clock.due_at if clock else None,
        "paused_at": clock.paused_at if clock else None,
        "clock_stopped": clock.stopped if clock else False,
        "overdue": referral.overdue,
        "received_at": referral.received_at,
        "support_step": referral.support_step,
        "shared": referral.shared,
        "reason_code": referral.reason_code,
        "outcome": referral.outcome,
        "created_at": referral.created_at,
        "version": referral.version,
    }


def read(row: Any) -> Referral:
    """A row as a referral. Raises `NotFound` for none, and for one whose person was erased."""
    if row is None or row.participant is None:
        raise NotFound
    return Referral(
        id=ReferralId(row.id),
        participant=ParticipantId(row.participant),
        need=NeedDomain(row.need),
        sender=row.sender,
        sent_by=StaffId(row.sent_by),
        receiver=row.receiver,
        service=row.service,
        urgency=Urgency(row.urgency),
        first_appointment=row.first_appointment,
        created_at=row.created_at,
        open_call=row.open_call,
        status=ReferralStatus(row.status),
        categories=frozenset(map(Category, row.categories)),
        clock=SlaClock(row.due_at, row.paused_at, row.clock_stopped) if row.due_at else None,
        overdue=row.overdue,
        received_at=row.received_at,
        support_step=row.support_step,
        shared=row.shared,
        reason_code=ReasonCode(row.reason_code) if row.reason_code else None,
        outcome=OutcomeCode(row.outcome) if row.outcome else None,
        version=row.version,
    )
