"""Draws the secrets of a deployment: one file each, as `docker-compose.yml` names them.

Random where a secret is ours alone; an address with a random password where a role of PostgreSQL has one. The same two
roles enter both databases of a service, so their addresses share the passwords.
"""

import base64
import os
from collections.abc import Iterable
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

POSTGRES: Final = "postgres:5432"
FOLDER: Final = "secrets"
LEFT_TO_THE_OPERATOR: Final = {"notifications_smtp_url": "smtp://mail:1025"}
"""What only the operator knows, with what stands there until he has said it."""


def draw(names: Iterable[str], folder: Path) -> list[str]:
    """Make each secret that is missing in `folder`; the names of those that were made. What is there stays.

    The folder is closed to other users of this machine. The files in it are not: containers get them one by one, and
    read them as users of their own.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = []
    for name in names:
        file = folder / name
        if not file.exists():
            _write(file, _text(name, folder))
            made.append(name)
    return made


def _text(name: str, folder: Path) -> str:
    service, _, kind = name.partition("_")
    if name in LEFT_TO_THE_OPERATOR:
        return LEFT_TO_THE_OPERATOR[name]
    if name == "postgres_admin_url":
        return f"postgresql://postgres:{_kept('postgres_password', folder)}@{POSTGRES}/postgres"
    match kind:
        case "master_key":
            return base64.b64encode(os.urandom(32)).decode()
        case "database_url" | "owner_database_url":
            return _address(service, kind, token_urlsafe(24))
        case "keys_database_url" | "keys_owner_database_url":
            kin = kind.removeprefix("keys_")
            return _kept(f"{service}_{kin}", folder).replace(f"/lotse_{service}", f"/lotse_{service}_keys")
        case _:
            return token_urlsafe(24)


def _address(service: str, kind: str, password: str) -> str:
    role = f"{service}_owner" if kind.startswith("owner_") else service
    return f"postgresql://{role}:{password}@{POSTGRES}/lotse_{service}"


def _kept(name: str, folder: Path) -> str:
    """A secret that another one is made from, drawn first if need be."""
    draw([name], folder)
    return (folder / name).read_text(encoding="utf-8")


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o644)
