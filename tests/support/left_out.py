"""Tests that need a program which this machine may lack: left out in one line here, a failure where CI=true.

Put `pytestmark = needs("java", "mvn")` at the top of the module, or the mark on a test. Nothing else may skip a test.
"""

import os
import shutil
from collections.abc import Iterator, Mapping

import pytest


def needs(*programs: str) -> pytest.MarkDecorator:
    """A mark that leaves the tests out where one of the programs is not on the PATH.

    With `CI=true` nothing may be left out: there, a missing program ends the run at once, by name.
    """
    missing = [program for program in programs if shutil.which(program) is None]
    reason = f"left out, because this machine has no {' and no '.join(missing)}" if missing else ""
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"With CI=true no test may be left out: install {', '.join(missing)}.", pytrace=False)
    return pytest.mark.skipif(bool(missing), reason=reason)


def told(reasons: Mapping[str, int]) -> Iterator[str]:
    """The lines at the end of a run, from reasons as pytest reports them (`Skipped: ...`) and how many tests each."""
    for reason, count in sorted(reasons.items()):
        yield f"{count} {'test' if count == 1 else 'tests'} {reason.removeprefix('Skipped: ')}"
