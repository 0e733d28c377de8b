"""Other names of what statements change: `d = c`, `row = W[0]`, `for layer in net.layers`."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from grader.notebook.statements import History, Statement, changing, executed, stored

PARTS = frozenset(  # methods that give what an object holds, or see it in another form
    {"children", "detach", "get", "items", "modules", "named_parameters", "parameters", "ravel", "reshape", "squeeze"}
    | {"swapaxes", "transpose", "values", "view"}
)
PASSING = frozenset({"enumerate", "iter", "list", "reversed", "sorted", "tuple", "zip"})
FIXED = (int, float, complex, str, bytes, type(None))  # what nothing can change


def by_other_names(one: Statement, index: int, history: History, namespace: Mapping[str, Any]) -> Statement:
    """The statement with changes of what its names are other names of, or parts of."""

    def origins(name: str) -> set[str]:
        return {other for other in _origins(name, index, history) if not isinstance(namespace.get(other), FIXED)}

    changes = one.changes.union(*map(origins, one.changes))
    for name, method in one.calls:
        if changing(method):  # that of a class or a function counts, if it isn't called by that name
            changes |= {other for other in origins(name) if not history.imported(other, index)}
    calls = {(other, method) for name, method in one.calls for other in origins(name)}
    return one._replace(changes=changes - one.sets, calls=one.calls | calls)


def _origins(name: str, index: int, history: History, seen: frozenset[str] = frozenset()) -> frozenset[str]:
    """What else holds, or is, the object that a name stands for when statement `index` is run."""
    at = history.binder(name, index + 1)
    if at == index and name in history.statements[index].sets:
        at = history.binder(name, index)
    if at is None:
        return frozenset()
    nodes = executed(history.statements[at].node)
    near = {origin for node in nodes for origin in _bound_to(name, node)} - seen - {name}
    return frozenset(near).union(*(_origins(origin, at, history, seen | near | {name}) for origin in near))


def _bound_to(name: str, node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Assign):
        targets, value = node.targets, node.value
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        targets, value = [node.target], node.iter
    else:
        return
    if any(name in stored(target) for target in targets):
        yield from _held(value)


def _held(value: ast.expr) -> Iterator[str]:
    """Names of what an expression gives, or gives parts of."""
    if isinstance(value, (ast.Attribute, ast.Subscript, ast.Starred)):
        yield from _held(value.value)
    elif isinstance(value, ast.Name):
        yield value.id
    elif isinstance(value, (ast.Tuple, ast.List, ast.Set)):
        for element in value.elts:
            yield from _held(element)
    elif isinstance(value, ast.Dict):
        for element in value.values:
            yield from _held(element)
    elif isinstance(value, ast.Call):
        if isinstance(value.func, ast.Attribute) and value.func.attr in PARTS:
            yield from _held(value.func.value)
        elif isinstance(value.func, ast.Name) and value.func.id in PASSING:
            for element in value.args:
                yield from _held(element)
