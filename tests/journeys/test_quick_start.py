"""The quick start for agencies' systems does what it says: its code is run as it stands in the page."""

import asyncio
import os
import re
import sys
from pathlib import Path

import httpx
import pytest

from infra.onebox import children
from tests.support.left_out import needs
from tests.support.region import Region
from tests.support.source import ROOT

PAGE = ROOT / "docs/quick-start.md"


def block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), flags=re.M | re.S)
    return str(found)


def surroundings(region: Region) -> dict[str, str]:
    """What the page's first block sets, for this region."""
    said = dict(re.findall(r"^export (\w+)=(\S+)$", block("sh"), flags=re.M))
    assert said.keys() == {"LOTSE", "CLIENT_ID", "CLIENT_SECRET"}
    origin = region.box.addresses["intake"].removesuffix("/intake")
    python = str(Path(sys.executable).parent)
    return {**os.environ, **said, "LOTSE": origin, "PATH": f"{python}{os.pathsep}{os.environ['PATH']}"}


async def output(*command: str, region: Region) -> str:
    running = await children.start(
        *command, env=surroundings(region), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(running.communicate(), 60)
    assert running.returncode == 0, said.decode()
    return said.decode()


@pytest.mark.parametrize("program", [pytest.param("curl", marks=needs("curl"))])
async def test_what_the_page_does_with_curl_works(region: Region, program: str) -> None:
    said = await output("bash", "-c", block("bash"), region=region)
    found = re.search(r"^Registered as (\S+)$", said, flags=re.M)
    assert found, said
    assert 'etag: "1"' in said.lower()
    jonas = await region.as_("jonas")
    record = (await jonas.get("intake", f"/v1/participants/{found[1]}")).raise_for_status().json()
    assert record["identity"]["given_name"] == "Samira"


async def test_what_the_page_does_with_python_works(region: Region) -> None:
    said = await output(sys.executable, "-c", block("python"), region=region)
    referral, status = said.split()[:2]
    assert status == "requested", said
    await region.settled()
    ken = await region.as_("ken")
    listed: httpx.Response = await ken.get("referrals", "/v1/referrals")
    assert referral in listed.text, "the receiver has it"
