"""Inbox and lanes of a projection's next generation: begun empty, handed over to the live consumer, forgotten.

The next generation is a consumer of its own, `<consumer>@next`. Nothing here knows tables of a projection or events.
"""

from typing import Final

from sqlalchemy import String, TextClause, bindparam, text

from infra.chassis.db import Database, Tx

SUFFIX: Final = "@next"


def _sql(words: str) -> TextClause:
    """A statement about `:live` and `:next`, the names of the two consumers."""
    names = [name for name in ("live", "next") if f":{name}" in words]
    return text(words).bindparams(*(bindparam(name, type_=String()) for name in names))


WHAT_WAS_SKIPPED_STAYS_SKIPPED: Final = _sql("""
insert into chassis.inbox (consumer, event_id, handled_at)
select distinct on (event_id) :next, event_id, skipped_at from chassis.lane_skipped where consumer = :live
""")

WHAT_NEXT_HAS_DONE_IS_DONE: Final = _sql("""
insert into chassis.inbox (consumer, event_id, handled_at)
select :live, event_id, handled_at from chassis.inbox n where consumer = :next
and not exists (select from chassis.inbox l where l.consumer = :live and l.event_id = n.event_id)
""")

LIVE_LANES_KEEP_WHAT_NEXT_HAS_NEVER_SEEN: Final = _sql("""
delete from chassis.lane_event e where consumer = :live
and (exists (select from chassis.inbox n where n.consumer = :next and n.event_id = e.event_id)
  or exists (select from chassis.lane_event n where n.consumer = :next and n.event_id = e.event_id))
""")
"""Such as an unreadable message of long ago."""

WHAT_WAITS_IN_NEXT_WAITS_LIVE: Final = _sql("update chassis.lane_event set consumer = :live where consumer = :next")

EMPTY_LANES_FLOW: Final = _sql("""
delete from chassis.lane l where consumer = :live and not exists
(select from chassis.lane_event e where e.consumer = l.consumer and e.topic = l.topic and e.key = l.key)
""")

LANES_OF_NEXT_STOP_LIVE: Final = _sql("""
insert into chassis.lane (consumer, topic, key, state, tries, error, since, retry_at)
select :live, topic, key, state, tries, error, since, retry_at from chassis.lane where consumer = :next
on conflict do nothing
""")

FORGET_LANE_EVENTS: Final = _sql("delete from chassis.lane_event where consumer = :next")
FORGET_LANES: Final = _sql("delete from chassis.lane where consumer = :next")
FORGET_SOME_OF_THE_INBOX: Final = _sql("""
delete from chassis.inbox where consumer = :next
and event_id in (select event_id from chassis.inbox where consumer = :next limit 10000)
""")

HAND_OVER: Final = (
    WHAT_NEXT_HAS_DONE_IS_DONE,
    LIVE_LANES_KEEP_WHAT_NEXT_HAS_NEVER_SEEN,
    WHAT_WAITS_IN_NEXT_WAITS_LIVE,
    EMPTY_LANES_FLOW,
    LANES_OF_NEXT_STOP_LIVE,
    FORGET_LANES,
)


class Generation:
    """The next generation of the consumer `live`."""

    def __init__(self, live: str) -> None:
        self.name: Final = live + SUFFIX
        self._names = {"live": live, "next": self.name}

    async def begin(self, tx: Tx) -> None:
        """It has dealt with nothing but what an operator set aside."""
        await tx.execute(WHAT_WAS_SKIPPED_STAYS_SKIPPED, self._names)

    async def hand_over(self, tx: Tx) -> None:
        """Its inbox and lanes become those of the live consumer."""
        for statement in HAND_OVER:
            await tx.execute(statement, self._names)

    async def forget(self, db: Database) -> None:
        """Nothing of it is left. In several transactions: an inbox may be long."""
        async with db.transaction() as tx:
            await tx.execute(FORGET_LANE_EVENTS, self._names)
            await tx.execute(FORGET_LANES, self._names)
        gone = 1
        while gone:
            async with db.transaction() as tx:
                gone = (await tx.execute(FORGET_SOME_OF_THE_INBOX, self._names)).rowcount
