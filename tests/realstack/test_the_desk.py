"""The desk as people meet it in a region: a browser, the proxy over TLS, Keycloak's own pages."""

import random
import re
import shutil
from collections.abc import AsyncIterator
from time import perf_counter

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from infra.chassis.identity.embedded.people import load_people
from infra.onebox.layout import PEOPLE
from infra.realstack.stack import Stack
from infra.story.cast import Region
from tests.faults.real.outage import Agencies
from tests.support.left_out import needs
from tests.support.referring import NOTE, refer

pytestmark = needs("java", "mvn", "caddy", "chromium")

WITHIN = 2.0
"""Seconds in which access that was ended is ended everywhere."""


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as play:
        # As root, in a container, Chromium's own sandbox is not to be had; it opens our own pages only.
        started = await play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield started
        await started.close()


@pytest.fixture
async def window(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser of its own, which takes the certificate that the proxy made itself on this machine."""
    context = await browser.new_context(ignore_https_errors=True, locale="en-GB")
    yield context
    await context.close()


async def log_in(window: BrowserContext, region: Stack, username: str, password: str) -> Page:
    """From the desk's first page over Keycloak's and back."""
    page = await window.new_page()
    await page.goto(region.desk)
    await page.get_by_role("link", name="Log in").click()
    await page.wait_for_url(f"{region.issuer}/protocol/openid-connect/auth?**")
    await page.get_by_label("Username").fill(username)
    await page.get_by_role("textbox", name="Password").fill(password)
    await page.get_by_role("button", name="Sign In").click()
    return page


async def test_a_caseworker_logs_in_at_keycloak_acts_and_logs_out_everywhere(
    real_region: Stack, window: BrowserContext
) -> None:
    async with httpx.AsyncClient(timeout=30) as http:
        region = Region(real_region, http, patience=90)
        person = await Agencies(region, random.Random(5)).somebody_shared()
        await region.settled()
        sent = await refer(await region.as_("jonas"), str(person), receiver="family-advice")
        await region.settled()

    page = await log_in(window, real_region, "ken", load_people(PEOPLE).password)
    await page.wait_for_url(f"{real_region.desk}/inbox")
    await page.locator(f"#inbox a[href='/referrals/{sent['id']}']").click()
    await expect(page.get_by_text(NOTE).first).to_be_visible()
    await page.locator("summary", has_text="Accept").click()
    await page.locator("details[open]").get_by_role("button").click()
    await expect(page.get_by_role("status")).to_have_text("The referral is accepted.")
    await page.goto(f"{real_region.desk}/participants/{person}")
    await expect(page.locator("#identity")).to_be_visible()

    held = {cookie["name"]: cookie for cookie in await window.cookies(real_region.desk)}
    session = held["__Host-lotse-session"]
    assert (session["secure"], session["httpOnly"], session["path"]) == (True, True, "/")
    assert not any(name.endswith("lotse-session") for name in held.keys() - {"__Host-lotse-session"})

    await page.get_by_role("button", name="Log out").click()
    await expect(page.get_by_text("here and at the log-in service")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_text("Ken Adler")).to_have_count(0)
    await page.goto(f"{real_region.desk}/participants/{person}")
    assert page.url.startswith(f"{real_region.issuer}/"), "nobody is logged in here"
    await expect(page.get_by_role("textbox", name="Password")).to_be_visible()  # nor at Keycloak: it asks again


async def test_who_is_suspended_has_no_page_any_more_within_two_seconds(
    real_region: Stack, window: BrowserContext
) -> None:
    """As `docs/identity.md` says, in the operators' container; her first password she changes at Keycloak's page."""
    said = ("--name", "Nadia El Amrani", "--email", "nadia@job-centre.example", "--agency", "job-centre")
    code, told = await real_region.lotse("person", "add", "nadia", *said, "--role", "caseworker")
    assert code == 0, told
    first = re.search(r"shown this once: (\S+)", told)
    assert first is not None, told
    page = await log_in(window, real_region, "nadia", first[1])
    for name in ("New Password", "Confirm password"):
        await page.get_by_label(name, exact=True).fill("a-password-of-her-own")
    await page.get_by_role("button", name="Submit").click()
    await page.wait_for_url(f"{real_region.desk}/inbox")
    await expect(page.get_by_text("Nadia El Amrani")).to_be_visible()

    code, told = await real_region.lotse(
        "person", "suspend", "nadia", "--as", "opal", LOTSE_PASSWORD=load_people(PEOPLE).password
    )
    ended = perf_counter()
    assert code == 0, told
    while not page.url.startswith(f"{real_region.issuer}/"):
        assert perf_counter() - ended < WITHIN, "she still has pages"
        await page.goto(f"{real_region.desk}/inbox")

    await expect(page.get_by_text("Nadia El Amrani")).to_have_count(0)
    cookies = {cookie["name"]: cookie["value"] for cookie in await window.cookies(real_region.desk)}
    async with httpx.AsyncClient(cookies=cookies) as http:
        answer = await http.get(f"{real_region.desk}/participants", follow_redirects=False)
    assert answer.headers["location"].startswith(real_region.issuer), "and the session is over, not just this page"
