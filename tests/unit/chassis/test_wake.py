"""Waiting in an endless loop: woken, or after a while, and never deaf to a cancellation."""

import asyncio

import pytest

from infra.chassis.wake import go_on, woken_or_after


async def test_it_returns_when_woken_and_forgets_that_it_was() -> None:
    woken = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, woken.set)
    async with asyncio.timeout(5):
        await woken_or_after(woken, 60)
    assert not woken.is_set()


async def test_it_returns_after_a_while_anyway() -> None:
    async with asyncio.timeout(5):
        await woken_or_after(asyncio.Event(), 0.01)


async def test_a_cancellation_that_comes_together_with_the_event_is_not_forgotten() -> None:
    woken = asyncio.Event()

    async def loop() -> None:
        while True:
            await woken_or_after(woken, 60)

    task = asyncio.create_task(loop())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    woken.set()
    await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=1)
    assert done, "the loop goes on"


async def test_a_loop_ends_though_a_library_swallowed_the_cancellation() -> None:
    swallowed = 0

    async def loop() -> None:
        nonlocal swallowed
        while go_on():
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed += 1

    task = asyncio.create_task(loop())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert swallowed == 1
