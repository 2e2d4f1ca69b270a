"""Made-up people for load: many different names, so that duplicates are as rare as among real people."""

import json
import random
from typing import Final

SYLLABLES: Final = (
    "a", "ba", "da", "el", "fa", "ha", "im", "ja", "ka", "la", "ma", "na", "ol", "ra", "sa", "ta", "ur", "ya", "zu",
    "mi", "no", "re", "shi", "to", "va", "ze", "gha", "kha", "dou", "bek",
)  # fmt: skip


def body(number: int) -> bytes:
    """The `number`-th registration; the same one in every run."""
    source = random.Random(number)
    given, family = (
        "".join(source.choices(SYLLABLES, k=source.randint(2, 3))).capitalize() + suffix for suffix in ("", "i")
    )
    person = {
        "identity": {
            "given_name": given,
            "family_name": family,
            "birth": {"year": source.randint(1955, 2005), "month": source.randint(1, 12), "day": source.randint(1, 28)},
        },
        "contact": {"phone": f"+49 30 {source.randint(1000000, 9999999)}"},
        "language": source.choice(["ar", "uk", "ti", "fa"]),
    }
    return json.dumps(person).encode()
