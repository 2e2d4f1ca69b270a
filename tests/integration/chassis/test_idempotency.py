"""A repeated POST acts once and answers the same; the same key for another request is refused."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from contracts.events.intake import GrantEnded
from contracts.refusal import Invalid
from contracts.vocabulary import Category, GrantEnd, GrantId, ParticipantId
from infra.chassis import closing, idempotency
from infra.chassis.idempotency import AnswerBlanked, Given, fingerprint
from infra.chassis.schema import table
from tests.support.tiny import Effect, count, someone
from tests.support.worlds import World
from tests.support.worlds import world as world

PRINT = fingerprint("POST", "/v1/referrals", "", b"{}")


async def post(world: World, subject: UUID, key: str, print_: bytes = PRINT, fails: bool = False) -> Given:
    """What the edge does with a POST."""
    async with world.matching.db.transaction() as tx:
        given = await idempotency.recall(tx, world.matching.vault, subject, key, print_)
        if given is not None:
            return given
        await asyncio.sleep(0.02)
        about = someone()
        tx.add(Effect, event_id=uuid4(), key=about, type="posted")
        answer = Given(201, str(about).encode(), '"1"', f"/v1/referrals/{about}", about)
        await idempotency.remember(tx, world.matching.vault, subject, key, answer)
        if fails:
            raise ZeroDivisionError
        return answer


async def test_at_once_with_one_key_it_acts_once_and_all_get_the_same_answer(world: World) -> None:
    subject = uuid4()
    answers = await asyncio.gather(*(post(world, subject, "a-key") for _ in range(6)))
    assert await count(world.matching, Effect) == 1
    assert len(set(answers)) == 1


async def test_after_a_failure_the_repeat_acts(world: World) -> None:
    subject = uuid4()
    with pytest.raises(ZeroDivisionError):
        await post(world, subject, "a-key", fails=True)
    first = await post(world, subject, "a-key")
    assert await post(world, subject, "a-key") == first
    assert await count(world.matching, Effect) == 1


async def test_the_same_key_for_another_request_is_refused(world: World) -> None:
    subject = uuid4()
    await post(world, subject, "a-key")
    for other in (
        fingerprint("POST", "/v1/referrals", "", b"{1}"),
        fingerprint("POST", "/v1/referrals?dry=1", "", b"{}"),
        fingerprint("POST", "/v1/referrals", '"2"', b"{}"),
    ):
        with pytest.raises(Invalid, match="another request"):
            await post(world, subject, "a-key", other)


async def test_keys_of_different_people_have_nothing_to_do_with_each_other(world: World) -> None:
    one, two = await post(world, uuid4(), "a-key"), await post(world, uuid4(), "a-key")
    assert one != two


async def test_answers_are_not_readable_and_go_with_the_person(world: World) -> None:
    subject = uuid4()
    given = await post(world, subject, "a-key")
    person = UUID(given.body.decode())
    async with world.matching.db.transaction() as tx:
        rows = await tx.rows(select(table(idempotency.Answer)))
        assert given.body not in bytes(rows[0].body)
        await idempotency.forget(tx, person)
    assert await count(world.matching, idempotency.Answer) == 0


@pytest.mark.parametrize("key", ["", "x" * 201, "schlüssel"])
async def test_an_odd_key_is_refused(world: World, key: str) -> None:
    with pytest.raises(Invalid, match="Idempotency-Key"):
        await post(world, uuid4(), key)


async def test_when_a_right_ends_the_answer_is_blanked_and_the_deed_stays_done_once(world: World) -> None:
    subject = uuid4()
    given = await post(world, subject, "a-key")
    assert given.participant is not None
    async with world.matching.db.transaction() as tx:
        await closing.apply(tx, ended_for(given.participant))
    with pytest.raises(AnswerBlanked):
        await post(world, subject, "a-key")
    assert await count(world.matching, Effect) == 1


def ended_for(participant: UUID) -> GrantEnded:
    return GrantEnded(
        grant=GrantId(uuid4()),
        participant=ParticipantId(participant),
        recipient="family-advice",
        categories=(Category.NOTES,),
        why=GrantEnd.WITHDRAWN,
        at=datetime.now(UTC),
    )
