"""The region on real servers, as `docker-compose.yml` describes it: Kafka, Keycloak, PostgreSQL, behind the proxy.

Its origin is encrypted, as in production. It is started once, its many processes end with the tests of this folder, and
no other test runs beside them. What services know of grants lasts eight seconds here instead of thirty.
"""

from collections.abc import AsyncIterator
from typing import Final

import pytest

from infra.realstack.proxy import authority
from infra.realstack.region import realstack
from infra.realstack.stack import Stack

KNOWN_FOR: Final = 8.0
SHORT_MEMORY: Final = {"grants_fresh_for_seconds": str(KNOWN_FOR), "heartbeat_every_seconds": "1"}


@pytest.fixture(scope="package")
async def real_region(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    folder = tmp_path_factory.mktemp("real")
    async with realstack(folder, environment="test", tls=True, extra=SHORT_MEMORY) as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(authority(folder)))  # whom clients of this process trust from now on
            yield stack
