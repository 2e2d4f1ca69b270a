"""A real browser for tests: Chromium, people who log in as people do, and how often they press something.

One browser per run; every log-in is a context of its own, without anybody else's cookies.
"""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright

from infra.chassis.identity.embedded.people import load_people
from infra.onebox.layout import PEOPLE
from tests.support.region import Region

__all__ = ["Hand", "a_hand", "browser", "logged_in"]

_PRESSED = """
addEventListener("click", event => {
  const pressed = event.isTrusted && event.target.closest("a, button, summary");
  if (pressed) window.notePress(pressed.textContent.trim());
}, true);
"""
"""A click on a link, a button or a fold; Enter in a field is a click on the form's button, says the browser."""


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The run's browser."""
    async with async_playwright() as play:
        # As root, in a container, Chromium's own sandbox is not to be had; it opens our own pages only.
        started = await play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield started
        await started.close()


@dataclass
class Hand:
    """Somebody at the desk, and what was pressed since the inbox."""

    page: Page
    pressed: list[str] = field(default_factory=list)

    def note(self, pressed: str) -> None:
        """The browser says that something was pressed."""
        self.pressed.append(pressed)

    async def at_the_inbox(self) -> None:
        """Where every task begins."""
        await self.page.goto(self.page.url.partition("/inbox")[0].rstrip("/") + "/inbox")
        self.pressed.clear()

    def link(self, name: str, *, exact: bool = False) -> Locator:
        return self.page.get_by_role("link", name=name, exact=exact).first

    async def press(self, name: str, *, exact: bool = False) -> None:
        """A button."""
        await self.page.get_by_role("button", name=name, exact=exact).first.click()

    async def search(self, words: str) -> None:
        """Find somebody from the inbox."""
        field_ = self.page.get_by_role("searchbox")
        await field_.fill(words)
        await field_.press("Enter")
        await self.page.wait_for_url("**/participants")

    async def text(self) -> str:
        """What the page says."""
        return await self.page.locator("main").inner_text()


async def logged_in(browser: Browser, region: Region, who: str, code: str = "", *, scripts: bool = True) -> Page:
    """A page in a context of its own, after the log-in that people see. A participant gives both codes."""
    page = await (await browser.new_context(java_script_enabled=scripts)).new_page()
    await page.goto(region.box.desk)
    await page.get_by_role("link", name="Log in").click()
    if code:
        await page.get_by_label("Reference code").fill(who)
        await page.get_by_label("Log-in code").fill(code)
        await page.get_by_role("button", name="Log in with my codes").click()
    else:
        await page.locator(f"input[value={who}]").check()
        await page.get_by_label("Password").fill(load_people(PEOPLE).password)
        await page.get_by_role("button", name="Log in", exact=True).click()
    await page.wait_for_url("**/inbox")
    return page


async def a_hand(browser: Browser, region: Region, who: str, code: str = "") -> Hand:
    """Somebody whose clicks are counted."""
    hand = Hand(await logged_in(browser, region, who, code))
    await hand.page.context.expose_function("notePress", hand.note)
    await hand.page.context.add_init_script(_PRESSED)
    await hand.at_the_inbox()
    return hand
