"""What leaves matching. Each function is a decision about privacy: free text stays behind."""

from collections.abc import Mapping
from typing import Any, Final

from infra.chassis.service import Say

OUTGOING: Final[Mapping[type[Any], Say]] = {}
