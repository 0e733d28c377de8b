"""What names stand for in a running session, beside the text that made it: plain values, imports, compiled code."""

import __future__

import ast
import contextlib
import functools
import importlib.machinery
import math
import os
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from grader.fresh import search_path

MOST = 10_000  # values, counting those inside of others, that are written out
LONGEST = 20_000  # characters of a text


def literal(value: object) -> str | None:
    """Python that gives this plain value: numbers, text, containers of them, arrays; None if it is something else."""
    left = [MOST]
    try:
        return _literal(value, left)
    except (_NotPlain, RecursionError):
        return None


class _NotPlain(Exception):
    pass


def _literal(value: Any, left: list[int]) -> str:
    left[0] -= 1
    kind = type(value)
    if left[0] < 0:
        raise _NotPlain
    if value is None or value is Ellipsis or kind in (bool, int, range):
        return repr(value)
    if kind in (str, bytes) and len(value) <= LONGEST:
        return repr(value)
    if kind is float:
        return repr(value) if math.isfinite(value) else f'float("{value}")'
    if kind is complex:
        return f"complex({_literal(value.real, left)}, {_literal(value.imag, left)})"
    if kind is tuple:
        return f"({''.join(_literal(one, left) + ', ' for one in value)})"
    if kind is list:
        return f"[{', '.join(_literal(one, left) for one in value)}]"
    if kind in (set, frozenset):
        return f"{kind.__name__}([{', '.join(_literal(one, left) for one in value)}])"
    if kind is dict:
        return f"{{{', '.join(f'{_literal(k, left)}: {_literal(v, left)}' for k, v in value.items())}}}"
    return _of_numpy(value, left)


def _of_numpy(value: Any, left: list[int]) -> str:
    """An array or a number of numpy's, with its dtype."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not (type(value) is numpy.ndarray or isinstance(value, numpy.generic)):
        raise _NotPlain
    if value.dtype.kind not in "biufc" or value.dtype.itemsize > 16 or value.size > left[0]:
        raise _NotPlain
    made = f'__import__("numpy").array({_literal(value.tolist(), left)}, "{value.dtype.str}")'
    if isinstance(value, numpy.generic):
        return f"{made}[()]"
    return made if value.size else f"{made}.reshape({value.shape})"


def immutable(value: object) -> bool:
    """Whether a plain value can't be changed, only replaced."""
    if type(value) in (tuple, frozenset):
        return all(map(immutable, value))  # type: ignore[call-overload]
    numpy = sys.modules.get("numpy")
    return not (type(value) in (list, dict, set) or (numpy is not None and isinstance(value, numpy.ndarray)))


def imported(name: str, value: Any) -> str | None:
    """The import that gives a module, or what a module has, under this name; None if none does."""
    if isinstance(value, ModuleType):
        known = sys.modules.get(value.__name__) is value
        return f"import {value.__name__} as {name}" if known and value.__name__ != "__main__" else None
    module, called = getattr(value, "__module__", None), getattr(value, "__name__", None)
    if not (isinstance(module, str) and isinstance(called, str)) or module == "__main__":
        return None
    if getattr(sys.modules.get(module), called, None) is not value:
        return None
    return f"from {module} import {called} as {name}"


def exported(module: str) -> frozenset[str]:
    """Names that `from module import *` binds, as far as that module is loaded."""
    found = vars(sys.modules[module]) if module in sys.modules else {}
    return frozenset(found.get("__all__") or (name for name in found if not name.startswith("_")))


def out_of_reach(module: str) -> str | None:
    """The file of a loaded module that no submission can import, as it lies beside the notebook; else None."""
    found = sys.modules.get(module.split(".")[0])
    file = getattr(found, "__file__", None)
    if file is None and found is not None:
        file = next(iter(getattr(found, "__path__", ())), None)
    if not isinstance(file, str) or not file.endswith((".py", ".pyc", *importlib.machinery.EXTENSION_SUFFIXES)):
        return None
    folders = [os.path.join(os.path.realpath(entry), "") for entry in search_path()]  # noqa: PTH118
    return None if os.path.realpath(file).startswith(tuple(folders)) else file


