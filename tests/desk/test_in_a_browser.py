"""The desk in a real browser, one for the whole run: what only a browser can tell.

Every page must pass axe (WCAG 2.2 AA) and fit, in light and dark, on a screen of 320 pixels and from right to left.
"""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from infra.chassis.identity.embedded.people import load_people
from infra.onebox.layout import PEOPLE
from tests.support.joining import Amal, amal_joins, body
from tests.support.left_out import needs
from tests.support.matching import Matching
from tests.support.referring import offer, refer, with_grant
from tests.support.region import Region

pytestmark = needs("chromium")

WIDE, NARROW = 1200, 320
LOOKS = (("light", WIDE, "en"), ("dark", WIDE, "en"), ("light", NARROW, "de"), ("light", WIDE, "ar"))


@dataclass
class Seen:
    """What there is to be looked at."""

    region: Region
    amal: Amal
    code: str
    referral: str
    placement: str

    @property
    def pages(self) -> dict[str, tuple[str, ...]]:
        """Who looks at what."""
        person, journey = f"/participants/{self.amal.id}", f"/journeys/{self.amal.journey}"
        return {
            "jonas": (
                "/inbox",
                "/inbox?state=done",
                "/participants",
                person,
                "/referrals",
                f"/referrals/{self.referral}",
                f"/referrals/new?participant={self.amal.id}",
                "/journeys",
                journey,
                "/placements",
                f"/placements/{self.placement}",
                f"{person}/suggestions",
                "/nowhere",
            ),
            "vera": (person, journey, "/referrals"),
            "ken": (f"/referrals/{self.referral}",),
            "opal": ("/operations",),
            "hanna": (f"/placements/{self.placement}",),
            self.amal.reference: ("/mine", "/mine/sharing"),
        }


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as play:
        # As root, in a container, Chromium's own sandbox is not to be had; it opens our own pages only.
        started = await play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield started
        await started.close()


@pytest.fixture(scope="module")
async def seen(region: Region) -> Seen:
    jonas, ken, matching = await region.as_("jonas"), await region.as_("ken"), Matching(region)
    amal = await amal_joins(region)
    await offer(ken)
    sent = await refer(jonas, await with_grant(region, "family-advice"), receiver="family-advice", urgency="urgent")
    proposal = await matching.proposal(await matching.participant(), await matching.opportunity())
    handed = await body(jonas.post("intake", f"/v1/participants/{amal.id}/login-code"), 201)
    await region.settled()
    return Seen(region, amal, handed["code"], str(sent["id"]), str(proposal["id"]))


async def logged_in(browser: Browser, seen: Seen, who: str, **context: bool) -> Page:
    """A page in a context of its own, after the log-in that people see."""
    page = await (await browser.new_context(java_script_enabled=context.get("scripts", True))).new_page()
    await page.goto(seen.region.box.desk)
    await page.get_by_role("link", name="Log in").click()
    if who == seen.amal.reference:
        await page.get_by_label("Reference code").fill(who)
        await page.get_by_label("Log-in code").fill(seen.code)
        await page.get_by_role("button", name="Log in with my codes").click()
    else:
        await page.locator(f"input[value={who}]").check()
        await page.get_by_label("Password").fill(load_people(PEOPLE).password)
        await page.get_by_role("button", name="Log in", exact=True).click()
    await page.wait_for_url("**/inbox")
    return page


async def test_every_page_is_for_everybody(browser: Browser, seen: Seen) -> None:
    axe, looked_at = Axe(), 0
    wrong: list[str] = []
    complaints: list[str] = []
    for who, paths in seen.pages.items():
        page = await logged_in(browser, seen, who)
        page.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
        for scheme, width, language in LOOKS:
            await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            await page.set_viewport_size({"width": width, "height": 800})
            await page.goto(f"{seen.region.box.desk}/inbox")
            await page.locator(f"button[name=language][value={language}]").click()
            for path in paths:
                await page.goto(seen.region.box.desk + path)
                looked_at += 1
                where = f"{who} {path} {scheme} {width} {language}"
                if await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                    wrong.append(f"{where}: wider than the window")
                found = (await axe.run(page)).response["violations"]
                wrong += [f"{where}: {one['id']} at {one['nodes'][0]['target']}" for one in found]
        await page.context.close()

    assert wrong + complaints == []
    assert looked_at == len(LOOKS) * sum(map(len, seen.pages.values()))


async def test_the_open_inbox_tells_what_arrives_without_being_loaded_again(browser: Browser, seen: Seen) -> None:
    region = seen.region
    page = await logged_in(browser, seen, "ken")
    async with page.expect_response("**/inbox/live"):
        await page.reload()
    await expect(page.locator("#news")).to_be_empty()
    before = await page.locator("#inbox .row").count()

    await refer(await region.as_("jonas"), await with_grant(region, "family-advice"), receiver="family-advice")

    await expect(page.locator("#news")).to_have_text("Something new has arrived.", timeout=10_000)
    await expect(page.locator("#inbox .row")).to_have_count(before + 1)
    await page.context.close()


async def test_a_referral_is_answered_without_scripts_and_by_keyboard_alone(browser: Browser, seen: Seen) -> None:
    page = await logged_in(browser, seen, "ken", scripts=False)
    await page.goto(f"{seen.region.box.desk}/referrals/{seen.referral}")

    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    summary = page.locator("summary", has_text="Accept")
    for _ in range(40):
        if await summary.evaluate("one => one === document.activeElement"):
            break
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Ken, room 3")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("status")).to_have_text("The referral is accepted.")
    await page.context.close()
