"""A journey goes through its stages in order, and nobody leaves without knowing where to."""

from datetime import timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.programmes.template import Programme
from contracts.refusal import Conflict, Invalid, Refused
from contracts.vocabulary import Destination, NeedDomain, OpportunityKind
from services.referrals.journey import domain, gates
from services.referrals.journey.domain import GateShut, Journey, Transition, Why
from services.referrals.needs.domain import OpenNeed
from tests.support.programmes import FAST_TRACK, NOW, a_journey

WORKPLACE = FAST_TRACK.stage("workplace")
INTERNSHIP = {OpportunityKind.INTERNSHIP}


def test_a_journey_begins_with_the_first_stage() -> None:
    journey = a_journey()
    assert journey.entered == ("preparation",)
    assert journey.completed == frozenset()


def test_completing_a_stage_enters_the_next() -> None:
    journey = a_journey("preparation")
    assert journey.entered == ("preparation", "workplace")
    assert journey.completed == {"preparation"}


def test_after_the_last_stage_only_the_transition_is_left() -> None:
    journey = a_journey("preparation", "workplace")
    assert journey.completed == {"preparation", "workplace"}
    with pytest.raises(Conflict) as refused:
        domain.complete_stage(journey, "workplace", FAST_TRACK, shut=[], now=NOW)
    assert "transition" in refused.value.way_out


def test_a_shut_gate_is_named_and_nothing_happens() -> None:
    with pytest.raises(GateShut) as refused:
        domain.complete_stage(a_journey(), "preparation", FAST_TRACK, shut=["a support need is open"], now=NOW)
    assert "a support need is open" in refused.value.detail
    assert refused.value.more["gates"] == ["a support need is open"]


@pytest.mark.parametrize("stage", ["workplace", "no-such-stage"])
def test_only_the_current_stage_can_be_completed(stage: str) -> None:
    with pytest.raises(Conflict) as refused:
        domain.complete_stage(a_journey(), stage, FAST_TRACK, shut=[], now=NOW)
    assert "preparation" in refused.value.way_out


def test_without_an_internship_the_workplace_stays_shut() -> None:
    [shut] = gates.shut(WORKPLACE, completed={"preparation"}, agreed={OpportunityKind.JOB}, needs=())
    assert (shut.gate, "internship" in shut.detail) == ("placement-agreed", True)
    assert gates.shut(WORKPLACE, completed={"preparation"}, agreed=INTERNSHIP, needs=()) == []


def test_a_heavy_need_keeps_the_gate_shut_without_being_named() -> None:
    need = OpenNeed(NeedDomain.FAMILY, "high")
    [shut] = gates.shut(WORKPLACE, completed={"preparation"}, agreed=INTERNSHIP, needs=(need,))
    assert shut.detail == "a support need is open"
    assert shut.domains == {NeedDomain.FAMILY}


@pytest.mark.parametrize("need", [OpenNeed(NeedDomain.FAMILY, "medium"), OpenNeed(NeedDomain.DIGITAL, "high")])
def test_lighter_needs_and_other_domains_keep_nothing_shut(need: OpenNeed) -> None:
    assert gates.shut(WORKPLACE, completed={"preparation"}, agreed=INTERNSHIP, needs=(need,)) == []


def test_a_stage_that_is_not_completed_keeps_the_next_shut() -> None:
    [shut] = gates.shut(WORKPLACE, completed=(), agreed=INTERNSHIP, needs=())
    assert shut.gate == "stage-completed"


def test_a_transition_waits_for_every_stage() -> None:
    with pytest.raises(Conflict) as refused:
        domain.decide_transition(a_journey("preparation"), Transition(Destination.JOB), FAST_TRACK, now=NOW)
    assert "workplace" in refused.value.detail


@pytest.mark.parametrize("why", [Why.DROPPED_OUT, Why.MOVED])
def test_leaving_early_needs_a_reason_and_a_destination_all_the_same(why: Why) -> None:
    for reason in (None, "  "):
        with pytest.raises(Invalid):
            domain.decide_transition(
                a_journey(), Transition(Destination.OTHER, why=why, reason=reason), FAST_TRACK, now=NOW
            )
    to = Transition(Destination.EDUCATION, why=why, reason="School has a place from Monday on.")
    ended = reduce(domain.evolve, domain.decide_transition(a_journey(), to, FAST_TRACK, now=NOW), a_journey())
    assert ended.ending is not None
    assert (ended.ending.why, ended.ending.destination) == (why, Destination.EDUCATION)


def test_a_programme_leads_only_where_its_template_says() -> None:
    only_jobs = FAST_TRACK.model_copy(update={"destinations": (Destination.JOB,)})
    with pytest.raises(Invalid):
        domain.decide_transition(
            a_journey("preparation", "workplace"), Transition(Destination.EDUCATION), only_jobs, now=NOW
        )


def test_an_ended_journey_stays_ended() -> None:
    journey = a_journey("preparation", "workplace")
    events = domain.decide_transition(journey, Transition(Destination.JOB), FAST_TRACK, now=NOW)
    ended = reduce(domain.evolve, events, journey)
    with pytest.raises(Conflict):
        domain.decide_transition(ended, Transition(Destination.JOB), FAST_TRACK, now=NOW)
    with pytest.raises(Conflict):
        domain.complete_stage(ended, "workplace", FAST_TRACK, shut=[], now=NOW)
    with pytest.raises(ValueError, match="StageEntered"):
        domain.evolve(ended, domain.StageEntered(journey.seat, "preparation", NOW))


def of_stages(count: int) -> Programme:
    """The fast-track with so many stages, one after the other."""
    stages = tuple(WORKPLACE.model_copy(update={"id": f"stage-{number}"}) for number in range(count))
    return FAST_TRACK.model_copy(update={"stages": stages})


@given(
    count=st.integers(1, 5),
    acts=st.lists(
        st.one_of(
            st.tuples(st.just("complete"), st.integers(0, 5), st.booleans()),
            st.tuples(st.just("leave"), st.sampled_from(list(Why)), st.booleans()),
        ),
        max_size=20,
    ),
)
def test_whatever_is_tried_stages_come_in_order_and_every_end_leads_somewhere(
    count: int, acts: list[tuple[str, int | Why, bool]]
) -> None:
    programme = of_stages(count)
    journey: Journey | None = reduce(domain.evolve, domain.start(a_journey().seat, programme, now=NOW), None)
    for number, (act, what, yes) in enumerate(acts):
        assert journey is not None
        now = NOW + timedelta(days=number)
        try:
            if isinstance(what, Why):
                to = Transition(Destination.JOB, why=what, reason="A reason." if yes else None)
                events = domain.decide_transition(journey, to, programme, now=now)
            else:
                shut = [] if yes else ["a gate"]
                events = domain.complete_stage(journey, f"stage-{what}", programme, shut=shut, now=now)
        except Refused:
            continue
        assert act == ("leave" if isinstance(what, Why) else "complete")
        journey = reduce(domain.evolve, events, journey)

    assert journey is not None
    planned = tuple(stage.id for stage in programme.stages)
    assert journey.entered == planned[: len(journey.entered)], "no stage twice, none skipped"
    assert all(stage.completed_at for stage in journey.stages[:-1]), "none entered before the one before it is done"
    if journey.ending is not None:
        assert journey.ending.destination in programme.destinations
        assert journey.ending.why is not Why.COMPLETED or journey.completed == set(planned)
        assert journey.ending.why is Why.COMPLETED or journey.ending.reason
