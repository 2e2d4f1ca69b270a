"""What the database may hold to find similar people by: keyed tokens and a keyed Bloom filter; no name, date or number.

Tokens say which records share a key (`blocking.py`). The filter ranks those that do: pieces of the names, of the date
and of the address each set a few of its bits, under the key of the search tokens, so that similar people set the same
bits (Schnell, Bachteler and Reiher, "Privacy-preserving record linkage using Bloom filters", 2009). Whoever has the
database alone can neither ask for a name nor make a filter. Pure, but for the key that `token` holds.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from services.intake.duplicates.names import REMEMBERED, skeleton
from services.intake.duplicates.particulars import Particulars

BITS: Final = 1024
PURPOSE: Final = "duplicates"

Token = Callable[[str, str], bytes]
"""A keyed token of a purpose and a text; 16 bytes (`Vault.token`)."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a record is filed."""

    tokens: list[int]
    bloom: str
    """`BITS` zeros and ones."""


class Encoder:
    """Encodes records; remembers the bits of words that come again."""

    def __init__(self, token: Token) -> None:
        self._token = token
        self._bits: dict[str, int] = {}

    def encode(self, person: Particulars, keys: Iterable[str]) -> Encoding:
        """The record, filed under these keys."""
        bits = 0
        for piece, set_bits in _pieces(person):
            bits |= self._piece(piece, set_bits)
        return Encoding(self.tokens(keys), f"{bits:0{BITS}b}")

    def tokens(self, keys: Iterable[str]) -> list[int]:
        """Signed 64-bit tokens of keys."""
        return [int.from_bytes(self._token(PURPOSE, key)[:8], signed=True) for key in sorted(keys)]

    def _piece(self, piece: str, set_bits: int) -> int:
        known = self._bits.get(piece)
        if known is None:
            drawn = self._token(f"{PURPOSE} bloom", piece)
            known = 0
            for place in range(set_bits):
                known |= 1 << (int.from_bytes(drawn[2 * place : 2 * place + 2]) % BITS)
            if len(self._bits) < REMEMBERED:
                self._bits[piece] = known
        return known


def _pieces(person: Particulars) -> Iterator[tuple[str, int]]:
    """What sets bits, and how many each (at most 8)."""
    for word in person.words:
        edged = f"_{word}_"
        for place in range(len(edged) - 1):
            yield f"w {edged[place : place + 2]}", 3
        yield f"s {skeleton(word)}", 8
    year, month, day = person.birth
    if year:
        yield f"y {year}", 8
        yield f"y {year // 10}", 2
    for part in {month, day} - {None}:
        yield f"d {part}", 5
    if month and day:
        yield f"m {min(month, day)} {max(month, day)}", 5
    for kind, text in (("t", person.phone), ("e", person.mail), ("i", person.number)):
        if text:
            yield f"{kind} {text}", 8
    if person.postcode:
        yield f"p {person.postcode}", 6
    for word in person.street.split():
        yield f"a {word}", 4
