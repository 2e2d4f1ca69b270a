"""A decision record ends with the tests that keep it; they must exist, and every record must be listed."""

import re
from collections.abc import Iterable
from pathlib import Path

from tests.support.source import ROOT

DECISIONS = ROOT / "docs/decisions"
PARTS = ("## Context", "## Decision", "## Consequences", "## Enforced by")


def faults_of(records: Iterable[tuple[str, str]], index: str) -> list[str]:
    """Records that lack a part, name no test or one that is not there, or are not in the index."""
    found = []
    for name, text in records:
        found += [f"{name}: lacks {part!r}" for part in PARTS if f"\n{part}\n" not in text]
        enforced = text.partition("## Enforced by")[2]
        files = re.findall(r"`(tests/[\w/.]+)`", enforced)
        found += [] if files else [f"{name}: names no test"]
        found += [f"{name}: {file} is not there" for file in files if not (ROOT / file).exists()]
        sources = [(ROOT / file).read_text() for file in files if (ROOT / file).is_file()]
        named = re.findall(r"`(test_\w+)`", enforced)
        found += [f"{name}: no {test} there" for test in named if not any(f"def {test}(" in s for s in sources)]
        found += [] if f"]({name})" in index else [f"{name}: not in docs/decisions/README.md"]
    return found


def records() -> list[tuple[str, str]]:
    return [(file.name, file.read_text()) for file in sorted(DECISIONS.glob("[0-9]*.md"))]


def test_every_decision_names_the_tests_that_keep_it() -> None:
    assert faults_of(records(), (DECISIONS / "README.md").read_text()) == []


def test_numbers_are_given_once() -> None:
    numbers = [Path(name).name[:4] for name, _ in records()]

    assert len(numbers) == len(set(numbers))
    assert len(numbers) > 5


def test_a_decision_that_nothing_keeps_is_found() -> None:
    wish = "# 9999\n\n## Context\n\n## Decision\n\n## Consequences\n\n## Enforced by\n\n"

    assert faults_of([("9999-a.md", wish + "Good will.\n")], "[9999](9999-a.md)") == ["9999-a.md: names no test"]
    assert faults_of([("9999-a.md", wish + "`tests/nowhere.py`\n")], "") == [
        "9999-a.md: tests/nowhere.py is not there",
        "9999-a.md: not in docs/decisions/README.md",
    ]
    assert faults_of(
        [("9999-a.md", wish + "`tests/house_rules/test_decisions.py` (`test_of_wishes`)\n")], "[9999](9999-a.md)"
    ) == ["9999-a.md: no test_of_wishes there"]
