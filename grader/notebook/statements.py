"""What each top-level statement of a cell does to names: binds them, changes what they stand for, reads them."""

import ast
import symtable
from collections.abc import Iterator
from typing import NamedTuple

CHANGING = frozenset(  # methods of containers and arrays
    {"add", "append", "appendleft", "clear", "discard", "extend", "fill", "insert", "partition", "pop", "popitem"}
    | {"popleft", "put", "remove", "resize", "reverse", "setdefault", "sort", "update"}
)
AT_ONCE = frozenset({"genexpr", "listcomp", "setcomp", "dictcomp"})
Defining = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Statement(NamedTuple):
    """A top-level statement. cell: index of its cell; line: its first one there, from 1.

    sets: names that it binds in any case; may_set: that it may bind; deletes: that it unbinds. changes: names of
    objects that it changes; calls: names with the methods of theirs that it calls for nothing but their effect. now:
    names that it reads itself; later: those that its functions read when they are called; writes: those of objects that
    these change.
    """

    cell: int
    line: int
    text: str
    node: ast.stmt
    sets: frozenset[str]
    may_set: frozenset[str]
    deletes: frozenset[str]
    changes: frozenset[str]
    calls: frozenset[tuple[str, str]]
    now: frozenset[str]
    later: frozenset[str]
    writes: frozenset[str]

    @property
    def touches(self) -> frozenset[str]:
        """All names that mean something else after it, or whose objects may be different then."""
        return self.sets | self.may_set | self.deletes | self.changes | {name for name, _ in self.calls}


def statements(cell: int, source: str) -> Iterator[Statement]:
    """The statements of a cell. Raises SyntaxError or ValueError if it isn't valid Python."""
    lines = source.encode().split(b"\n")
    for node in ast.parse(source).body:
        first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
        yield _statement(cell, first, _text(lines, node, first), node)


def _text(lines: list[bytes], node: ast.stmt, first: int) -> str:
    assert node.end_lineno is not None
    text = lines[first - 1 : node.end_lineno]
    text[-1] = text[-1][: node.end_col_offset]
    if first == node.lineno:
        text[0] = text[0][node.col_offset :]
    return b"\n".join(text).decode()


def _statement(cell: int, line: int, text: str, node: ast.stmt) -> Statement:
    scopes = _Scopes(symtable.symtable(text, "cell", "exec"))
    simple, deletes = _sets(node), frozenset(_deleted(node))
    changes, calls = _effects(_executed(node))
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        changes.add(node.target.id)  # it needs what was there before, which `sets` would say it replaces
    bound = scopes.bound - simple - deletes - changes
    now = (scopes.now | _shadowed(node) | changes | {name for name, _ in calls}) - {""}
    inside, called = _effects(_in_functions(node))
    written = inside | {name for name, method in called if method in CHANGING} | scopes.written
    return Statement(
        cell,
        line,
        text,
        node,
        simple,
        frozenset(bound),
        deletes,
        frozenset(changes),
        frozenset(calls),
        frozenset(now),
        frozenset(scopes.later),
        frozenset(written),
    )


class _Scopes:
    """Names as the compiler sees them. now: read by the statement itself, later: by its functions."""

    def __init__(self, top: symtable.SymbolTable) -> None:
        symbols = top.get_symbols()
        self.bound = {one.get_name() for one in symbols if one.is_assigned() or one.is_imported() or one.is_namespace()}
        self.now = {one.get_name() for one in symbols if one.is_referenced()}
        self.later: set[str] = set()
        self.written: set[str] = set()
        for child in top.get_children():
            self._visit(child, self.now)

    def _visit(self, table: symtable.SymbolTable, reads: set[str]) -> None:
        if table.get_type() == "function" and table.get_name() not in AT_ONCE:
            reads = self.later
        for symbol in table.get_symbols():
            if symbol.is_global() and symbol.is_referenced():
                reads.add(symbol.get_name())
            if symbol.is_declared_global() and symbol.is_assigned():
                self.written.add(symbol.get_name())
        for child in table.get_children():
            self._visit(child, reads)


def _sets(node: ast.stmt) -> frozenset[str]:
    """Names that a simple statement binds; a compound one may or may not."""
    if isinstance(node, DEFINING):
        return frozenset({node.name})
    if isinstance(node, ast.Import):
        return frozenset(alias.asname or alias.name.split(".")[0] for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return frozenset(alias.asname or alias.name for alias in node.names) - {"*"}
    if isinstance(node, ast.Assign) or (isinstance(node, ast.AnnAssign) and node.value):
        return frozenset(name for target in _targets(node) for name in _stored(target))
    return frozenset()


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, (ast.Assign, ast.Delete)):
        return node.targets
    if isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.For, ast.AsyncFor)):
        return [node.target]
    return []


def _stored(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Starred):
        yield from _stored(target.value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _stored(element)


def _deleted(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Delete):
        for target in node.targets:
            yield from _stored(target)


def _effects(nodes: Iterator[ast.AST]) -> tuple[set[str], set[tuple[str, str]]]:
    """Names of objects that these change by assignment, and methods that are called for their effect."""
    changes, calls = set(), set()
    for node in nodes:
        for target in _targets(node):
            for part in ast.walk(target):
                if isinstance(part, (ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load):
                    changes.add(_root(part))
        if isinstance(node, ast.Expr) and isinstance(call := node.value, ast.Call):
            if isinstance(call.func, ast.Attribute):
                calls.add((_root(call.func), call.func.attr))
            elif isinstance(call.func, ast.Name) and call.func.id in ("setattr", "delattr") and call.args:
                changes.add(_root(call.args[0]))
    return changes - {""}, {(name, method) for name, method in calls if name}


def _root(node: ast.expr) -> str:
    """`a` of `a.b[0].c`; empty if it begins otherwise."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all in it that runs with it: what is in functions and classes doesn't, or is theirs."""
    yield node
    if not isinstance(node, (*DEFINING, ast.Lambda)):
        for child in ast.iter_child_nodes(node):
            yield from _executed(child)


def _in_functions(node: ast.AST) -> Iterator[ast.AST]:
    for inner in ast.walk(node):
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for statement in inner.body:
                yield from ast.walk(statement)


def _shadowed(node: ast.stmt) -> frozenset[str]:
    """Globals that a class reads although it binds the same names, as `EPS = EPS` does in a class."""
    if not isinstance(node, ast.ClassDef):
        return frozenset()
    found: set[str] = set()
    bound: set[str] = set()
    for inner in node.body:
        if isinstance(inner, (ast.Assign, ast.AnnAssign)) and inner.value:
            names = {name for target in _targets(inner) for name in _stored(target)}
            read = {part.id for part in ast.walk(inner.value) if isinstance(part, ast.Name)}
            found |= (names & read) - bound
            bound |= names
    return frozenset(found)
