"""A whole region on real servers for tests: Kafka, Keycloak and PostgreSQL, started once per run.

Needs Java and Maven: `pytestmark = needs("java", "mvn")` in whatever uses it.
"""

from collections.abc import AsyncIterator

import pytest

from infra.realstack.region import realstack
from infra.realstack.stack import Stack

__all__ = ["Stack", "real_region"]


@pytest.fixture(scope="session")
async def real_region(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The real region of this test run."""
    async with realstack(tmp_path_factory.mktemp("real"), environment="test") as stack:
        yield stack
