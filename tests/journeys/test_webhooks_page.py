"""The page about webhooks does what it says: its code is run as it stands there."""

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.onebox import children
from tests.support.hooked import Receiver, receiver
from tests.support.left_out import needs
from tests.support.notified import a_journey, known_to
from tests.support.region import Region
from tests.support.source import ROOT

PAGE = ROOT / "docs/webhooks.md"


def block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), flags=re.M | re.S)
    return str(found)


def surroundings(region: Region, there: Receiver) -> dict[str, str]:
    """What the page's first block sets, for this region and this receiver."""
    said = dict(re.findall(r"^export (\w+)=(\S+)", block("sh"), flags=re.M))
    assert said.keys() == {"LOTSE", "CLIENT_ID", "CLIENT_SECRET", "RECEIVER"}
    origin = region.box.addresses["intake"].removesuffix("/intake")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, **said, "LOTSE": origin, "RECEIVER": there.url, "PATH": path}


@pytest.mark.parametrize("program", [pytest.param("curl", marks=needs("curl"))])
async def test_what_the_page_does_works_and_its_receiver_believes_us_and_nobody_else(
    region: Region, program: str
) -> None:
    found: dict[str, Any] = {}
    exec(block("python"), found)  # noqa: S102 - the page's own code
    verified = found["verified"]
    person = await known_to(region, "adult-education", ("journey",))
    async with receiver() as there:
        running = await children.start(
            "bash",
            "-c",
            block("bash"),
            env=surroundings(region, there),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out = (await asyncio.wait_for(running.communicate(), 60))[0].decode()
        assert running.returncode == 0, out
        assert '"delivered":true' in out, out
        told = re.search(r"^Subscription \S+ has the secret (whsec_\S+)$", out, flags=re.M)
        assert told, out
        await a_journey(region, person).began()
        await there.has(2)
        for got in there.taken:
            assert verified(got.headers, got.body, told[1])
            assert not verified(got.headers, got.body + b" ", told[1]), "changed on the way"
            assert not verified({**got.headers, "webhook-id": "other"}, got.body, told[1])
            assert not verified({**got.headers, "webhook-timestamp": "1614265330"}, got.body, told[1]), "long ago"
            assert not verified(got.headers, got.body, "whsec_" + "A" * 44), "somebody else's secret"
