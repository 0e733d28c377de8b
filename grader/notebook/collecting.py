"""The source of what a session defines now: of the statements that were run, those that some names need, in order.

Running a notebook's cells one after the other made what its names stand for. To make the same once more it takes the
last statement that bound a name, those that have changed its object since, and all that these need: what they read
themselves as it was when they ran, what their functions read as it is now. Everything else (trainings, plots, prints,
magics, the call of the grader itself) is left out.

Numbers, text and containers of them that the collected functions only read are written as they are now, unless a
statement says just that: what they were computed from may be a file, or take long.
"""

import ast
import builtins
from collections.abc import Collection, Mapping, Sequence
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from grader.errors import UsageError
from grader.notebook.effects import complete, filled
from grader.notebook.living import exported, fits, immutable, imported, literal, makes, out_of_reach, running
from grader.notebook.statements import DEFINING, Statement, statements

NOW = 1 << 60  # after all statements
UNKNOWN = (
    "isn't as any cell defines it, so its source isn't known (`exec`, `%run` and the like don't tell); "
    "define it in a cell, or name a file with `file=`"
)
ELSEWHERE = (
    "`{}` now runs code of {}, and the cells don't show how it got there; "
    "write that into its definition, or name a file with `file=`"
)


class Cell(NamedTuple):
    """Python that was run. title: what people call it, `cell [3]`; empty for a whole file."""

    title: str
    text: str


class Collected(NamedTuple):
    """A source, and for each of its lines where it comes from: `cell [3], line 2`."""

    source: str
    places: tuple[str, ...]

    def place(self, line: int) -> str:
        """Where a line comes from, counted from 1."""
        return self.places[line - 1] if 0 < line <= len(self.places) else f"line {line}"


class Session(NamedTuple):
    """What was run, in that order, and what came of it.

    name: of the session. namespace: what names stand for now. hidden: names in it that the shell has put there.
    trusted: that live functions come from the cells, whatever their code looks like, since something rewrites it.
    """

    name: str
    cells: Sequence[Cell]
    namespace: Mapping[str, Any]
    hidden: Collection[str] = ()
    trusted: bool = False


def collect(session: Session, names: Sequence[str]) -> Collected:
    """The source of what these names stand for now, and of all they need.

    Raises UsageError if the session doesn't tell where something comes from.
    """
    found = [one for number, cell in enumerate(session.cells) for one in _statements(number, cell)]
    found = complete(found, session.namespace)
    tried = _collecting(session, found, (), names)
    found = filled(found, tried.reached(), tried.written_by_functions())
    replayed: set[str] = set()
    while True:
        collecting = _collecting(session, found, replayed, names)
        changed = collecting.changed()
        if not changed:
            collecting.refuse_what_is_elsewhere()
            return collecting.written()
        replayed |= changed


def _collecting(
    session: Session, found: Sequence[Statement], replayed: Collection[str], names: Sequence[str]
) -> "_Collecting":
    collecting = _Collecting(session, found, replayed)
    for name in names:
        collecting.need(name, NOW)
    return collecting


def _statements(number: int, cell: Cell) -> list[Statement]:
    try:
        return list(statements(number, cell.text))
    except (SyntaxError, ValueError):  # it didn't run
        return []


class _Found(NamedTuple):
    """Which statements made what a name stood for, newest first. bound: whether one of them, or what, bound it."""

    makers: tuple[int, ...]
    bound: bool


