"""How labels of ESCO are cut into words, and words into the parts by which misspelt ones are found."""

from infra.esco.concept import Concept, folded, grams, words


def test_case_marks_and_spaces_make_no_difference() -> None:
    assert folded("  Konditor/in  BÄCKEREI ") == folded("konditor/in bäckerei") == "konditor/in backerei"


def test_every_script_has_words() -> None:
    assert words(("serve food", "Food service")) == ("serve", "food", "service")
    assert words(("تقديم الطعام",)) == ("تقديم", "الطعام")


def test_a_label_counts_once_and_the_preferred_one_first() -> None:
    assert Concept("http://x", "cook", ("chef", "cook", "chef")).labels == ("cook", "chef")


def test_a_misspelt_word_shares_most_of_its_parts() -> None:
    right, wrong, other = (set(grams(word)) for word in ("restaurant", "restaurnat", "cleaning"))
    assert len(right & wrong) > len(right) / 2 > len(right & other)
    assert set(grams("of")) == {"  o", " of", "of "}
