"""One at a time: who goes on is drawn from the seed, never left to the machine.

Everybody who acts is an actor with a task of its own. An actor runs alone until it asks for its next turn, which every
transaction does before it begins; so a run is one order of transactions, and the same seed gives the same order.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from random import Random
from typing import Final


class Crashed(BaseException):
    """The process in which this happens is dead: nothing but the world outside may catch it."""


@dataclass(eq=False)
class Actor:
    """Somebody who acts, where it waits, and in which process it is at the moment."""

    name: str
    work: Callable[[], Awaitable[None]]
    process: str | None
    outside: bool
    """Somebody who asks the services, not a part of one."""
    waits_for: str = "begin"
    inside: int = 0
    """Transactions that it has open: it keeps its turn until the last of them is over."""
    task: asyncio.Task[None] | None = None
    gate: asyncio.Future[None] | None = None


@dataclass
class Trail:
    """What happened, in order: the last lines for a reader, a hash over all for comparing."""

    lines: deque[str] = field(default_factory=lambda: deque(maxlen=4000))
    steps: int = 0
    _digest: "hashlib.blake2b" = field(default_factory=lambda: hashlib.blake2b(digest_size=16))

    def note(self, line: str) -> None:
        self.steps += 1
        line = f"{self.steps:5} {line}"
        self._digest.update(line.encode())
        self.lines.append(line)

    @property
    def hash(self) -> str:
        return self._digest.hexdigest()


_acting: Final[ContextVar[Actor]] = ContextVar("acting")


class Turns:
    """Who is there, and who goes on next."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.begin()

    def begin(self) -> None:
        """Nobody is there, and nothing has happened."""
        self.trail = Trail()
        self.actors: list[Actor] = []
        self.failures: list[str] = []
        """Actors that ended in an error: always a fault of the code or of the simulation."""
        self.dead: list[str] = []
        """Processes in which somebody has just died; the others in there follow."""
        self._rests = asyncio.Event()

    def enter(self, name: str, work: Callable[[], Awaitable[None]], process: str | None = None) -> None:
        """Somebody comes; acts when drawn."""
        self.actors.append(Actor(name, work, process, outside=process is None))

    def busy(self, name: str) -> bool:
        """Is an actor of this name at work?"""
        return any(actor.name == name for actor in self.actors)

    @staticmethod
    def acting() -> Actor | None:
        """Who has the turn; None outside of the simulation."""
        return _acting.get(None)

    async def next(self, what: str) -> None:
        """Wait for the next turn. Raises `Crashed` if the actor's process died meanwhile."""
        actor = _acting.get(None)
        if actor is None or actor.inside:
            return
        actor.waits_for = what
        actor.gate = asyncio.get_running_loop().create_future()
        self._rests.set()
        await actor.gate

    async def go_on(self, actor: Actor) -> None:
        """Let this one act until it asks for its next turn or ends."""
        self._rests.clear()
        self.trail.note(f"{actor.name}: {actor.waits_for}")
        if actor.task is None:
            actor.task = asyncio.create_task(self._run(actor))
        else:
            self._open(actor, None)
        await self._rests.wait()

    async def kill(self, process: str) -> None:
        """Everybody in this process dies where they wait: between two transactions."""
        for actor in [each for each in self.actors if each.process == process]:
            self.trail.note(f"{actor.name}: dies before {actor.waits_for}")
            if actor.task is None:
                self.actors.remove(actor)
                continue
            self._rests.clear()
            self._open(actor, Crashed(process))
            await self._rests.wait()

    async def stop(self) -> None:
        """End everybody."""
        tasks = [actor.task for actor in self.actors if actor.task is not None]
        self.actors = [actor for actor in self.actors if actor.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @staticmethod
    def _open(actor: Actor, error: BaseException | None) -> None:
        gate, actor.gate = actor.gate, None
        if gate is None:
            raise LookupError(f"{actor.name} does not wait")
        if error is None:
            gate.set_result(None)
        else:
            gate.set_exception(error)

    async def _run(self, actor: Actor) -> None:
        _acting.set(actor)
        try:
            await actor.work()
        except Crashed:
            self.trail.note(f"{actor.name}: is dead")
        except Exception as error:
            self.failures.append(f"{actor.name}: {type(error).__name__}: {error}")
        finally:
            self.actors.remove(actor)
            self._rests.set()
