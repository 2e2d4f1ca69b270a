"""How labels of ESCO are cut into words, and how misspelt words are found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.esco.concept import BEGIN, Concept, apart, folded, shortened, slips, words


def test_case_marks_and_spaces_make_no_difference() -> None:
    assert folded("  Konditor/in  BÄCKEREI ") == folded("konditor/in bäckerei") == "konditor/in backerei"


def test_every_script_has_words() -> None:
    assert words(("serve food", "Food service")) == ("serve", "food", "service")
    assert words(("подавати страви",)) == ("подавати", "страви")


def test_arabic_words_are_there_with_and_without_their_article() -> None:
    assert words(("تقديم الطعام",)) == ("تقديم", "الطعام", "طعام")
    assert words(("الة",)) == ("الة",), "too short to be an article and a word"


def test_a_label_counts_once_and_the_preferred_one_first() -> None:
    assert Concept("http://x", "cook", ("chef", "cook", "chef")).labels == ("cook", "chef")


@pytest.mark.parametrize(
    ("typed", "slips"),
    [("restaurant", 0), ("restaurnat", 1), ("resturant", 1), ("restaurrant", 1), ("rextaurant", 1), ("restorant", 2)],
)
def test_a_slip_is_a_letter_too_many_too_few_another_or_two_swapped(typed: str, slips: int) -> None:
    assert apart(typed, "restaurant") == apart("restaurant", typed) == slips


@given(st.text("abcdefgh", min_size=4, max_size=14), st.data())
def test_a_word_with_a_slip_has_something_in_common_with_itself(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    typed = data.draw(
        st.sampled_from((word[:at] + word[at + 1 :], word[:at] + "x" + word[at:], word[:at] + "x" + word[at + 1 :]))
    )
    if slips(typed):
        assert set(shortened("en", word)) & set(shortened("en", typed))


def test_words_of_other_languages_and_short_words_are_not_mixed_up() -> None:
    assert not set(shortened("en", "hotel")) & set(shortened("de", "hotel"))
    assert len(shortened("en", "job")) == 1, "a short word with a slip is another word"
    assert len(shortened("en", "a" * BEGIN * 2)) == 3, "what is left of equal letters counts once"
