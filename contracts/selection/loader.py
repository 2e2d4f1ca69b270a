"""Reads and checks the selection procedures beside this file."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from contracts.selection.procedure import Procedure
from contracts.vocabulary import ProgrammeRef
from contracts.yaml_file import FileError, read

FOLDER: Final = Path(__file__).parent


class ProcedureError(FileError):
    """A selection procedure that can't be used; names file, line and field."""


def load(path: Path) -> Procedure:
    """One procedure. Raises `ProcedureError` for the first mistake, `OSError` when the file can't be read.

    The file is called `<id>.yaml`, or `<id>@<version>.yaml` for a version kept for the answers that were given to it.
    """
    procedure = read(path, Procedure, ProcedureError)
    if path.stem not in (procedure.id, procedure.ref):
        what = f"a file of this name can't hold {procedure.ref}: call it {procedure.id}.yaml"
        raise ProcedureError(path.name, 1, "id", what)
    return procedure


@cache
def all_procedures() -> Mapping[ProgrammeRef, Procedure]:
    """The procedures of this release by `id@version`; read once per process. Raises `ProcedureError`."""
    found: dict[ProgrammeRef, Procedure] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        procedure = load(path)
        if procedure.ref in found:
            raise ProcedureError(path.name, 1, "version", f"another file holds {procedure.ref} already")
        found[procedure.ref] = procedure
    return MappingProxyType(found)
