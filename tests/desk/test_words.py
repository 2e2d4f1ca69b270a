"""The desk speaks every language that it offers: no text is missing, none is left over, and pages turn to the right."""

import re

import pytest
from babel.messages.pofile import read_po

from contracts.transitions import Action, OutcomeCode, ReasonCode, ReferralStatus
from contracts.vocabulary import Basis, Category, GrantEnd, NeedDomain, OpportunityKind, SkillLevel, Urgency
from services.desk.words.gather import wanted
from services.desk.words.labels import LABELS
from services.desk.words.languages import FALL_BACK, HERE, SPOKEN
from services.notifications.rules.table import MESSAGES
from tests.support.desk import at_the_desk
from tests.support.region import Region

CATALOGUES = sorted(set(SPOKEN) - {FALL_BACK})


@pytest.mark.parametrize("code", CATALOGUES)
def test_a_catalogue_is_whole(code: str) -> None:
    with (HERE / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    translated = {one.id: one.string for one in catalogue if one.id}

    assert {one.id for one in wanted() if one.id} == set(translated), "run `python -m services.desk.words.gather`"
    missing = [text for text, said in translated.items() if not said or not all(said)]
    assert missing == [], "translate these"


@pytest.mark.parametrize("code", CATALOGUES)
def test_a_translation_names_what_the_text_names(code: str) -> None:
    with (HERE / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    wrong = [
        one.id
        for one in catalogue
        if isinstance(one.id, str) and isinstance(one.string, str) and places(one.id) != places(one.string)
    ]

    assert wrong == []


def places(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


def test_every_code_of_the_contracts_has_a_name() -> None:
    kinds = (ReferralStatus, ReasonCode, OutcomeCode, NeedDomain, Category, Basis, SkillLevel, Urgency)
    codes = {str(code) for kind in kinds for code in kind} | {f"ended-{end}" for end in GrantEnd} | set(MESSAGES)
    codes |= {f"do-{action}" for action in Action if action is not Action.EXPIRE}
    codes |= {str(kind) for kind in OpportunityKind if kind is not OpportunityKind.MENTOR}

    assert sorted(codes - set(LABELS)) == []


async def test_a_page_in_arabic_runs_from_right_to_left_and_the_choice_is_kept(region: Region) -> None:
    jonas = await at_the_desk(region, "jonas")

    page = await jonas.send(await jonas.open("/inbox"), "/language", language="ar")

    assert '<html lang="ar" dir="rtl">' in page.html
    assert "صندوق الوارد" in page.text
    assert page.answer.headers["content-language"] == "ar"
    assert 'dir="rtl"' in (await jonas.open("/referrals")).html


async def test_before_anything_is_chosen_the_browser_says_which_language(region: Region) -> None:
    jonas = await at_the_desk(region, "jonas", language="fr;q=0.9, de-AT;q=0.8, en;q=0.1")

    assert "Mein Posteingang" in (await jonas.open("/inbox")).text
