"""Reading a YAML file of the contracts so that every mistake names the file, the line and the field.

Knows no programme and no law: those are the models in `programmes/` and `work_rights/`.
"""

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

Location = tuple[str | int, ...]
"""Where something stands in a file: the keys and positions that lead to it."""


class FileError(ValueError):
    """A mistake in a file. `line` counts from 1, `field` reads like `stages[0].steps[2].owner`."""

    def __init__(self, file: str, line: int, field: str, problem: str) -> None:
        super().__init__(f"{file}, line {line}, {field or 'the whole file'}: {problem}")
        self.file = file
        self.line = line
        self.field = field
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Problem:
    """What a model finds wrong with itself beyond the types: a reference into nothing, a name given twice."""

    at: Location
    what: str


class Part(BaseModel):
    """A part of a file: immutable, and a field that nobody knows is a mistake, not a remark."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Whole(Part):
    """A whole file. `problems` looks at what only the whole can tell."""

    def problems(self) -> Iterable[Problem]:
        """Everything that contradicts itself; none for a sound file."""
        return ()


W = TypeVar("W", bound=Whole)


_Safe: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's, where it is there: several times as fast."""


class _Loader(_Safe):  # type: ignore[misc]
    """Safe YAML in which `yes`, `no`, `on` and `off` stay words: they are answers here, not truth values."""


_BOOL: Final = "tag:yaml.org,2002:bool"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOL]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|false)$"), list("tf"))

_PLAIN: Final = {
    "missing": "this field is required",
    "extra_forbidden": "there is no such field",
    "union_tag_not_found": "say which kind it is",
}


def read(path: Path, model: type[W], error: type[FileError]) -> W:
    """The file's content, checked.

    Raises `error` (a kind of `FileError`) for one mistake, unknown fields first, then in the order of the lines, and
    `OSError` when the file can't be read.
    """
    data, lines = _parse(path, error)
    try:
        whole = model.model_validate(data)
    except ValidationError as invalid:
        found = invalid.errors()
        # A misspelt field is unknown in one place and missing in another: the first of the two is the mistake.
        unknown = [one for one in found if one["type"] == "extra_forbidden"]
        mistakes = [
            (*_place(one["loc"], lines), _PLAIN.get(one["type"], one["msg"].removeprefix("Value error, ")))
            for one in unknown or found
        ]
    else:
        mistakes = [(*_place(problem.at, lines), problem.what) for problem in whole.problems()]
        if not mistakes:
            return whole
    line, field, what = min(mistakes, key=lambda mistake: mistake[0])
    raise error(path.name, line, field, what)


def _parse(path: Path, error: type[FileError]) -> tuple[Any, dict[Location, int]]:
    loader = _Loader(path.read_text(encoding="utf-8"))
    try:
        node = loader.get_single_node()
        if node is None:
            raise error(path.name, 1, "", "the file is empty")
        lines: dict[Location, int] = {}
        _note_lines(node, (), lines, path.name, error)
        return loader.construct_document(node), lines
    except yaml.MarkedYAMLError as broken:
        mark = broken.problem_mark
        raise error(path.name, mark.line + 1 if mark else 1, "", f"no valid YAML: {broken.problem}") from broken
    finally:
        loader.dispose()


def _note_lines(node: yaml.Node, at: Location, lines: dict[Location, int], file: str, error: type[FileError]) -> None:
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            _note_lines(item, (*at, position), lines, file, error)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner: Location = (*at, str(key.value))
            line = key.start_mark.line + 1
            if inner in lines:
                raise error(file, line, _written(inner), "this field is given twice")
            lines[inner] = line
            _note_lines(value, inner, lines, file, error)


def _place(loc: Iterable[Hashable], lines: dict[Location, int]) -> tuple[int, str]:
    """Line and field of a location, leaving out what pydantic adds to it (the names of variants)."""
    parts = [part for part in loc if isinstance(part, str | int)]
    known: Location = ()
    for part in parts:
        if (*known, part) in lines:
            known = (*known, part)
    absent = parts[-1:] if parts and parts[-1] not in known[-1:] and isinstance(parts[-1], str) else []
    return lines[known], _written((*known, *absent))


def _written(at: Location) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).removeprefix(".")
