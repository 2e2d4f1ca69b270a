"""The story, played at the desk: each person in an own browser with the own log-in, each step read by somebody else.

`docs/story.md` says what happens; here it happens by links, forms and buttons. What no caseworker does at a desk stays
with the agencies' systems and comes over the API: an offer of the directory, a class, an open place, and the clock.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, expect

from infra.story import arrival
from infra.story.table import rows
from tests.support.browser import logged_in
from tests.support.joining import BINDINGS, body
from tests.support.left_out import needs
from tests.support.region import Region, fresh_region

pytestmark = needs("chromium")
CHILD_CARE: Final = arrival.CHILD_CARE


@dataclass
class Desk:
    """The people's browsers, and what they hold in their hands."""

    region: Region
    browser: Browser
    name: str
    """Amal's, so that nobody else's Amal of this region is taken for her."""
    open: dict[str, Page] = field(default_factory=dict)
    has: dict[str, str] = field(default_factory=dict)
    broken: int = 0
    """The step that the story stopped at."""

    async def at(self, who: str, path: str = "") -> Page:
        """Somebody's browser, on a page; Amal logs in with the codes that she was handed."""
        if who not in self.open:
            given = (self.has["reference"], self.has["code"]) if who == "amal" else (who, "")
            self.open[who] = await logged_in(self.browser, self.region, *given)
        page = self.open[who]
        if path:
            await page.goto(self.region.box.desk + path)
        return page

    async def status(self, who: str, path: str) -> int:
        """With which status a page answers somebody."""
        page = await self.at(who)
        answer = await page.goto(self.region.box.desk + path)
        assert answer is not None
        return answer.status

    async def text(self, who: str, path: str) -> str:
        """What somebody reads there."""
        return await (await self.at(who, path)).locator("main").inner_text()

    async def news(self, who: str, message: str) -> Page:
        """The newest message of this kind in somebody's inbox, opened."""
        await self.region.settled()
        page = await self.at(who, "/inbox")
        await page.get_by_role("link", name=message).first.click()
        return page

    @property
    def record(self) -> str:
        return f"/participants/{self.has['record']}"

    @property
    def way(self) -> str:
        return f"/journeys/{self.has['journey']}"


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).first.click()


async def said(page: Page, words: str) -> None:
    """The page confirms what was done."""
    await expect(page.get_by_role("status").first).to_contain_text(words)


def id_of(page: Page) -> str:
    found = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", page.url)
    assert found is not None, page.url
    return found[0]


async def registered(d: Desk, who: str, **fields: str) -> Page:
    page = await d.at(who, "/inbox")
    await page.get_by_role("link", name="Register somebody").click()
    for label, value in fields.items():
        await page.get_by_label(label.replace("_", " ").capitalize()).fill(value)
    await press(page, "Register")
    await said(page, "The person is registered.")
    return page


async def mira_registers(d: Desk) -> None:
    page = await registered(d, "mira", given_name=d.name, family_name="Haddad", year="1994", telephone="+49 30 5550101")
    d.has["first"] = f"/participants/{id_of(page)}"
    for stranger in ("jonas", "ken", "vera", "hanna"):
        assert await d.status(stranger, d.has["first"]) == 404


async def both_agencies_find_one_person(d: Desk) -> None:
    page = await registered(d, "jonas", given_name="Haddad", family_name=d.name, year="1994", telephone="030 / 5550101")
    d.has["record"] = id_of(page)
    d.has["reference"] = await page.locator("h1 + p .code").inner_text()
    await expect(page.get_by_role("heading", name="Another record may be of the same person")).to_be_visible()
    assert "Migration Advice" in await page.locator("main").inner_text()
    await press(page, "One person")
    await said(page, "one person")
    page = await d.at("mira", d.has["first"])
    await press(page, "One person")
    await d.region.settled()
    assert "Two records were linked as one person" in await d.text("jonas", "/inbox")
    assert await d.status("mira", d.record) == await d.status("jonas", d.has["first"]) == 404


