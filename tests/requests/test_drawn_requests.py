"""Requests drawn from each service's OpenAPI document, fitting and not, alone and one after the other (Schemathesis).

No answer may be a fault of ours (5xx) or one that the document does not describe. Drawn from one seed, so that a red
test is red again; more of them: `REQUESTS=200 make test T=tests/requests`. It has a region of its own, since an
operator's requests are among them.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest

from contracts.vocabulary import Role
from infra.chassis.api import create_api
from infra.chassis.identity.embedded import tokens
from infra.chassis.identity.embedded.tokens import AUDIENCE, Holder
from infra.onebox import children
from infra.onebox.box import listening
from infra.onebox.layout import HOST
from infra.onebox.ports import free_port
from tests.matrix.asking import Tokens
from tests.support.region import Region, fresh_region

CONFIG: Final = Path(__file__).parent / "schemathesis.toml"
COVERED: Final = ("intake",)
SEED: Final = "20261201"
REQUESTS: Final = os.environ.get("REQUESTS", "2")
"""Drawn per route, beside those at the limits of each field."""
LEFT_OUT: Final = ("/v1/operations/clock", "/v1/inbox/stream")
"""Business time would leave the calendar; a stream has no end."""
PATIENCE: Final = 1800


@pytest.fixture(scope="module")
async def own_region() -> AsyncIterator[Region]:
    async with fresh_region() as made:
        yield made


async def token_of_all_roles(region: Region) -> str:
    """Somebody of an agency whom no route keeps out by role; for an hour, since the run may take long."""
    mint = (await Tokens.of(region.box)).mint
    roles = frozenset(Role) - {Role.PARTICIPANT}
    holder = Holder(uuid4(), "drawn", roles, agency="job-centre")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "ACCESS_LIFE", timedelta(hours=1))
        return mint.access_token(holder, "lotse-desk", datetime.now(UTC), audience=AUDIENCE, sid=None)


@pytest.mark.parametrize("service", COVERED)
async def test_no_drawn_request_finds_a_fault_or_an_undocumented_answer(
    own_region: Region, service: str, tmp_path: Path
) -> None:
    token, port = await token_of_all_roles(own_region), free_port()
    async with listening(create_api(own_region.box.runtimes[service]), port):
        status, told = await draw(f"http://{HOST}:{port}", token, tmp_path)
    assert status == 0, told


async def draw(url: str, token: str, folder: Path) -> tuple[int, str]:
    """(exit status of Schemathesis, what it told)"""
    left_out = [word for path in LEFT_OUT for word in ("--exclude-path", path)]
    drawing = await children.start(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", f"{url}/openapi.json"),
        *("--url", url, "--header", f"Authorization: Bearer {token}", "--seed", SEED, "--max-examples", REQUESTS),
        *("--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure", "--no-shrink"),
        *("--request-timeout", "60", "--suppress-health-check", "all", *left_out),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        told, _ = await asyncio.wait_for(drawing.communicate(), PATIENCE)
    finally:
        if drawing.returncode is None:
            drawing.kill()
            await drawing.wait()
    return drawing.returncode or 0, told.decode(errors="replace")[-20_000:]
