"""How long the chassis keeps the rows of each of its tables, and why: the one place that says so.

The worker deletes what is older, in small batches; each batch leaves a row in the audit trail with the number of rows,
in the same transaction. System time counts throughout: all of this is about machinery, none of it about due dates.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy import ColumnClause, delete, literal_column, select
from sqlmodel import SQLModel

from infra.chassis import audit
from infra.chassis.audit import AuditRow, Entry, SealRow
from infra.chassis.db import Database
from infra.chassis.deadlines import Deadline
from infra.chassis.erasures import Erased
from infra.chassis.freshness import KnownUpTo
from infra.chassis.idempotency import Answer
from infra.chassis.inbox import REMEMBERED, InboxRow
from infra.chassis.lanes import Lane, Skipped, Waiting
from infra.chassis.moved_clock import ClockOffset
from infra.chassis.outbox import OutboxRow
from infra.chassis.schema import table
from infra.chassis.sealed import KeyOf

log = structlog.get_logger()

BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Rule:
    """For the rows of one table: until when they are kept, and why until then."""

    model: type[SQLModel]
    why: str
    kept: timedelta | None = None
    """None: not ended by age."""
    since: str = ""
    """The column from which `kept` counts."""


RULES: Final = (
    Rule(Answer, "A client that repeats a request does so within hours.", timedelta(hours=24), "at"),
    Rule(
        InboxRow, "Longer than a topic can still hold the event, so a repeat is known as one.", REMEMBERED, "handled_at"
    ),
    Rule(OutboxRow, "The record of what was stated: a rebuild reads all of it. A person's rows end with the person."),
    Rule(Deadline, "Goes when it is due or cancelled."),
    Rule(Lane, "Goes when the lane flows."),
    Rule(Waiting, "Goes when it is dealt with: nothing is thrown away."),
    Rule(Skipped, "A rebuild leaves out what an operator set aside, however long ago."),
    Rule(AuditRow, "The chain proves that nothing was removed; it holds pseudonyms and codes only."),
    Rule(SealRow, "The chain itself."),
    Rule(KeyOf, "Goes with the person: without it nothing sealed can be read."),
    Rule(Erased, "Random ids only, for as long as a back-up may bring the person back."),
    Rule(KnownUpTo, "One row per partition."),
    Rule(ClockOffset, "One row."),
)


async def keep(db: Database) -> dict[str, int]:
    """Delete the rows whose time is over; how many of which table."""
    deleted: dict[str, int] = {}
    for rule in RULES:
        while rule.kept is not None and (rows := await _batch(db, rule, rule.kept)):
            name = table(rule.model).name
            deleted[name] = deleted.get(name, 0) + rows
    for name, rows in deleted.items():
        log.info("rows past their time deleted", kind=name, count=rows)
    return deleted


async def _batch(db: Database, rule: Rule, kept: timedelta) -> int:
    """Delete the next rows and note how many; 0 if none is left."""
    rows = table(rule.model)
    place: ColumnClause[Any] = literal_column("ctid")
    async with db.transaction() as tx:
        over = select(place).select_from(rows).where(rows.c[rule.since] < tx.system_now - kept).limit(BATCH)
        count = (await tx.execute(delete(rows).where(place.in_(over)))).rowcount
        if count:
            await audit.note(tx, Entry("retention:delete", subject=f"{rows.name}/{count}", own=True))
    return count
