"""A whole region for tests: started once per run, spoken to over HTTP with real log-ins, like the agencies do.

Tests share it and make their own participants. `await region.settled()` waits until every event has been dealt with.
"""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from infra.onebox.box import box
from infra.story.cast import Person, Region

__all__ = ["Person", "Region", "region"]


@asynccontextmanager
async def fresh_region() -> AsyncIterator[Region]:
    """One that nobody else uses."""
    folder = Path(tempfile.mkdtemp(prefix="lotse-region-"))
    async with box(folder / "box", environment="test", keep=False) as made, httpx.AsyncClient(timeout=20) as http:
        yield Region(made, http)


@pytest.fixture(scope="session")
async def region() -> AsyncIterator[Region]:
    """The region of this test run."""
    async with fresh_region() as made:
        yield made
