"""The model solutions, which recipes are made of, and how much code of theirs a recipe goes through."""

import ast
import inspect
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from grader import kit


def solution(stem: str) -> ModuleType:
    return kit.load_module(kit.builtin() / "solutions" / f"{stem}.py", stem)


def lines(*used: Callable[..., Any]) -> int:
    """Lines of code of functions and classes, one for each statement, without comments and docstrings."""
    return sum(_lines(ast.parse(inspect.getsource(definition))) for definition in used)


def named(module: ModuleType, names: Iterable[str]) -> list[Any]:
    return [getattr(module, name) for name in names]


def _lines(tree: ast.Module) -> int:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node):
            del node.body[0]
    return sum(1 for line in ast.unparse(tree).splitlines() if line)
