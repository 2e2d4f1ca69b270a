"""Load, decide, save: take rows in, each once, however often and from however many sides they are sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from contracts.vocabulary import AgencyId, ParticipantId, StaffId
from infra.chassis import audit
from infra.chassis.db import Tx
from services.intake.duplicates import use_cases as duplicates
from services.intake.imports import domain, store
from services.intake.imports.birth import DateOrder
from services.intake.imports.domain import Outcome, Reading, Row
from services.intake.imports.store import Known
from services.intake.participant import use_cases as participants


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a row."""

    reading: Reading
    outcome: Outcome
    participant: ParticipantId | None = None
    reference: str | None = None
    possible_match: bool = False


async def try_out(tx: Tx, *, agency: AgencyId, rows: Sequence[Row], order: DateOrder | None) -> list[Taken]:
    """What would become of the rows. Whether other agencies may know the people is not looked for.

    Looking would tell, and leave nothing behind that says who has asked about whom.
    """
    lines = _lines(tx, rows, order)
    there = await store.known(tx, agency, _first(lines))
    taken = []
    for line in lines:
        known = _known(line, there)
        if known is None:
            there[line.key] = Known(line.content)  # a later row that says the same would find it
        taken.append(known or Taken(line.reading, Outcome.NEW))
    return taken


async def take_in(
    tx: Tx, *, agency: AgencyId, caseworker: StaffId | None, rows: Sequence[Row], order: DateOrder | None
) -> list[Taken]:
    """Registers every row that can be read and is not in yet, as if one by one at a desk."""
    lines = _lines(tx, rows, order)
    first = _first(lines)
    claimed = await store.claim(tx, agency, first)
    there = await store.known(tx, agency, first.keys() - claimed)
    taken = []
    for line in lines:
        if (known := _known(line, there)) is not None:
            taken.append(known)
            continue
        made = await participants.register(
            tx,
            agency=agency,
            caseworker=caseworker,
            identity=line.reading.identity,
            contact=line.reading.contact,
            language=line.reading.language,
        )
        await audit.note(tx, audit.Entry("participant:register", made.id, "import", own=True))
        store.became(tx, agency, line.key, made.id, made.reference)
        there[line.key] = Known(line.content, made.id, made.reference)
        await tx.flush()  # the next row may be about the same person and must find this one
        taken.append(Taken(line.reading, Outcome.REGISTERED, made.id, made.reference))
    matched = await duplicates.possible(tx, [one.participant for one in taken if one.participant])
    return [replace(one, possible_match=one.participant in matched) for one in taken]


@dataclass(frozen=True, slots=True)
class _Line:
    """A row that was read, with the tokens by which it is known."""

    reading: Reading
    key: bytes
    content: bytes


def _lines(tx: Tx, rows: Sequence[Row], order: DateOrder | None) -> list[_Line]:
    readings = [domain.read(row, order, today=tx.now.date()) for row in rows]
    return [_Line(one, store.token(tx, one.key), store.token(tx, one.content)) for one in readings]


def _first(lines: Sequence[_Line]) -> dict[bytes, bytes]:
    """Key -> content of the first sound row that has it."""
    found: dict[bytes, bytes] = {}
    for line in lines:
        if not line.reading.faults:
            found.setdefault(line.key, line.content)
    return found


def _known(line: _Line, there: dict[bytes, Known]) -> Taken | None:
    """What is to be said of a row that can't be taken in; None if it can."""
    if line.reading.faults:
        return Taken(line.reading, Outcome.FAULTY)
    known = there.get(line.key)
    if known is None:
        return None
    outcome = Outcome.ALREADY_IN if known.content == line.content else Outcome.KNOWN_OTHERWISE
    return Taken(line.reading, outcome, known.participant, known.reference)


async def forget(tx: Tx, participant: ParticipantId) -> int:
    """The person was erased: nobody can tell any more that a row was theirs."""
    return await store.forget(tx, participant)
