"""The ten commonest tasks of a caseworker, and some of others: as many clicks as `docs/tasks.md` says, and never more.

The browser counts. What a task did is read where it matters: by the agency that was told, or asked.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from playwright.async_api import Browser, expect

from tests.support.browser import Hand, a_hand
from tests.support.joining import (
    agrees_to_the_hotel,
    amal_joins,
    body,
    today,
    works_at_the_hotel,
)
from tests.support.left_out import needs
from tests.support.matching import Matching
from tests.support.referring import give, offer, refer, with_grant
from tests.support.region import Region

pytestmark = needs("chromium")

FILE: Final = Path(__file__).parents[2] / "docs" / "tasks.md"
MOST: Final = 3


@dataclass(frozen=True)
class Scene:
    """Where a task is played: the region, and the browser."""

    region: Region
    browser: Browser

    async def hand(self, who: str = "jonas") -> Hand:
        return await a_hand(self.browser, self.region, who)

    async def person(self) -> tuple[str, str]:
        """(id, name) of somebody of Jonas's whose name nobody else has."""
        jonas, name = await self.region.as_("jonas"), f"Salma{uuid4().hex[:8]}"
        identity = {"given_name": name, "family_name": "Haddad", "birth": {"year": 1994}}
        made = await body(jonas.post("intake", "/v1/participants", {"identity": identity, "language": "ar"}), 201)
        return made["id"], name

    async def asks(self, who: str, service: str, path: str) -> Any:
        return (await (await self.region.as_(who)).get(service, path)).json()


def rows() -> dict[int, tuple[str, int]]:
    """Number -> (task, clicks), as told."""
    lines = [line.strip("|").split("|") for line in FILE.read_text().splitlines() if line.startswith("| ")]
    return {int(one[0]): (one[1].strip(), int(one[2])) for one in lines if one[0].strip().isdigit()}


async def find(scene: Scene) -> Hand:
    _, name = await scene.person()
    hand = await scene.hand()
    await hand.search(name)
    await hand.link(name).click()
    await expect(hand.page.locator("h1")).to_contain_text(name)
    await expect(hand.page.get_by_text("1994")).to_be_visible()
    return hand


async def register(scene: Scene) -> Hand:
    hand, name = await scene.hand(), f"Nour{uuid4().hex[:8]}"
    await hand.link("Register somebody").click()
    await hand.page.get_by_label("Given name").fill(name)
    await hand.page.get_by_label("Year").fill("1999")
    await hand.press("Register", exact=True)
    await expect(hand.page.get_by_role("status")).to_have_text("The person is registered.")
    found = await (await scene.region.as_("jonas")).get("intake", "/v1/participants", params={"q": name})
    assert [one["identity"]["birth"]["year"] for one in found.json()["items"]] == [1999]
    return hand


async def interview(scene: Scene) -> Hand:
    person, name = await scene.person()
    await give(scene.region, person, "adult-education", ("profile",))
    await scene.region.settled()
    hand = await scene.hand()
    await hand.search(name)
    await hand.link("Interview").click()
    await hand.page.locator("#languages-0-language").select_option("de")
    await hand.page.locator("#languages-0-spoken").select_option("B1")
    await hand.page.locator("#work_experience-0-title").fill("Cook")
    await hand.press("Save", exact=True)
    await expect(hand.page.get_by_role("status")).to_contain_text("is saved")
    seen = await scene.asks("vera", "intake", f"/v1/participants/{person}/profile")
    assert (seen["languages"][0]["spoken"], seen["work_experience"][0]["title"]) == ("B1", "Cook")
    return hand


async def consent(scene: Scene) -> Hand:
    person, name = await scene.person()
    await offer(await scene.region.as_("ken"))
    hand = await scene.hand()
    await hand.search(name)
    await hand.link("Consents").click()
    page = hand.page
    await page.get_by_label("Who", exact=True).fill("Family Advice")
    for box in ("Name and birth date", "Contact", "Needs: family and child care"):
        await page.get_by_label(box, exact=True).check()
    await page.get_by_label("What for").fill("help with child care")
    await hand.press("Record it")
    await expect(page.get_by_role("status")).to_contain_text("It is recorded.")
    await scene.region.settled()
    seen = await scene.asks("ken", "intake", f"/v1/participants/{person}")
    assert seen["identity"]["given_name"] == name
    return hand