async def jonas_records_consents(d: Desk) -> None:
    page = await d.at("jonas")
    for who, what, purpose in (
        ("Family Advice", ("identity", "contact", "barriers.family"), "child care"),
        ("Adult Education", ("profile", "journey"), "Talents fast-track"),
        ("Suggestions in the whole region", ("profile",), "suggestions"),
    ):
        await page.goto(f"{d.region.box.desk}{d.record}/consents")
        await page.get_by_label("Who", exact=True).fill(who)
        for category in what:
            await page.locator(f'input[name=categories][value="{category}"]').check()
        await page.get_by_label("What for").fill(purpose)
        await page.get_by_label("Language in which it was explained").select_option("ar")
        await press(page, "Record it")
        await said(page, "It is recorded.")
    page = await d.at("jonas", d.record)
    await press(page, "Make a log-in code")
    d.has["code"] = (await page.locator(".code.big").all_inner_texts())[1]
    await d.region.settled()
    seen = await d.text("vera", d.record)
    assert d.name not in seen
    assert "What stands in the way" in seen.partition("What your agency may not see")[2]
    assert d.name in await d.text("ken", d.record)
    assert await d.status("hanna", d.record) == 404


async def jonas_interviews(d: Desk) -> None:
    page = await d.at("jonas", f"{d.record}/interview")
    for row, code, level in ((0, "ar", "C2"), (1, "de", "B1")):
        await page.locator(f"#languages-{row}-language").select_option(code)
        for part in ("spoken", "listening", "reading", "written"):
            await page.locator(f"#languages-{row}-{part}").select_option(level)
    for row, label, concept in ((0, "guest service", arrival.GUEST_SERVICE), (1, "clean rooms", arrival.CLEAN_ROOMS)):
        await page.locator(f"#skills-{row}-label").fill(label)
        await page.locator(f"#skills-{row}-concept").fill(concept)
        await page.locator(f"#skills-{row}-level").select_option("proficient")
        await page.locator(f"#skills-{row}-evidence").select_option("demonstrated")
    await press(page, "Save")
    await said(page, "is saved")
    await page.get_by_label("Status", exact=True).select_option("recognised-refugee")
    await page.get_by_label("Since", exact=True).fill("2024-05-01")
    await page.get_by_label("Document valid until").fill("2029-04-30")
    await press(page, "Save the residence")
    await said(page, "The residence is saved.")
    page = await d.at("jonas", f"{d.record}/needs")
    await page.get_by_label("What it is about").select_option("family")
    await page.get_by_label("High", exact=True).check()
    await page.get_by_label("In your words").fill(CHILD_CARE)
    await press(page, "Record it")
    await said(page, "The need is recorded.")
    assert "guest service" in await d.text("vera", d.record)
    for who, sees in (("jonas", True), ("ken", True), ("vera", False)):
        assert (CHILD_CARE in await d.text(who, d.record)) == sees, who


async def jonas_refers_and_ken_helps(d: Desk) -> None:
    offer = {"name": f"Nursery places {d.name}", "need": "family", "languages": ["ar"], "capacity_state": "capacity"}
    listed = await body((await d.region.as_("ken")).post("referrals", "/v1/directory/services", offer), 201)
    page = await d.at("jonas", d.record)
    await page.get_by_role("link", name="Refer for help").click()
    await page.get_by_label("Who shall help").select_option(f"family:family-advice:{listed['id']}")
    await page.get_by_label("What the receiver should know").fill("Two children; shifts begin at six.")
    await press(page, "Send the referral")
    await said(page, "The referral is sent.")
    referral = f"/referrals/{id_of(page)}"
    await d.region.settled()
    page = await d.at("ken", "/inbox")
    await page.locator(f'a[href="{referral}"]').first.click()
    for summary, done in (("Accept", "is accepted"), ("Begin", "Work has begun"), ("Complete", "is completed")):
        await page.locator("summary", has_text=re.compile(f"^{summary}$")).click()
        if summary == "Complete":
            await page.get_by_label("Outcome for the person").select_option("got-help")
        await press(page, summary)
        await said(page, done)
    page = await d.news("jonas", "A referral was completed")
    assert "Got help" in await page.locator("main").inner_text()
    page = await d.at("jonas", f"{d.record}/needs")
    await page.get_by_label("Now it is").select_option("over")
    await page.get_by_role("button", name="Save how it stands").click()
    await said(page, "how the need stands now")
    assert await d.status("vera", referral) == await d.status("hanna", referral) == 404


async def amal_joins_the_class(d: Desk) -> None:
    cohort = {"programme": "talents-fast-track@1", "name": f"Talents {d.name}", "bindings": BINDINGS}
    opened = {**cohort, "starts_on": str(d.region.box.runtimes["referrals"].clock.business().date())}
    made = await body((await d.region.as_("vera")).post("referrals", "/v1/cohorts", opened), 201)
    page = await d.at("jonas", d.record)
    await page.get_by_role("link", name="Ask for a place in a class").click()
    await page.get_by_label("Class").select_option(made["id"])
    await press(page, "Ask for the place")
    await d.region.settled()
    await page.reload()
    await expect(page).to_have_url(re.compile("/journeys/"))
    d.has["journey"] = id_of(page)
    page = await d.at("vera", "/inbox")
    await page.locator(f'a[href="{d.way}"]').first.click()
    seen = await page.locator("main").inner_text()
    assert "Preparation" in seen
    assert "Another agency is helping with something" in seen
    assert d.name not in seen
    assert "child care" not in seen.lower().replace("talents", "")
    assert await d.status("hanna", d.way) == 404


