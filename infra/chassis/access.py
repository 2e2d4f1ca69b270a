"""Who may see whom: owners, disclosure grants, links and erasures, as every service knows them.

A projection of intake's facts (`heard.py`) under a consumer name of its own, so that a poison event of another kind can
never keep access open. Nothing here decides: that is `policy.py`; this room only says which rights exist.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Index, Select, bindparam, exists, func, literal_column, or_, select, union_all
from sqlmodel import Field, SQLModel, col

from contracts.vocabulary import AgencyId, Category, ParticipantId, StaffId
from infra.chassis.bus.partition import partition_in_sql
from infra.chassis.db import Tx
from infra.chassis.freshness import SOURCE, GrantsStale, place_of
from infra.chassis.lanes import Lane
from infra.chassis.schema import ACCESS, instant, table

CONSUMER: Final = "access"
MOST_RECORDS: Final = 100
"""Records of one person that are looked for: more would be a fault, and must not make a request endless."""


class Person(SQLModel, table=True):
    """A participant, the agency whose record it is, and the pseudonym for traces."""

    __tablename__ = "person"
    __table_args__ = (Index("person_agency", "agency"), {"schema": ACCESS})

    id: UUID = Field(primary_key=True)
    reference: str
    agency: str
    caseworker: UUID | None = None
    correlation: UUID
    restricted: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    """The record is kept and not used: no grant opens it, and its own agency reads it only (GDPR Art. 18)."""
    registered_at: datetime = instant()


class Grant(SQLModel, table=True):
    """One category of one grant. An ended grant's rows are gone; the record of it stays with intake."""

    __tablename__ = "grant"
    __table_args__ = (Index("grant_recipient", "recipient", "category", "participant"), {"schema": ACCESS})

    id: UUID = Field(primary_key=True)
    category: str = Field(primary_key=True)
    participant: UUID = Field(index=True)
    recipient: str
    valid_from: datetime = instant()
    valid_until: datetime = instant()


class Link(SQLModel, table=True):
    """Two records of one person. Resolved on reading; widens nobody's access."""

    __tablename__ = "link"
    __table_args__ = {"schema": ACCESS}

    id: UUID = Field(primary_key=True)
    a: UUID = Field(index=True)
    b: UUID = Field(index=True)
    canonical: UUID


class EndedAccess(SQLModel, table=True):
    """Tokens of this subject issued before `not_before` (system time) are refused."""

    __tablename__ = "ended_access"
    __table_args__ = {"schema": ACCESS}

    staff: UUID = Field(primary_key=True)
    not_before: datetime = instant()


@dataclass(frozen=True, slots=True)
class Standing:
    """What an agency is to a participant at this moment."""

    owner: str | None
    reference: str | None
    caseworker: UUID | None
    granted: frozenset[Category]
    withheld: frozenset[Category] = frozenset()
    """Granted by the last word that was heard, which is too old to act on."""
    restricted: bool = False
    """The record is kept and not used."""

    def demand(self, *needed: Category) -> bool:
        """Whether all of these are granted. Raises `GrantsStale` where that can't be known now."""
        if self.withheld.issuperset(needed) and needed:
            raise GrantsStale
        return self.granted.issuperset(needed)


def _live(now: Any) -> tuple[Any, ...]:
    """What of grants holds at this moment."""
    stuck = exists().where(col(Lane.consumer) == CONSUMER, col(Lane.key) == col(Grant.participant))
    kept = table(Person).alias("kept")  # a name of its own: whoever asks may ask for the person, too
    kept_only = exists().where(kept.c.id == col(Grant.participant), kept.c.restricted)
    return (col(Grant.valid_from) <= now, col(Grant.valid_until) > now, ~stuck, ~kept_only)


def _of_one() -> Any:
    """A row in any case: who the participant is, as far as known, and the categories that are open to `recipient`."""
    hers = (col(Grant.participant) == bindparam("id"), col(Grant.recipient) == bindparam("recipient"))
    opened = select(col(Grant.category)).where(*hers, *_live(bindparam("now")))
    asked = select(literal_column("1").label("one")).subquery("asked")
    person = asked.outerjoin(table(Person), col(Person.id) == bindparam("id"))
    return select(
        col(Person.agency),
        col(Person.reference),
        col(Person.caseworker),
        col(Person.restricted),
        func.array(opened.scalar_subquery()).label("opened"),
    ).select_from(person)


_STANDING: Final = _of_one()
"""Built once, and one question: it is asked for every event and almost every request."""


async def standing(tx: Tx, participant: ParticipantId, recipient: str | None) -> Standing:
    """Owner of the record, and the categories open to `recipient` now.

    While the participant's access lane is stuck nobody knows whether a grant was withdrawn: foreign access is refused.
    While nothing recent was heard of the participant's grants, they are withheld.
    """
    found = await tx.execute(_STANDING, {"id": participant, "recipient": recipient, "now": tx.now})
    row = found.one()
    person = row if row.agency is not None else None
    return _standing(tx, participant, person, frozenset(map(Category, row.opened)))


async def standings(
    tx: Tx, participants: Collection[ParticipantId], recipient: str | None
) -> dict[ParticipantId, Standing]:
    """`standing` of each of them, in two questions however many they are."""
    found = await standings_of(tx, participants, [recipient])
    return {one: found[one, recipient] for one in participants}