async def withdrawal(scene: Scene) -> Hand:
    person, name = await scene.person()
    await give(scene.region, person, "family-advice", ("identity",))
    await scene.region.settled()
    hand = await scene.hand()
    await hand.search(name)
    await hand.link("Consents").click()
    await hand.page.get_by_label("It ends because").select_option("withdrawn")
    await hand.press("End it for Family Advice")
    await expect(hand.page.get_by_role("status")).to_contain_text("It is over.")
    await scene.region.settled()
    ken = await scene.region.as_("ken")
    assert (await ken.get("intake", f"/v1/participants/{person}")).status_code == 404
    return hand


async def need(scene: Scene) -> Hand:
    person, name = await scene.person()
    hand = await scene.hand()
    await hand.search(name)
    await hand.link("Needs").click()
    await hand.page.get_by_label("What it is about").select_option("housing")
    await hand.page.get_by_label("High", exact=True).check()
    await hand.page.get_by_label("In your words").fill("Six people in two rooms.")
    await hand.press("Record it")
    await expect(hand.page.get_by_role("status")).to_have_text("The need is recorded.")
    [kept] = await scene.asks("jonas", "intake", f"/v1/participants/{person}/barriers")
    assert (kept["domain"], kept["severity"], kept["note"]) == ("housing", "high", "Six people in two rooms.")
    return hand


async def referral(scene: Scene) -> Hand:
    person, name = await scene.person()
    await give(scene.region, person, "family-advice")
    service = await offer(await scene.region.as_("ken"))
    await scene.region.settled()
    hand = await scene.hand()
    await hand.search(name)
    await hand.link(f"Refer {name}").click()
    await hand.page.get_by_label("Who shall help").select_option(f"family:family-advice:{service}")
    await hand.press("Send the referral")
    await expect(hand.page.get_by_role("status")).to_have_text("The referral is sent.")
    received = await scene.asks("ken", "referrals", f"/v1/referrals?side=received&participant={person}")
    assert [one["status"] for one in received["items"]] == ["requested"]
    return hand


async def answer(scene: Scene) -> Hand:
    jonas = await scene.region.as_("jonas")
    person = await with_grant(scene.region, "family-advice")
    sent = await refer(jonas, person, receiver="family-advice")
    await scene.region.settled()
    hand = await scene.hand("ken")
    await hand.page.locator(f'a[href="/referrals/{sent["id"]}"]').click()
    await hand.page.locator("summary", has_text="Accept").click()
    await hand.press("Accept", exact=True)
    await expect(hand.page.get_by_role("status")).to_have_text("The referral is accepted.")
    assert (await scene.asks("jonas", "referrals", f"/v1/referrals/{sent['id']}"))["status"] == "accepted"
    return hand


async def proposal(scene: Scene) -> Hand:
    matching = Matching(scene.region)
    place = await matching.opportunity()
    person = await matching.participant()
    await scene.region.settled()
    shown = await scene.asks("jonas", "intake", f"/v1/participants/{person}")
    hand = await scene.hand()
    await hand.search(shown["identity"]["given_name"])
    await hand.link("Places").click()
    await hand.page.locator(f'form:has(input[value="{place}"]) button').click()
    await expect(hand.page.get_by_role("status")).to_contain_text("The place is proposed")
    proposed = await scene.asks("hanna", "matching", "/v1/placements")
    assert place in [one["opportunity"] for one in proposed["items"]]
    return hand


async def in_their_name(scene: Scene) -> Hand:
    matching = Matching(scene.region)
    made = await matching.proposal(await matching.participant(), await matching.opportunity())
    hanna = await scene.region.as_("hanna")
    path = f"/v1/placements/{made['id']}"
    tag = (await hanna.get("matching", path)).headers["ETag"]
    await body(hanna.post("matching", f"{path}/accept", {}, headers={"If-Match": tag}))
    await scene.region.settled()
    hand = await scene.hand()
    await hand.page.locator(f'a[href="/placements/{made["id"]}"]').first.click()
    await hand.page.get_by_label("How did the person tell you?").first.select_option("spoken")
    await hand.press("Accept the proposal")
    await expect(hand.page.get_by_role("status")).to_have_text("Your yes is recorded.")
    assert (await scene.asks("hanna", "matching", path))["state"] == "confirmed"
    return hand


