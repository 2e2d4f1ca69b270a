"""How much of a region is made. The same kinds of everything in each size."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Size:
    """Numbers of things."""

    at_job_centre: int
    at_migration_advice: int
    twice: int
    """Of those at Migration Advice, people whom the Job Centre brings, too."""
    services_per_need: int
    opportunities: int
    referrals_per_state: int
    ways: int
    """Journeys to each destination."""
    under_way: int
    """Journeys that still run."""

    @property
    def people(self) -> int:
        return self.at_job_centre + self.at_migration_advice


FULL: Final = Size(
    at_job_centre=140,
    at_migration_advice=60,
    twice=12,
    services_per_need=4,
    opportunities=60,
    referrals_per_state=4,
    ways=3,
    under_way=8,
)
SMALL: Final = Size(
    at_job_centre=24,
    at_migration_advice=8,
    twice=5,
    services_per_need=1,
    opportunities=12,
    referrals_per_state=1,
    ways=1,
    under_way=2,
)
SIZES: Final = {"full": FULL, "small": SMALL}
