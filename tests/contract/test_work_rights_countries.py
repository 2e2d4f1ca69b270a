"""The other countries as a caseworker checks them: status and facts, a day, what is allowed, who has to agree."""

from datetime import date
from typing import Any

import pytest

from contracts.work_rights import ResidenceFacts, WorkRights, answer, countries
from tests.support.residents import person

APPLIED = date(2025, 3, 10)


def applicant(country: str, **more: Any) -> ResidenceFacts:
    return person("asylum-applicant", country=country, since=APPLIED, applied_on=APPLIED, **more)


def said(rights: WorkRights, right: str) -> str:
    """`yes`, `no`, `unknown`, or `ask` with the offices; a question mark where the file says it has to be checked."""
    [detail] = [one for one in rights.details if one.right == right]
    offices = ", ".join(office.code for office in detail.permission_of)
    return (f"ask {offices}" if offices else detail.answer.value) + "?" * bool(detail.to_be_checked)


def of(country: str, status: str, **more: Any) -> ResidenceFacts:
    return person(status, country=country, since=date(2025, 1, 1), applied_on=None, **more)


CASES = [
    # Sweden: work from the first day with AT-UND; the law changed in 2026.
    pytest.param(applicant("SE"), date(2025, 3, 10), {"work": "yes", "integration_course": "no"}, id="SE at once"),
    pytest.param(applicant("SE"), date(2026, 6, 12), {"work": "unknown?"}, id="SE since the pact"),
    pytest.param(of("SE", "asylum-applicant-without-exemption"), date(2025, 6, 1), {"work": "no"}, id="SE no AT-UND"),
    pytest.param(
        of("SE", "recognised-refugee"),
        date(2025, 6, 1),
        {"work": "yes", "integration_course": "yes", "activation_measure": "ask employment-service"},
        id="SE refugee",
    ),
    pytest.param(of("SE", "temporary-protection"), date(2027, 3, 4), {"work": "yes"}, id="SE Ukraine, last day"),
    pytest.param(of("SE", "temporary-protection"), date(2027, 3, 5), {"work": "unknown"}, id="SE Ukraine, after"),
    pytest.param(of("SE", "student"), date(2025, 6, 1), {"work": "yes?"}, id="SE student"),
    pytest.param(of("SE", "eu-citizen"), date(2025, 6, 1), {"work": "yes", "self_employment": "yes"}, id="SE EU"),
    # Norway: a temporary permit, on conditions.
    pytest.param(applicant("NO"), date(2025, 6, 1), {"work": "ask immigration-directorate"}, id="NO applicant"),
    pytest.param(
        of("NO", "recognised-refugee"), date(2025, 6, 1), {"work": "yes", "integration_course": "yes"}, id="NO refugee"
    ),
    pytest.param(of("NO", "temporary-protection"), date(2025, 6, 1), {"work": "yes?"}, id="NO Ukraine"),
    # Belgium: four months.
    pytest.param(applicant("BE"), date(2025, 7, 10), {"work": "no"}, id="BE last day of four months"),
    pytest.param(applicant("BE"), date(2025, 7, 11), {"work": "yes"}, id="BE after four months"),
    pytest.param(applicant("BE"), date(2026, 6, 12), {"work": "yes?"}, id="BE since the pact"),
    pytest.param(of("BE", "recognised-refugee"), date(2025, 6, 1), {"work": "yes"}, id="BE refugee"),
    pytest.param(of("BE", "student"), date(2025, 6, 1), {"work": "yes", "training": "unknown"}, id="BE student"),
    # Finland: three months with a travel document, six without.
    pytest.param(applicant("FI", travel_document=True), date(2025, 6, 11), {"work": "yes"}, id="FI with a document"),
    pytest.param(applicant("FI", travel_document=False), date(2025, 6, 11), {"work": "no"}, id="FI without"),
    pytest.param(applicant("FI", travel_document=False), date(2025, 9, 11), {"work": "yes"}, id="FI without, later"),
    pytest.param(applicant("FI"), date(2025, 6, 11), {"work": "unknown"}, id="FI nobody has asked"),
    pytest.param(applicant("FI"), date(2025, 9, 11), {"work": "yes"}, id="FI it no longer matters"),
    pytest.param(
        of("FI", "recognised-refugee"),
        date(2025, 6, 1),
        {"work": "yes", "integration_course": "ask employment-area?"},
        id="FI refugee",
    ),
    # Portugal: from the application on.
    pytest.param(applicant("PT"), APPLIED, {"work": "yes?", "integration_course": "ask employment-institute"}, id="PT"),
    pytest.param(of("PT", "temporary-protection"), date(2025, 6, 1), {"work": "yes"}, id="PT Ukraine"),
    # Slovenia: three months.
    pytest.param(applicant("SI"), date(2025, 6, 10), {"work": "no?"}, id="SI last day of three months"),
    pytest.param(applicant("SI"), date(2025, 6, 11), {"work": "yes"}, id="SI after three months"),
    pytest.param(
        of("SI", "family-reunification"), date(2025, 6, 1), {"work": "ask employment-service"}, id="SI family"
    ),
    # Denmark: six months and a contract with the Immigration Service; no directive binds it.
    pytest.param(applicant("DK"), date(2025, 9, 10), {"work": "no", "self_employment": "no"}, id="DK six months"),
    pytest.param(applicant("DK"), date(2025, 9, 11), {"work": "ask immigration-service"}, id="DK after six months"),
    pytest.param(applicant("DK"), date(2026, 9, 1), {"work": "ask immigration-service"}, id="DK is outside the pact"),
    pytest.param(
        of("DK", "recognised-refugee"),
        date(2025, 6, 1),
        {"work": "yes", "training": "yes", "activation_measure": "ask municipality"},
        id="DK refugee",
    ),
    # France: six months, then the employer asks.
    pytest.param(applicant("FR"), date(2025, 9, 10), {"work": "no", "integration_course": "no"}, id="FR six months"),
    pytest.param(applicant("FR"), date(2025, 9, 11), {"work": "ask labour-platform"}, id="FR after six months"),
    pytest.param(
        of("FR", "subsidiary-protection"), date(2025, 6, 1), {"work": "yes", "integration_course": "yes"}, id="FR card"
    ),
    pytest.param(
        of("FR", "student"), date(2025, 6, 1), {"work": "yes", "compulsory_internship": "yes"}, id="FR student"
    ),
    # United Kingdom: twelve months, and only jobs on a list.
    pytest.param(applicant("GB"), date(2026, 3, 10), {"work": "no", "training": "no"}, id="GB twelve months"),
    pytest.param(
        applicant("GB"), date(2026, 3, 11), {"work": "ask home-office?", "self_employment": "no"}, id="GB after twelve"
    ),
    pytest.param(
        of("GB", "settled-status"), date(2040, 6, 1), {"work": "yes", "self_employment": "yes"}, id="GB settled"
    ),
    pytest.param(of("GB", "pre-settled-status"), date(2025, 6, 1), {"work": "yes"}, id="GB pre-settled"),
    pytest.param(of("GB", "eu-citizen"), date(2025, 6, 1), {"work": "no"}, id="GB: no free movement any more"),
    pytest.param(
        of("GB", "student"),
        date(2025, 6, 1),
        {"work": "yes", "self_employment": "no", "training": "unknown"},
        id="GB student",
    ),
]


@pytest.mark.parametrize(("facts", "on", "expected"), CASES)
def test_what_a_status_allows_elsewhere(facts: ResidenceFacts, on: date, expected: dict[str, str]) -> None:
    rights = answer(facts, on)

    assert {right: said(rights, right) for right in expected} == expected
    assert rights.law_as_of
    assert rights.disclaimer == "information, not legal advice"


NEEDED = {
    "asylum-applicant",
    "recognised-refugee",
    "subsidiary-protection",
    "temporary-protection",
    "family-reunification",
    "eu-citizen",
    "student",
    "not-known",
}


def test_every_country_of_the_programmes_describes_what_they_need() -> None:
    found = {country.country: {status.code for status in country.statuses} for country in countries()}

    assert set(found) == {"BE", "DE", "DK", "FI", "FR", "GB", "NO", "PT", "SE", "SI"}
    assert {code: NEEDED - statuses for code, statuses in found.items() if NEEDED - statuses} == {}


def test_no_country_is_left_out_of_the_table() -> None:
    asked = {row.values[0].country for row in CASES}  # type: ignore[union-attr]

    assert asked | {"DE"} == {country.country for country in countries()}