async def the_internship_is_agreed(d: Desk) -> None:
    d.has["internship"] = await agreed(d, "internship", "Internship at the reception")
    shown = await d.text("hanna", d.record)
    assert "+49" in shown or "030" in shown
    for closed in ("guest service", CHILD_CARE, "Recognised refugee"):
        assert closed not in shown


async def the_internship_runs(d: Desk) -> None:
    page = await d.at("hanna", d.has["internship"])
    await press(page, "It has begun")
    await said(page, "The first day is recorded.")
    await d.region.settled()
    today = d.region.box.runtimes["referrals"].clock.business().date()
    page = await d.at("vera", d.way)
    await recorded(page, str(today - timedelta(days=1)), "Yes")
    page = await d.at("hanna", d.has["internship"])
    await page.get_by_role("link", name="Attendance and feedback").click()
    for ahead, there in ((0, "Yes"), (1, "No"), (2, "No")):
        await recorded(page, str(today + timedelta(days=ahead)), there)
    seen = await page.locator("main").inner_text()
    assert "Harbour Hotel" in seen
    assert "Adult Education" not in seen, "the own days only"
    assert d.name not in seen
    page = await d.news("jonas", "Somebody should look")
    await page.get_by_label("What was done about it").fill("Bus line was changed; takes the earlier one now.")
    await press(page, "Dealt with")
    await said(page, "The warning is dealt with.")
    await d.region.settled()
    assert "A warning was dealt with" in await d.text("vera", "/inbox")


async def feedback_at_two_stages(d: Desk) -> None:
    await rated(d, "preparation")
    page = await d.at("vera", d.way)
    await press(page, "This stage is complete")
    await said(page, "The stage is complete.")
    await rated(d, "workplace")
    for who in ("vera", "jonas", "amal", "hanna"):
        assert (await d.text(who, d.way)).count("Getting on well, says") == 6, who
    assert await d.status("ken", d.way) == 403


async def the_job_follows(d: Desk) -> None:
    page = await d.at("vera", d.way)
    await press(page, "This stage is complete")
    await said(page, "The stage is complete.")
    page = await d.at("hanna", d.has["internship"])
    await page.get_by_label("How it ended").select_option("taken-on")
    await press(page, "It has ended")
    await said(page, "The last day is recorded.")
    d.has["job"] = await agreed(d, "job", "Receptionist")
    page = await d.at("hanna", d.has["job"])
    await press(page, "It has begun")
    await said(page, "The first day is recorded.")
    await d.region.settled()
    page = await d.at("jonas", d.way)
    await page.locator("summary", has_text="Decide where the way leads").click()
    await page.get_by_label("What follows", exact=True).select_option("job")
    await page.get_by_label("How the journey ends").select_option("completed")
    await page.get_by_label("The placement that follows").select_option(d.has["job"].rpartition("/")[2])
    await press(page, "End the journey so")
    await said(page, "It is decided what follows")
    await d.region.settled()
    assert "What followed: Job" in await d.text("vera", d.way)


async def three_months_later(d: Desk) -> None:
    operator = await d.region.as_("opal")
    for service in d.region.box.addresses:
        await body(operator.post(service, "/v1/operations/clock", {"days": 92}))
    page = await d.news("jonas", "It is time to ask how things went")
    await page.get_by_label("The person is").select_option("still-employed")
    await press(page, "Record it")
    await said(page, "It is recorded how things went.")
    assert "after 3 months: still employed there" in await d.text("jonas", d.way)


async def amal_withdraws(d: Desk) -> None:
    page = await d.at("amal", "/mine")
    await page.get_by_role("link", name="Who may see what, and who has looked").click()
    seen = await page.locator("main").inner_text()
    for looked in ("Job Centre", "Adult Education", "Family Advice", "Harbour Hotel"):
        assert looked in seen.partition("Who has looked\n")[2], looked
    card = page.locator(".card", has=page.get_by_role("heading", name="Adult Education"))
    await card.locator("summary").click()
    await press(page, "Withdraw consent for Adult Education")
    await said(page, "Your consent is withdrawn.")
    await d.region.settled()
    assert await d.status("vera", d.record) == 404
    kept = await d.text("vera", d.way)
    assert "What your agency recorded" in kept
    assert d.has["reference"] in kept
    assert "Getting on well, says vera" in kept
    assert "says hanna" not in kept


