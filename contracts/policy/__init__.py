"""Who may do what, as Cedar policies that a data-protection officer can read. One file per role, and one for
what is kept beside the record.

`schema.cedarschema` names every action there is; `load()` gives both as text. Nothing is allowed that no policy
permits.
"""

from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent


@cache
def load() -> tuple[str, str]:
    """(all policies, the schema)"""
    policies = "\n".join(path.read_text() for path in sorted(FOLDER.glob("*.cedar")))
    return policies, (FOLDER / "schema.cedarschema").read_text()
