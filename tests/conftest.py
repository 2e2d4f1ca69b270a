"""What every test shares: asyncio under anyio's plugin, the dear servers, and who runs beside whom.

A fixture that lasts is known here, not imported into the files that use it: there it would be another one for each.
"""

import os
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import pytest

from tests.support.browser import browser
from tests.support.kafka import broker, secured_kafka
from tests.support.left_out import told
from tests.support.postgres import postgres
from tests.support.region import region

__all__ = ["broker", "browser", "postgres", "region", "secured_kafka"]

SHARED: Final[Mapping[str, tuple[str, ...]]] = {
    "broker": ("tests/integration/bus/test_kafka_", "tests/faults/test_named_points.py"),
    "matrices": ("tests/matrix/",),
    "keycloak": ("tests/integration/identity/test_keycloak_",),
    "played": ("tests/security/",),
    "real_region": ("tests/realstack/",),
}
"""Session fixtures that take longer to start than a second process of tests would gain, and where they are used."""
FIRST: Final = ("real_region", "broker", "keycloak")
"""What takes long begins first, so that nothing is the last to run alone."""
LAST: Final = "played"
"""Its many processes stay until the end of the run."""
ALONE: Final = (
    "tests/realstack/",
    "tests/faults/",
    "tests/integration/bus/test_kafka_",
    "tests/integration/identity/test_keycloak_",
    "tests/integration/chassis/test_bus_away.py",
    "tests/integration/chassis/test_health.py",
    "tests/integration/test_grants_stale.py",
    "tests/journeys/test_notifications_stream.py",
    "tests/journeys/test_suspension.py",
    "tests/journeys/test_webhooks_",
)
"""Tests that hold promises in seconds, or that start servers which leave no core to anybody else."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--part",
        choices=["beside", "alone"],
        help="only the tests that bear others beside them, or only those that do not (see ALONE); else all",
    )


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


def home(nodeid: str) -> str:
    """Tests of one home stay in one process, in order: a file, or all the files that share a dear fixture."""
    file = nodeid.partition("::")[0]
    return next((name for name, places in SHARED.items() if file.startswith(places)), file)


def own_servers(item: pytest.Item) -> list[str]:
    """Fixtures that last for the whole run and are known to this test's file alone: each such file starts another."""
    known = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
    return [
        name for name, made in known.items() for one in made if one.scope == "session" and one.baseid.endswith(".py")
    ]


def turn(home_: str) -> int:
    """The first, then all others as they stand, then the last.

    In a single process the quick ones come before all: whoever waits learns soonest, and no server imports anything
    beside them, which would change what hypothesis draws.
    """
    if home_.startswith("tests/unit/") and "PYTEST_XDIST_WORKER" not in os.environ:
        return -1
    if home_ in FIRST:
        return FIRST.index(home_)
    return len(FIRST) + (home_ == LAST)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        for name in SHARED.keys() & set(getattr(item, "fixturenames", ())):
            if home(item.nodeid) != name:
                raise pytest.UsageError(f"{item.nodeid} uses {name}: name its file in SHARED, in {__file__}")
        for name in own_servers(item):
            raise pytest.UsageError(f"{item.nodeid} has a {name} of its own for the whole run: import it in {__file__}")
    if (part := config.getoption("part")) is not None:
        other = [item for item in items if item.nodeid.startswith(ALONE) != (part == "alone")]
        config.hook.pytest_deselected(items=other)
        items[:] = [item for item in items if item.nodeid.startswith(ALONE) == (part == "alone")]
    items.sort(key=lambda item: turn(home(item.nodeid)))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A part of a selection (`-k`) may be empty; the other part then has it."""
    if session.config.getoption("part") is not None and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Several processes of tests share the work by `home`."""
    from xdist.scheduler import LoadFileScheduling

    class ByHome(LoadFileScheduling):  # type: ignore[misc] # has no types
        def _split_scope(self, nodeid: str) -> str:
            return home(nodeid)

    config.option.loadscopereorder = False
    return ByHome(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was left out, in one line per reason: pytest's own list has one per test."""
    reasons = Counter(str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", ()))
    for line in told(reasons):
        terminalreporter.write_line(line, yellow=True)
