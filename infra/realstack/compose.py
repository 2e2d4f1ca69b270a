"""Reads `docker-compose.yml`: what our own containers run, with which settings and secrets, and after whom.

The file itself is the truth; nothing of it is repeated here. Only what our own services use of Compose is understood.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

FILE: Final = Path(__file__).parents[2] / "docker-compose.yml"
HEALTHY: Final = "service_healthy"
COMPLETED: Final = "service_completed_successfully"

_VARIABLE: Final = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Z_]+)(?::-(?P<default>[^}]*))?\})")


@dataclass(frozen=True, slots=True)
class Part:
    """One container of ours."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    secrets: tuple[str, ...]
    after: Mapping[str, str]
    """Container -> what it must have reached: healthy, or completed."""
    once: bool
    """Does its work and ends."""
    probe: str | None
    """The address that its health check asks."""


def read(variables: Mapping[str, str] | None = None, file: Path = FILE) -> dict[str, Any]:
    """The file with `${NAME:-default}` filled in. Raises LookupError for a variable that has neither."""
    document: dict[str, Any] = yaml.safe_load(_filled_in(file.read_text(encoding="utf-8"), variables or {}))
    return document


def ours(document: Mapping[str, Any]) -> dict[str, Part]:
    """Our own containers, those that run Python over this tree, by name."""
    return {
        name: Part(
            name,
            (*service.get("entrypoint", ()), *service["command"]),
            {key: str(value) for key, value in service.get("environment", {}).items()},
            tuple(service.get("secrets", ())),
            {other: wanted["condition"] for other, wanted in service.get("depends_on", {}).items()},
            service["restart"].startswith("on-failure"),
            _probe(service.get("healthcheck", {})),
        )
        for name, service in document["services"].items()
        if "python" in (service.get("command", [""])[0], service.get("entrypoint", [""])[0])
    }


def _probe(check: Mapping[str, Any]) -> str | None:
    return next((word for word in check.get("test", ()) if word.startswith("http://")), None)


def _filled_in(text: str, variables: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        if found["dollar"]:
            return "$"
        given = variables.get(found["name"]) or found["default"]
        if given is None:
            raise LookupError(f"docker-compose.yml needs {found['name']}, which has no default")
        return given

    return _VARIABLE.sub(value, text)
