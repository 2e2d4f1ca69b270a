"""One region of each kind for all journeys: imported into each file, the fixtures would start one per file."""

from tests.support.real_region import real_region
from tests.support.region import region

__all__ = ["real_region", "region"]
