"""The story on real servers, then more workers, an outage of the broker, a back-up, and kills.

It comes before the other files: the story begins with an empty region.
"""

import asyncio
import random
from pathlib import Path

import httpx
import psycopg
import pytest

from contracts.topics import TOPICS
from infra.realstack.stack import Stack
from infra.story.cast import Region
from infra.story.play import play
from infra.story.stage import Report
from infra.story.table import rows
from tests.faults.real.outage import Agencies, broker_outage
from tests.faults.real.run import fault_run
from tests.faults.real.scaling import more_workers
from tests.realstack.conftest import KNOWN_FOR, SHORT_MEMORY
from tests.support.left_out import needs
from tests.support.waiting import until

pytestmark = needs("java", "mvn", "caddy")

GRACE = 5.0


async def test_the_story_happens_as_told_on_the_real_servers(real_region: Stack) -> None:
    told: list[Report] = []
    async with httpx.AsyncClient(timeout=60) as http:
        stage = await play(Region(real_region, http, patience=90), tell=told.append)

    assert [report.row.number for report in told] == [row.number for row in rows()]
    assert [phrase for report in told for phrase in report.seen] == [phrase for row in rows() for phrase in row.sees]
    assert stage.journey is not None


async def test_two_workers_of_each_service_share_its_work(real_region: Stack) -> None:
    seen = await more_workers(real_region, tell=print)

    for service, members in seen.shared.items():
        assert len(members) == 2, service
        assert all(set(shares.values()) == {6} for shares in members), f"{service}: half of each topic: {members}"
    assert seen.not_accepted == [], "adding a worker stops nobody"
    assert seen.writes > 50, "somebody wrote meanwhile"
    assert seen.stood_still < 15
    assert seen.moved_after <= 15
    assert seen.drained_after < 30


async def test_with_the_broker_down_each_agency_goes_on_with_its_own(real_region: Stack) -> None:
    outage = await broker_outage(real_region, seconds=12, seed=20261122, tell=print)

    print(outage.table)
    assert outage.faults_within(KNOWN_FOR + GRACE) == []
    assert outage.writes > 100
    assert outage.refused_after > KNOWN_FOR - 1, "it ended before the knowledge was too old"
    assert outage.drained_after < 60, "by itself, at the pauses of relay and consumers"


async def test_a_service_is_restored_as_the_page_for_operators_says(real_region: Stack, tmp_path: Path) -> None:
    """Step by step `docs/operations.md`, "Restore a service"; the commands run as in the operators' container."""

    async def lotse(*command: str) -> tuple[int, str]:
        code, said = await real_region.lotse(*command)
        print(f"$ lotse {' '.join(command)}\n{said.strip()}\n[{code}]")
        return code, said

    async with httpx.AsyncClient(timeout=30) as http:
        region = Region(real_region, http, patience=90)
        people = Agencies(region, random.Random(4))
        await people.somebody_shared()
        await region.settled()
        code, said = await lotse("backup", "referrals", "--to", str(tmp_path))
        assert code == 0
        file = said.split()[-1]
        after_the_backup = await people.registers()
        await region.settled()

        for name in ("referrals", "referrals-worker"):
            await real_region.stop(name)
        while_it_was_away = await people.registers()
        code, said = await lotse("restore", "referrals", file)
        assert code == 0
        missed = ", ".join(sorted((after_the_backup, while_it_was_away)))
        assert f"access.person differs for 2: {missed}" in said
        for name in ("referrals", "referrals-worker"):
            await real_region.restart(name)
        await region.settled()

        jonas = await region.as_("jonas")
        for person in (after_the_backup, while_it_was_away):
            assert (await jonas.get("referrals", f"/v1/participants/{person}/timeline")).status_code == 200
        for service in ("referrals", *hearing("referrals")):
            code, said = await lotse("reconcile", service)
            assert (code, said.splitlines()[-1]) == (0, f"{service}: all is as the facts say")


async def test_nothing_is_lost_or_doubled_while_things_die(real_region: Stack) -> None:
    result = await fault_run(real_region, journeys=24, kills=6, seed=20261122, tell=print)

    assert result.verdict.faults == [], result.killer.log
    assert result.journeys == 24
    assert sum(result.killer.kills.values()) == 6
    assert set(result.killer.kills) == {"worker", "api", "kafka", "postgres"}, "each kind was killed"
    assert result.verdict.effects > result.verdict.facts > 24 * 10, "there was something to check"
    assert result.verdict.mails > 24

    async def all_ready() -> bool:
        """What ended because its database was gone is started again, as compose does."""
        probes = [real_region.here(part.probe, name) for name, part in real_region.parts.items() if part.probe]
        async with httpx.AsyncClient(timeout=10) as http:
            answers = await asyncio.gather(*(http.get(probe) for probe in probes), return_exceptions=True)
        return all(isinstance(answer, httpx.Response) and answer.status_code == 200 for answer in answers)

    await until(all_ready, "every API and every worker is ready again", within=60)


def test_the_processes_know_what_compose_gives_them_and_nothing_else(real_region: Stack) -> None:
    for name, part in real_region.parts.items():
        more = real_region.settings_of(part).keys() - part.environment.keys() - {"PATH", "PYTHONUNBUFFERED"}
        service = name.partition("-")[0].upper()
        of_services = set() if part.once or name == "desk" else {f"{service}_{each.upper()}" for each in SHORT_MEMORY}
        assert more == of_services, name
        assert {file.name for file in (real_region.folder / "secrets" / name).iterdir()} == set(part.secrets)


def test_a_password_is_asked_for(real_region: Stack) -> None:
    address = real_region.settings["intake"].database_url.get_secret_value()
    psycopg.connect(address).close()

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(address.replace("intake:", "intake:x", 1))


def test_no_secret_is_in_a_log(real_region: Stack) -> None:
    secrets = {file.read_text() for file in (real_region.folder / "secrets").glob("*_*") if file.is_file()}
    passwords = {secret.split(":")[2].partition("@")[0] if "://" in secret else secret for secret in secrets}

    assert len(passwords) > 10
    for log in Path(real_region.folder).glob("*.log"):
        text = log.read_text(errors="replace")
        assert not [password for password in passwords if len(password) > 8 and password in text], log.name


def hearing(service: str) -> list[str]:
    """Who hears what this service says."""
    return sorted({reader for topic in TOPICS if topic.publisher == service for reader in topic.readers})
