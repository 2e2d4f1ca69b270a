"""The demo region, in small: everything that a page could show is there, and all of it came in over HTTP."""

import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from contracts.programmes import all_programmes
from contracts.transitions import ReferralStatus
from contracts.vocabulary import Destination
from infra.chassis import moved_clock
from infra.chassis.identity.embedded.people import load_people
from infra.demo import offers
from infra.demo.build import SEED, build
from infra.demo.people import file_of_job_centre, invent
from infra.demo.scene import YEAR, Scene
from infra.demo.size import FULL, SMALL
from infra.onebox.box import box
from infra.onebox.layout import PEOPLE
from infra.story.cast import Region
from tests.support.matching import good
from tests.support.region import Person


@dataclass(frozen=True)
class Made:
    """A demo region, and the folder of the files that came in."""

    scene: Scene
    files: Path

    async def all(self, who: str, service: str, path: str) -> list[dict[str, Any]]:
        """Every item of a list, page by page."""
        person = await self.scene.region.as_(who)
        found: list[dict[str, Any]] = []
        after: str | None = ""
        while after is not None:
            page = good(await person.get(service, path, params={"limit": 200, **({"after": after} if after else {})}))
            found += page["items"]
            after = page["next"]
        return found


@pytest.fixture(scope="module")
async def made() -> AsyncIterator[Made]:
    """The small size, one year before today to today."""
    folder = Path(tempfile.mkdtemp(prefix="lotse-demo-"))
    behind = timedelta(days=YEAR)
    async with (
        box(folder / "box", environment="test", keep=False, behind=behind) as running,
        httpx.AsyncClient(timeout=60) as http,
    ):
        region = Region(running, http, patience=60, pause=0.15)
        yield Made(await build(region, folder, SMALL, datetime.now(UTC) - behind), folder)


async def test_the_year_ends_today_in_every_service(made: Made) -> None:
    for runtime in made.scene.region.box.runtimes.values():
        assert abs(runtime.clock.business() - datetime.now(UTC)) < timedelta(minutes=1)


async def test_time_begins_in_the_past_only_once(made: Made) -> None:
    """A region that is started again goes on where it was."""
    runtime = made.scene.region.box.runtimes["intake"]
    before = runtime.clock.offset
    await moved_clock.begin(runtime.db, runtime.clock, timedelta(days=99))
    assert runtime.clock.offset == before


async def test_everybody_of_both_files_is_there_and_what_was_wrong_lies_to_be_mended(made: Made) -> None:
    jonas, mira = (
        await made.all("jonas", "intake", "/v1/participants"),
        await made.all("mira", "intake", "/v1/participants"),
    )
    assert (len(jonas), len(mira)) == (SMALL.at_job_centre, SMALL.at_migration_advice)
    for name in ("job-centre", "migration-advice"):
        to_mend = (made.files / f"{name}.to-mend.csv").read_text("utf-8-sig").splitlines()
        assert len(to_mend) == 1 + 3, "a day that does not exist, a year to come, and no date at all"
    known = {part: sum(one["identity"]["birth"][part] is None for one in jonas) for part in ("year", "month", "day")}
    assert known["year"] == 0
    assert known["day"] > known["month"] > 0, "birth days are unknown, some months, too"
    scripts = [one for one in mira if not one["identity"]["family_name"].isascii()]
    assert len(scripts) >= SMALL.twice, "names in their own script"


async def test_people_who_are_there_twice_are_linked_declined_or_waiting(made: Made) -> None:
    mira = await made.scene.region.as_("mira")
    states: Counter[str] = Counter()
    for one in made.scene.known:
        if one.worker == "mira":
            answer = await mira.get("intake", f"/v1/participants/{one.id}/possible-matches")
            states.update(match["state"] for match in answer.json())
    assert states["linked"] >= 2, states
    assert states["declined"] >= 1, states
    assert len(states) >= 3, states


async def test_a_referral_stands_in_every_state(made: Made) -> None:
    found: Counter[str] = Counter()
    for who in ("jonas", "mira"):
        found.update(one["status"] for one in await made.all(who, "referrals", "/v1/referrals"))
    assert found.keys() >= {state.value for state in ReferralStatus}, found


async def test_ways_have_led_to_every_destination_and_some_go_on(made: Made) -> None:
    journeys = await made.all("vera", "referrals", "/v1/journeys")
    ended = Counter(one["destination"] for one in journeys if one["ended_at"])
    assert ended.keys() == {destination.value for destination in Destination}
    assert Counter(one["why"] for one in journeys if one["ended_at"])["moved"] == 1
    assert sum(one["ended_at"] is None for one in journeys) == SMALL.under_way
    through = {one["programme"] for one in journeys if one["why"] == "completed"}
    assert through == set(all_programmes()), "each programme of this release was played from start to end"
    assert {one["destination"] for one in journeys if one["placement"]} == {"job", "apprenticeship"}


async def test_early_warnings_are_open_and_were_dealt_with(made: Made) -> None:
    jonas = await made.scene.region.as_("jonas")
    seen: Counter[bool] = Counter()
    for journey in await made.all("vera", "referrals", "/v1/journeys"):
        answer = await jonas.get("referrals", f"/v1/journeys/{journey['id']}/attention")
        seen.update(warning["cleared_at"] is not None for warning in answer.json())
    assert seen[True] >= 1, "somebody has looked"
    assert seen[False] >= 1, "and somebody still has to"


async def test_follow_ups_are_recorded_and_due(made: Made) -> None:
    jonas = await made.scene.region.as_("jonas")
    states: Counter[str] = Counter()
    for journey in await made.all("vera", "referrals", "/v1/journeys"):
        if journey["ended_at"]:
            answer = await jonas.get("referrals", f"/v1/journeys/{journey['id']}/follow-ups")
            states.update(one["state"] for one in answer.json())
    assert states.keys() == {"planned", "due", "recorded"}, states


async def test_grants_live_and_have_ended_in_every_way(made: Made) -> None:
    ends: Counter[str | None] = Counter()
    for one in made.scene.known:
        worker = await made.scene.region.as_(one.worker)
        answer = await worker.get("intake", f"/v1/participants/{one.id}/grants")
        ends.update(grant["ended"] for grant in answer.json())
    assert ends.keys() >= {None, "expired", "withdrawn"}, ends


async def test_services_and_places_are_there(made: Made) -> None:
    services = await made.all("jonas", "referrals", "/v1/directory/services")
    assert len(services) == 10 * SMALL.services_per_need
    places = await made.all("jonas", "matching", "/v1/opportunities")
    assert len(places) >= SMALL.opportunities * 3 // 4


async def test_a_caseworker_has_an_inbox(made: Made) -> None:
    jonas: Person = await made.scene.region.as_("jonas")
    assert good(await jonas.get("notifications", "/v1/inbox"))["items"]


def test_the_whole_size_has_what_was_asked_for() -> None:
    assert len(load_people(PEOPLE).agencies) == 12
    assert (FULL.people, FULL.opportunities, 10 * FULL.services_per_need) == (200, 60, 40)
    every = {one["concept"] for trade in offers.trades() for one in trade["skills"]}
    assert all(address.startswith("http://data.europa.eu/esco/skill/") for address in every)
    assert len(every) > 20


def test_a_seed_makes_the_same_people_and_another_one_others() -> None:
    def file(seed: int) -> bytes:
        return file_of_job_centre(Random(seed), invent(Random(seed), 40))

    assert file(SEED) == file(SEED)
    assert file(SEED) != file(SEED + 1)
