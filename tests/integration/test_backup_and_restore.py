"""A service comes back from an older back-up: erased persons stay erased, and what it has missed since is there."""

from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest

from contracts.events import intake
from contracts.refusal import Conflict, Unavailable
from contracts.vocabulary import ParticipantId
from infra.chassis import closing, reconcile, republish
from infra.chassis.reconcile import Findings
from infra.chassis.service import Service
from infra.chassis.settings import ServiceSettings
from infra.onebox import postgres
from infra.onebox.box import box
from infra.onebox.layout import Box
from infra.onebox.services import service as service_named
from infra.postgres import backup
from infra.restoring import restore
from tests.support.joining import amal_joins
from tests.support.referring import refer, register
from tests.support.region import Region
from tests.support.waiting import until

SERVICES = ("intake", "matching", "referrals")
KEPT = ("chassis.audit", "chassis.outbox", "chassis.inbox", "chassis.erased")
"""Tables (by how their names begin) that keep random ids after an erasure: proof, facts, and the ledger itself."""


def holding(url: str, canary: str) -> set[str]:
    """The tables of a database in which this text is."""
    found = set()
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname !~ '^(pg_|information_schema$)'"
        ).fetchall()
        for schema, name in tables:
            query = f'select count(*) from "{schema}"."{name}" t where t::text like %s'  # noqa: S608 - from the catalogue
            row = connection.execute(query.encode(), (f"%{canary}%",)).fetchone()
            if row and row[0] and not f"{schema}.{name}".startswith(KEPT):
                found.add(f"{schema}.{name}")
    return found


async def erase(region: Region, person: str) -> None:
    """Intake states it."""
    runtime = region.box.runtimes["intake"]
    async with runtime.db.transaction() as tx:
        fact = intake.ParticipantErased(participant=ParticipantId(UUID(person)), at=tx.now)
        await closing.apply(tx, fact)
        await runtime.outbox.append(tx, [fact])
    await region.settled()


def owner_of(made: Box, name: str) -> str:
    url = made.settings[name].owner_database_url
    assert url is not None
    return url.get_secret_value()


async def test_a_service_comes_back_without_the_erased_and_with_what_it_missed(tmp_path: Path) -> None:
    async with (
        box(tmp_path / "box", environment="test", services=SERVICES) as made,
        httpx.AsyncClient(timeout=20) as http,
    ):
        region = Region(made, http)
        amal = await amal_joins(region)
        await refer(await region.as_("jonas"), amal.id, receiver=None)
        await region.settled()
        owner = owner_of(made, "referrals")
        saved = backup.dump(owner, "referrals", tmp_path / "backups")
        assert saved.stat().st_mode & 0o077 == 0
        assert holding(owner, amal.id) > {"access.person", "referral.referral", "timeline.line"}

        noor = await register(region)
        await region.settled()
        await refer(await region.as_("jonas"), noor, receiver=None)
        await erase(region, amal.id)
        assert holding(owner, amal.id) == set()
        assert holding(owner, amal.reference) == set()

        async def noted() -> bool:
            return UUID(amal.id) in await region.box.runtimes["referrals"].vault.erased()

        await until(noted, "the ledger has it")
        with pytest.raises(Conflict, match="connected"):
            backup.close(owner, "referrals")

    server = postgres.start(tmp_path / "box" / "postgres")
    try:
        told: list[str] = []

        def tell(what: str) -> None:
            told.append(what)
            if len(told) == 1:
                assert holding(owner, amal.id), "the back-up brings her back, unless somebody looks into the ledger"

        async def compare(service: Service, settings: ServiceSettings) -> Findings:
            assert holding(owner, amal.id) == set(), "erased again before anything else happens"
            with pytest.raises(psycopg.OperationalError, match="CONNECT"):
                psycopg.connect(made.settings["referrals"].database_url.get_secret_value())
            for publisher, feeds in reconcile.feeds(service).items():
                for consumer, types in feeds:
                    await republish.republish(service_named(publisher), made.settings[publisher], consumer, types)
            return await reconcile.reconcile(service, settings, mend=True)

        found = await restore(service_named("referrals"), made.settings["referrals"], saved, compare, tell)
        assert told[1:] == ["1 erasures applied again"]
        assert noor in found.different["access.person"]
        assert found.lost, "what referrals said after the back-up is named"
        psycopg.connect(made.settings["referrals"].database_url.get_secret_value()).close()
    finally:
        server.cleanup()

    async with (
        box(tmp_path / "box", environment="test", services=SERVICES, keep=False) as again,
        httpx.AsyncClient(timeout=20) as http,
    ):
        region = Region(again, http)
        jonas = await region.as_("jonas")
        await region.settled()
        assert holding(owner_of(again, "referrals"), amal.id) == set()
        assert holding(owner_of(again, "referrals"), amal.reference) == set()
        assert (await jonas.get("referrals", f"/v1/participants/{amal.id}/timeline")).status_code == 404
        assert (await jonas.get("referrals", f"/v1/participants/{noor}/timeline")).status_code == 200
        await refer(jonas, noor, receiver=None)
        await region.settled()


async def test_a_broken_file_changes_nothing_and_says_why(tmp_path: Path) -> None:
    async with box(tmp_path / "box", environment="test", services=("matching",), keep=False) as made:
        owner = owner_of(made, "matching")
        file = tmp_path / "broken.dump"
        file.write_bytes(b"no back-up")
        with pytest.raises(Unavailable, match="pg_restore"):
            backup.restore(owner, file)
        with psycopg.connect(owner) as connection:
            assert connection.execute("select count(*) from chassis.inbox").fetchone() is not None