async def standings_of(
    tx: Tx, participants: Collection[ParticipantId], recipients: Collection[str | None]
) -> dict[tuple[ParticipantId, str | None], Standing]:
    """What each of these agencies is to each of these participants, in two questions however many they are."""
    if not participants or not recipients:
        return {}
    query = select(
        col(Person.id), col(Person.agency), col(Person.reference), col(Person.caseworker), col(Person.restricted)
    )
    known = {row.id: row for row in await tx.rows(query.where(col(Person.id).in_(participants)))}
    granted: dict[tuple[UUID, str | None], set[Category]] = {}
    if agencies := [recipient for recipient in recipients if recipient is not None]:
        live = select(col(Grant.participant), col(Grant.recipient), col(Grant.category)).where(
            col(Grant.participant).in_(participants), col(Grant.recipient).in_(agencies), *_live(tx.now)
        )
        for row in await tx.rows(live):
            granted.setdefault((row.participant, row.recipient), set()).add(Category(row.category))
    return {
        (one, recipient): _standing(tx, one, known.get(one), frozenset(granted.get((one, recipient), ())))
        for one in participants
        for recipient in recipients
    }


def _standing(tx: Tx, participant: ParticipantId, person: Any, categories: frozenset[Category]) -> Standing:
    """From the person's row, None if unknown, and the categories of live grants."""
    stale = bool(categories) and place_of(participant) in tx.stale
    tx.withheld |= stale
    return Standing(
        owner=person.agency if person else None,
        reference=person.reference if person else None,
        caseworker=person.caseworker if person else None,
        granted=frozenset() if stale else categories,
        withheld=categories if stale else frozenset(),
        restricted=bool(person and person.restricted),
    )


async def own(
    tx: Tx, participants: Collection[UUID], agency: AgencyId | None, person: ParticipantId | None
) -> frozenset[UUID]:
    """Those of them whose record is the agency's, and `person`: looking at these crosses no agency's border."""
    found = frozenset(participants) & {person}
    if agency is None or not participants:
        return found
    query = select(col(Person.id)).where(col(Person.id).in_(participants), col(Person.agency) == agency)
    return found | {row.id for row in await tx.rows(query)}


def visible(tx: Tx, agency: str, category: Category) -> Select[tuple[UUID]]:
    """The participants of whom `agency` may see `category`: its own, and those granted to it. For lists in SQL."""
    return _either(agency, _granted(tx, col(Grant.recipient) == agency, col(Grant.category) == category))


def granted_to(tx: Tx, recipient: str, category: Category) -> Select[tuple[UUID]]:
    """The participants of whom `recipient` may see `category` by grant alone."""
    return _granted(tx, col(Grant.recipient) == recipient, col(Grant.category) == category)


def reachable(tx: Tx, agency: str, *, by_the_last_word: bool = False) -> Select[tuple[UUID]]:
    """The participants to whom `agency` has any right at all: its own, and those with a live grant of any category.

    `by_the_last_word` also those whose grants are withheld for now: to know what is left out, never to show it.
    """
    return _either(agency, _granted(tx, col(Grant.recipient) == agency, by_the_last_word=by_the_last_word))


def _either(agency: str, granted: Select[tuple[UUID]]) -> Select[tuple[UUID]]:
    own: Any = select(col(Person.id).label("participant")).where(col(Person.agency) == agency)
    either = union_all(own, granted).subquery()
    found: Select[tuple[UUID]] = select(either.c.participant)
    return found


def _granted(tx: Tx, *which: Any, by_the_last_word: bool = False) -> Select[tuple[UUID]]:
    found: Select[tuple[UUID]] = select(table(Grant).c.participant).where(*which, *_live(tx.now))
    if tx.stale and not by_the_last_word:
        tx.withheld = True
        found = found.where(partition_in_sql(col(Grant.participant), SOURCE.partitions).not_in(sorted(tx.stale)))
    return found


async def same_person(tx: Tx, participant: ParticipantId) -> frozenset[UUID]:
    """All records linked with this one, over however many others (at most `MOST_RECORDS`), itself included."""
    found, fresh = {UUID(str(participant))}, {UUID(str(participant))}
    while fresh and len(found) < MOST_RECORDS:
        links = await tx.rows(
            select(col(Link.a), col(Link.b)).where(or_(col(Link.a).in_(fresh), col(Link.b).in_(fresh)))
        )
        fresh = {record for link in links for record in link} - found
        found |= fresh
    return frozenset(found)


async def correlation_of(tx: Tx, participant: UUID) -> UUID | None:
    """The pseudonym under which the participant's events are traced; None for a key that is no participant."""
    if (known := tx.memo.get((Person, participant))) is not None:
        return UUID(str(known))
    row = await tx.row(select(col(Person.correlation)).where(col(Person.id) == participant))
    return row.correlation if row else None


async def ended(tx: Tx) -> Mapping[StaffId, datetime]:
    """Whose tokens are refused, from before when."""
    return {StaffId(row.staff): row.not_before for row in await tx.rows(select(table(EndedAccess)))}
