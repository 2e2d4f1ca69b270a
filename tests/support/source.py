"""The project's own source as syntax trees, for rules about what code may say."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

Sources = dict[str, ast.Module]
"""Path below the root -> syntax tree."""


def parsed(**files: str) -> Sources:
    """Made-up files: `a__b="import x"` stands for `a/b.py`."""
    return {name.replace("__", "/") + ".py": ast.parse(text) for name, text in files.items()}


@cache
def sources(*folders: str) -> Sources:
    """All Python files below these folders."""
    files = (file for folder in folders for file in sorted((ROOT / folder).rglob("*.py")))
    return {file.relative_to(ROOT).as_posix(): ast.parse(file.read_text(encoding="utf-8")) for file in files}


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, module or module.name) of everything that a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """(call, dotted name as written) of every call of a name, e.g. `datetime.now`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := dotted(node.func)):
            yield node, name


def dotted(node: ast.expr) -> str:
    """`a.b.c` as written; of a call or another expression only what follows it."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}".removeprefix(".") if isinstance(node, ast.Attribute) else ""
