"""What each top-level statement of a cell does to names: binds them, changes what they stand for, reads them."""

import ast
import bisect
import symtable
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

CHANGING = frozenset(  # methods of containers and arrays
    {"add", "append", "appendleft", "clear", "discard", "extend", "fill", "insert", "partition", "pop", "popitem"}
    | {"popleft", "put", "remove", "resize", "reverse", "setdefault", "sort", "update"}
)
WRITING = frozenset({"copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask", "shuffle"})  # of modules
AT_ONCE = frozenset({"genexpr", "listcomp", "setcomp", "dictcomp"})
Defining = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Statement(NamedTuple):
    """A top-level statement. cell: index of its cell; line: its first one there, from 1.

    sets: names that it binds in any case; may_set: that it may bind; deletes: that it unbinds. changes: names of
    objects that it changes; calls: names with the methods of theirs that it calls for nothing but their effect; fills:
    globals that functions it calls change, with the name of the function. now: names that it reads itself; later: those
    that its functions read when they are called; writes: those of objects that these change.
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
    fills: frozenset[tuple[str, str]] = frozenset()

    @property
    def touches(self) -> frozenset[str]:
        """All names that mean something else after it, or whose objects may be different then."""
        return self.sets | self.may_set | self.deletes | self.changes | {name for name, _ in self.calls}


class History:
    """Statements in the order in which they were run."""

    def __init__(self, found: Sequence[Statement]) -> None:
        self.statements = found
        self._binders: dict[str, list[int]] = {}
        for index, one in enumerate(found):
            for name in one.sets | one.may_set | one.deletes:
                self._binders.setdefault(name, []).append(index)

    def binder(self, name: str, before: int) -> int | None:
        """The newest one before that one that has bound a name, or may have; None if the name was deleted since."""
        binders = self._binders.get(name, [])
        found = bisect.bisect_left(binders, before)
        return binders[found - 1] if found and name not in self.statements[binders[found - 1]].deletes else None

    def imported(self, name: str, before: int) -> bool:
        """Whether an import bound the name last."""
        found = self.binder(name, before)
        return found is not None and isinstance(self.statements[found].node, (ast.Import, ast.ImportFrom))


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
    changes, calls = effects(executed(node))
    bound = scopes.bound - simple - deletes
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        changes.add(node.target.id)  # it needs what was there before, which `sets` would say it replaces
        bound = bound - {node.target.id}
    now = (scopes.now | _shadowed(node) | changes | {name for name, _ in calls}) - {""}
    inside, called = effects(_in_functions(node))
    written = inside | {name for name, method in called if changing(method)} | scopes.written
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
        return frozenset(name for target in _targets(node) for name in stored(target))
    return frozenset()


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, (ast.Assign, ast.Delete)):
        return node.targets
    if isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.For, ast.AsyncFor)):
        return [node.target]
    return []


def stored(target: ast.expr) -> Iterator[str]:
    """Names that an assignment to this target binds."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Starred):
        yield from stored(target.value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from stored(element)


def _deleted(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Delete):
        for target in node.targets:
            yield from stored(target)


def effects(nodes: Iterable[ast.AST]) -> tuple[set[str], set[tuple[str, str]]]:
    """Names of objects that these change by assignment, and methods that are called for their effect."""
    changes, calls = set(), set()
    for node in nodes:
        for target in _targets(node):
            for part in ast.walk(target):
                if isinstance(part, (ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load):
                    changes.add(root(part))
        if isinstance(node, ast.Call):
            changes |= set(_written(node))
        call = node if isinstance(node, ast.Call) and changing(_method(node)) else for_effect(node)
        if call is not None and _method(call):
            calls.add((root(call.func), _method(call)))
    return changes - {""}, {(name, method) for name, method in calls if name}


def for_effect(node: ast.AST) -> ast.Call | None:
    """The call whose value a statement drops, or puts into `_`."""
    dropped = isinstance(node, ast.Assign) and all(isinstance(to, ast.Name) and to.id == "_" for to in node.targets)
    value = node.value if isinstance(node, ast.Expr) or (dropped and isinstance(node, ast.Assign)) else None
    value = value.value if isinstance(value, ast.Await) else value
    return value if isinstance(value, ast.Call) else None


def changing(method: str) -> bool:
    """Whether methods of this name change their object: those of containers, arrays and, with `_`, tensors do."""
    return method in CHANGING or _in_place(method)


def _in_place(method: str) -> bool:
    return method.endswith("_") and not method.endswith("__")


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _written(call: ast.Call) -> Iterator[str]:
    """Names of what a call changes by its arguments: `setattr(a, ...)`, `np.add(..., out=a)`, `nn.init.zeros_(a)`."""
    for keyword in call.keywords:
        if keyword.arg == "out":
            yield from map(root, keyword.value.elts if isinstance(keyword.value, ast.Tuple) else [keyword.value])
    sets = isinstance(call.func, ast.Name) and call.func.id in ("setattr", "delattr")
    if call.args and (sets or _method(call) in WRITING or _in_place(_method(call))):
        yield root(call.args[0])


def root(node: ast.expr) -> str:
    """`a` of `a.b[0].c`; empty if it begins otherwise."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def executed(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all in it that runs with it: what is in functions and classes doesn't, or is theirs."""
    yield node
    if not isinstance(node, (*DEFINING, ast.Lambda)):
        for child in ast.iter_child_nodes(node):
            yield from executed(child)


def _in_functions(node: ast.AST) -> Iterator[ast.AST]:
    for inner in ast.walk(node):
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for statement in inner.body:
                yield from ast.walk(statement)
        elif isinstance(inner, ast.Lambda):
            yield from ast.walk(inner.body)


def _shadowed(node: ast.stmt) -> frozenset[str]:
    """Globals that a class reads although it binds the same names, as `EPS = EPS` does in a class."""
    if not isinstance(node, ast.ClassDef):
        return frozenset()
    found: set[str] = set()
    bound: set[str] = set()
    for inner in node.body:
        if isinstance(inner, (ast.Assign, ast.AnnAssign)) and inner.value:
            names = {name for target in _targets(inner) for name in stored(target)}
            read = {part.id for part in ast.walk(inner.value) if isinstance(part, ast.Name)}
            found |= (names & read) - bound
            bound |= names
    return frozenset(found)
