"""Load, decide, save: take rows in, each once, however often and from however many sides they are sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.refusal import Conflict
from contracts.vocabulary import AgencyId, ConceptUri, OpportunityId
from infra.chassis.db import Tx
from infra.esco import store as esco
from infra.esco.concept import Kind
from services.matching.imports import domain, store
from services.matching.imports.domain import Outcome, Reading, Row, Words
from services.matching.imports.store import Known
from services.matching.opportunity import use_cases as opportunities
from services.matching.opportunity.domain import Offer, OpportunityState


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a row."""

    reading: Reading
    outcome: Outcome
    opportunity: OpportunityId | None = None


async def take_in(tx: Tx, *, agency: AgencyId, rows: Sequence[Row], publish: bool, trial: bool) -> list[Taken]:
    """Drafts every row that can be read and is not in yet; publishes it if asked to.

    In a trial nothing is written: says what would be.
    """
    words = await _words(tx, rows)
    readings = [domain.read(row, words) for row in rows]
    contents = {store.digest(one.key): store.digest(one.content) for one in reversed(readings) if one.offer is not None}
    claimed = frozenset[bytes]() if trial else await store.claim(tx, agency, contents)
    there = await store.known(tx, agency, contents.keys() - claimed)
    taken = []
    for one in readings:
        key, content = store.digest(one.key), store.digest(one.content)
        if one.offer is None:
            taken.append(Taken(one, Outcome.FAULTY))
        elif (known := there.get(key)) is None:
            made = None if trial else await _drafted(tx, agency, one.offer, publish=publish)
            if made is not None:
                store.became(tx, agency, key, content, made)
            there[key] = Known(content, made)
            taken.append(Taken(one, Outcome.NEW if trial else Outcome.TAKEN_IN, made))
        elif known.content == content or known.opportunity is None:
            same = known.content == content
            taken.append(Taken(one, Outcome.ALREADY_IN if same else Outcome.KNOWN_OTHERWISE, known.opportunity))
        else:
            outcome = await _changed(tx, known.opportunity, one.offer, publish=publish, trial=trial)
            if outcome is Outcome.CHANGED and not trial:
                store.became(tx, agency, key, content, known.opportunity)
                there[key] = Known(content, known.opportunity)
            taken.append(Taken(one, outcome, known.opportunity))
    return taken


async def _words(tx: Tx, rows: Sequence[Row]) -> Words:
    """The concepts that the rows name in words; a word that means several means none."""
    occupations = {word for row in rows for word in domain.occupation_words(row)}
    skills = {word for row in rows for word in domain.skill_words(row)}
    return Words(
        _clear(await esco.meant(tx, occupations, Kind.OCCUPATION)), _clear(await esco.meant(tx, skills, Kind.SKILL))
    )


def _clear(meant: Mapping[str, set[ConceptUri]]) -> dict[str, ConceptUri]:
    return {word: next(iter(found)) for word, found in meant.items() if len(found) == 1}


async def _drafted(tx: Tx, agency: AgencyId, offer: Offer, *, publish: bool) -> OpportunityId:
    made = await opportunities.draft(tx, agency, offer)
    if publish:
        await opportunities.publish(tx, made.id)
    return made.id


async def _changed(tx: Tx, opportunity: OpportunityId, offer: Offer, *, publish: bool, trial: bool) -> Outcome:
    """A draft is rewritten; what was published stays as it is."""
    if trial:
        state = (await opportunities.load(tx, opportunity)).state
        return Outcome.CHANGED if state is OpportunityState.DRAFT else Outcome.KNOWN_OTHERWISE
    held = await opportunities.hold(tx, opportunity)
    try:
        await opportunities.change(tx, opportunity, offer, held.version)
    except Conflict:
        return Outcome.KNOWN_OTHERWISE
    if publish:
        await opportunities.publish(tx, opportunity)
    return Outcome.CHANGED
