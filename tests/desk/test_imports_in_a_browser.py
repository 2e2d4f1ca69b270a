"""The steps of an import in a real browser without scripts: each passes axe, fits, and turns to the right."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from infra.chassis.identity.embedded.people import load_people
from infra.onebox.layout import PEOPLE
from tests.support.arrivals import name
from tests.support.left_out import needs
from tests.support.region import Region

pytestmark = needs("chromium")

LOOKS = (("light", 1200, "en"), ("dark", 1200, "ar"), ("light", 320, "de"))


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as play:
        # As root, in a container, Chromium's own sandbox is not to be had; it opens our own pages only.
        started = await play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield started
        await started.close()


TOO_WIDE: Final = """
() => { const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > width)
    .slice(-3).map(one => one.outerHTML.slice(0, 120)); }
"""
"""What reaches beyond the window, if the page does."""


async def sound(page: Page, where: str) -> list[str]:
    """What is wrong with the page as it stands."""
    wide = await page.evaluate(TOO_WIDE)
    found = await Axe().run(page)
    return [f"{where}: too wide: {one}" for one in wide] + [
        f"{where}: {one['id']}" for one in found.response["violations"]
    ]


@pytest.mark.parametrize(("scheme", "width", "language"), LOOKS)
async def test_each_step_is_for_everybody(
    region: Region, browser: Browser, tmp_path: Path, scheme: str, width: int, language: str
) -> None:
    page = await (await browser.new_context(viewport={"width": width, "height": 800})).new_page()
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.goto(f"{region.box.desk}/imports")
    await page.locator("input[value=jonas]").check()
    await page.get_by_label("Password").fill(load_people(PEOPLE).password)
    await page.get_by_role("button", name="Log in", exact=True).click()
    await page.wait_for_url("**/imports")
    await page.locator(f"button[name=language][value={language}]").click()
    await page.goto(f"{region.box.desk}/imports")
    wrong = await sound(page, "choose")
    file = tmp_path / "people.csv"
    file.write_text(
        f"Vorname,Nachname,Geburtsdatum,Telefon,Ort\n{name()},{name()},1994,,Hafen\n{name()},x1,31.02.1990,,\n"
    )

    await page.locator("#upload").set_input_files(file)
    await page.locator("form[action='/imports'] button").click()
    await expect(page.locator("#column-0")).to_have_value("given_name")
    wrong += await sound(page, "columns")
    await page.screenshot(path=tmp_path / "columns.png", full_page=True)
    await page.locator("form[action='/imports/trial'] button").click()
    await expect(page.locator("form[action='/imports/run']")).to_be_visible()
    wrong += await sound(page, "trial")
    await page.screenshot(path=tmp_path / "trial.png", full_page=True)
    await page.locator("form[action='/imports/run'] button").click()
    await expect(page.locator("a.button[href='/participants?whose=all']")).to_be_visible()
    wrong += await sound(page, "run")
    await page.screenshot(path=tmp_path / "run.png", full_page=True)
    async with page.expect_download() as downloading:
        await page.locator("form[action='/imports/mend'] button").click()
    assert (await downloading.value).suggested_filename == "to-mend.csv"
    assert wrong == []
