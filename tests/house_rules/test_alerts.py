"""An alert that can never fire, or that nobody knows what to do about, is worse than none."""

import re
from typing import Any

import pytest
import yaml

from infra.chassis.metrics import Metrics
from tests.support.source import ROOT

ALERTS: list[dict[str, Any]] = yaml.safe_load((ROOT / "infra/prometheus/alerts.yaml").read_text())["groups"][0]["rules"]
INSTRUMENTS = sorted(name for name in vars(Metrics("any")) if name not in {"service", "registry"})
SAMPLE = re.compile(r"\blotse_\w+")


def exported() -> set[str]:
    """The names of all samples that a service can export."""
    names = set()
    for family in Metrics("any").registry.collect():
        suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}.get(family.type, [""])
        names |= {family.name + suffix for suffix in suffixes}
    return names


def unset(instruments: list[str], sources: list[str]) -> list[str]:
    """The instruments that no code touches: they would show 0 whatever happens."""
    return [name for name in instruments if not any(re.search(rf"\.{name}\b", text) for text in sources)]


def _sources() -> list[str]:
    files = [*(ROOT / "infra/chassis").rglob("*.py"), *(ROOT / "services").rglob("*.py")]
    return [file.read_text() for file in files if file.name != "metrics.py"]


def test_every_instrument_is_set_somewhere() -> None:
    assert unset(INSTRUMENTS, _sources()) == []


def test_an_instrument_that_nobody_sets_is_found() -> None:
    assert unset(["http_requests", "moon_phase"], ["self.metrics.http_requests.labels()"]) == ["moon_phase"]


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_asks_for_what_is_exported(alert: dict[str, Any]) -> None:
    asked = set(SAMPLE.findall(alert["expr"]))
    assert asked <= exported(), f"no service exports {asked - exported()}"


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_leads_to_what_it_means_and_what_to_do(alert: dict[str, Any]) -> None:
    page, _, anchor = alert["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(), re.MULTILINE)
    assert anchor in {heading.lower().replace(" ", "-") for heading in headings}
    assert alert["labels"]["severity"] in {"page", "ticket"}
