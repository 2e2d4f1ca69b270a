"""Tests that need a program or data which this machine may lack: left out in one line here, a failure where CI=true.

Put `pytestmark = needs("java", "mvn")` at the top of the module, or the mark on a test. Nothing else may skip a test.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

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


DATA: Final = "LOTSE_TEST_DATA"
"""Names the folder with other people's data that the tests import: `esco`, `hsds`."""


def data(*parts: str) -> Path:
    """A file or folder of the test data."""
    return Path(os.environ[DATA], *parts)


def needs_data() -> pytest.MarkDecorator:
    """A mark that leaves the tests out where `LOTSE_TEST_DATA` names no folder; with `CI=true` the run ends."""
    missing = not Path(os.environ.get(DATA, "nowhere")).is_dir()
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"With CI=true no test may be left out: let {DATA} name the folder of the data.", pytrace=False)
    return pytest.mark.skipif(missing, reason=f"left out, because {DATA} names no folder")


def told(reasons: Mapping[str, int]) -> Iterator[str]:
    """The lines at the end of a run, from reasons as pytest reports them (`Skipped: ...`) and how many tests each."""
    for reason, count in sorted(reasons.items()):
        yield f"{count} {'test' if count == 1 else 'tests'} {reason.removeprefix('Skipped: ')}"
