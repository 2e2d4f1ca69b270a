"""How a referral says no. Each names the way out; none holds anything about the person."""

from collections.abc import Collection

from contracts.refusal import Conflict, Invalid, NotAllowed
from contracts.transitions import Action, Party, ReferralStatus
from contracts.vocabulary import Category


class NotPossible(Conflict):
    """Not in this state."""

    slug = "not-possible"

    def __init__(self, status: ReferralStatus, action: Action, possible: Collection[Action]) -> None:
        super().__init__(
            f"A referral that is {status.value!r} can't be changed by {action.value!r}.",
            way_out=f"You can: {', '.join(possible)}." if possible else "Nothing is left for your side to do here.",
            possible=sorted(possible),
        )


class AlreadyClaimed(Conflict):
    """Another agency was faster, or it was never open."""

    slug = "already-claimed"

    def __init__(self) -> None:
        super().__init__(
            "This referral has its receiver already.", way_out="Nothing has to be done: look for other open referrals."
        )


class NotYourSide(NotAllowed):
    """The other side's to do."""

    slug = "not-your-side"

    def __init__(self, action: Action, sides: Collection[Party]) -> None:
        names = " or ".join(sorted(sides))
        super().__init__(f"{action.value!r} is for the {names} to do.", way_out="See `actions` for what you can do.")


class Missing(Invalid):
    """Fields that this action needs."""

    slug = "missing"

    def __init__(self, fields: Collection[str]) -> None:
        names = sorted(fields)
        super().__init__(
            f"This action needs: {', '.join(names)}.",
            way_out="Send these fields, too.",
            errors=[{"field": name, "detail": "Needed for this action."} for name in names],
        )


class NoCapacity(Conflict):
    """Asked before anything about the person moves."""

    slug = "no-capacity"

    def __init__(self, alternatives: Collection[tuple[str, str, str]]) -> None:
        """`alternatives`: (id, name, agency) of other offers with room."""
        words = "; ".join(f"{name} ({agency})" for _, name, agency in alternatives)
        super().__init__(
            "This service takes nobody on for now; nothing was sent.",
            way_out=f"With room for this need: {words}." if words else "Send an open referral, or ask again later.",
            alternatives=[{"service": one, "name": name, "agency": agency} for one, name, agency in alternatives],
        )


class GrantMissing(Conflict):
    """The receiver has no right to what a referral discloses."""

    slug = "grant-missing"

    def __init__(self, recipient: str | None, missing: Collection[Category]) -> None:
        names = sorted(missing)
        who = f"the agency {recipient!r}" if recipient else "at least one other agency"
        super().__init__(
            f"A live grant is missing: {', '.join(names)}; nothing was sent.",
            way_out=f"Record a disclosure grant for {who} that names: {', '.join(names)}.",
            recipient=recipient,
            missing=names,
        )