def fits(name: str, value: object, module: str, text: str, cell: str, line: int) -> bool:
    """Whether a statement can have made a function or class that now has this name in this module.

    text: of the statement, which begins at this line of the cell. Only what is surely not from there is refused: the
    code of a plain function, or of a class's own methods, would be somewhere in the statement. Compiled with the whole
    cell it may be other code, and either may have happened: imports in front of it make a difference.
    """
    codes = list(_codes_of(name, value)) if getattr(value, "__module__", None) == module else []
    if not codes:
        return True
    made = _made(text, cell, line, codes[0].co_flags & __future__.annotations.compiler_flag)
    return not made or any(all(any(_same(code, other) for other in way) for code in codes) for way in made)


def makes(code: CodeType, text: str, cell: str, line: int) -> bool:
    """Whether a statement, which begins at this line of a cell, has this code in it."""
    made = _made(text, cell, line, code.co_flags & __future__.annotations.compiler_flag)
    return any(_same(code, other) for way in made for other in way)


@functools.lru_cache(10_000)
def _made(text: str, cell: str, line: int, flags: int) -> tuple[tuple[CodeType, ...], ...]:
    """The code in a statement, compiled alone and with its cell; nothing if one of these can't be."""
    flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT  # as notebooks do
    try:
        alone = tuple(_inside(compile(text, "cell", "exec", flags, dont_inherit=True)))
        whole = tuple(_inside(compile(cell, "cell", "exec", flags, dont_inherit=True)))
    except (SyntaxError, ValueError):
        return ()
    last = line + text.count("\n")
    return alone, tuple(code for code in whole if line <= code.co_firstlineno <= last)


def running(value: object) -> Iterator[CodeType]:
    """The code of functions that an object consists of: its own, those of its class or classes, of what it holds."""
    held: list[object] = [value]
    if isinstance(value, type):
        held = [method for one in value.__mro__ for method in vars(one).values() if one.__module__ == value.__module__]
    elif type(value) in (list, tuple, set, frozenset):
        held = list(value)  # type: ignore[call-overload]
    elif type(value) is dict:
        held = list(value.values())
    for one in held:
        for function in _functions(one):
            yield function.__code__


def _functions(value: object, most: int = 5) -> Iterator[FunctionType]:
    """A function, also one in a method or a property, and those around which it is wrapped."""
    if isinstance(value, property):
        for part in (value.fget, value.fset, value.fdel):
            yield from _functions(part, most)
    elif isinstance(value, (classmethod, staticmethod, MethodType)):
        yield from _functions(value.__func__, most)
    elif isinstance(value, FunctionType):
        yield value
        for cell in (value.__closure__ or ()) if most else ():
            with contextlib.suppress(ValueError):  # it isn't filled
                yield from _functions(cell.cell_contents, most - 1)


def _codes_of(name: str, value: object) -> Iterator[CodeType]:
    """Code that the definition of `name` must contain."""
    if isinstance(value, FunctionType) and value.__code__.co_qualname == name:
        yield value.__code__
    if isinstance(value, type):
        for method in vars(value).values():
            function = getattr(method, "__func__", method)
            if isinstance(function, FunctionType) and function.__code__.co_qualname.startswith(f"{name}."):
                yield function.__code__


def _inside(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _inside(constant)


def _same(one: CodeType, other: CodeType) -> bool:
    """Whether two pieces of code do the same, wherever they stand."""
    facts = [(c.co_qualname, c.co_code, c.co_names, c.co_varnames, c.co_freevars) for c in (one, other)]
    if facts[0] != facts[1]:
        return False
    return len(one.co_consts) == len(other.co_consts) and all(map(_equal, one.co_consts, other.co_consts))


def _equal(one: object, other: object) -> bool:
    if isinstance(one, CodeType) and isinstance(other, CodeType):
        return _same(one, other)
    if isinstance(one, frozenset):
        return one == other
    return (type(one), repr(one)) == (type(other), repr(other))  # 0.0 equals -0.0, and 1 equals True