class _Collecting:
    """replayed: names whose values aren't written, since what is collected changes them."""

    def __init__(self, session: Session, all_statements: Sequence[Statement], replayed: Collection[str]) -> None:
        self._session, self._statements, self._replayed = session, all_statements, replayed
        self._about: dict[str, list[int]] = {}
        for index, one in enumerate(all_statements):
            for name in one.touches | _starred(one):
                self._about.setdefault(name, []).append(index)
        self._done: set[tuple[str | int, int]] = set()
        self._order: set[int] = set()
        self._values: dict[str, tuple[int, str]] = {}  # by name: after which statement its value is written, and how

    def need(self, name: str, when: int, user: str = "") -> None:
        """Keeps what made a name stand for what it did when statement `when` was run. user: what needs it."""
        if (name, when) in self._done or (when == NOW and name not in self._session.namespace):
            return  # what isn't there any more, or never was, is the judge's to tell
        self._done.add((name, when))
        found = self._found(name, when)
        if self._value(name, found, when):
            return
        if not found.bound and (when == NOW or name not in self._about):
            self._import(name, user)
        for index in found.makers:
            self._keep(index, when)
        for index in self._changed_since(name, when):
            self._keep(index, NOW)

    def _keep(self, index: int, when: int) -> None:
        """Keeps a statement. when: the time at which its functions are called, at the latest; they may be now, too."""
        if (index, when) in self._done:
            return
        self._done.add((index, when))
        self._order.add(index)
        one = self._statements[index]
        _refuse_what_is_out_of_reach(one)
        user = min(one.sets, default="")
        for name in sorted(one.now):
            self.need(name, index, user)
        for name in sorted(one.later):
            self.need(name, when, user)
            self.need(name, NOW, user)

    def _found(self, name: str, when: int) -> _Found:
        makers: list[int] = []
        calls: list[int] = []
        bound, binder = False, None
        for index in reversed([index for index in self._about.get(name, ()) if index < when]):
            one = self._statements[index]
            if name in one.deletes or (binder and _binds(one, name) and not _same_import(one, binder)):
                break
            if not _binds(one, name):
                (makers if name in one.changes else calls).append(index)
            elif binder is None and (when < NOW or self._fits(name, one)):
                makers.append(index)
                bound = True
                binder = None if name in one.may_set else one
                if binder and not _modules(binder):  # a module stays the same, however often it is imported
                    break
        counting = [call for call in calls if binder is None or _counts(self._statements[call], name, binder)]
        return _Found(tuple(makers + counting), bound)

    def _changed_since(self, name: str, when: int) -> list[int]:
        """Statements that have changed, after `when`, what the name stood for then: others may still hold it."""
        about, found = self._about.get(name, ()), self._statements
        binder = next((found[index] for index in reversed(about) if index < when and _binds(found[index], name)), None)
        since: list[int] = []
        for index in [index for index in about if index > when]:
            if name in found[index].sets | found[index].deletes:
                break
            called = any(name == root for root, _ in found[index].calls)
            if name in found[index].changes or (called and binder and _counts(found[index], name, binder)):
                since.append(index)
        return since

    def _fits(self, name: str, one: Statement) -> bool:
        if self._session.trusted:
            return True
        namespace, cell = self._session.namespace, self._session.cells[one.cell]
        return fits(name, namespace[name], namespace.get("__name__", ""), one.text, cell.text, one.line)

    def _value(self, name: str, found: _Found, when: int) -> bool:
        """Writes the name's value instead of what made it, if that is possible, right, and of any use."""
        namespace = self._session.namespace
        if name in self._replayed or name not in namespace or name in self._session.hidden or _dunder(name):
            return False
        if when < NOW and (found != self._found(name, NOW) or not immutable(namespace[name])):
            return False
        text = literal(namespace[name])
        if text is None or (len(found.makers) == 1 and _says(self._statements[found.makers[0]], text)):
            return False
        self._values[name] = max(found.makers, default=-1), f"{name} = {text}"
        return True

    def _import(self, name: str, user: str) -> None:
        """Imports what no statement has bound. Raises UsageError if that is not to be had."""
        namespace = self._session.namespace
        if name not in namespace or hasattr(builtins, name) or _dunder(name):
            return
        text = imported(name, namespace[name])
        if name in self._session.hidden and not isinstance(namespace[name], ModuleType):
            return
        if text is None:
            raise UsageError(f"`{name}`{f', which {user} uses,' if user else ''} {UNKNOWN}")
        self._values[name] = -1, text

    def reached(self) -> set[str]:
        """Names that are needed as they are now."""
        return {name for name, when in self._done if when == NOW and isinstance(name, str)}

    def written_by_functions(self) -> set[str]:
        """Names of objects that the collected functions change when they are called."""
        return {name for index in self._order for name in self._statements[index].writes}

    def changed(self) -> set[str]:
        """Names whose values are written although what is collected changes them, if statements can make them."""
        changed = self.written_by_functions()
        return {name for name, (after, _) in self._values.items() if name in changed and after >= 0}

    def refuse_what_is_elsewhere(self) -> None:
        """Raises UsageError if something runs code of a statement that isn't kept: nobody has seen how it got there."""
        for name in sorted(self.reached() - set(self._values) - self.written_by_functions()):
            for code in () if self._session.trusted else running(self._session.namespace.get(name)):
                if (one := self._made_elsewhere(code)) is not None:
                    raise UsageError(ELSEWHERE.format(name, _place(self._session.cells[one.cell], one.line)))

    def _made_elsewhere(self, code: CodeType) -> Statement | None:
        """The first statement that has this code in it, if none of those that are kept does."""
        if any(self._makes(self._statements[index], code) for index in self._order):
            return None
        return next((one for one in self._statements if self._makes(one, code)), None)

    def _makes(self, one: Statement, code: CodeType) -> bool:
        return makes(code, one.text, self._session.cells[one.cell].text, one.line)

    def written(self) -> Collected:
        """All that is kept, in the order in which it was run."""
        future = [index for index, one in enumerate(self._statements) if _of_the_future(one)]
        kept = (self._order | self._companions()) - set(future)
        writing = _Writing(self._session.cells)
        for index in future:  # these must come first, and hold for all
            writing.statement(self._statements[index])
        for index in sorted(kept | {after for after, _ in self._values.values()}):
            if index in kept:
                writing.statement(self._statements[index])
            for name, (after, text) in self._values.items():
                if after == index:
                    writing.value(name, text)
        return Collected("\n".join([*writing.lines, ""]), tuple(writing.places))

    def _companions(self) -> set[int]:
        """Statements like `import scipy.special`, which others rely on that have `import scipy`."""
        packages = {package for index in self._order for package in _packages(self._statements[index])}
        return {
            index
            for index, one in enumerate(self._statements)
            if isinstance(one.node, ast.Import) and _packages(one) <= packages and _loads_modules_inside(one.node)
        }


