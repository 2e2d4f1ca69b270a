"""An open need: its domain and how much it weighs. Not a word of explanation: that never leaves intake."""

from dataclasses import dataclass
from typing import Literal

from contracts.vocabulary import NeedDomain


@dataclass(frozen=True, slots=True)
class OpenNeed:
    """Something that stands between a person and work."""

    domain: NeedDomain
    severity: Literal["low", "medium", "high"]
