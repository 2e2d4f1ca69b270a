"""Lists of referrals, narrowed in SQL to what the asking agency, or person, may see. The SQL twin of `right.record`."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import and_, false, or_
from sqlmodel import col

from contracts.transitions import ReferralStatus
from contracts.vocabulary import AgencyId, NeedDomain, ParticipantId
from infra.chassis import access
from infra.chassis.db import Tx
from infra.chassis.paging import cursor, position
from services.referrals.referral import store
from services.referrals.referral.domain import rests_on
from services.referrals.referral.state import Referral
from services.referrals.referral.store import ReferralRow


class Which(StrEnum):
    """Seen from the agency that asks."""

    SENT = "sent"
    RECEIVED = "received"
    OPEN = "open"


async def of_agency(
    tx: Tx,
    agency: AgencyId,
    *,
    which: Which | None,
    state: ReferralStatus | None,
    participant: ParticipantId | None,
    limit: int,
    after: str | None,
) -> tuple[list[Referral], str | None]:
    """The agency's own, those sent to it, and open ones that it may claim; newest first."""
    sides = {
        Which.SENT: col(ReferralRow.sender) == agency,
        Which.RECEIVED: and_(col(ReferralRow.receiver) == agency, _sent()),
        Which.OPEN: _claimable(tx, agency),
    }
    mine = sides[which] if which else or_(*sides.values())
    if participant is not None:
        mine = and_(mine, col(ReferralRow.participant) == participant)
    return await _page(tx, mine, state, limit, after)


async def of_person(
    tx: Tx, participant: ParticipantId, *, state: ReferralStatus | None, limit: int, after: str | None
) -> tuple[list[Referral], str | None]:
    """What was sent for this person; newest first."""
    return await _page(tx, and_(col(ReferralRow.participant) == participant, _sent()), state, limit, after)


async def _page(
    tx: Tx, which: Any, state: ReferralStatus | None, limit: int, after: str | None
) -> tuple[list[Referral], str | None]:
    rows = store.rows().where(which, col(ReferralRow.participant).is_not(None))
    if state is not None:
        rows = rows.where(col(ReferralRow.status) == state)
    if (place := position(after, UUID)) is not None:
        rows = rows.where(col(ReferralRow.id) < place[0])
    found = await tx.rows(rows.order_by(col(ReferralRow.id).desc()).limit(limit + 1))
    page = [store.read(row) for row in found[:limit]]
    return page, cursor(page[-1].id) if len(found) > limit else None


def _sent() -> Any:
    return col(ReferralRow.due_at).is_not(None)


def _claimable(tx: Tx, agency: AgencyId) -> Any:
    """Without addressee, for persons of whom the agency was granted all that such a referral rests on."""
    held = [
        and_(
            col(ReferralRow.need) == need,
            *(
                col(ReferralRow.participant).in_(access.granted_to(tx, agency, category))
                for category in sorted(rests_on(need))
            ),
        )
        for need in NeedDomain
    ]
    waiting = and_(col(ReferralRow.receiver).is_(None), _sent(), col(ReferralRow.status) == ReferralStatus.REQUESTED)
    return and_(waiting, or_(false(), *held))
