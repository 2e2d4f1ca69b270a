"""Notes: nothing is overwritten, and each level opens to exactly the people it names."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from uuid import uuid4

import pytest

from contracts.refusal import Invalid
from contracts.vocabulary import Category, ParticipantId, Role, StaffId
from infra.chassis.identity.principal import Kind, Principal
from infra.chassis.policy import Policy, Record, relate
from services.intake.note import domain
from services.intake.note.domain import Level, Note, Version

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AMAL = ParticipantId(uuid4())
AUTHOR = StaffId(uuid4())


def a_note(text: str = "wants to work mornings", level: Level = Level.TEAM) -> Note:
    [event] = domain.write(Note(uuid4(), AMAL, "job-centre", AUTHOR, (Version(1, text, level, AT),)))
    return domain.evolve(None, event)


def test_a_correction_keeps_what_was_said_before() -> None:
    note = a_note()
    later = AT + timedelta(days=1)
    events = domain.correct(note, text="wants to work evenings", level=None, now=later)
    corrected = reduce(domain.evolve, events, note)
    assert [(one.text, one.level) for one in corrected.versions] == [
        ("wants to work mornings", Level.TEAM),
        ("wants to work evenings", Level.TEAM),
    ]
    assert (corrected.now.number, corrected.now.at) == (2, later)


def test_the_same_again_is_no_correction() -> None:
    note = a_note()
    assert domain.correct(note, text=note.now.text, level=Level.TEAM, now=AT) == []


@pytest.mark.parametrize(("text", "level"), [(None, None), ("  ", None)])
def test_a_correction_says_something(text: str | None, level: Level | None) -> None:
    with pytest.raises(Invalid):
        domain.correct(a_note(), text=text, level=level, now=AT)


def test_an_empty_note_is_refused() -> None:
    with pytest.raises(Invalid):
        a_note(text="")


POLICY = Policy()
NOTES = frozenset({Category.NOTES})


def levels(role: Role, agency: str, *, author: bool = False, granted: frozenset[Category] = NOTES) -> str:
    """The first letters of the levels at which somebody reads a note of the job centre, whose record it is."""
    subject = AUTHOR if author else uuid4()
    person = AMAL if role is Role.PARTICIPANT else None
    kind = Kind.PARTICIPANT if person else Kind.STAFF
    who = Principal(subject, kind, frozenset({role}), None if person else agency, person, "desk", AT, AT)
    record = Record("note", "1", AMAL, owners=frozenset({"job-centre"}), staff=frozenset({AUTHOR}))
    relation = relate(who, record, "job-centre", frozenset() if agency == "job-centre" else granted)
    return "".join(level[0] for level in Level if POLICY.allows(f"note:read-{level}", relation, Category.NOTES))


@pytest.mark.parametrize(
    ("role", "agency", "read"),
    [
        (Role.CASEWORKER, "job-centre", "tas"),
        (Role.SUPERVISOR, "job-centre", "otas"),
        (Role.COACH, "job-centre", "as"),
        (Role.EMPLOYER, "job-centre", ""),
        (Role.AGENCY_ADMIN, "job-centre", ""),
        (Role.CASEWORKER, "family-advice", "s"),
        (Role.SUPERVISOR, "family-advice", "s"),
        (Role.COACH, "family-advice", "s"),
        (Role.EMPLOYER, "family-advice", ""),
        (Role.MENTOR, "family-advice", ""),
        (Role.COORDINATOR, "family-advice", ""),
        (Role.AGENCY_ADMIN, "family-advice", ""),
        (Role.AUDITOR, "family-advice", ""),
        (Role.OPERATOR, "family-advice", ""),
        (Role.PARTICIPANT, "", ""),
    ],
)
def test_each_level_is_read_by_those_it_names(role: Role, agency: str, read: str) -> None:
    assert levels(role, agency) == read


def test_the_author_reads_what_is_for_own_eyes() -> None:
    assert levels(Role.CASEWORKER, "job-centre", author=True) == "otas"


@pytest.mark.parametrize("role", [*Role])
def test_without_the_category_nobody_elsewhere_reads_any(role: Role) -> None:
    others = frozenset({*Category}) - NOTES
    assert levels(role, "family-advice", granted=others) == ""
