"""The answers for Germany as a caseworker checks them: status and facts, a day, what is allowed, who must agree."""

from datetime import date, timedelta

import pytest

from contracts.vocabulary import Allowed
from contracts.work_rights import ResidenceFacts, WorkRights, answer, rules_of
from tests.support.residents import person

YES, PERMISSION, NO, UNKNOWN = Allowed.YES, Allowed.WITH_PERMISSION, Allowed.NO, Allowed.UNKNOWN
AUTHORITY, BOTH = "ask foreigners-authority", "ask foreigners-authority, employment-agency"
AGENCY = "ask employment-agency"
DAY = timedelta(days=1)


def said(rights: WorkRights, right: str) -> str:
    """`yes`, `no`, `unknown`, or `ask` with the offices that have to agree."""
    [detail] = [one for one in rights.details if one.right == right]
    offices = ", ".join(office.code for office in detail.permission_of)
    return f"ask {offices}" if offices else detail.answer.value


# Status and facts, a day, and what work / training / internship / integration course are on that day.
ANSWERS = [
    # In a reception centre the law of 27 February 2024 shortened nine months to six.
    pytest.param(
        person("asylum-applicant", in_centre=True), date(2024, 9, 10), (NO, NO, NO, PERMISSION), id="centre-6"
    ),
    pytest.param(person("asylum-applicant", in_centre=True), date(2024, 9, 11), (PERMISSION,) * 4, id="centre-6-over"),
    pytest.param(
        person("asylum-applicant", since=date(2023, 6, 1), applied_on=date(2023, 6, 1), in_centre=True),
        date(2024, 2, 26),
        (NO, NO, NO, PERMISSION),
        id="centre-9-old-law",
    ),
    pytest.param(
        person("asylum-applicant", since=date(2023, 6, 1), applied_on=date(2023, 6, 1), in_centre=True),
        date(2024, 2, 27),
        (PERMISSION,) * 4,
        id="centre-6-new-law",
    ),
    pytest.param(
        person("asylum-applicant", since=date(2023, 5, 1), applied_on=date(2023, 5, 20), in_centre=True),
        date(2024, 2, 20),
        (NO, NO, NO, PERMISSION),
        id="centre-9-last-day",
    ),
    pytest.param(
        person("asylum-applicant", since=date(2023, 5, 1), applied_on=date(2023, 5, 20), in_centre=True),
        date(2024, 2, 21),
        (PERMISSION,) * 4,
        id="centre-9-over",
    ),
    # Outside, three months count from the permission to stay.
    pytest.param(person("asylum-applicant"), date(2024, 6, 5), (NO, NO, NO, PERMISSION), id="outside-3"),
    pytest.param(person("asylum-applicant"), date(2024, 6, 6), (PERMISSION,) * 4, id="outside-3-over"),
    # The reform of 12 June 2026 makes the table careful.
    pytest.param(
        person("asylum-applicant", since=date(2026, 4, 1), applied_on=date(2026, 4, 1), in_centre=True),
        date(2026, 6, 11),
        (NO, NO, NO, UNKNOWN),
        id="centre-before-reform",
    ),
    pytest.param(
        person("asylum-applicant", since=date(2026, 4, 1), applied_on=date(2026, 4, 1), in_centre=True),
        date(2026, 6, 12),
        (UNKNOWN,) * 4,
        id="centre-after-reform",
    ),
    pytest.param(
        person("asylum-applicant", since=date(2026, 4, 1), applied_on=date(2026, 4, 1), in_centre=True),
        date(2026, 10, 2),
        (PERMISSION, PERMISSION, PERMISSION, UNKNOWN),
        id="centre-six-months-after-reform",
    ),
    pytest.param(person("asylum-applicant-safe-country"), date(2026, 6, 11), (NO, NO, NO, UNKNOWN), id="safe-country"),
    pytest.param(person("asylum-applicant-safe-country"), date(2026, 6, 12), (UNKNOWN,) * 4, id="safe-country-reform"),
    pytest.param(person("toleration"), date(2024, 6, 5), (UNKNOWN, PERMISSION, PERMISSION, UNKNOWN), id="toleration-3"),
    pytest.param(
        person("toleration"), date(2024, 6, 6), (PERMISSION, PERMISSION, PERMISSION, UNKNOWN), id="toleration-3-over"
    ),
    pytest.param(person("toleration", in_centre=True), date(2024, 9, 5), (NO, NO, NO, UNKNOWN), id="toleration-centre"),
    pytest.param(
        person("toleration", in_centre=True),
        date(2024, 9, 6),
        (PERMISSION, PERMISSION, PERMISSION, UNKNOWN),
        id="toleration-centre-6-over",
    ),
    pytest.param(person("toleration-identity-unclear"), date(2025, 9, 1), (NO, NO, NO, UNKNOWN), id="identity-unclear"),
    pytest.param(person("toleration-for-training"), date(2025, 9, 1), (PERMISSION,) * 4, id="training-toleration"),
    pytest.param(person("toleration-for-employment"), date(2025, 9, 1), (PERMISSION,) * 4, id="employment-toleration"),
    # A title allows employment; the claim to a course lasts a year.
    pytest.param(person("recognised-refugee"), date(2025, 3, 5), (YES,) * 4, id="refugee-first-year"),
    pytest.param(person("recognised-refugee"), date(2025, 3, 6), (YES, YES, YES, PERMISSION), id="refugee-second-year"),
    pytest.param(person("recognised-refugee"), date(2026, 2, 8), (YES, YES, YES, PERMISSION), id="course-still-open"),
    pytest.param(person("recognised-refugee"), date(2026, 2, 9), (YES, YES, YES, UNKNOWN), id="course-stopped"),
    pytest.param(person("subsidiary-protection"), date(2024, 3, 5), (YES,) * 4, id="subsidiary-first-day"),
    pytest.param(person("deportation-ban"), date(2024, 3, 5), (YES, YES, YES, PERMISSION), id="deportation-ban"),
    pytest.param(person("temporary-protection"), date(2025, 3, 4), (PERMISSION,) * 4, id="temporary"),
    pytest.param(
        person("temporary-protection"),
        date(2027, 3, 4),
        (PERMISSION, PERMISSION, PERMISSION, UNKNOWN),
        id="temporary-last-day",
    ),
    pytest.param(person("temporary-protection"), date(2027, 3, 5), (UNKNOWN,) * 4, id="temporary-over"),
    pytest.param(person("eu-citizen"), date(2025, 1, 1), (YES, YES, YES, PERMISSION), id="eu"),
    pytest.param(person("family-of-eu-citizen"), date(2025, 1, 1), (YES, YES, YES, PERMISSION), id="eu-family"),
    pytest.param(person("family-reunification"), date(2025, 1, 1), (YES,) * 4, id="family"),
    pytest.param(person("skilled-worker"), date(2025, 1, 1), (PERMISSION, PERMISSION, PERMISSION, YES), id="skilled"),
    pytest.param(person("student"), date(2025, 1, 1), (PERMISSION, PERMISSION, PERMISSION, UNKNOWN), id="student"),
    pytest.param(
        person("vocational-trainee"), date(2025, 1, 1), (PERMISSION, PERMISSION, PERMISSION, UNKNOWN), id="trainee"
    ),
    pytest.param(person("settlement-permit"), date(2025, 1, 1), (YES, YES, YES, PERMISSION), id="settled"),
    pytest.param(person("german-citizen"), date(2025, 1, 1), (YES, YES, YES, PERMISSION), id="citizen"),
    pytest.param(person("provisional-certificate"), date(2025, 1, 1), (UNKNOWN,) * 4, id="provisional"),
    pytest.param(person("other-permit"), date(2025, 1, 1), (UNKNOWN,) * 4, id="other"),
]


