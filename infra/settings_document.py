"""Writes `docs/settings.md` from the settings classes: what can be set, its default and what it means."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from infra.chassis.service import Service
from infra.chassis.settings import ServiceSettings
from services.desk.settings import DeskSettings

_HEAD: Final = """# Settings

Written from the code by `lotse contracts`. Every value is an environment variable, or a file of that name in the folder
that `LOTSE_SECRETS_DIR` names. A secret has no default.

## Every service

The prefix is the service's name: `INTAKE_DATABASE_URL`, `MATCHING_DATABASE_URL` and so on.
"""
_COLUMNS: Final = "| variable | default | what it is |\n| --- | --- | --- |"


def describe(services: Sequence[Service]) -> str:
    """The whole page."""
    parts = [_HEAD, _table("<SERVICE>_", ServiceSettings.model_fields)]
    for service in services:
        own = own_fields(service.settings)
        parts.append(f"\n## {service.name}\n")
        prefix = service.settings.model_config.get("env_prefix", "")
        parts.append(_table(prefix, own) if own else "Nothing beyond these.")
    parts += ["\n## desk\n", _table("DESK_", DeskSettings.model_fields)]
    return "\n".join(parts) + "\n"


def own_fields(settings: type[ServiceSettings]) -> dict[str, FieldInfo]:
    """What a service adds to, or says otherwise than, the settings of all."""
    common = ServiceSettings.model_fields
    return {name: field for name, field in settings.model_fields.items() if repr(field) != repr(common.get(name))}


def undescribed(settings: type[BaseSettings]) -> list[str]:
    """Fields without a description."""
    return [name for name, field in settings.model_fields.items() if not (field.description or "").strip()]


def _table(prefix: str, fields: dict[str, FieldInfo]) -> str:
    return "\n".join([_COLUMNS, *_rows(prefix, fields)])


def _rows(prefix: str, fields: dict[str, FieldInfo]) -> Iterator[str]:
    for name, field in fields.items():
        meaning = (field.description or "").replace("|", "\\|")
        yield f"| `{prefix}{name.upper()}` | {_default(field)} | {meaning} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value: Any = field.get_default(call_default_factory=False)
    if value is None:
        return "unset"
    return "unset" if isinstance(value, SecretStr) else f"`{value}`"
