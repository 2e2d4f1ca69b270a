"""Is every field that leaves a service registered, with its purpose and its consumers? And can nothing hide?"""

import importlib
import re
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import pytest

from contracts import register
from contracts.catalogue import FACTS
from contracts.envelope import Fact
from contracts.register import Register, RegisterError
from contracts.topics import INTAKE, INTAKE_CARE
from contracts.vocabulary import Code, ParticipantId
from infra.chassis.service import Service
from infra.onebox.services import all_services

ROOT = register.FILE.parent.parent


def unregistered_use(service: Service, registered: Register) -> list[str]:
    """Events that a service handles although no field names it as consumer."""
    handled = {fact for consumer in service.consumers() for fact in consumer.handlers}
    heard = {fact for fact in handled if any(topic in service.topics for topic in fact.TOPICS)}
    return sorted(
        f"{service.name} uses {register.name(fact)}" for fact in heard if not registered.used(fact, service.name)
    )


class Imaginary(Fact):
    """An event that is not in the register."""

    TYPE = "lotse.intake.imaginary"
    TOPICS = (INTAKE,)
    participant: ParticipantId
    mood: Code


class Talkative(Imaginary):
    """An event with a place for free text."""

    remark: str


class Loose(Imaginary):
    """An event that carries whatever it likes, one level down."""

    more: dict[str, Any]


class Careful(Imaginary):
    """An event on a topic that referrals alone reads."""

    TOPICS: ClassVar[Any] = (INTAKE_CARE,)


MOOD = {"category": "profile", "granularity": "code", "purpose": "Made up for this test alone.", "codes": "nowhere"}
ENTRIES = {
    "at": {"category": "time", "granularity": "moment", "purpose": "Business time of the fact."},
    "participant": {"category": "identifier", "granularity": "one-person", "purpose": "Whom it is about."},
    "mood": MOOD,
}


def registering(fact: type[Fact], consumers: tuple[str, ...] = (), **fields: dict[str, Any] | None) -> Register:
    """The real register with one more event."""
    entries = {field: entry for field, entry in {**ENTRIES, **fields}.items() if entry is not None}
    real = register.load().model_dump(mode="json")
    real["facts"][register.name(fact)] = {"consumers": consumers, "fields": entries}
    return Register.model_validate(real)


def faults_with(fact: type[Fact], registered: Register) -> list[str]:
    return register.faults(registered, (*FACTS, fact))


def test_every_field_of_every_event_is_registered() -> None:
    assert register.faults(register.load()) == []


@pytest.mark.parametrize("service", all_services(), ids=lambda service: service.name)
def test_every_event_that_a_service_uses_names_it_as_consumer(service: Service) -> None:
    assert unregistered_use(service, register.load()) == []


def test_the_lists_of_codes_exist_and_hold_short_words_only() -> None:
    assert [fault for codes in named_codes() for fault in faults_of_codes(codes)] == []


def test_a_list_of_codes_that_is_nowhere_is_found() -> None:
    assert faults_of_codes("contracts.vocabulary.Moods") == ["contracts.vocabulary.Moods: there is no such list"]
    assert faults_of_codes("contracts/moods/*.yaml") == ["contracts/moods/*.yaml: there is no such list"]


def test_a_sound_new_event_is_accepted() -> None:
    assert faults_with(Imaginary, registering(Imaginary)) == []


def test_an_event_that_nobody_registered_is_found() -> None:
    assert faults_with(Imaginary, register.load()) == ["lotse.intake.imaginary@1: the event is not registered"]


def test_a_field_that_nobody_registered_is_found() -> None:
    assert faults_with(Imaginary, registering(Imaginary, mood=None)) == [
        "lotse.intake.imaginary@1.mood: not registered"
    ]


def test_a_registered_field_that_does_not_exist_is_found() -> None:
    assert faults_with(Imaginary, registering(Imaginary, colour=MOOD)) == [
        "lotse.intake.imaginary@1.colour: there is no such field"
    ]


def test_a_registered_event_that_does_not_exist_is_found() -> None:
    assert register.faults(registering(Imaginary)) == ["lotse.intake.imaginary@1: there is no such event"]


def test_a_consumer_that_may_not_read_the_topic_is_found() -> None:
    found = faults_with(Careful, registering(Careful, ("referrals",), mood={**MOOD, "consumers": ("matching",)}))

    assert found == ["lotse.intake.imaginary@1.mood: matching may not read lotse.intake.care"]


def test_a_handler_for_an_event_without_a_registered_use_is_found() -> None:
    async def handle(*_: Any) -> None: ...

    [matching] = [service for service in all_services() if service.name == "matching"]
    nosy = Service("matching", matching.settings, (), matching.migrations, reactions={Imaginary: handle})

    assert unregistered_use(nosy, registering(Imaginary, ("notifications",))) == [
        "matching uses lotse.intake.imaginary@1"
    ]
    assert unregistered_use(nosy, registering(Imaginary, ("matching",))) == []


def test_free_text_is_found() -> None:
    assert faults_with(Talkative, registering(Talkative, remark=MOOD)) == [
        "lotse.intake.imaginary@1.remark: free text could hide here: give it a closed list or a pattern"
    ]
    assert "lotse.intake.imaginary@1.more: free text could hide here: give it a closed list or a pattern" in (
        faults_with(Loose, registering(Loose, more=MOOD))
    )


def test_a_short_word_without_a_list_is_found() -> None:
    nowhere = {key: value for key, value in MOOD.items() if key != "codes"}

    assert faults_with(Imaginary, registering(Imaginary, mood=nowhere)) == [
        "lotse.intake.imaginary@1.mood: a short word without a closed list: say under `codes` where the list lies"
    ]


def test_a_mistake_in_the_file_names_line_and_field(tmp_path: Path) -> None:
    broken = tmp_path / "facts.yaml"
    broken.write_text(register.FILE.read_text().replace("granularity: one-event", "granularity: rough", 1))

    with pytest.raises(RegisterError, match=r"facts\.yaml, line \d+, envelope\.id\.granularity: Input should be"):
        register.load(broken)


def test_a_family_that_does_not_exist_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "facts.yaml"
    broken.write_text(register.FILE.read_text().replace("family: step", "family: steps", 1))

    with pytest.raises(RegisterError, match=r"line \d+, .*: there is no family 'steps'"):
        register.load(broken)


def named_codes() -> set[str]:
    registered = register.load()
    return {entry.codes for fact in FACTS for entry in registered.fields_of(fact).values() if entry.codes is not None}


def faults_of_codes(codes: str) -> list[str]:
    """A list is an enum of the contracts, files of the contracts, or a standard that says so in its name."""
    if codes == "BCP 47":
        return []
    if "*" in codes:
        return [] if list(ROOT.glob(codes)) else [f"{codes}: there is no such list"]
    module, _, listed = codes.rpartition(".")
    words = getattr(importlib.import_module(module), listed, None)
    if not (isinstance(words, type) and issubclass(words, StrEnum)):
        return [f"{codes}: there is no such list"]
    return [
        f"{codes}.{word.name}: no short word" for word in words if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", word)
    ]