@pytest.mark.parametrize(("facts", "on", "expected"), ANSWERS)
def test_what_a_status_allows_on_a_day(facts: ResidenceFacts, on: date, expected: tuple[Allowed, ...]) -> None:
    rights = answer(facts, on)

    assert (rights.work, rights.training, rights.internship, rights.integration_course) == expected
    assert rights.since <= on
    assert rights.until is None or on <= rights.until


# What the caseworker looks at: the person, the day, each right with whom to ask.
IN_DEPTH = [
    pytest.param(
        person("arrival-certificate", in_centre=True, applied_on=None),
        date(2024, 9, 1),
        {"work": "no", "training": "no", "school_training": "yes", "self_employment": "no"},
        id="arrival certificate, in the centre: no work, but school",
    ),
    pytest.param(
        person("arrival-certificate"),
        date(2024, 6, 6),
        {"work": BOTH},
        id="arrival certificate, in a flat: after three months both offices agree",
    ),
    pytest.param(
        person("arrival-certificate"), date(2026, 7, 1), {"work": "unknown"}, id="arrival certificate after the reform"
    ),
    pytest.param(
        person("asylum-applicant", in_centre=True),
        date(2024, 9, 11),
        {"work": BOTH, "training": AUTHORITY, "compulsory_internship": AUTHORITY, "activation_measure": AGENCY},
        id="centre, after six months: the agency is asked about work only",
    ),
    pytest.param(
        person("asylum-applicant", since=date(2023, 5, 1), applied_on=date(2023, 5, 20), in_centre=True, children=True),
        date(2023, 11, 21),
        {"work": BOTH},
        id="old law, family in the centre: six months",
    ),
    pytest.param(
        person(
            "asylum-applicant", since=date(2023, 5, 1), applied_on=date(2023, 5, 20), in_centre=True, children=False
        ),
        date(2023, 11, 21),
        {"work": "no"},
        id="old law, without children in the centre: nine months",
    ),
    pytest.param(
        person("asylum-applicant", since=date(2023, 5, 1), applied_on=date(2023, 5, 20), in_centre=True, children=None),
        date(2023, 11, 21),
        {"work": "unknown"},
        id="old law, nobody has asked about children",
    ),
    pytest.param(
        person("asylum-applicant", since=date(2023, 5, 1), applied_on=date(2023, 5, 20), in_centre=True, children=None),
        date(2024, 2, 20) + 7 * DAY,
        {"work": BOTH},
        id="new law: children no longer matter",
    ),
    pytest.param(
        person("asylum-applicant"),
        date(2024, 6, 6),
        {"work": BOTH, "training": AUTHORITY, "internship": AUTHORITY, "self_employment": "no"},
        id="flat, after three months: training without the agency",
    ),
    pytest.param(
        person("asylum-applicant", since=date(2024, 3, 5), stay_since=date(2023, 12, 1)),
        date(2024, 3, 5),
        {"work": BOTH},
        id="flat, an earlier stay of three months counts",
    ),
    pytest.param(
        person("asylum-applicant", since=date(2021, 1, 10), applied_on=date(2021, 1, 20)),
        date(2025, 1, 10),
        {"work": BOTH},
        id="flat, last day of four years",
    ),
    pytest.param(
        person("asylum-applicant", since=date(2021, 1, 10), applied_on=date(2021, 1, 20)),
        date(2025, 1, 11),
        {"work": AUTHORITY},
        id="flat, after four years without the agency",
    ),
    pytest.param(
        person("asylum-applicant-safe-country"),
        date(2025, 9, 1),
        {"work": "no", "school_training": "yes", "job_language_course": "unknown"},
        id="safe country: school is possible",
    ),
    pytest.param(
        person("toleration", since=date(2024, 3, 5), stay_since=date(2024, 1, 15)),
        date(2024, 4, 15),
        {"work": "no", "training": AUTHORITY},
        id="toleration, three months of stay not over: training at once",
    ),
    pytest.param(
        person("toleration", since=date(2024, 3, 5), stay_since=date(2024, 1, 15)),
        date(2024, 4, 16),
        {"work": BOTH},
        id="toleration, three months of stay over",
    ),
    pytest.param(
        person("toleration", since=date(2024, 3, 5), stay_since=date(2020, 3, 1)),
        date(2024, 3, 5),
        {"work": AUTHORITY, "self_employment": "unknown"},
        id="toleration after four years of stay",
    ),
    pytest.param(
        person("toleration", in_centre=True), date(2026, 7, 1), {"work": "unknown"}, id="toleration, centre, reform"
    ),
    pytest.param(
        person("toleration-discretionary", stay_since=date(2023, 1, 1)),
        date(2025, 9, 1),
        {"work": BOTH, "integration_course": "ask federal-office"},
        id="discretionary toleration: the course, too",
    ),
    pytest.param(
        person("toleration-work-ban", stay_since=date(2015, 1, 1)),
        date(2025, 9, 1),
        {"work": "no", "training": "no", "internship": "no", "school_training": "yes"},
        id="work ban: no time ends it",
    ),
    pytest.param(
        person("toleration-identity-unclear", stay_since=date(2015, 1, 1)),
        date(2025, 9, 1),
        {"work": "no", "training": "no", "school_training": "yes", "self_employment": "no"},
        id="identity unclear: no time ends it",
    ),
    pytest.param(
        person("toleration-for-training"), date(2025, 9, 1), {"training": AUTHORITY}, id="toleration for training"
    ),
    pytest.param(
        person("toleration-for-employment"), date(2025, 9, 1), {"work": AUTHORITY}, id="toleration for employment"
    ),
    pytest.param(
        person("entitled-to-asylum"),
        date(2024, 9, 1),
        {"work": "yes", "self_employment": "yes", "integration_course": "yes", "activation_measure": "ask jobcenter"},
        id="entitled to asylum",
    ),
    pytest.param(
        person("recognised-refugee"),
        date(2024, 9, 1),
        {"school_training": "yes", "compulsory_internship": "yes", "job_language_course": "ask jobcenter"},
        id="refugee: everything, courses through the job centre",
    ),
    pytest.param(
        person("deportation-ban"),
        date(2025, 9, 1),
        {"work": "yes", "integration_course": "ask federal-office"},
        id="ban on deportation: no claim to the course",
    ),
    pytest.param(
        person("temporary-protection", since=date(2022, 4, 1)),
        date(2026, 9, 1),
        {"work": AUTHORITY, "training": AUTHORITY, "activation_measure": "ask jobcenter"},
        id="Ukraine: the card says it",
    ),
    pytest.param(person("resettlement"), date(2024, 9, 1), {"work": "yes", "integration_course": "yes"}, id="§ 23"),
    pytest.param(
        person("humanitarian-admission"),
        date(2024, 9, 1),
        {"work": "yes", "integration_course": "ask federal-office"},
        id="admitted by a state",
    ),
    pytest.param(
        person("departure-impossible"),
        date(2025, 9, 1),
        {"work": "yes", "activation_measure": AGENCY},
        id="§ 25 (5): work yes, helped by the agency",
    ),
    pytest.param(person("well-integrated-youth"), date(2025, 9, 1), {"work": "yes"}, id="§ 25a"),
    pytest.param(
        person("long-term-integration"), date(2024, 9, 1), {"work": "yes", "integration_course": "yes"}, id="§ 25b"
    ),
    pytest.param(
        person("opportunity-residence"), date(2025, 9, 1), {"work": "yes", "self_employment": "yes"}, id="§ 104c"
    ),
    pytest.param(person("opportunity-residence"), date(2027, 7, 1), {"work": "unknown"}, id="§ 104c has run out"),
    pytest.param(
        person("eu-citizen"),
        date(2025, 9, 1),
        {"work": "yes", "self_employment": "yes", "job_language_course": AGENCY},
        id="EU citizen",
    ),
    pytest.param(person("swiss-citizen"), date(2025, 9, 1), {"work": "yes", "training": "yes"}, id="Swiss citizen"),
    pytest.param(
        person("skilled-worker"),
        date(2025, 1, 1),
        {"work": AUTHORITY, "school_training": "yes", "self_employment": AUTHORITY},
        id="skilled worker: bound to the card",
    ),
    pytest.param(person("eu-blue-card"), date(2025, 3, 5), {"work": AUTHORITY}, id="Blue Card, last day of a year"),
    pytest.param(
        person("eu-blue-card"), date(2025, 3, 6), {"work": "yes", "training": AUTHORITY}, id="Blue Card, after a year"
    ),
    pytest.param(
        person("recognition-partner"),
        date(2025, 1, 1),
        {"work": BOTH, "training": "yes", "integration_course": "unknown"},
        id="recognition: the adaptation is what the title is for",
    ),
    pytest.param(
        person("student"),
        date(2025, 1, 1),
        {"work": AUTHORITY, "compulsory_internship": "yes", "school_training": "yes"},
        id="student: prescribed internships are free",
    ),
    pytest.param(person("training-permit"), date(2025, 1, 1), {"training": AUTHORITY}, id="§ 16g"),
    pytest.param(
        person("opportunity-card", since=date(2024, 6, 1)), date(2025, 1, 1), {"work": AUTHORITY}, id="Opportunity Card"
    ),
    pytest.param(person("job-seeker"), date(2025, 1, 1), {"work": "yes"}, id="after study or training"),
    pytest.param(
        person("settlement-permit"), date(2040, 1, 1), {"work": "yes", "self_employment": "yes"}, id="settled for good"
    ),
    pytest.param(
        person("provisional-stay"), date(2025, 1, 1), {"work": "no", "school_training": "yes"}, id="stay deemed allowed"
    ),
    pytest.param(
        person("provisional-suspension"), date(2025, 1, 1), {"work": "unknown"}, id="removal deemed suspended"
    ),
    pytest.param(person("not-known"), date(2025, 1, 1), {"work": "unknown"}, id="nobody has asked yet"),
]


