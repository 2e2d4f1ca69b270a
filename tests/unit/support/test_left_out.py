"""What this machine can't run is left out in one line; with CI=true it is a failure that names the program."""

import pytest

from tests.support.left_out import needs, told


def test_tests_whose_programs_are_there_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert needs("sh").args == (False,)


def test_tests_whose_program_is_missing_are_left_out_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    mark = needs("sh", "no-such-program")
    assert mark.args == (True,)
    assert mark.kwargs["reason"] == "left out, because this machine has no no-such-program"


def test_with_ci_leaving_out_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="install no-such-program"):
        needs("sh", "no-such-program")


def test_what_was_left_out_is_one_line_per_reason() -> None:
    reasons = {"Skipped: left out, because this machine has no java": 71, "Skipped: no reason given": 1}
    assert list(told(reasons)) == ["71 tests left out, because this machine has no java", "1 test no reason given"]