async def attendance(scene: Scene) -> Hand:
    amal = await amal_joins(scene.region)
    hand = await scene.hand("vera")
    await hand.link("Journeys").click()
    await hand.link(amal.reference).click()
    await hand.page.get_by_label("Day", exact=True).fill(str(today(scene.region)))
    await hand.page.get_by_label("No", exact=True).check()
    await hand.press("Record the day")
    await expect(hand.page.get_by_role("status")).to_have_text("The day is recorded.")
    kept = await scene.asks("jonas", "referrals", amal.path("/attendance"))
    assert [one["present"] for one in kept["entries"]] == [False]
    return hand


async def feedback(scene: Scene) -> Hand:
    amal = await amal_joins(scene.region)
    await agrees_to_the_hotel(scene.region, amal)
    await works_at_the_hotel(scene.region, amal)
    vera = await scene.region.as_("vera")
    said = {"stage": "preparation", "ratings": {"guest service": 4}}
    await body(vera.post("referrals", amal.path("/feedback"), said), 201)
    await scene.region.settled()
    hand = await scene.hand("hanna")
    await hand.page.locator(f'a[href="/journeys/{amal.journey}"]').first.click()
    assert await hand.page.locator("#skill-0").input_value() == "guest service", "the corners speak of the same things"
    await hand.page.locator("#rating-0").select_option("5")
    await hand.press("Give the feedback")
    await expect(hand.page.get_by_role("status")).to_have_text("Your feedback is given.")
    seen = await scene.asks("vera", "referrals", amal.path("/feedback"))
    assert {one["rater"]: one["ratings"] for one in seen["entries"]}["company"] == {"guest service": 5}
    return hand


async def warning(scene: Scene) -> Hand:
    amal = await amal_joins(scene.region)
    vera = await scene.region.as_("vera")
    for ago in (0, 1):
        day = {"on": str(today(scene.region) - timedelta(days=ago)), "present": False}
        await body(vera.post("referrals", amal.path("/attendance"), day), 201)
    await scene.region.settled()
    hand = await scene.hand()
    await hand.page.locator(f'a[href="/journeys/{amal.journey}"]').first.click()
    await hand.page.get_by_label("What was done about it").fill("The bus line was changed.")
    await hand.press("Dealt with")
    await expect(hand.page.get_by_role("status")).to_have_text("The warning is dealt with.")
    [kept] = await scene.asks("vera", "referrals", amal.path("/attention"))
    assert kept["note"] == "The bus line was changed."
    return hand


async def log_in_code(scene: Scene) -> Hand:
    _, name = await scene.person()
    hand = await scene.hand()
    await hand.search(name)
    await hand.link(name).click()
    await hand.press("Make a log-in code")
    codes = await hand.page.locator(".code.big").all_inner_texts()
    assert len(codes) == 2
    her = await a_hand(scene.browser, scene.region, codes[0], codes[1])
    await her.link("About me").click()
    assert name in await her.text()
    await her.page.context.close()
    return hand


async def who_has_looked(scene: Scene) -> Hand:
    person, name = await scene.person()
    await give(scene.region, person, "family-advice", ("identity",))
    await scene.region.settled()
    await scene.asks("ken", "intake", f"/v1/participants/{person}")
    hand = await scene.hand()
    await hand.search(name)
    await hand.link(name).click()
    await hand.link("Who has looked").click()
    await expect(hand.page.get_by_text("Family Advice")).to_be_visible()
    return hand


TASKS: Final[tuple[Callable[[Scene], Awaitable[Hand]], ...]] = (
    find,
    register,
    interview,
    consent,
    withdrawal,
    need,
    referral,
    answer,
    proposal,
    in_their_name,
    attendance,
    feedback,
    warning,
    log_in_code,
    who_has_looked,
)


@pytest.mark.parametrize("number", range(1, len(TASKS) + 1), ids=lambda number: TASKS[number - 1].__name__)
async def test_a_task_takes_as_many_clicks_as_told(number: int, region: Region, browser: Browser) -> None:
    task, clicks = rows()[number]

    hand = await TASKS[number - 1](Scene(region, browser))

    assert len(hand.pressed) == clicks <= MOST, f"{task}: {hand.pressed}"
    await hand.page.context.close()


def test_each_task_that_is_told_is_played() -> None:
    assert list(rows()) == list(range(1, len(TASKS) + 1))
