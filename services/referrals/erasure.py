"""A person is erased: every capability takes the person out of its rows, then the key is destroyed."""

from contracts.events import intake
from infra.chassis import idempotency
from infra.chassis.db import Tx
from services.referrals.attendance import use_cases as attendance
from services.referrals.cohort import use_cases as cohort
from services.referrals.feedback import use_cases as feedback
from services.referrals.journey import use_cases as journey
from services.referrals.referral import use_cases as referral
from services.referrals.timeline import use_cases as timeline


async def erase(tx: Tx, fact: intake.ParticipantErased) -> None:
    """Destroying the key comes last: a roll-back does not undo it."""
    for capability in (referral, cohort, attendance, feedback, journey, timeline):
        await capability.forget(tx, fact.participant)
    await idempotency.forget(tx, fact.participant)
    await tx.vault.shred(tx, fact.participant)
