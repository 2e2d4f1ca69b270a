"""Duplicates among invented people: how many are found, how many are told wrongly, and what is learnt without answers.

The people are of other seeds than those that weights and threshold were estimated on (`made_people.defaults`).
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from benchmarks.made_people import febrl, people
from benchmarks.made_people.defaults import FIX, LEARN, normal
from services.intake.duplicates import batch, blocking, estimation
from services.intake.duplicates.comparison import compare
from services.intake.duplicates.particulars import Particulars
from services.intake.duplicates.weights import Against, Field, Level, Model, defaults

SEED, MANY = 7, 3000
Register = Callable[[int, int], tuple[list[people.Record], set[tuple[int, int]]]]
assert SEED not in {LEARN, FIX}


def quality(rows: Sequence[people.Record], truth: set[tuple[int, int]], model: Model) -> tuple[float, float]:
    """Recall and precision."""
    persons = normal(rows)
    told = {(one, other) for one, other, _ in batch.found(persons, batch.pairs(persons), model)}
    return len(told & truth) / len(truth), len(told & truth) / len(told)


@pytest.mark.parametrize("register", [people.register, febrl.register], ids=["spelt anew", "mistyped"])
def test_most_are_found_and_few_are_told_wrongly(register: Register) -> None:
    recall, precision = quality(*register(SEED, MANY), defaults())
    assert recall >= 0.95
    assert precision >= 0.95


def test_weights_are_learnt_without_anybody_saying_who_is_who() -> None:
    rows, truth = people.register(SEED, MANY)
    start = replace(estimation.beginning(), threshold=defaults().threshold)
    learnt = batch.learnt(start, normal(rows), "learnt", random.Random(SEED))
    assert 0.1 < learnt.again < 0.4, "of ten records about one is a second record of somebody"
    recall, precision = quality(rows, truth, learnt)
    assert recall >= 0.9
    assert precision >= 0.9


def test_few_pairs_leave_the_figures_as_they_were() -> None:
    rows, _ = people.register(SEED, 30)
    before = defaults()
    learnt = batch.learnt(before, normal(rows), "small", random.Random(SEED))
    for field, was, now in zip(Field, before.same, learnt.same, strict=True):
        assert all(abs(a - b) < 0.25 for a, b in zip(was, now, strict=True)), field


def test_figures_survive_being_kept() -> None:
    assert Model.from_json(defaults().as_json()) == defaults()


def someone(**known: object) -> Particulars:
    return Particulars.from_columns(given_name="Hassan", family_name="Darwish", **known)  # type: ignore[arg-type]


TWIN = {
    "birth": (2001, 5, 9),
    "phone": "+49 151 5550101",
    "street": "Lindenstr. 4",
    "place": "Neuburg",
    "postcode": "10097",
}


def test_twins_at_one_address_are_two_people() -> None:
    one, other = someone(**TWIN), Particulars.from_columns(given_name="Hussein", family_name="Darwish", **TWIN)  # type: ignore[arg-type]
    score = defaults().score(*compare(one, other), people=10_000)
    assert not score.possible
    assert score.against is Against.HOUSEHOLD


def test_one_who_moved_is_still_one_person() -> None:
    there = {**TWIN, "phone": "+49 160 5550777", "street": "Seeweg 90", "place": "Altheim", "postcode": "20097"}
    assert defaults().score(*compare(someone(**TWIN), someone(**there)), people=10_000).possible


def test_an_identity_number_with_a_slip_is_similar() -> None:
    one, other = someone(number="AB 123456"), someone(number="AB123465")
    findings = defaults().score(*compare(one, other), people=10_000).findings
    assert {one.field: one.level for one in findings}[Field.NUMBER] is Level.SIMILAR


def test_a_common_name_says_less() -> None:
    model = replace(defaults(), shares={"hsn": 0.05}, rare=0.0005)
    pattern, _ = compare(someone(birth=(1990, 2, 3)), someone(birth=(1990, 2, 3)))
    common, rare = (model.bits(pattern, sounds, 100_000) for sounds in (("hsn",), ("qrst",)))
    assert rare > common + 1


def test_the_larger_the_region_the_more_it_takes() -> None:
    pattern, sounds = compare(someone(), someone())
    small, large = (defaults().bits(pattern, sounds, size) for size in (10_000, 1_000_000))
    assert small > large


def test_the_lines_of_the_explanation_add_up() -> None:
    rows, _ = people.register(SEED, 400)
    persons = normal(rows)
    for one, other in batch.pairs(persons):
        score = defaults().score(*compare(persons[one], persons[other]), people=len(persons))
        assert score.prior + sum(line.bits for line in score.findings) == pytest.approx(score.bits)


def test_a_register_with_two_errors_in_a_row_still_shares_a_key() -> None:
    rows, truth = febrl.register(SEED, MANY)
    persons = normal(rows)
    shared = sum(bool(blocking.keys(persons[one]) & blocking.keys(persons[other])) for one, other in truth)
    assert shared / len(truth) >= 0.99
