"""A record from its first day: a name is enough, parts of a birth date may be unknown, and only changes are told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.refusal import Conflict, Invalid
from contracts.vocabulary import AgencyId, ParticipantId, StaffId
from services.intake.participant import domain
from services.intake.participant.domain import (
    BirthDate,
    ChangeParticipant,
    Contact,
    Identity,
    Participant,
    ParticipantChanged,
    ParticipantRegistered,
    RegisterParticipant,
)
from services.intake.participant.reference import ALPHABET, new_reference, read_reference

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=3)
JONAS, SIGRID = StaffId(UUID(int=1)), StaffId(UUID(int=2))
AMAL = Identity("Amal", "Haddad", BirthDate(1994, 3))


def registering(identity: Identity = AMAL) -> RegisterParticipant:
    return RegisterParticipant(
        id=ParticipantId(UUID(int=7)),
        reference="P-AAAA-AAAA",
        agency=AgencyId("job-centre"),
        caseworker=JONAS,
        identity=identity,
    )


def registered(identity: Identity = AMAL) -> Participant:
    [event] = domain.register(registering(identity), now=NOON)
    return domain.evolve(None, event)


def changed(before: Participant, command: ChangeParticipant) -> Participant:
    return reduce(domain.evolve, domain.change(before, command, now=LATER), before)


def test_a_registration_says_all_that_is_known_and_begins_at_version_one() -> None:
    [event] = domain.register(registering(), now=NOON)
    assert isinstance(event, ParticipantRegistered)
    assert (event.at, event.identity, event.caseworker) == (NOON, AMAL, JONAS)
    amal = registered()
    assert (amal.version, amal.registered_at, amal.contact) == (1, NOON, Contact())


@pytest.mark.parametrize("names", [("Amal", ""), ("", "Haddad"), ("", "محمد")])
def test_one_name_in_any_script_is_enough(names: tuple[str, str]) -> None:
    assert registered(Identity(*names)).identity == Identity(*names)


@pytest.mark.parametrize("names", [("", ""), (" ", "\t")])
def test_nobody_has_no_name(names: tuple[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        domain.register(registering(Identity(*names)), now=NOON)
    assert refused.value.field == "identity.family_name"
    with pytest.raises(Invalid):
        domain.change(registered(), ChangeParticipant(identity=Identity(*names)), now=LATER)


@pytest.mark.parametrize(
    "parts", [(None, None, None), (1994, None, None), (None, 3, None), (None, 2, 29), (1996, 2, 29)]
)
def test_parts_of_a_birth_date_may_be_unknown(parts: tuple[int | None, int | None, int | None]) -> None:
    birth = BirthDate(*parts)
    assert (birth.year, birth.month, birth.day) == parts


@pytest.mark.parametrize(
    ("parts", "field"), [((1994, 2, 29), "birth"), ((None, 4, 31), "birth"), ((1994, None, 3), "birth.month")]
)
def test_a_birth_date_that_cannot_be_is_refused(parts: tuple[int | None, int | None, int | None], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        BirthDate(*parts)
    assert refused.value.field == field


def test_a_change_keeps_what_was_not_given_and_counts_one_version() -> None:
    before = registered()
    after = changed(before, ChangeParticipant(contact=Contact(phone="030 5550101"), caseworker=SIGRID))
    assert after == replace(before, contact=Contact(phone="030 5550101"), caseworker=SIGRID, version=2)


def test_what_is_said_again_changes_nothing_and_is_not_told() -> None:
    before = registered()
    assert domain.change(before, ChangeParticipant(identity=AMAL, caseworker=JONAS), now=LATER) == []


def test_an_empty_change_is_refused() -> None:
    with pytest.raises(Conflict):
        domain.change(registered(), ChangeParticipant(), now=LATER)


def test_a_record_begins_with_its_registration_and_only_once() -> None:
    amal = registered()
    [again] = domain.register(registering(), now=LATER)
    [change] = domain.change(amal, ChangeParticipant(language="ar"), now=LATER)
    assert isinstance(change, ParticipantChanged)
    for state, event in ((amal, again), (None, change)):
        with pytest.raises(ValueError, match="can't follow"):
            domain.evolve(state, event)


codes = st.randoms(use_true_random=False).map(lambda random: new_reference(random.randrange))


@given(codes, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_a_code_with_one_wrong_letter_is_no_code(code: str, place: int, letter: str) -> None:
    letters = code.removeprefix("P-").replace("-", "")
    wrong = letters[:place] + letter + letters[place + 1 :]
    assert read_reference(wrong) == (code if wrong == letters else None)


def test_nearly_every_swap_of_neighbours_is_found() -> None:
    random, missed = Random(11), 0
    for _ in range(2000):
        letters = new_reference(random.randrange).removeprefix("P-").replace("-", "")
        place = random.randrange(6)
        swapped = letters[:place] + letters[place + 1] + letters[place] + letters[place + 2 :]
        missed += swapped != letters and read_reference(swapped) is not None
    assert missed < 10


def test_a_code_is_read_as_people_write_it() -> None:
    code = new_reference(Random(7).randrange)
    for written in (code, code.lower(), code.replace("-", ""), f" {code[2:]} ", code.replace("-", " ")):
        assert read_reference(written) == code


@pytest.mark.parametrize("text", ["", "P-", "P-AAAA", "P-AAAA-AAAA-AAAA", "P-IIII-0000", "Amal"])
def test_what_is_no_code_is_not_guessed_at(text: str) -> None:
    assert read_reference(text) is None
