"""W1: a grant is withdrawn; until it is closed in all four services, p99 against the bound of two seconds.

Services and workers run as their own processes, and a member of the recipient's staff has an open stream. The clock
starts when the withdrawal was answered, and stops when the last service's picture of access holds the grant no more:
from then on every route, list, stream and webhook of it refuses. How long the open stream's own line takes is W2.
"""

import asyncio
import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Final

import httpx
import psycopg

from benchmarks.result import Result
from infra.onebox.box import box
from infra.onebox.layout import Box
from infra.story.cast import Person, Region

BOUND: Final = 2000.0
"""Milliseconds."""
PEOPLE: Final = 60
LOOK_EVERY: Final = 0.005
PATIENCE: Final = 20.0


async def measure(people: int = PEOPLE) -> list[Result]:
    """Both figures of one run."""
    folder = Path(tempfile.mkdtemp(prefix="lotse-bench-")) / "box"
    async with box(folder, apart=True, keep=False) as made, httpx.AsyncClient(timeout=30) as http:
        region = Region(made, http, patience=60)
        jonas, vera = await region.as_("jonas"), await region.as_("vera")
        closed: list[float] = []
        heard: list[float] = []
        url = f"{made.addresses['notifications']}/v1/inbox/stream"
        token = {"Authorization": f"Bearer {await vera.session.token()}"}
        async with http.stream("GET", url, headers=token) as lines:
            told = _Told(lines)
            listening = asyncio.create_task(told.listen())
            for _ in range(people):
                grant = await _granted(jonas)
                await _everywhere(made, grant, there=True)
                before = told.count
                answer = await jonas.post("intake", f"/v1/grants/{grant}/end", {"why": "withdrawn"})
                answer.raise_for_status()
                began = perf_counter()
                await _everywhere(made, grant, there=False)
                closed.append((perf_counter() - began) * 1000)
                heard.append(await told.after(before, began) * 1000)
            listening.cancel()
    return [
        Result("W1", "withdrawn -> closed in all four services, p99", _p99(closed), BOUND, "ms", 1.0, at_most=True),
        Result("W2", "withdrawn -> said on an open stream, p99", _p99(heard), BOUND, "ms", 1.0, at_most=True),
    ]


class _Told:
    """The items that an open stream has brought, and when."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer
        self.times: list[float] = []

    @property
    def count(self) -> int:
        return len(self.times)

    async def listen(self) -> None:
        async for line in self._answer.aiter_lines():
            if line.startswith("data:") and json.loads(line[5:]).get("message") == "access-ended":
                self.times.append(perf_counter())

    async def after(self, count: int, began: float) -> float:
        """Seconds from `began` to the next item after `count` of them."""
        while self.count <= count:
            if perf_counter() - began > PATIENCE:
                raise TimeoutError("the stream said nothing")
            await asyncio.sleep(LOOK_EVERY)
        return max(0.0, self.times[count] - began)


async def _granted(jonas: Person) -> str:
    identity = {"given_name": "Noor", "family_name": "Salim", "birth": {"year": 1990}}
    person = (await jonas.post("intake", "/v1/participants", {"identity": identity})).raise_for_status().json()["id"]
    grant = {
        "recipient": "adult-education",
        "categories": ["identity", "profile"],
        "purpose": "a course",
        "valid_until": (datetime.now(UTC) + timedelta(days=90)).isoformat(),
        "language": "ar",
    }
    given = await jonas.post("intake", f"/v1/participants/{person}/grants", grant)
    return str(given.raise_for_status().json()["id"])


async def _everywhere(made: Box, grant: str, *, there: bool) -> None:
    """Until every service holds the grant, or none does any more."""
    await asyncio.gather(
        *(_in(settings.database_url.get_secret_value(), grant, there) for settings in made.settings.values())
    )


async def _in(url: str, grant: str, there: bool) -> None:
    began = perf_counter()
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while True:
            found = await (await connection.execute('select 1 from access."grant" where id = %s', (grant,))).fetchone()
            if (found is not None) == there:
                return
            if perf_counter() - began > PATIENCE:
                raise TimeoutError("a service did not hear of it")
            await asyncio.sleep(LOOK_EVERY)


def _p99(times: list[float]) -> float:
    return quantiles(times, n=100, method="inclusive")[98]
