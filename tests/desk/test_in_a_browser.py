"""The desk in a real browser, one for the whole run: what only a browser can tell.

Every page must pass axe (WCAG 2.2 AA) and fit, in light and dark, on a screen of 320 pixels and from right to left.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from tests.support.browser import logged_in
from tests.support.joining import Amal, agrees_to_the_hotel, amal_joins, body, today, works_at_the_hotel
from tests.support.left_out import needs
from tests.support.matching import Matching
from tests.support.referring import offer, refer, with_grant
from tests.support.region import Person, Region

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
    trace: str
    appointment: str
    letter: str
    request: str

    @property
    def pages(self) -> dict[str, tuple[str, ...]]:
        """Who looks at what."""
        person, journey = f"/participants/{self.amal.id}", f"/journeys/{self.amal.journey}"
        return {
            "jonas": (
                "/inbox",
                "/inbox?state=done",
                "/participants",
                "/participants/new",
                person,
                f"{person}/correct",
                f"{person}/consents",
                f"{person}/needs",
                f"{person}/file",
                f"{person}/letters/new",
                f"/appointments/{self.appointment}",
                f"/letters/{self.letter}",
                f"{person}/interview",
                f"{person}/interview/languages?to=uk",
                f"{person}/looks",
                f"{person}/rights",
                "/rights",
                f"/rights/{self.request}",
                f"{person}/enrolments",
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
            "vera": (person, journey, "/journeys", "/by-code", "/referrals"),
            "ken": (f"/referrals/{self.referral}",),
            "opal": ("/operations", "/operations/traces", f"/operations/traces/{self.trace}"),
            "aud": ("/audit", f"{person}/looks", "/rights", f"/rights/{self.request}"),
            "hanna": (f"/placements/{self.placement}", journey),
            self.amal.reference: (
                "/mine",
                "/mine/sharing",
                "/mine/rights",
                f"/rights/{self.request}",
                journey,
                f"/appointments/{self.appointment}",
                f"/letters/{self.letter}",
            ),
        }


@pytest.fixture(scope="module")
async def seen(region: Region) -> Seen:
    jonas, ken, matching = await region.as_("jonas"), await region.as_("ken"), Matching(region)
    amal = await amal_joins(region)
    await offer(ken)
    sent = await refer(jonas, await with_grant(region, "family-advice"), receiver="family-advice", urgency="urgent")
    proposal = await matching.proposal(await matching.participant(), await matching.opportunity())
    handed = await body(jonas.post("intake", f"/v1/participants/{amal.id}/login-code"), 201)
    await region.settled()
    await agrees_to_the_hotel(region, amal)
    await works_at_the_hotel(region, amal)
    for who in ("vera", "hanna"):
        said = {"stage": "preparation", "ratings": {"guest service": 4, "German at work": 3}, "comment": "Quick."}
        await body((await region.as_(who)).post("referrals", amal.path("/feedback"), said), 201)
    for ago in (0, 1):
        day = {"on": str(today(region) - timedelta(days=ago)), "present": False}
        await body((await region.as_("vera")).post("referrals", amal.path("/attendance"), day), 201)
    need = {"domain": "family", "severity": "high", "note": "No nursery place yet."}
    await body(jonas.post("intake", f"/v1/participants/{amal.id}/barriers", need), 201)
    met, letter = await in_the_case_file(jonas, amal.id)
    await region.settled()
    traces = await body(region.http.get(f"{region.box.traces}/api/traces?limit=100"))
    longest = max(traces["traces"], key=lambda one: one["spans"])["trace_id"]
    asked = {"kind": "rectification", "words": "The year of birth is 1993."}
    request = await body(jonas.post("intake", f"/v1/participants/{amal.id}/rights-requests", asked), 201)
    return Seen(
        region, amal, handed["code"], str(sent["id"]), str(proposal["id"]), longest, met, letter, str(request["id"])
    )


async def in_the_case_file(jonas: Person, person: str) -> tuple[str, str]:
    """(appointment, letter) beside a note that was corrected and a document that the person sees."""
    path = f"/v1/participants/{person}"
    note = await body(jonas.post("intake", f"{path}/notes", {"text": "Wants mornings.", "level": "own"}), 201)
    better = {"text": "Wants evenings.", "level": "shared"}
    await body(jonas.patch("intake", f"/v1/notes/{note['id']}", better, headers={"If-Match": '"1"'}))
    paper = {"kind": "residence-permit", "name": "تصريح.pdf", "valid_until": "2031-05-01"}
    made = await body(jonas.post("intake", f"{path}/documents", paper), 201)
    pdf = {"content": b"%PDF-1.7\n%%EOF\n", "headers": {"Content-Type": "application/pdf"}}
    await body(jonas.call("PUT", "intake", f"/v1/documents/{made['id']}/content", **pdf))
    await body(jonas.put("intake", f"/v1/documents/{made['id']}", paper | {"given": True}, headers={"If-Match": '"2"'}))
    soon = (datetime.now(UTC) + timedelta(hours=20)).isoformat()
    terms = {"begins_at": soon, "minutes": 45, "place": "Harbour Street 3, room 12", "words": "Bring your papers."}
    met = await body(jonas.post("intake", f"{path}/appointments", terms), 201)
    words = {"de": "Bringen Sie bitte Ihr Zeugnis mit.", "ar": "يرجى إحضار الشهادة."}
    asked = {"template": "invitation", "language": "de", "words": words, "appointment": met["id"]}
    letter = await body(jonas.post("intake", f"{path}/letters", asked), 201)
    return str(met["id"]), str(letter["id"])


async def test_every_page_is_for_everybody(browser: Browser, seen: Seen) -> None:
    axe, looked_at = Axe(), 0
    wrong: list[str] = []
    complaints: list[str] = []
    for who, paths in seen.pages.items():
        page = await logged_in(browser, seen.region, who, seen.code if who == seen.amal.reference else "")
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
    page = await logged_in(browser, seen.region, "ken")
    async with page.expect_response("**/inbox/live"):
        await page.reload()
    await expect(page.locator("#news")).to_be_empty()
    before = await page.locator("#inbox .row").count()

    await refer(await region.as_("jonas"), await with_grant(region, "family-advice"), receiver="family-advice")

    await expect(page.locator("#news")).to_have_text("Something new has arrived.", timeout=10_000)
    await expect(page.locator("#inbox .row")).to_have_count(before + 1)
    await page.context.close()


async def test_a_referral_is_answered_without_scripts_and_by_keyboard_alone(browser: Browser, seen: Seen) -> None:
    page = await logged_in(browser, seen.region, "ken", scripts=False)
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
