"""The matrix of each service: prepared once, asked by every test of this folder."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from tests.matrix import people
from tests.matrix.asking import Matrix, Tokens
from tests.support.region import Region


@pytest.fixture(scope="session")
async def matrices(region: Region) -> AsyncIterator[Callable[[str], Matrix]]:
    """Makes the matrix of a service, with nothing prepared."""
    tokens = await Tokens.of(region.box)
    async with httpx.AsyncClient(timeout=60) as http:
        yield lambda service: Matrix(region.box, service, tokens, http)


@pytest.fixture(scope="session")
async def intake(matrices: Callable[[str], Matrix]) -> Matrix:
    """Intake with records in every situation."""
    made = matrices("intake")
    await people.prepare(made)
    return made
