"""Every projection that there is can be rebuilt, in a running region, and is the same afterwards."""

from collections.abc import AsyncIterator, Sequence

import psycopg
import pytest

from contracts.topics import SERVICES
from infra.chassis.projections import feeds
from infra.chassis.rebuild import rebuild
from infra.chassis.republish import republish
from infra.onebox.services import service as service_named
from tests.support.joining import amal_joins, works_at_the_hotel
from tests.support.region import Region, fresh_region

ELSEWHERE = {("referrals", "needs"), ("notifications", "rules")}
"""Projections of which this part of the story leaves nothing."""

ALL = [(name, each) for name in SERVICES for each in ("access", *service_named(name).projections)]


@pytest.fixture(scope="module")
async def lived() -> AsyncIterator[Region]:
    """A region in which something has happened. In the shared one, tests tell facts that no service ever stated."""
    async with fresh_region() as region:
        await works_at_the_hotel(region, await amal_joins(region))
        await region.settled()
        yield region


@pytest.mark.parametrize(("name", "projection"), ALL, ids=[f"{name}-{each}" for name, each in ALL])
async def test_it_is_the_same_after_a_rebuild(lived: Region, name: str, projection: str) -> None:
    region = lived
    settings = region.box.settings
    before = _content(settings[name].owner_database_url.get_secret_value(), projection)  # type: ignore[union-attr]

    for publisher, (consumer, types) in feeds(service_named(name), projection).items():
        await republish(service_named(publisher), settings[publisher], consumer, types)
    report = await rebuild(service_named(name), settings[name], projection)

    assert _content(settings[name].owner_database_url.get_secret_value(), projection) == before  # type: ignore[union-attr]
    assert report.waiting == 0
    assert (name, projection) in ELSEWHERE or any(before.values()), "there was nothing to compare"
    await region.settled()


def _content(url: str, schema: str) -> dict[str, Sequence[str]]:
    """All rows of all tables of a schema, as text and sorted."""
    with psycopg.connect(url) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = %s", (schema,)).fetchall()
        assert tables, f"there is no schema {schema}"
        return {
            name: sorted(
                str(row[0])
                for row in connection.execute(f'select t::text from "{schema}"."{name}" t')  # noqa: S608 - names from the catalogue
            )
            for (name,) in tables
        }
