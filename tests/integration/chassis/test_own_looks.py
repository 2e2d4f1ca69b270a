"""Whose record somebody looks at: the own agency's, one's own, or another agency's."""

from uuid import UUID

from contracts.vocabulary import ParticipantId
from infra.chassis import access, heard
from tests.support.tiny import registered, someone
from tests.support.worlds import World
from tests.support.worlds import world as world


async def own(world: World, *people: ParticipantId, agency: str | None, person: ParticipantId | None) -> set[UUID]:
    async with world.matching.db.transaction() as tx:
        return set(await access.own(tx, people, agency, person))


async def test_only_the_responsible_agency_and_the_person_look_at_home(world: World) -> None:
    amal, yara, unknown = someone(), someone(), someone()
    async with world.matching.db.transaction() as tx:
        for one in (amal, yara):
            await heard.registered(tx, registered(one))  # with the job centre
    everybody = (amal, yara, unknown)
    assert await own(world, *everybody, agency="job-centre", person=None) == {amal, yara}
    assert await own(world, *everybody, agency="family-advice", person=None) == set()
    assert await own(world, *everybody, agency=None, person=amal) == {amal}
    assert await own(world, unknown, agency=None, person=None) == set()
    assert await own(world, agency="job-centre", person=None) == set()
