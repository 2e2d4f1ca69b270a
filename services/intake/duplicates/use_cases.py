"""Look for records of the same person, and take the answers. Called by the API and by the record's own events."""

from collections.abc import Callable, Collection, Mapping
from functools import reduce
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from contracts.vocabulary import ParticipantId
from infra.chassis import access, deadlines
from infra.chassis.db import Tx
from infra.chassis.sealed import Vault
from services.intake.duplicates import blocking, domain, store, weights
from services.intake.duplicates.comparison import compare
from services.intake.duplicates.domain import Candidate, Event, Side
from services.intake.duplicates.encoding import Encoder
from services.intake.duplicates.particulars import Particulars
from services.intake.duplicates.weights import Model, Score
from services.intake.participant import use_cases as participants
from services.intake.participant.domain import Participant, ParticipantChanged, ParticipantRegistered

OPENED: Final = 5
"""So many of the most similar records are decrypted to be compared: looking must never hold up urgent help."""

FILES: Final = "duplicates-file"
"""Deadline: records of a release before are filed as this one looks for them. A migration sets it."""

_models: dict[str, Model] = {}
_encoders: WeakKeyDictionary[Vault, Encoder] = WeakKeyDictionary()


async def look(tx: Tx, event: ParticipantRegistered | ParticipantChanged) -> None:
    """A record is new or different: file it and tell both sides of each possible match.

    A protected one takes no part: that somebody is known elsewhere would tell where to look for them.
    """
    if event.protected:
        await store.withdraw(tx, event.participant)
        return
    person = Particulars.of(event.identity, event.contact)
    found = await weighed(tx, event.participant, person)
    own = encoder(tx).encode(person, blocking.keys(person))
    await store.file(tx, event.participant, own, known=isinstance(event, ParticipantChanged))
    if likely := [(other, score) for other, score in found if score.possible]:
        this = (await participants.identity_of(tx, [event.participant]))[event.participant]
        for other, score in likely:
            await _found(tx, this, other, score)


async def file_again(tx: Tx, about: UUID, details: Mapping[str, Any]) -> None:
    """Some records more are filed as this release looks for them, and the rest afterwards."""
    if some := await participants.next_after(tx, details.get("after")):
        for one in some:
            if not one.protected:
                person = Particulars.of(one.identity, one.contact)
                await store.file(tx, one.id, encoder(tx).encode(person, blocking.keys(person)), known=True)
        await deadlines.put(tx, FILES, about, tx.now, after=str(some[-1].id))


async def weighed(tx: Tx, participant: UUID, person: Particulars) -> list[tuple[Participant, Score]]:
    """The records most like this one, with how likely they are of this person; most likely first."""
    keys = blocking.keys(person) | blocking.keys_beside(person)
    if not keys:
        return []
    near = await store.similar(tx, participant, encoder(tx).encode(person, keys), OPENED)
    if not near.similar:
        return []
    model = await _model(tx, near.version)
    known = await participants.identity_of(tx, near.similar)
    scored = [
        (
            other,
            model.score(
                *compare(person, Particulars.of(other.identity, other.contact)), near.records, _named(tx, model)
            ),
        )
        for other in known.values()
    ]
    return sorted(scored, key=lambda one: (-one[1].bits, one[0].id))


def encoder(tx: Tx) -> Encoder:
    """One for each vault: it remembers the bits of words that come again."""
    return _encoders.setdefault(tx.vault, Encoder(tx.vault.token))


async def _model(tx: Tx, version: str | None) -> Model:
    """The figures in use."""
    if version is None:
        return weights.defaults()
    if version not in _models:
        _models.clear()
        _models[version] = Model.from_json(await store.figures(tx, version))
    return _models[version]


def _named(tx: Tx, model: Model) -> Callable[[str], str]:
    """Under which key the share of a name is found: the region's own shares are filed under keyed tokens."""
    return (lambda sound: name_token(tx, sound)) if model.keyed else str


def name_token(tx: Tx, sound: str) -> str:
    """The keyed token of the sound of a name."""
    return tx.vault.token("duplicates name", sound).hex()


async def _found(tx: Tx, this: Participant, other: Participant, score: Score) -> None:
    first, second = sorted((this, other), key=lambda one: (one.registered_at, one.id))
    sides = Side(first.id, first.agency), Side(second.id, second.agency)
    events = domain.find(tx.ids.ordered(), *sides, now=tx.now)
    if await store.add(tx, domain.evolve(None, events[0]), score):
        await tx.say(*events)


async def possible(tx: Tx, participants: Collection[ParticipantId]) -> frozenset[ParticipantId]:
    """Those of them with a possible match of whatever stage. Not with whom."""
    return await store.matched(tx, participants) if participants else frozenset()


async def confirm(tx: Tx, candidate: Candidate, mine: frozenset[ParticipantId]) -> Candidate:
    """The agency of the records `mine` says: one person. Raises `Conflict`."""
    owners = [(await access.standing(tx, record, None)).owner for record in candidate.records]
    agencies = frozenset(owner for owner in owners if owner is not None)
    return await _apply(tx, candidate, domain.confirm(candidate, mine, agencies, tx.ids.ordered(), now=tx.now))


async def decline(tx: Tx, candidate: Candidate) -> Candidate:
    """Two people. Raises `Conflict`."""
    return await _apply(tx, candidate, domain.decline(candidate, now=tx.now))


async def remove_link(tx: Tx, candidate: Candidate) -> Candidate:
    """The link was a mistake. Raises `Conflict`."""
    return await _apply(tx, candidate, domain.remove_link(candidate, now=tx.now))


async def sides(tx: Tx, candidate: Candidate, agency: str) -> frozenset[ParticipantId]:
    """Those of the two records that are this agency's now; none for a stranger."""
    return frozenset([one for one in candidate.records if (await access.standing(tx, one, None)).owner == agency])


async def forget(tx: Tx, participant: ParticipantId) -> int:
    """The person was erased: keys and pairs go."""
    return await store.forget(tx, participant)


async def _apply(tx: Tx, candidate: Candidate, events: list[Event]) -> Candidate:
    after = reduce(domain.evolve, events, candidate)
    if events:
        await store.save(tx, after)
        await tx.say(*(event for event in events if isinstance(event, domain.SAID)))
    return after