@pytest.mark.parametrize(("facts", "on", "expected"), IN_DEPTH)
def test_each_right_and_whom_to_ask(facts: ResidenceFacts, on: date, expected: dict[str, str]) -> None:
    rights = answer(facts, on)

    assert {right: said(rights, right) for right in expected} == expected


def test_no_status_is_left_out_of_the_tables() -> None:
    germany = rules_of("DE")
    assert germany is not None
    asked = {row.values[0].status for row in (*ANSWERS, *IN_DEPTH)}  # type: ignore[union-attr]

    assert asked == {status.code for status in germany.statuses}


# The office for the livelihood and for work; a question mark where the file says that it has to be checked.
HELPED = [
    pytest.param(
        person("asylum-applicant"), date(2025, 1, 1), "social-welfare-office", "employment-agency", id="asylum"
    ),
    pytest.param(person("toleration"), date(2025, 1, 1), "social-welfare-office", "employment-agency", id="tolerated"),
    pytest.param(person("recognised-refugee"), date(2025, 1, 1), "jobcenter", "jobcenter", id="refugee"),
    pytest.param(person("temporary-protection"), date(2026, 6, 30), "jobcenter", "jobcenter", id="Ukraine, until June"),
    pytest.param(person("temporary-protection"), date(2026, 7, 1), "jobcenter?", "jobcenter?", id="since July"),
    pytest.param(
        person("departure-impossible"), date(2025, 1, 1), "social-welfare-office?", "employment-agency", id="§ 25 (5)"
    ),
    pytest.param(person("student"), date(2025, 1, 1), "", "employment-agency", id="student"),
    pytest.param(person("german-citizen"), date(2025, 1, 1), "jobcenter", "employment-agency", id="citizen"),
    pytest.param(person("not-known"), date(2025, 1, 1), "", "", id="not known"),
]


