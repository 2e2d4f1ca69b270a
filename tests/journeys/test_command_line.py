"""The command line as somebody uses it: with an own log-in and its rights, on a terminal or in a pipe."""

import asyncio
import base64
import os
import sys
from contextlib import redirect_stdout
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from infra.chassis.identity.embedded.people import load_people
from infra.cli import demo, running
from infra.cli import region as command_line
from infra.cli.screen import console
from infra.demo.scene import NotMade
from infra.onebox import children
from infra.onebox.layout import PEOPLE
from tests.support.arrivals import granted, registered
from tests.support.joining import amal_joins
from tests.support.matching import good
from tests.support.region import Region
from tests.support.source import ROOT


async def lotse(region: Region, *words: str, **more: str) -> tuple[int, str]:
    """(exit code, what was said) of one command against this region, with a pipe instead of a terminal."""
    environment = {**os.environ, "LOTSE_HOME": str(region.box.folder), **more}
    process = await children.start(
        sys.executable,
        "-m",
        "infra.cli",
        *words,
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_a_coach_follows_a_journey_by_its_code_without_learning_the_name(region: Region) -> None:
    amal = await amal_joins(region)
    code, said = await lotse(region, "journey", amal.reference, "--as", "vera")
    assert code == 0, said
    first, *lines = said.splitlines()
    assert first == amal.reference
    assert any("journey-started" in line for line in lines)


async def test_a_stranger_is_told_that_nothing_is_known(region: Region) -> None:
    jonas = await region.as_("jonas")
    amal = good(await jonas.get("intake", f"/v1/participants/{await registered(jonas)}"))
    code, said = await lotse(region, "journey", amal["reference"], "--as", "mira")
    assert (code, "Nothing is known" in said) == (1, True)


async def test_the_keys_of_a_service_are_brought_under_another_master_key_and_back(region: Region) -> None:
    jonas = await region.as_("jonas")
    somebody = await registered(jonas)
    present = region.box.settings["intake"].master_key.get_secret_value()
    new = base64.b64encode(os.urandom(32)).decode()

    async def rewrap(*keys: str) -> tuple[int, str]:
        return await lotse(region, "rewrap", "intake", INTAKE_MASTER_KEY="\n".join(keys))

    code, said = await rewrap(new)
    assert (code, "open with none of the master keys" in said) == (1, True), "one that nobody used opens nothing"
    there, back = await rewrap(new, present), await rewrap(present, new)
    for code, said in (there, back):
        assert (code, " 0 brought" in said, "brought under the first master key" in said) == (0, False, True), said
    code, said = await rewrap(present)
    assert (code, " 0 brought" in said) == (0, True), "all is as it was"
    assert (await jonas.get("intake", f"/v1/participants/{somebody}")).status_code == 200


async def test_in_a_pipe_a_line_stays_a_line(region: Region) -> None:
    jonas = await region.as_("jonas")
    await granted(jonas, await registered(jonas), "adult-education", "journey")
    code, said = await lotse(region, "events", "tail", "--service", "intake")
    assert code == 0, said
    lines = said.splitlines()
    assert len(lines) >= 2
    assert all("  journey " in line and "  event " in line for line in lines), "each event on one line"
    assert min(map(len, lines)) > 80


def test_a_terminal_is_wrapped_as_wide_as_it_is() -> None:
    assert console(StringIO()).width > 1000
    wide = console()
    assert not wide.is_terminal or wide.width < 1000


async def test_the_own_region_is_known_by_its_address(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_line, "FOLDER", region.box.folder)
    monkeypatch.setattr(running, "PORT", region.box.port)
    assert await asyncio.to_thread(running._port) == (True, "the region of this folder runs there")
    monkeypatch.setattr(command_line, "FOLDER", region.box.folder / "nowhere")
    assert (await asyncio.to_thread(running._port))[0] is False


async def test_a_demo_region_needs_the_year_before_it(region: Region, tmp_path: Path) -> None:
    """Only a new folder begins a year ago; in any other region nothing is made."""
    assert demo.behind(tmp_path, story=False) == timedelta(days=365)
    assert demo.behind(tmp_path, story=True) > timedelta(days=365)
    (tmp_path / "postgres").mkdir()
    assert demo.behind(tmp_path, story=True) == timedelta(0)
    with pytest.raises(NotMade, match="a year ago"):
        await demo.make_once(region, tmp_path, demo.DemoSize.SMALL)
    assert not (tmp_path / demo.MADE).exists()


def test_everybody_who_can_log_in_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with redirect_stdout(StringIO()) as said:
        demo.log_ins()
    text = said.getvalue() or capsys.readouterr().out
    for person in load_people(PEOPLE).people:
        assert f"{person.username} " in text
