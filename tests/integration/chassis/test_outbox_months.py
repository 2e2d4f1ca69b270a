"""The outbox has a partition per month: rows lie where they belong, come out in one order, and no row needs a month."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

import psycopg
import pytest
from sqlalchemy import delete, func, select, text
from sqlmodel import col

from contracts.vocabulary import ParticipantId
from infra.chassis import migrate, outbox
from infra.chassis.clock import SystemClock
from infra.chassis.db import Database, Tx
from infra.chassis.ids import RandomIds
from infra.chassis.outbox import Outbox, OutboxRow
from infra.chassis.wake import Wake
from infra.onebox.services import service
from infra.postgres import provision
from tests.support.postgres import FreshDatabase
from tests.support.tiny import plain, profile, someone

MARCH: Final = datetime(2031, 3, 9, 12, 0, tzinfo=UTC)
APRIL: Final = datetime(2031, 4, 1, 0, 0, tzinfo=UTC)
LONG_AGO: Final = datetime(1999, 12, 31, 23, 59, tzinfo=UTC)


class Desk:
    """A service's database as its own role sees it, and a clock to set."""

    def __init__(self, owner_url: str, role: str) -> None:
        self.now = MARCH
        url = owner_url.replace("//postgres", f"//{role}", 1)
        self.db = Database(url, clock=SystemClock(lambda: self.now), ids=RandomIds(), pool_size=2)
        self._outbox = Outbox("intake", "test", Wake(url))

    async def append(self, tx: Tx, person: ParticipantId, number: int) -> None:
        await self._outbox.append(tx, [profile(person, number)])

    async def say(self, person: ParticipantId, number: int) -> None:
        async with self.db.transaction() as tx:
            await self.append(tx, person, number)

    async def make_months(self) -> int:
        async with self.db.transaction() as tx:
            return await outbox.make_months(tx)

    async def places(self) -> list[str]:
        """The partition of each row, in order of the ids."""
        async with self.db.transaction() as tx:
            rows = await tx.rows(text("select tableoid::regclass::text as place from chassis.outbox order by id"))
        return [row.place.removeprefix("chassis.") for row in rows]


@pytest.fixture
async def desk(postgres: FreshDatabase) -> AsyncIterator[Desk]:
    url, role = plain(postgres()), "rows_of_months"
    with psycopg.connect(url, autocommit=True) as connection:
        provision.make_role(connection, role, None)
    migrate.upgrade(service("intake"), url, role)
    made = Desk(url, role)
    yield made
    await made.db.close()


async def test_a_row_lies_in_the_month_in_which_it_was_stated(desk: Desk) -> None:
    person = someone()
    assert await desk.make_months() == 4  # this one and three ahead
    assert await desk.make_months() == 0

    await desk.say(person, 1)
    desk.now = APRIL
    await desk.say(person, 2)

    assert await desk.places() == ["outbox_2031_03", "outbox_2031_04"]


async def test_a_row_without_a_month_is_not_lost_and_its_month_is_made_elsewhere(desk: Desk) -> None:
    person = someone()
    desk.now = LONG_AGO
    await desk.say(person, 1)
    assert await desk.places() == ["outbox_rest"]

    assert await desk.make_months() == 3, "January to March; December has a row in the rest already"
    await desk.say(person, 2)

    assert await desk.places() == ["outbox_rest", "outbox_rest"]


async def test_the_relay_and_a_republish_read_over_the_months_in_the_order_of_the_ids(desk: Desk) -> None:
    await desk.make_months()
    people = [someone() for _ in range(3)]
    for number, moment in enumerate((APRIL, MARCH, LONG_AGO, APRIL, MARCH)):  # the machine's clock was set back
        desk.now = moment
        await desk.say(people[number % 3], number)

    async with desk.db.transaction() as tx:
        to_send = [row[0] for row in await outbox.unpublished(tx, 4)]
        upto = await outbox.settled_up_to(tx)
        stated = [row[0] for row in await outbox.stated(tx, to_send[0], upto, 10)]

    assert to_send == sorted(to_send)
    assert len(to_send) == 4
    assert stated == [*to_send[1:], upto]


async def test_a_person_s_rows_can_be_deleted_from_all_months(desk: Desk) -> None:
    await desk.make_months()
    amal, other = someone(), someone()
    for moment in (LONG_AGO, MARCH, APRIL):
        desk.now = moment
        await desk.say(amal, 1)
        await desk.say(other, 1)

    async with desk.db.transaction() as tx:
        await tx.execute(delete(OutboxRow).where(col(OutboxRow.key) == amal))
        left = await tx.rows(select(col(OutboxRow.key), func.count().label("rows")).group_by(col(OutboxRow.key)))

    assert [tuple(row) for row in left] == [(other, 3)]


async def test_making_the_next_month_waits_for_nobody_who_is_stating_a_fact(desk: Desk) -> None:
    await desk.make_months()
    async with desk.db.transaction() as open_one:
        await desk.append(open_one, someone(), 1)
        open_one.end()
        await open_one.flush()
        desk.now = APRIL

        assert await asyncio.wait_for(desk.make_months(), 5) == 1


async def test_the_service_s_own_role_makes_months_and_no_other_tables(desk: Desk) -> None:
    with pytest.raises(Exception, match=r"permission denied|must be owner"):
        async with desk.db.transaction() as tx:
            await tx.execute(text("drop table chassis.outbox_rest"))
    with pytest.raises(Exception, match="permission denied"):
        async with desk.db.transaction() as tx:
            await tx.execute(text("create table chassis.mine (id int)"))