class _Writing:
    def __init__(self, cells: Sequence[Cell]) -> None:
        self._cells, self._cell = cells, -1
        self.lines: list[str] = []
        self.places: list[str] = []

    def statement(self, one: Statement) -> None:
        title = self._cells[one.cell].title
        if title and one.cell != self._cell:
            self._add(f"# {title}", title)
        self._cell = one.cell
        for number, line in enumerate(one.text.split("\n"), one.line):
            self._add(line, _place(self._cells[one.cell], number))

    def value(self, name: str, text: str) -> None:
        self._add(text, f"`{name}` as it is now")

    def _add(self, line: str, place: str) -> None:
        self.lines.append(line)
        self.places.append(place)


def _place(cell: Cell, line: int) -> str:
    return f"{cell.title}, line {line}" if cell.title else f"line {line}"


def _dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _binds(one: Statement, name: str) -> bool:
    return name in one.sets or name in one.may_set or name in _starred(one)


def _starred(one: Statement) -> frozenset[str]:
    """Names that a star import binds."""
    node = one.node
    if isinstance(node, ast.ImportFrom) and node.module and any(alias.name == "*" for alias in node.names):
        return exported(node.module)
    return frozenset()


def _counts(call: Statement, name: str, binder: Statement) -> bool:
    """Whether a call of a method, for nothing but its effect, has changed what `binder` bound.

    Calls of a module's functions print, plot and save; those that set something may matter. Calls of functions and
    classes try them out.
    """
    if isinstance(binder.node, (ast.Import, ast.ImportFrom)):
        methods = [method for root, method in call.calls if root == name]
        return any(method.startswith("set") or "seed" in method for method in methods)
    return not isinstance(binder.node, DEFINING)


def _same_import(one: Statement, other: Statement) -> bool:
    return bool(_modules(one)) and _modules(one) == _modules(other)


def _says(one: Statement, text: str) -> bool:
    """Whether a statement binds a single name to this value, written out."""
    node = one.node
    if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None or len(one.sets) != 1:
        return False
    try:
        return literal(ast.literal_eval(node.value)) == text
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False


def _of_the_future(one: Statement) -> bool:
    return isinstance(one.node, ast.ImportFrom) and one.node.module == "__future__"


def _modules(one: Statement) -> list[str]:
    """Full names of the modules that an import statement names."""
    if isinstance(one.node, ast.Import):
        return [alias.name for alias in one.node.names]
    return [one.node.module] if isinstance(one.node, ast.ImportFrom) and one.node.module else []


def _packages(one: Statement) -> set[str]:
    return {name.split(".")[0] for name in _modules(one)}


def _loads_modules_inside(node: ast.Import) -> bool:
    return any("." in alias.name for alias in node.names)


def _refuse_what_is_out_of_reach(one: Statement) -> None:
    for module in _modules(one):
        if file := out_of_reach(module):
            raise UsageError(
                f"{module} is {file}, which a submission can't import; put what you need from it into a cell "
                "(`%load` does), or name a file with `file=`"
            )
