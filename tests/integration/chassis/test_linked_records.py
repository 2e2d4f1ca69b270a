"""Records of one person: whoever is linked over others is the same person, too, and nobody else is."""

from collections.abc import Sequence
from itertools import pairwise
from uuid import UUID, uuid4

from contracts.events import intake
from contracts.vocabulary import ParticipantId
from infra.chassis import access, heard
from tests.support.tiny import START, someone
from tests.support.worlds import World
from tests.support.worlds import world as world


async def linked(world: World, *pairs: tuple[ParticipantId, ParticipantId]) -> Sequence[UUID]:
    """The ids of these links."""
    ids = [uuid4() for _ in pairs]
    async with world.matching.db.transaction() as tx:
        for link, (a, b) in zip(ids, pairs, strict=True):
            fact = intake.SamePersonLinked(link=link, a=a, b=b, canonical=a, agencies=("job-centre",), at=START)
            await heard.linked(tx, fact)
    return ids


async def same(world: World, person: ParticipantId) -> frozenset[UUID]:
    async with world.matching.db.transaction() as tx:
        return await access.same_person(tx, person)


async def test_links_are_followed_over_other_records_from_every_end(world: World) -> None:
    one, two, three, four, other, alone = (someone() for _ in range(6))
    await linked(world, (one, two), (three, two), (three, four), (other, alone))
    for start in (one, two, three, four):
        assert await same(world, start) == {one, two, three, four}
    assert await same(world, alone) == {other, alone}


async def test_a_circle_of_links_comes_to_an_end(world: World) -> None:
    one, two, three = (someone() for _ in range(3))
    await linked(world, (one, two), (two, three), (three, one))
    assert await same(world, two) == {one, two, three}


async def test_a_removed_link_parts_what_it_joined(world: World) -> None:
    one, two, three = (someone() for _ in range(3))
    _, second = await linked(world, (one, two), (two, three))
    async with world.matching.db.transaction() as tx:
        removed = intake.LinkRemoved(link=second, a=two, b=three, canonical=two, at=START)
        await heard.unlinked(tx, removed)
    assert await same(world, one) == {one, two}
    assert await same(world, three) == {three}


async def test_an_endless_chain_is_not_followed_to_its_end(world: World) -> None:
    chain = [someone() for _ in range(access.MOST_RECORDS + 20)]
    await linked(world, *pairwise(chain))
    assert len(await same(world, chain[0])) == access.MOST_RECORDS
