"""One measured ratio."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """`ours` and `floor` in `unit`; the ratio is ours / floor. `target` None: for information only.

    `at_most` says that a smaller ratio is better.
    """

    id: str
    what: str
    ours: float
    floor: float | None
    unit: str
    target: float | None = None
    at_most: bool = False

    @property
    def ratio(self) -> float | None:
        return self.ours / self.floor if self.floor else None

    @property
    def met(self) -> bool | None:
        if self.target is None or self.ratio is None:
            return None
        return self.ratio <= self.target if self.at_most else self.ratio >= self.target

    def as_json(self) -> dict[str, Any]:
        """As `benchmarks/results.json` holds it."""
        return {
            "id": self.id,
            "what": self.what,
            "ours": self.ours,
            "floor": self.floor,
            "unit": self.unit,
            "ratio": self.ratio,
            "target": self.target,
            "met": self.met,
        }
