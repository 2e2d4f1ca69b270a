"""Reads and checks the programme templates beside this file."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from contracts.programmes.template import Programme
from contracts.vocabulary import ProgrammeRef
from contracts.yaml_file import FileError, read

FOLDER: Final = Path(__file__).parent


class TemplateError(FileError):
    """A programme template that can't be used; names file, line and field."""


def load(path: Path) -> Programme:
    """One template. Raises `TemplateError` for the first mistake, `OSError` when the file can't be read.

    The file is called `<id>.yaml`, or `<id>@<version>.yaml` for a version kept for the journeys that run on it.
    """
    programme = read(path, Programme, TemplateError)
    if path.stem not in (programme.id, programme.ref):
        raise TemplateError(
            path.name, 1, "id", f"a file of this name can't hold {programme.ref}: call it {programme.id}.yaml"
        )
    return programme


def load_folder(folder: Path) -> Mapping[ProgrammeRef, Programme]:
    """Every template of a folder by its reference. Raises `TemplateError`, also for a version that is there twice."""
    programmes: dict[ProgrammeRef, Programme] = {}
    for path in sorted(folder.glob("*.yaml")):
        programme = load(path)
        if programme.ref in programmes:
            raise TemplateError(path.name, 1, "version", f"another file holds {programme.ref} already")
        programmes[programme.ref] = programme
    return MappingProxyType(programmes)


@cache
def all_programmes() -> Mapping[ProgrammeRef, Programme]:
    """The templates of this release by `id@version`; read once per process."""
    return load_folder(FOLDER)
