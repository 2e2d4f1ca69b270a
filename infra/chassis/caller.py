"""The caller of a route, and the one place where a right is asked for and noted.

A route declares its action in its signature: `who: Caller = may("referral:act")`. Inside, `await who.allow(tx, record)`
decides about the record at hand, refuses (404, or 403 if the caller knows of the record) or notes the access in the
audit trail. An answer for which nothing was decided never leaves the service.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from fastapi import Depends, Request

from contracts.refusal import NotAllowed, NotFound
from contracts.vocabulary import Category, ParticipantId
from infra.chassis import access, audit
from infra.chassis.db import Tx
from infra.chassis.freshness import GrantsStale
from infra.chassis.identity.principal import Principal
from infra.chassis.policy import Policy, Record, Relation, relate

log = structlog.get_logger()


class Caller:
    """Who asks, and for which action."""

    def __init__(self, principal: Principal, policy: Policy, action: str) -> None:
        self.principal = principal
        self.action = action
        self.decided = False
        self.about: ParticipantId | None = None
        """The participant last decided about; answers kept for a repeat are deleted with the person."""
        self._policy = policy
        self._standings: dict[ParticipantId, access.Standing] = {}

    @property
    def agency(self) -> str:
        """The caller's agency; a participant has none and is refused before this is asked."""
        if self.principal.agency is None:
            raise NotFound
        return self.principal.agency

    async def standing(self, tx: Tx, participant: ParticipantId) -> access.Standing:
        """What the caller's agency is to this participant now."""
        if participant not in self._standings:
            self._standings[participant] = await access.standing(tx, participant, self.principal.agency)
        return self._standings[participant]

    async def know(self, tx: Tx, participants: Iterable[ParticipantId]) -> None:
        """Ask for the standing to all of them at once, for a list that is about to be decided one by one."""
        new = set(participants) - self._standings.keys()
        if new:
            self._standings |= await access.standings(tx, new, self.principal.agency)

    async def can(self, tx: Tx, record: Record, category: Category | None = None, action: str | None = None) -> bool:
        """Would it be allowed? Notes nothing: for sections of a page and for the actions that a page offers."""
        allowed, _ = await self._decide(tx, record, category, action or self.action)
        return allowed

    async def allow(
        self, tx: Tx, record: Record, category: Category | None = None, *, action: str | None = None
    ) -> None:
        """Go on only if it is allowed; note it.

        Raises `NotFound`, or `NotAllowed` naming the missing category if the caller has some right to the record, or
        `GrantsStale` if it rests on a grant of which nothing recent is known.
        """
        action = action or self.action
        allowed, relation = await self._decide(tx, record, category, action)
        if not allowed:
            await self._refuse_if_stale(tx, record, category, action, relation)
            log.warning("access refused", action=action, kind=record.kind, agency=self.principal.agency)
            if not relation.some_right:
                raise NotFound
            if relation.restricted:
                raise kept_only()
            raise not_allowed(action, None if relation.at_home else category)
        await self.note(tx, record, category, action=action)

    async def widest(self, tx: Tx, record: Record, category: Category | None, *actions: str) -> str:
        """The first of these actions, from the widest view to the narrowest, that is allowed; noted.

        Raises as `allow` does if not even the last one is.
        """
        for action in actions[:-1]:
            if await self.can(tx, record, category, action):
                await self.note(tx, record, category, action=action)
                return action
        await self.allow(tx, record, category, action=actions[-1])
        return actions[-1]

    async def note(self, tx: Tx, record: Record, *categories: Category | None, action: str = "") -> None:
        """Put an access that was decided into the audit trail: a row per disclosed category, or one for none."""
        self.decided = True
        self.about = record.participant or self.about
        own = record.participant is None or record.participant == self.principal.participant
        if record.participant is not None and not own:
            owner = (await self.standing(tx, record.participant)).owner
            own = owner is not None and owner == self.principal.agency
        entry = partial(audit.Entry, action or self.action, record.participant, record.subject, own=own)
        await audit.note(tx, *(entry(category=category) for category in categories or (None,)))

    async def listed(self, tx: Tx, participants: Iterable[UUID], category: Category | None = None) -> None:
        """Note that a list, narrowed in SQL to what the caller may see, showed these participants: each once."""
        self.decided = True
        shown = sorted(set(participants))
        own = await access.own(tx, shown, self.principal.agency, self.principal.participant)
        entry = partial(audit.Entry, self.action, subject="list", category=category)
        await audit.note(tx, *(entry(one, own=one in own) for one in shown))

    async def _refuse_if_stale(
        self, tx: Tx, record: Record, category: Category | None, action: str, own: Relation
    ) -> None:
        """`own` is the relation without the withheld grants.

        Only who had a grant by the last word learns that something can't be decided. Who had none gets the 404 that
        everybody gets; who has another right to the record is told what is missing, as ever.
        """
        if record.participant is None:
            return
        withheld = (await self.standing(tx, record.participant)).withheld
        if withheld and (not own.some_right or await self.was_allowed(tx, record, category, action)):
            raise GrantsStale

    async def was_allowed(self, tx: Tx, record: Record, category: Category | None, action: str) -> bool:
        """Whether the grants that are withheld for now would allow it, if they still live."""
        if record.participant is None:
            return False
        standing = await self.standing(tx, record.participant)
        last = relate(self.principal, record, standing.owner, standing.withheld)
        return bool(standing.withheld) and self._policy.allows(action, last, category)

    async def _decide(self, tx: Tx, record: Record, category: Category | None, action: str) -> tuple[bool, Relation]:
        home, granted, restricted = None, frozenset[Category](), False
        if record.participant is not None:
            standing = await self.standing(tx, record.participant)
            home, granted, restricted = standing.owner, standing.granted, standing.restricted
        relation = relate(self.principal, record, home, granted, restricted=restricted)
        return self._policy.allows(action, relation, category), relation


def kept_only() -> NotAllowed:
    """The refusal for everything but reading while the record is restricted."""
    return NotAllowed(
        "This record is kept and not used: its processing is restricted (GDPR Art. 18).",
        way_out="Look at the person's requests: they say since when, and what lifts the restriction.",
    )


def not_allowed(action: str, category: Category | None) -> NotAllowed:
    """The refusal for somebody who knows of the record: names the category and how to ask for it."""
    if category is None:
        return NotAllowed(
            f"Your role does not include {action!r} here.", way_out="Ask the responsible caseworker to do it."
        )
    return NotAllowed(
        f"Your agency has no right to {category.value!r} of this participant.",
        way_out="Ask the responsible caseworker for a disclosure grant that names this category.",
        category=category,
    )


def may(action: str) -> Any:
    """Declares a route's action, for its parameter `who: Caller`."""

    async def caller(request: Request) -> Caller:
        who = Caller(request.state.principal, request.app.state.runtime.policy, action)
        request.state.caller = who
        return who

    caller.__lotse_action__ = action  # type: ignore[attr-defined]
    return Depends(caller)