async def watched_over(d: Desk) -> None:
    page = await d.at("aud", "/audit")
    assert (await page.locator("main").inner_text()).count("whole") >= 4
    await page.get_by_label("Reference code").fill(d.has["reference"])
    await press(page, "Find")
    seen = await page.locator("main").inner_text()
    assert "Adult Education" in seen
    assert d.name not in seen
    number = await page.locator(".code.wrap").inner_text()
    page = await d.at("opal", "/operations/traces")
    await page.get_by_label("Number or id").fill(number)
    await press(page, "Search")
    await page.locator(".row a").first.click()
    await expect(page.locator(".waterfall")).to_be_visible()
    for who in ("aud", "opal"):
        assert await d.status(who, d.record) == 404


async def agreed(d: Desk, kind: str, title: str) -> str:
    """Hanna's system publishes a place, Jonas proposes it, Hanna accepts blind, Amal accepts; the placement's page."""
    hanna = await d.region.as_("hanna")
    titled = f"{title} {uuid4().hex[:6]}"
    place = {
        "kind": kind,
        "title": titled,
        "occupation": arrival.RECEPTIONIST,
        "region": "harbour district",
        "capacity": 1,
        "starts_on": "2026-12-01",
        "must_skills": [{"concept": arrival.GUEST_SERVICE, "level": "independent"}],
        "language_needs": [{"language": "de", "level": "A2"}],
    }
    made: dict[str, Any] = await body(hanna.post("matching", "/v1/opportunities", place), 201)
    await body(hanna.post("matching", f"/v1/opportunities/{made['id']}/publish"))
    await d.region.settled()
    page = await d.at("jonas", f"{d.record}/suggestions")
    card = page.locator("section.card", has=page.get_by_role("heading", name=titled))
    assert "Has a skill that is needed" in await card.inner_text()
    await card.get_by_role("button", name="Propose this place").click()
    await said(page, "The place is proposed")
    path = f"/placements/{id_of(page)}"
    await d.region.settled()
    page = await d.at("hanna", path)
    blind = await page.locator("main").inner_text()
    assert d.name not in blind
    assert d.has["reference"] not in blind
    assert "You see name and contact once both sides have accepted." in blind
    await press(page, "Accept the proposal")
    await said(page, "Your yes is recorded.")
    page = await d.at("amal", path)
    await press(page, "Accept the proposal")
    await said(page, "Your yes is recorded.")
    await d.region.settled()
    assert d.name in await d.text("hanna", path)
    return path


async def recorded(page: Page, on: str, there: str) -> None:
    await page.get_by_label("Day", exact=True).fill(on)
    await page.get_by_label(there, exact=True).check()
    await press(page, "Record the day")
    await said(page, "The day is recorded.")


async def rated(d: Desk, stage: str) -> None:
    for who in ("hanna", "vera", "amal"):
        page = await d.at(who, d.way)
        await page.get_by_label("Stage", exact=True).select_option(stage)
        await page.locator("#skill-0").fill("guest service")
        await page.locator("#rating-0").select_option("4")
        await page.get_by_label("In your words").fill(f"Getting on well, says {who} of {stage}.")
        await press(page, "Give the feedback")
        await said(page, "Your feedback is given.")


STEPS: Final[tuple[Callable[[Desk], Awaitable[None]], ...]] = (
    mira_registers,
    both_agencies_find_one_person,
    jonas_records_consents,
    jonas_interviews,
    jonas_refers_and_ken_helps,
    amal_joins_the_class,
    the_internship_is_agreed,
    the_internship_runs,
    feedback_at_two_stages,
    the_job_follows,
    three_months_later,
    amal_withdraws,
    watched_over,
)


@pytest.fixture(scope="module")
async def desk(browser: Browser) -> Any:
    """A region of its own: the story moves the clock."""
    async with fresh_region() as region:
        d = Desk(region, browser, f"Amal{uuid4().hex[:6]}")
        yield d
        for page in d.open.values():
            await page.context.close()


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.number}-{STEPS[row.number - 1].__name__}")
async def test_the_story_is_played_at_the_desk(row: Any, desk: Desk) -> None:
    if desk.broken:
        pytest.fail(f"step {desk.broken} of the story failed before")
    desk.broken = row.number
    await STEPS[row.number - 1](desk)
    desk.broken = 0
