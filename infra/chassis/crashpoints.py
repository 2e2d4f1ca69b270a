"""Named points at which a test may kill the process, to prove that nothing is lost there.

`reach()` does nothing unless the settings are for tests and name the point; production settings refuse to name one.
"""

import os
import signal
from pathlib import Path
from typing import Final

POINTS: Final = (
    "before-commit",
    "after-commit",
    "before-publish",
    "after-publish",
    "after-mark",
    "before-inbox",
    "after-inbox",
    "before-checkpoint",
    "before-smtp",
    "after-smtp",
    "before-webhook",
    "after-webhook",
)


class Crashpoints:
    """Kills this process with SIGKILL the `nth` time that `point` is reached, leaving a mark that it fired."""

    def __init__(self, point: str | None = None, nth: int = 1, mark: Path | None = None) -> None:
        if point is not None and point not in POINTS:
            raise ValueError(f"unknown crash point {point!r}; known are {', '.join(POINTS)}")
        self._point, self._left, self._mark = point, nth, mark

    def reach(self, point: str) -> None:
        """Die here if this is the chosen point."""
        if point != self._point:
            return
        self._left -= 1
        if self._left == 0:
            if self._mark is not None:
                self._mark.write_text(point)
            os.kill(os.getpid(), signal.SIGKILL)


NEVER: Final = Crashpoints()
