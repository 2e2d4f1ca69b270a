"""What the data-protection and security pages say of the software is proved: each item names a test that is there.

An item is one of three: proved by tests, the agencies' to decide (*Yours:*), or not there yet (*Not there yet:*).
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.support.source import ROOT

PAGES = [*sorted((ROOT / "docs/data-protection").glob("*.md")), ROOT / "docs/security.md", ROOT / "docs/privacy.md"]
OPEN = ("*Yours:*", "*Not there yet:*")
ITEM = re.compile(r"^(?:- |\d+\. )(.*(?:\n {2,}\S.*)*)", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/.]+)(?:::(\w+))?`")


def faults_of(text: str, *, strict: bool = True) -> list[str]:
    """Items without a proof, and proofs that are not there. Unless `strict`, an item may do without."""
    found = [
        f"{file}::{test}: no such test is collected" for file, test in NAMED.findall(text) if not there(file, test)
    ]
    for item in ITEM.findall(text) if strict else ():
        if not item.startswith(OPEN) and not NAMED.search(item):
            found.append(f"names no test, and is neither {OPEN[0]} nor {OPEN[1]}: {item.splitlines()[0][:80]}")
    return found


def there(file: str, test: str = "") -> bool:
    """Whether pytest collects this file, or folder, and this test in it."""
    path = ROOT / file
    if "independence" in path.parts:
        return False
    if path.is_dir():
        return not test and any(path.rglob("test_*.py"))
    return path.is_file() and path.name.startswith("test_") and (not test or test in collected_in(path))


@cache
def collected_in(path: Path) -> frozenset[str]:
    """The tests of a file, those of its classes, too."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, functions) and node.name[:5] == "test_")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_sentence_about_behaviour_names_a_test_that_is_there(page: Path) -> None:
    """`privacy.md` names its proofs file by file, some of them relative; only that they are there is asked of it."""
    assert faults_of(page.read_text(encoding="utf-8"), strict=page.stem != "privacy") == []


def test_each_page_has_proofs() -> None:
    """Else the rule would hold for nothing."""
    few = {page.stem: len(NAMED.findall(page.read_text(encoding="utf-8"))) for page in PAGES if page.stem != "README"}
    assert min(few.values()) >= 5, few


def test_a_sentence_without_a_proof_is_found() -> None:
    assert faults_of("- Nobody sees anything.\n") == [
        "names no test, and is neither *Yours:* nor *Not there yet:*: Nobody sees anything."
    ]
    assert faults_of("- *Yours:* the rest.\n") == []


def test_a_proof_that_is_not_there_is_found() -> None:
    assert faults_of("- A (`tests/nowhere.py::test_a`).\n") == ["tests/nowhere.py::test_a: no such test is collected"]
    here = "tests/house_rules/test_proofs.py"
    assert faults_of(f"- A (`{here}::test_nothing`).\n") == [f"{here}::test_nothing: no such test is collected"]
    assert faults_of(f"- A\n  (`{here}::test_each_page_has_proofs`).\n") == []
