"""The clock of a referral: until when first contact is expected, and how a pause moves that moment.

Pure. How many working days lead to the first `due_at` is computed in `working_days.py`.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self


@dataclass(frozen=True, slots=True)
class SlaClock:
    """`due_at` is fixed at sending. On hold the clock stands still; first contact, or an end, stops it for good."""

    due_at: datetime
    paused_at: datetime | None = None
    stopped: bool = False

    @property
    def runs(self) -> bool:
        """Is something still expected by `due_at`?"""
        return not self.stopped and self.paused_at is None

    def pause(self, at: datetime) -> Self:
        """Stand still from `at` on; a clock that does so already, or was stopped, stays as it is."""
        return replace(self, paused_at=at) if self.runs else self

    def resume(self, at: datetime) -> Self:
        """Go on: what was left when it was paused is left again."""
        if self.paused_at is None:
            return self
        return replace(self, due_at=self.due_at + (at - self.paused_at), paused_at=None)

    def stop(self) -> Self:
        """Nothing more is expected."""
        return replace(self, paused_at=None, stopped=True)