@pytest.mark.parametrize(("facts", "on", "livelihood", "work"), HELPED)
def test_which_office_helps(facts: ResidenceFacts, on: date, livelihood: str, work: str) -> None:
    rights = answer(facts, on)
    found = {one.kind: one.office.code + "?" * bool(one.to_be_checked) for one in rights.support}

    assert (found.get("livelihood", ""), found.get("work", "")) == (livelihood, work)


LAST = date(2027, 3, 4)
CONTINUED = [
    pytest.param("recognised-refugee", LAST, LAST, YES, id="on the last day of the document"),
    pytest.param("recognised-refugee", LAST, LAST + DAY, YES, id="requested on the last day: goes on"),
    pytest.param("recognised-refugee", LAST - 30 * DAY, LAST + 200 * DAY, YES, id="goes on until it is decided"),
    pytest.param("recognised-refugee", LAST + DAY, LAST + 2 * DAY, UNKNOWN, id="requested a day late"),
    pytest.param("recognised-refugee", None, LAST + DAY, UNKNOWN, id="not requested"),
    pytest.param("eu-blue-card", LAST, LAST + DAY, YES, id="Blue Card"),
    pytest.param("student", LAST, LAST + DAY, PERMISSION, id="student"),
    pytest.param("asylum-applicant", LAST, LAST + DAY, UNKNOWN, id="an applicant's paper is no title"),
    pytest.param("toleration", LAST, LAST + DAY, UNKNOWN, id="a toleration is no title"),
    pytest.param("opportunity-card", LAST, LAST + DAY, UNKNOWN, id="the Opportunity Card ends"),
]


@pytest.mark.parametrize(("status", "requested", "on", "work"), CONTINUED)
def test_a_title_goes_on_when_its_extension_was_requested_in_time(
    status: str, requested: date | None, on: date, work: Allowed
) -> None:
    facts = person(status, since=date(2024, 7, 1), valid_until=LAST, extension_requested_on=requested)

    rights = answer(facts, on)

    assert rights.work is work
    if work is not UNKNOWN and on > LAST:
        assert "§ 81 Abs. 4 Satz 1 AufenthG" in rights.sources


def test_what_is_not_certain_is_marked_and_never_a_plain_yes_or_no_where_the_law_changed() -> None:
    rights = answer(person("asylum-applicant", since=date(2026, 7, 1), applied_on=date(2026, 7, 2)), date(2026, 12, 1))
    work = rights.details[0]

    assert work.answer is PERMISSION
    assert "has not been compared" in work.to_be_checked
