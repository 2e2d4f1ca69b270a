"""What a form about an action asks for, read from the transition table; and what it sends. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from contracts.transitions import REFERRAL, Action, OutcomeCode, ReasonCode
from services.desk.calls.referrals import Referral

FIELDS: Final = ("reason_code", "reason_text", "outcome", "contact_name", "note")
_WITH_CONTACT: Final = frozenset({Action.ACCEPT, Action.CLAIM, Action.RECEIVE})
_FINAL: Final = frozenset({Action.REJECT, Action.CANCEL, Action.FAIL, Action.MARK_ERROR})
REASONS: Final = tuple(code for code in ReasonCode if code is not ReasonCode.GRANT_ENDED)
"""A grant ends by itself: nobody chooses that."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One action: the fields of its form in order, which of them must be filled in, and whether it can't be undone."""

    action: Action
    fields: tuple[str, ...]
    required: frozenset[str]
    final: bool

    @property
    def choices(self) -> Mapping[str, tuple[str, ...]]:
        return {"reason_code": REASONS, "outcome": tuple(OutcomeCode)}


def offer(referral: Referral, action: Action) -> Offer:
    """The form of an action that the service says is open."""
    rule = REFERRAL.get((referral.status, action))
    required = rule.required if rule else frozenset()
    optional = {"note"} | ({"contact_name"} if action in _WITH_CONTACT else set())
    return Offer(action, tuple(one for one in FIELDS if one in required | optional), required, action in _FINAL)


def body(form: Mapping[str, str]) -> dict[str, str]:
    """What was filled in."""
    return {name: form[name] for name in FIELDS if form[name]}
