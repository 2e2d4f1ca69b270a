"""Waiting in tests: for a condition, with a limit that says what did not come."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any


async def until(condition: Callable[[], Awaitable[object]], what: str, within: float = 15.0) -> None:
    """Ask again until the answer is true. Fails naming `what` it waited for."""
    end = asyncio.get_running_loop().time() + within
    while not await condition():
        if asyncio.get_running_loop().time() > end:
            raise AssertionError(f"within {within} s this did not happen: {what}")
        await asyncio.sleep(0.02)


@asynccontextmanager
async def beside(*works: Any) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """Run coroutines beside the block; they are cancelled at its end, and must end then."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        _, left = await asyncio.wait(tasks, timeout=30)
        assert not left, "a cancelled task goes on"
