"""The reference code of a record, P-XXXX-XXXX: random, easy to read out, with a check character.

Letters and digits that are mistaken for one another are left out (no I, L, O, U, 0, 1).
"""

from collections.abc import Callable
from typing import Final

ALPHABET: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
BODY: Final = 7


def check_character(body: str) -> str:
    """ISO/IEC 7064, hybrid system, MOD 31,30: finds each single wrong character and nearly every swap of two."""
    size = len(ALPHABET)
    carried = size
    for letter in body:
        carried = 2 * ((carried + ALPHABET.index(letter)) % size or size) % (size + 1)
    return ALPHABET[(1 - carried) % size]


def new_reference(number: Callable[[int], int]) -> str:
    """A code from a source of random numbers below the given bound."""
    body = "".join(ALPHABET[number(len(ALPHABET))] for _ in range(BODY))
    return _grouped(body + check_character(body))


def read_reference(text: str) -> str | None:
    """The code as we write it, from what somebody typed; None if it can't be one."""
    letters = [letter for letter in text.upper() if letter.isalnum()]
    if letters[:1] == ["P"] and len(letters) == BODY + 2:
        letters = letters[1:]
    code = "".join(letters)
    if len(code) != BODY + 1 or any(letter not in ALPHABET for letter in code):
        return None
    return _grouped(code) if check_character(code[:BODY]) == code[BODY] else None


def _grouped(code: str) -> str:
    return f"P-{code[:4]}-{code[4:]}"
