"""What statements change by way of others: functions they call, decorators, base classes, other names."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from grader.notebook.aliases import FIXED, by_other_names
from grader.notebook.statements import (
    DEFINING,
    Defining,
    History,
    Statement,
    changing,
    effects,
    executed,
    for_effect,
    root,
)

OF_METACLASSES = frozenset({"__init__", "__new__"})


def complete(found: Sequence[Statement], namespace: Mapping[str, Any]) -> list[Statement]:
    """The statements with all they change."""
    history, done = History(found), list[Statement]()
    listed = any("__subclasses__" in one.text for one in found)
    for index, one in enumerate(found):
        changes, fills = _Before(history, index, listed).changes()
        more = {name for name in changes if not isinstance(namespace.get(name), FIXED)}
        done.append(by_other_names(one._replace(changes=one.changes | more, fills=fills), index, history, namespace))
    return done


def filled(found: Sequence[Statement], reached: Collection[str], own: Collection[str]) -> list[Statement]:
    """The statements, with calls that fill globals as changes of these.

    reached: names that are collected anyway: calls of these try them out. own: globals that the collected functions
    change themselves, which start anew.
    """
    return [
        one._replace(changes=one.changes | {name for name, by in one.fills if by not in reached and name not in own})
        for one in found
    ]


class _Before:
    """What was defined when a statement was run, and what that does."""

    def __init__(self, history: History, index: int, listed: bool) -> None:
        """listed: whether somebody asks classes for their subclasses."""
        self._history, self._index, self._listed = history, index, listed
        self._trail: set[tuple[int, int]] = set()

    def changes(self) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
        """The names of the objects that the statement changes, and what it may only try out, as in `Statement`."""
        one, changes, fills = self._history.statements[self._index], set[str](), set[tuple[str, str]]()
        for node in executed(one.node):
            if isinstance(node, DEFINING):
                changes |= self._of_decorators(node)
            if isinstance(node, ast.ClassDef):
                changes |= self._of_bases(node)
                inner = [one for one in node.body if isinstance(one, DEFINING)]
                changes |= {name for one in inner for name in self._of_decorators(one)} - {one.name for one in inner}
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                changes |= self._of_part(node.func)
            if (call := for_effect(node) or _assigned(node)) is not None:
                found, given = self._of_call(call, {}), set(_given(call))
                changes |= found & given
                fills |= {(name, _callee(call)) for name in found - given}
        return frozenset(changes - one.sets - {""}), frozenset(fills)

    def _binder(self, name: str) -> ast.stmt | None:
        """The newest statement that binds a name."""
        index = self._history.binder(name, self._index)
        return None if index is None else self._history.statements[index].node

    def _definition(self, name: str) -> Defining | None:
        """The newest definition of a name, if that is what it stands for."""
        binder = self._binder(name)
        nodes = executed(binder) if binder is not None else ()
        defined = [node for node in nodes if isinstance(node, DEFINING) and node.name == name]
        return defined[-1] if defined else None

    def _of_part(self, function: ast.Attribute) -> set[str]:
        """What has been changed by a method of something inside, as by `SGD.names.append("lr")`."""
        inside = changing(function.attr) and not isinstance(function.value, ast.Name)
        return {root(function)} if inside and not self._history.imported(root(function), self._index) else set()

    def _of_decorators(self, node: Defining) -> set[str]:
        found: set[str] = set()
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else ast.Call(decorator, [], [])
            found |= self._of_call(call, {}, int(call is decorator))
            if isinstance(call.func, ast.Attribute) and not self._is_known(root(call.func), call.func.attr):
                found.add(root(call.func))
        return found - {node.name}

    def _is_known(self, name: str, method: str) -> bool:
        """Whether this method is a module's, or one whose definition tells what it changes."""
        return self._history.imported(name, self._index) or self._method(name, method) is not None

    def _of_bases(self, node: ast.ClassDef) -> set[str]:
        """What a new class tells its bases, and their classes."""
        lineage = list(self._lineage(node))
        hooks = [
            method
            for _, owner, names in lineage
            for method in owner.body
            if isinstance(method, ast.FunctionDef) and method.name in names
        ]
        found = {name for name, *_ in lineage} if hooks or self._listed else set()
        for hook in hooks:
            found |= self._of_function(hook, dict.fromkeys(_parameters(hook), ""), 0)
        return found - {node.name}

    def _lineage(
        self, node: ast.ClassDef, hooks: Collection[str] = ("__init_subclass__",)
    ) -> Iterator[tuple[str, ast.ClassDef, Collection[str]]]:
        """The bases of a class and the classes of these, with the methods of theirs that are called for it."""
        metaclasses = [one.value for one in node.keywords if one.arg == "metaclass"]
        for base in [*node.bases, *metaclasses]:
            found, called = self._definition(root(base)), OF_METACLASSES if base in metaclasses else hooks
            if isinstance(found, ast.ClassDef) and found is not node:
                yield root(base), found, called
                yield from self._lineage(found, called)

    def _of_call(self, call: ast.Call, given: Mapping[str, str], depth: int = 0) -> set[str]:
        """Names whose objects a call changes. given: what parameters stand for; depth: further calls of its value."""
        function = call.func
        if isinstance(function, ast.Call):
            return self._of_call(function, given, depth + 1)
        positional = [given.get(root(one), root(one)) for one in call.args]
        named = {one.arg: given.get(root(one.value), root(one.value)) for one in call.keywords if one.arg}
        if isinstance(function, ast.Attribute):
            return self._of_method(given.get(root(function), root(function)), function.attr, positional, named, depth)
        if not isinstance(function, ast.Name) or function.id in given:
            return set()
        found = self._definition(function.id)
        if isinstance(found, ast.FunctionDef):
            return self._of_function(found, _bound(found, positional, named), depth)
        made = isinstance(found, ast.ClassDef)
        return self._of_method(function.id, "__init__" if made else "__call__", positional, named, 0)

    def _of_method(self, owner: str, name: str, positional: list[str], named: dict[str, str], depth: int) -> set[str]:
        """The same for a method of a class, or of an object of one."""
        method = self._method(owner, name)
        if method is None:
            return set()
        kinds = {root(decorator) for decorator in method.decorator_list}
        of_class = isinstance(self._definition(owner), ast.ClassDef) and "classmethod" not in kinds
        own = [] if "staticmethod" in kinds or (of_class and name != "__init__") else ["" if of_class else owner]
        return self._of_function(method, _bound(method, own + positional, named), depth)

    def _method(self, owner: str, name: str) -> ast.FunctionDef | None:
        """A method of a class, or of an object that was made by calling it, where the class itself defines it."""
        found, binder = self._definition(owner), self._binder(owner)
        if binder is not None and (call := _assigned(binder)) is not None:
            found = self._definition(root(call.func)) if isinstance(call.func, ast.Name) else None
        body = found.body if isinstance(found, ast.ClassDef) else []
        return next((one for one in body if isinstance(one, ast.FunctionDef) and one.name == name), None)

    def _of_function(self, function: ast.FunctionDef, bound: dict[str, str], depth: int) -> set[str]:
        if (id(function), depth) in self._trail:
            return set()
        self._trail.add((id(function), depth))
        nodes = [node for statement in function.body for node in executed(statement)]
        shared = {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
        replaced, added = _stored_in(nodes)
        inner = [node for node in nodes if isinstance(node, ast.FunctionDef)]
        own = {*_parameters(function), *replaced, *added, *(one.name for one in inner)} - shared
        given = dict.fromkeys(own, "") | {name: value for name, value in bound.items() if name not in replaced}
        changes, calls = effects(nodes)
        names = changes | {name for name, method in calls if changing(method)} | (shared & replaced) | added
        found = {given.get(name, name) for name in names}
        for node in nodes:
            if isinstance(node, ast.Call):
                found |= self._of_call(node, given)
        for one in inner if depth else []:
            found |= self._of_function(one, {**given, **dict.fromkeys(_parameters(one), "")}, depth - 1)
        self._trail.discard((id(function), depth))
        return found - {""}


def _stored_in(nodes: Sequence[ast.AST]) -> tuple[set[str], set[str]]:
    """Names that are bound to something else, and those to which something is added: arrays stay what they are."""
    added = [node.target for node in nodes if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)]
    stored = [node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return {node.id for node in stored if node not in added}, {node.id for node in added}


def _parameters(function: ast.FunctionDef) -> list[str]:
    names = function.args
    found = [*names.posonlyargs, *names.args, *names.kwonlyargs, *filter(None, (names.vararg, names.kwarg))]
    return [one.arg for one in found]


def _bound(function: ast.FunctionDef, positional: Sequence[str], named: Mapping[str, str]) -> dict[str, str]:
    """What the parameters of a function stand for in a call."""
    known = dict.fromkeys(_parameters(function), "")
    return known | dict(zip(known, positional, strict=False)) | {name: named[name] for name in known if name in named}


def _given(call: ast.Call) -> Iterator[str]:
    """Names of what a call is given, and of the object whose method it calls."""
    for part in [*call.args, *(keyword.value for keyword in call.keywords)]:
        yield root(part)
    if isinstance(call.func, ast.Attribute):
        yield root(call.func)


def _assigned(node: ast.AST) -> ast.Call | None:
    return node.value if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) else None


def _callee(call: ast.Call) -> str:
    return _callee(call.func) if isinstance(call.func, ast.Call) else root(call.func)
