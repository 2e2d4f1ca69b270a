"""What every test shares: asyncio under anyio's plugin, and who runs beside whom."""

from collections import Counter
from typing import Final

import pytest

from tests.support.left_out import told
from tests.support.real_region import real_region

__all__ = ["real_region"]

DEAR: Final = ("played", "broker", "keycloak", "real_region")
"""Session fixtures that take longer to start than a second process of tests would gain."""


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several processes of tests a file stays in one, and so do all users of a dear fixture, which begin first."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_home(item)))
    items.sort(key=lambda item: _home(item) not in DEAR)


def _home(item: pytest.Item) -> str:
    used = getattr(item, "fixturenames", ())
    return next((name for name in DEAR if name in used), str(item.path))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was left out, in one line per reason: pytest's own list has one per test."""
    reasons = Counter(str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", ()))
    for line in told(reasons):
        terminalreporter.write_line(line, yellow=True)
