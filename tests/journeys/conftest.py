"""One region for all journeys: imported into each file, the fixture would start one per file."""

from tests.support.region import region

__all__ = ["region"]
