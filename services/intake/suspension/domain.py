"""What is said when somebody's access ends. Nothing is kept here: every service knows for itself whose access ended."""

from dataclasses import dataclass
from datetime import datetime

from contracts.vocabulary import StaffId


@dataclass(frozen=True, slots=True)
class AccessEnded:
    """Tokens of this account issued before `not_before` (system time) count no more; `at` is business time."""

    account: StaffId
    not_before: datetime
    at: datetime
